#include "study/diagnose.h"
#include "base/format.h"
#include "cmd/share/command.h"
#include "study/describe.h"
#include "study/setup.h"
#include "train/run_dir.h"
#include "train/safetensors.h"

#include <math.h>
#include <string.h>

enum { CONFIG_STEPS = 1001, RUN_STEPS = 1, MOST_STEPS = 1000000000 };

typedef struct DiagnoseOptions {
    WholeOption steps;
    const char *data;
    bool csv;
} DiagnoseOptions;

static const Option OPTIONS[] = {
    {"steps", 0, OPTION_WHOLE, offsetof(DiagnoseOptions, steps), "N",
     "steps to train in memory; the last is looked at (default: 1001 for a config, or all it has; 1 for a run)", 1,
     MOST_STEPS, NULL},
    {"data", 0, OPTION_TEXT, offsetof(DiagnoseOptions, data), "FILE",
     "a config's names file, from the current directory", 0, 0, NULL},
    {"csv", 0, OPTION_FLAG, offsetof(DiagnoseOptions, csv), NULL, "one table for programs", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "diagnose",
    .brief = "activations, gradients and updates of a training step",
    .summary = "Trains a config, or goes on with a run, in memory, and shows part 3's figures of the last\n"
               "step: activations and gradients of each layer, and how far each weight moved.",
    .operand = "RUN|CONFIG",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(DiagnoseOptions),
    .examples = "  nomen diagnose mlp\n"
                "  nomen diagnose runs/mlp --steps 100 --csv\n",
};

static const char *layer_type(const Trainer *trainer, const LayerDiagnosis *row) {
    return trainer->model.network.layers[row->layer].type->record.name;
}

// Three decimals where they say enough within seven columns, else two digits and an exponent; "-" for no number.
static const char *figure_text(double value, char text[FORMAT_BYTES]) {
    double size = fabs(value);
    if (!isfinite(value))
        snprintf(text, FORMAT_BYTES, "-");
    else
        snprintf(text, FORMAT_BYTES, size == 0 || (size >= 0.01 && size < 99.9995) ? "%.3f" : "%.0e", value);
    return text;
}

// The figure after a space, or "-" where it is no number: a weight without spread has no ratio, a gradient may
// overflow.
static void print_cell(int width, const char *format, double value) {
    putchar(' ');
    if (isfinite(value))
        printf(format, value);
    else
        printf("%*s", width, "-");
}

static void print_layers(const Diagnosis *diagnosis, const Trainer *trainer) {
    printf("%-12s %8s %14s %11s %19s\n", "", "", "output", "", "its gradient");
    printf("%-12s %8s %7s %6s %6s %4s %9s %9s  verdict\n", "layer", "T x C", "mean", "std", "flat", "dead", "mean",
           "std");
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        const LayerDiagnosis *row = &diagnosis->layers[i];
        const size_t dims[] = {row->out.t, row->out.c};
        char shape[DESCRIBE_SHAPE_BYTES], flat[16] = "", dead[24] = "", mean[FORMAT_BYTES], std[FORMAT_BYTES];
        if (row->has_flats) {
            snprintf(flat, sizeof flat, "%.1f%%", row->saturated);
            snprintf(dead, sizeof dead, "%zu", row->dead);
        }
        printf("%2zu %-9s %8s %7s %6s %6s %4s", row->layer, layer_type(trainer, row), describe_shape(2, dims, shape),
               figure_text(row->output.mean, mean), figure_text(row->output.std, std), flat, dead);
        print_cell(9, "%9.2e", row->gradient.mean);
        print_cell(9, "%9.2e", row->gradient.std);
        printf("%s%s\n", row->verdict[0] ? "  " : "", row->verdict);
    }
}

static void print_weights(const Diagnosis *diagnosis) {
    printf("\n%-18s %9s %10s %10s %11s  verdict\n", "weight", "shape", "gradient", "gradient", "update/data");
    printf("%-18s %9s %10s %10s %11s\n", "", "", "std", "/data", "log10");
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        const WeightDiagnosis *row = &diagnosis->weights[i];
        const TensorPlan *plan = row->tensor->plan;
        char shape[DESCRIBE_SHAPE_BYTES];
        printf("%-18s %9s", row->tensor->name, describe_shape(plan->n_dims, plan->dims, shape));
        print_cell(10, "%10.3e", row->grad_std);
        print_cell(10, "%10.3e", row->grad_to_data);
        print_cell(11, "%11.2f", row->update_to_data);
        printf("%s%s\n", row->verdict[0] ? "  " : "", row->verdict);
    }
}

