#include "study/diagnose.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "study/describe.h"
#include "study/session.h"

#include <string.h>

enum { CONFIG_STEPS = 1001, RUN_STEPS = 1, MOST_STEPS = 1000000000 };

typedef struct DiagnoseOptions {
    WholeOption steps;
    const char *data;
    bool csv;
} DiagnoseOptions;

static const Option OPTIONS[] = {
    {"steps", 0, OPTION_WHOLE, offsetof(DiagnoseOptions, steps), "N",
     "steps to train (default: 1 for a run; 1001 for a config, or all if it has fewer)", 1, MOST_STEPS},
    {"data", 0, OPTION_TEXT, offsetof(DiagnoseOptions, data), "FILE",
     "names file of a config, relative to the current directory"},
    {"csv", 0, OPTION_FLAG, offsetof(DiagnoseOptions, csv), NULL, "one table for programs"},
};

static const Usage USAGE = {
    .command = "diagnose",
    .brief = "show activations, gradients and updates of a step",
    .summary = "Trains a config, or continues a run, in memory and shows statistics of the last step, as in part 3 of "
               "the lectures: activations and gradients of each layer, and how far each weight moved.",
    .operand = "RUN|CONFIG",
    OPTION_TABLE(OPTIONS, DiagnoseOptions),
    .examples = "  nomen diagnose mlp\n"
                "  nomen diagnose runs/mlp --steps 100 --csv\n",
};

// Layers and weights have the same columns in CSV, different ones in text.
enum { N_COLUMNS = 13 };

static const Column LAYER_COLUMNS[N_COLUMNS] = {
    {NULL, "name"},
    {NULL, "type"},
    {"layer", NULL, -12},
    {"T x C", NULL, 8},
    {"mean", "mean", 7, 'f', 3},
    {"std", "std", 6, 'f', 3},
    {"flat %", "saturated", 6, 'f', 1},
    {"dead", "dead", 4},
    {"grad mean", "grad_mean", 9, 'e', 2},
    {"grad std", "grad_std", 8, 'e', 2},
    {NULL, "grad_to_data"},
    {NULL, "update_to_data"},
    {"verdict", "verdict", 0},
};

static const Column WEIGHT_COLUMNS[N_COLUMNS] = {
    {"weight", "name", -18},
    {NULL, "type"},
    {NULL, NULL, 0},
    {"shape", NULL, 8},
    {NULL, "mean"},
    {NULL, "std"},
    {NULL, "saturated"},
    {NULL, "dead"},
    {NULL, "grad_mean"},
    {"grad std", "grad_std", 8, 'e', 2},
    {"grad/data", "grad_to_data", 9, 'e', 2},
    {"update/data", "update_to_data", 11, 'f', 2},
    {"verdict", "verdict", 0},
};

static void write_layers(const Table *table, const Diagnosis *diagnosis, const Trainer *trainer) {
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        const LayerDiagnosis *row = &diagnosis->layers[i];
        const Layer *layer = &trainer->model.network.layers[row->layer];
        const size_t dims[] = {row->out.t, row->out.c};
        char label[DESCRIBE_SHAPE_BYTES];
        describe_layer(layer, label);
        table_row(table, (Cell[N_COLUMNS]){
                             cell_text(layer->name), cell_text(layer->type->record.name), cell_text(label),
                             cell_shape(2, dims), cell_known(row->output.mean), cell_known(row->output.std),
                             row->has_flats ? cell_number(row->saturated) : cell_none(),
                             row->has_flats ? cell_count(row->dead) : cell_none(), cell_known(row->gradient.mean),
                             cell_known(row->gradient.std), cell_none(), cell_none(), cell_text(row->verdict)});
    }
}

static void write_weights(const Table *table, const Diagnosis *diagnosis) {
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        const WeightDiagnosis *row = &diagnosis->weights[i];
        const TensorPlan *plan = row->tensor->plan;
        table_row(table, (Cell[N_COLUMNS]){[0] = cell_text(row->tensor->name),
                                           [1] = cell_text("weight"),
                                           [3] = cell_shape(plan->n_dims, plan->dims),
                                           [9] = cell_known(row->grad_std),
                                           [10] = cell_known(row->grad_to_data),
                                           [11] = cell_known(row->update_to_data),
                                           [12] = cell_text(row->verdict)});
    }
}

