#include "base/format.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"
#include "train/load.h"
#include "train/metrics.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>

enum { MOST_SYMBOLS = 60, INDENT = 10, SUM_DIGITS = 12 };

typedef struct InfoOptions {
    bool json;
} InfoOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(InfoOptions, json), NULL, "one JSON object instead of a report"},
};

static const Usage USAGE = {
    .command = "info",
    .brief = "describe a run: layers, parameters, data, losses, files",
    .summary = "Describes a run: its layers, tensors, parameters, data, progress, losses and files. For a run "
               "directory, it describes the latest model.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, InfoOptions),
    .examples = "  nomen info runs/mlp\n"
                "  nomen info runs/mlp/best.safetensors --json\n",
};

// What is known about a run; of a model file, only the model and its state.
typedef struct RunInfo {
    SavedModel saved;
    size_t n_parameters; // trained numbers; of an n-gram model, its counts
    MetricsRow measured; // the last row of metrics.csv with split losses; train_loss is NaN if there is none
    size_t n_files;
    DirFile files[RUN_DIR_FILES];
} RunInfo;

static bool load_info(RunInfo *info, const char *run, Arena *arena, Error *err) {
    RunDir dir;
    info->measured.train_loss = NAN;
    if (!load_model(&info->saved, run, arena, err)) return false;
    const Model *model = &info->saved.model;
    const ContextCounts *counts = &model->ngram.counts;
    info->n_parameters = model->is_ngram ? counts->first[counts->contexts.n] : model->network.n_parameters;
    return !info->saved.is_dir ||
           (run_dir(&dir, run, arena, err) && metrics_last_measured(dir.metrics, UINT64_MAX, &info->measured, err) &&
            run_dir_files(run, info->files, &info->n_files, arena, err));
}

static void write_model(Buffer *out, const RunInfo *info) {
    const Model *model = &info->saved.model;
    buffer_print(out, "model     %s, ", info->saved.config.name);
    if (model->is_ngram)
        buffer_print(out, "counts of %zu symbols in a row, smoothing %g\n          %zu counts in %zu contexts\n",
                     model->context + 1, model->ngram.smoothing, info->n_parameters, model->ngram.counts.contexts.n);
    else if (model_reads_names(model))
        buffer_print(out, "a network that reads names of up to %zu characters,\n%*s%zu parameters\n", model->context,
                     INDENT, "", info->n_parameters);
    else
        buffer_print(out, "a network of context %zu, %zu parameters\n", model->context, info->n_parameters);
}

static void write_symbols(Buffer *out, const Vocab *vocab) {
    buffer_print(out, "symbols   %zu, the boundary and\n", vocab->n);
    size_t begin = out->n;
    for (size_t id = 1; id < vocab->n && id <= MOST_SYMBOLS; id++) {
        char text[DESCRIBE_SYMBOL_BYTES];
        buffer_print(out, "%s%s", id > 1 ? " " : "", describe_symbol(vocab->code_points[id], text));
    }
    terminal_wrap_tail(out, begin, INDENT, INDENT);
    if (vocab->n > MOST_SYMBOLS + 1) buffer_print(out, "%*sand %zu more\n", INDENT, "", vocab->n - 1 - MOST_SYMBOLS);
}

static void write_data(Buffer *out, const SavedModel *saved) {
    char split[DESCRIBE_SPLIT_BYTES];
    size_t begin = out->n;
    buffer_print(out, "data      %s", saved->config.data.path);
    if (!out->failed) text_sanitize(out->bytes + begin);
    buffer_print(out, "\n          sha256 %.*s...\n          %s\n", SUM_DIGITS, saved->file.data_sha256,
                 describe_split(&saved->config.data, split));
    write_symbols(out, &saved->file.vocab);
}

static void write_training(Buffer *out, const RunInfo *info) {
    const TrainState *state = &info->saved.file.state;
    const TrainConfig *train = &info->saved.config.train;
    bool has_best = isfinite(state->best_dev_loss);
    char loss[FORMAT_BYTES];
    if (!info->saved.model.is_ngram) {
        buffer_print(out, "training  step %llu of %llu%s", (unsigned long long)state->step,
                     (unsigned long long)train->steps,
                     train_state_ended_early(state, &train->early_stop) ? ", ended by early stop" : "");
        if (state->seconds > 0) buffer_print(out, ", %.1f s", state->seconds);
        buffer_print(out, "\n");
    }
    buffer_print(out, "losses    best dev %s\n", has_best ? format_loss(state->best_dev_loss, loss) : "-");
    if (!isnan(info->measured.train_loss)) {
        buffer_print(out, "%*sat step %llu train %s", INDENT, "", (unsigned long long)info->measured.step,
                     format_loss(info->measured.train_loss, loss));
        if (!isnan(info->measured.dev_loss)) buffer_print(out, " dev %s", format_loss(info->measured.dev_loss, loss));
        buffer_print(out, "\n");
    }
    char noise[DESCRIBE_NOISE_BYTES];
    const size_t begin = out->n;
    if (!describe_noise(load_train_loss(&info->saved), info->saved.file.vocab.n, noise)) return;
    buffer_print(out, "%s", noise);
    terminal_wrap_tail(out, begin, INDENT, INDENT);
}