// ",0.123456789", or "," where there is no figure.
static void print_field(double value) {
    if (isnan(value))
        putchar(',');
    else
        printf(",%.9g", value);
}

static void print_csv(const Diagnosis *diagnosis, const Trainer *trainer) {
    puts("name,type,mean,std,saturated,dead,grad_mean,grad_std,grad_to_data,update_to_data,verdict");
    for (size_t i = 0; i < diagnosis->n_layers; i++) {
        const LayerDiagnosis *row = &diagnosis->layers[i];
        const double none = (double)NAN;
        printf("layers.%zu,%s", row->layer, layer_type(trainer, row));
        print_field(row->output.mean);
        print_field(row->output.std);
        print_field(row->has_flats ? row->saturated : none);
        print_field(row->has_flats ? (double)row->dead : none);
        print_field(row->gradient.mean);
        print_field(row->gradient.std);
        printf(",,,%s\n", row->verdict);
    }
    for (size_t i = 0; i < diagnosis->n_weights; i++) {
        const WeightDiagnosis *row = &diagnosis->weights[i];
        printf("%s,weight,,,,,", row->tensor->name);
        print_field(row->grad_std);
        print_field(row->grad_to_data);
        print_field(row->update_to_data);
        printf(",%s\n", row->verdict);
    }
}

static void print_report(const Diagnosis *diagnosis, const Trainer *trainer) {
    char loss[FORMAT_BYTES];
    printf("step %llu: rate %g, minibatch loss %s\n\n", (unsigned long long)diagnosis->step, diagnosis->rate,
           format_loss(diagnosis->loss, loss));
    print_layers(diagnosis, trainer);
    print_weights(diagnosis);
    puts("\nflat: outputs where the slope is nearly 0 (|tanh| > 0.97, relu at 0); dead:\n"
         "units flat for the whole batch. A good update is 1e-3 of the weights: -3.");
}

// A directory or a model file is a run, and so is a path to nothing where one nearly of that name is a run's;
// everything else is read as a config.
static bool is_run(const char *operand, Arena *arena) {
    PathKind kind = path_kind(operand);
    if (kind == PATH_NOTHING && strchr(operand, '/') && run_dir_guess(operand, arena)) return true;
    return kind == PATH_DIR || text_ends_with(operand, ".safetensors") || safetensors_is_file(operand);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const DiagnoseOptions *o = options;
    const char *path = operands->items[0];
    NetworkSetup setup;
    Diagnosis diagnosis;
    bool from_run = is_run(path, arena);
    if (from_run && o->data) {
        error_set(err, "--data: a run is diagnosed on the names file it was trained on");
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    const SetupOptions setup_options = {.data = o->data, .by_rows = true};
    bool ok = from_run ? setup_run(&setup, path, NULL, true, arena, err)
                       : setup_network(&setup, path, &setup_options, arena, err);
    if (!ok) return command_failed(err);
    if (!from_run) command_note_config(path, setup.path);
    Trainer *trainer = &setup.trainer;
    uint64_t most = setup.config.train.steps, steps = from_run ? RUN_STEPS : most < CONFIG_STEPS ? most : CONFIG_STEPS;
    if (o->steps.given) steps = o->steps.value;
    double loss;
    for (uint64_t i = 1; ok && i < steps; i++) ok = trainer_step(trainer, trainer_rate(trainer), &loss, err);
    if (!ok || !diagnosis_create(&diagnosis, trainer, arena, err) || !diagnose(trainer, &diagnosis, err)) {
        error_context(err, "%s", path);
        return command_failed(err);
    }
    if (o->csv)
        print_csv(&diagnosis, trainer);
    else
        print_report(&diagnosis, trainer);
    return command_done(err);
}

const Command diagnose_command = {COMMANDS_TEACH, &USAGE, run};