static int wider(int width, const char *text) { return (int)strlen(text) > width ? (int)strlen(text) : width; }

static void write_layers_table(Buffer *out, TableFormat format, const Diagnosis *diagnosis, const Trainer *trainer) {
    Table table = {out, format, 0, N_COLUMNS, LAYER_COLUMNS};
    char label[DESCRIBE_SHAPE_BYTES];
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        const Layer *layer = &trainer->model.network.layers[diagnosis->layers[i].layer];
        table.widest = wider(table.widest, describe_layer(layer, label));
    }
    table_head(&table);
    write_layers(&table, diagnosis, trainer);
}

static void write_weights_table(Buffer *out, TableFormat format, const Diagnosis *diagnosis) {
    Column columns[N_COLUMNS];
    Table table = {out, format, 0, N_COLUMNS, columns};
    char shape[DESCRIBE_SHAPE_BYTES];
    memcpy(columns, WEIGHT_COLUMNS, sizeof columns);
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        const Tensor *tensor = diagnosis->weights[i].tensor;
        table.widest = wider(table.widest, tensor->name);
        columns[3].width = wider(columns[3].width, describe_shape(tensor->plan->n_dims, tensor->plan->dims, shape));
    }
    if (format == TABLE_TEXT) table_head(&table);
    write_weights(&table, diagnosis);
}

static void write_report(Buffer *out, bool csv, const Diagnosis *diagnosis, const Trainer *trainer) {
    const TableFormat format = csv ? TABLE_CSV : TABLE_TEXT;
    char loss[FORMAT_BYTES];
    if (!csv)
        buffer_print(out, "step %llu: rate %g%s, minibatch loss %s\n\n", (unsigned long long)diagnosis->step,
                     diagnosis->rate, diagnosis->rate > 0 ? "" : " (so the step changes no weight)",
                     format_loss(diagnosis->loss, loss));
    write_layers_table(out, format, diagnosis, trainer);
    if (!csv) buffer_print(out, "\n");
    write_weights_table(out, format, diagnosis);
    if (!csv)
        buffer_print(out, "\nflat: outputs where the slope is nearly 0 (|tanh| or |rnn| > 0.97, relu at 0,\n"
                          "sigmoid below 0.03 or above 0.97); dead: units flat for the whole minibatch;\n"
                          "grad: gradient of the loss. update/data is in log10: a good update is 1e-3 of\n"
                          "the weights, -3.\n");
}

// A directory or a model file is a run; everything else is read as a config.
static bool is_run(const char *operand) {
    return path_kind(operand) == PATH_DIR || text_ends_with(operand, ".safetensors");
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const DiagnoseOptions *o = options;
    const char *path = operands->items[0];
    Session session;
    Diagnosis diagnosis;
    bool from_run = is_run(path);
    if (from_run && o->data) return error_usage(err, "--data: a run is diagnosed on the names file it was trained on");
    const ConfigChanges changes = {.data = o->data};
    bool ok = from_run ? session_from_run(&session, path, NULL, arena, err)
                       : session_from_config(&session, path, &changes, 0, true, arena, err);
    if (!ok) return false;
    if (!from_run) command_note_config(path, session.path);
    Trainer *trainer = &session.trainer;
    uint64_t all = session.config.train.steps, steps = from_run ? RUN_STEPS : all < CONFIG_STEPS ? all : CONFIG_STEPS;
    if (o->steps.given) steps = o->steps.value;
    double loss;
    for (uint64_t i = 1; ok && i < steps; i++) ok = trainer_step(trainer, &loss, err);
    if (!ok || !diagnosis_create(&diagnosis, trainer, arena, err) || !diagnose(trainer, &diagnosis, err))
        return error_context(err, "%s", path);
    Buffer out = {.arena = arena};
    write_report(&out, o->csv, &diagnosis, trainer);
    return command_print(&out, err);
}

const Command diagnose_command = {COMMANDS_TEACH, &USAGE, run};