static void write_layers(Buffer *out, const Network *network, TableFormat format) {
    static const Column columns[] = {{"layer", NULL, -14}, {NULL, "type"},           {"input", NULL, 14},
                                     {NULL, "input"},      {"output", "output", 16}, {"parameters", "parameters", 12}};
    const Table table = {out, format, 0, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        const size_t in[] = {layer->plan.in.t, layer->plan.in.c}, out_dims[] = {layer->plan.out.t, layer->plan.out.c};
        const char *type = layer->type->record.name;
        char name[DESCRIBE_SHAPE_BYTES], example[DESCRIBE_SHAPE_BYTES];
        describe_layer(layer, name);
        describe_example(layer->plan.in, layer->type->takes_ids, example);
        table_row(&table, (Cell[]){cell_text(name), cell_text(type), cell_text(example),
                                   cell_shape(layer->type->takes_ids ? 1 : 2, in), cell_shape(2, out_dims),
                                   cell_count(network_layer_parameters(network, i))});
    }
}

static void write_tensor(const Table *table, const FileTensor *tensor, bool is_trained) {
    table_row(table, (Cell[]){cell_text(tensor->name), cell_shape(tensor->n_dims, tensor->dims),
                              cell_count(file_tensor_count(tensor)), cell_flag(is_trained)});
}

// Writes the tensors of a network in its own order; those of an n-gram model are all in the file but the state.
static void write_tensors(Buffer *out, const SavedModel *saved, TableFormat format) {
    static const Column columns[] = {
        {"tensor", "name", -29}, {"shape", "shape", 16}, {"numbers", "numbers", 12}, {"trained", "trained", -7}};
    const Table table = {out, format, 0, sizeof columns / sizeof *columns, columns};
    const SafeTensors *file = &saved->file.content;
    const Network *network = &saved->model.network;
    table_head(&table);
    for (size_t i = 0; i < network->n_tensors; i++)
        write_tensor(&table, safetensors_find(file, network->tensors[i].name),
                     network->tensors[i].plan->role != TENSOR_BUFFER);
    for (size_t i = 0; saved->model.is_ngram && i < file->n_tensors; i++)
        if (strncmp(file->tensors[i].name, "state.", 6) != 0) write_tensor(&table, &file->tensors[i], true);
}

static void write_text(Buffer *out, const RunInfo *info) {
    write_model(out, info);
    write_data(out, &info->saved);
    write_training(out, info);
    for (size_t i = 0; i < info->n_files; i++)
        buffer_print(out, "%-*s%-22s %12llu bytes\n", INDENT, i == 0 ? "files" : "", info->files[i].name,
                     (unsigned long long)info->files[i].size_bytes);
    buffer_print(out, "\n");
    if (!info->saved.model.is_ngram) {
        write_layers(out, &info->saved.model.network, TABLE_TEXT);
        buffer_print(out, "\n");
    }
    write_tensors(out, &info->saved, TABLE_TEXT);
}

static void add_model(Buffer *out, const RunInfo *info) {
    const Model *model = &info->saved.model;
    json_add_text(out, "name", info->saved.config.name);
    json_add_text(out, "model", model->is_ngram ? "counts" : "network");
    json_add_whole(out, "context", model->is_ngram ? model->context : model->network.context);
    if (model->is_ngram) {
        json_add_number(out, "smoothing", model->ngram.smoothing);
        json_add_whole(out, "contexts", model->ngram.counts.contexts.n);
    }
    json_add_whole(out, "parameters", info->n_parameters);
}

static void add_data(Buffer *out, const SavedModel *saved) {
    const DataConfig *data = &saved->config.data;
    json_add_open(out, "data", '{');
    json_add_text(out, "path", data->path);
    json_add_text(out, "sha256", saved->file.data_sha256);
    json_add_numbers(out, "split", N_PARTS, data->split.parts);
    if (data->shuffle_seed.given) json_add_whole(out, "shuffle_seed", data->shuffle_seed.value);
    json_add_bool(out, "unique", data->unique);
    json_close(out, '}');
    json_add_open(out, "vocabulary", '[');
    for (size_t id = 0; id < saved->file.vocab.n; id++) json_symbol(out, saved->file.vocab.code_points[id]);
    json_close(out, ']');
}

static void add_training(Buffer *out, const RunInfo *info) {
    json_add_whole(out, "step", info->saved.file.state.step);
    json_add_whole(out, "steps", info->saved.config.train.steps);
    json_add_number(out, "seconds", info->saved.file.state.seconds);
    json_add_number(out, "best_dev_loss", info->saved.file.state.best_dev_loss);
    if (!isnan(info->measured.train_loss)) {
        json_add_open(out, "measured", '{');
        json_add_whole(out, "step", info->measured.step);
        json_add_number(out, "train_loss", info->measured.train_loss);
        json_add_number(out, "dev_loss", info->measured.dev_loss);
        json_close(out, '}');
    }
    if (!info->saved.is_dir) return;
    json_add_open(out, "files", '{');
    for (size_t i = 0; i < info->n_files; i++) json_add_whole(out, info->files[i].name, info->files[i].size_bytes);
    json_close(out, '}');
}

static void write_json(Buffer *out, const RunInfo *info) {
    json_open(out, '{');
    add_model(out, info);
    json_add_open(out, "layers", '[');
    write_layers(out, &info->saved.model.network, TABLE_JSON);
    json_close(out, ']');
    json_add_open(out, "tensors", '[');
    write_tensors(out, &info->saved, TABLE_JSON);
    json_close(out, ']');
    add_data(out, &info->saved);
    add_training(out, info);
    json_close(out, '}');
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const InfoOptions *o = options;
    RunInfo info = {0};
    Buffer out = {.arena = arena};
    if (!load_info(&info, operands->items[0], arena, err)) return false;
    if (o->json)
        write_json(&out, &info);
    else
        write_text(&out, &info);
    return command_print(&out, err);
}

const Command info_command = {COMMANDS_LOOK, &USAGE, run};
