#include "study/gradcheck.h"
#include "base/json.h"
#include "cmd/share/command.h"
#include "study/describe.h"
#include "study/session.h"

#include <string.h>

enum {
    DEFAULT_BATCH = 8,
    DEFAULT_NAMES = 2,
    MAX_BATCH = 10000,
    NAME_COLUMNS = 19,
    SHAPE_COLUMNS = 10,
    LEAST_SHAPE_COLUMNS = 8
};

typedef struct GradcheckOptions {
    WholeOption batch;
    const char *dump, *data;
    bool json;
} GradcheckOptions;

static const Option OPTIONS[] = {
    {"batch", 0, OPTION_WHOLE, offsetof(GradcheckOptions, batch), "N",
     "examples in the minibatch (default: 8, or 2 whole names); time is proportional to it", 1, MAX_BATCH},
    {"data", 0, OPTION_TEXT, offsetof(GradcheckOptions, data), "FILE", "names file, relative to the current directory"},
    {"dump", 0, OPTION_TEXT, offsetof(GradcheckOptions, dump), "FILE",
     "write the minibatch, every layer's output and every parameter, each with its gradient, as safetensors"},
    {"json", 0, OPTION_FLAG, offsetof(GradcheckOptions, json), NULL, "one JSON object instead of a table"},
};

static const Usage USAGE = {
    .command = "gradcheck",
    .brief = "check the trainer's gradients against independent ones",
    .summary = "Runs one minibatch through the network of a config, or of a run's config. Compares the trainer's "
               "gradients with those of a scalar autograd and with central differences, both in double precision. "
               "absolute is the largest difference in a tensor; relative is its share of the tensor's largest "
               "gradient; \"of\" is the number of entries that central differences check.",
    .operand = "RUN|CONFIG",
    OPTION_TABLE(OPTIONS, GradcheckOptions),
    .examples = "  nomen gradcheck mlp\n"
                "  nomen gradcheck mlp --batch 32 --dump part4.safetensors\n",
};

static const char *verdict(const GradcheckRow *row) {
    if (!row->is_ok) return "OFF";
    return row->n_skipped == row->n_entries ? "ok (autograd)" : "ok";
}

static void print_table(const GradcheckReport *report) {
    size_t skipped = 0;
    int name = NAME_COLUMNS, dims = SHAPE_COLUMNS;
    for (size_t i = 0; i < report->n_rows; i++)
        if ((int)strlen(report->rows[i].name) > name) name = (int)strlen(report->rows[i].name);
    if (name > NAME_COLUMNS) dims = LEAST_SHAPE_COLUMNS;
    printf("loss %.8f (autograd: %.8f, %zu operations)\n\n", report->loss, report->scalar_loss, report->n_nodes);
    printf("%-*s %-*s %17s %22s\n", name, "", dims, "", "autograd", "central differences");
    printf("%-*s %-*s %8s %8s %4s %8s %8s%s\n", name, "gradient of", dims, "shape", "absolute", "relative", "of",
           "absolute", "relative", name > NAME_COLUMNS ? "" : "  verdict");
    for (size_t i = 0; i < report->n_rows; i++) {
        const GradcheckRow *row = &report->rows[i];
        char shape[DESCRIBE_SHAPE_BYTES];
        printf("%-*s %-*s %8.1e %8.1e %4zu %8.1e %8.1e  %s\n", name, row->name, dims,
               describe_shape(row->n_dims, row->dims, shape), row->autograd.absolute, row->autograd.relative,
               row->n_entries - row->n_skipped, row->central.absolute, row->central.relative, verdict(row));
        skipped += row->n_skipped;
    }
    if (skipped > 0) printf("\n%zu entries skipped: the difference step crosses a relu's kink\n", skipped);
}

static void add_difference(Buffer *out, const char *key, Difference difference) {
    json_add_open(out, key, '{');
    json_add_number(out, "absolute", difference.absolute);
    json_add_number(out, "relative", difference.relative);
    json_close(out, '}');
}

static void add_row(Buffer *out, const GradcheckRow *row) {
    json_open(out, '{');
    json_add_text(out, "name", row->name);
    json_add_open(out, "shape", '[');
    for (size_t d = 0; d < row->n_dims; d++) json_whole(out, row->dims[d]);
    json_close(out, ']');
    add_difference(out, "autograd", row->autograd);
    add_difference(out, "central_differences", row->central);
    json_add_whole(out, "entries", row->n_entries - row->n_skipped);
    json_add_whole(out, "skipped", row->n_skipped);
    json_add_number(out, "tolerance", row->tolerance);
    json_add_bool(out, "ok", row->is_ok);
    json_close(out, '}');
}

static bool print_json(const GradcheckReport *report, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    json_open(&out, '{');
    json_add_number(&out, "loss", report->loss);
    json_add_number(&out, "autograd_loss", report->scalar_loss);
    json_add_bool(&out, "ok", report->is_ok);
    json_add_open(&out, "gradients", '[');
    for (size_t i = 0; i < report->n_rows; i++) add_row(&out, &report->rows[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    return command_print(&out, err);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const GradcheckOptions *o = options;
    const char *path = operands->items[0];
    uint64_t batch = o->batch.given ? o->batch.value : DEFAULT_BATCH;
    Session session;
    GradcheckReport report;
    const ConfigChanges changes = {.data = o->data};
    if (!session_from_config(&session, path, &changes, batch, true, arena, err)) return false;
    if (!o->batch.given && session.trainer.model.network.reads_names &&
        !session_from_config(&session, path, &changes, DEFAULT_NAMES, true, arena, err))
        return false;
    const char *const inputs[] = {session.path, session.config.data.path};
    if (o->dump && !command_output_is_free(o->dump, inputs, 2, err)) return false;
    command_note_config(path, session.path);
    if (!gradcheck(&session.trainer, &report, arena, err)) return error_context(err, "%s", path);
    if (o->dump && !gradcheck_dump(&session.trainer, &report, o->dump, err)) return false;
    if (!o->json) print_table(&report);
    if (o->json && !print_json(&report, arena, err)) return false;
    if (report.is_ok) return true;
    size_t n_off = 0;
    for (size_t i = 0; i < report.n_rows; i++) n_off += !report.rows[i].is_ok;
    bool few_rows = batch < DEFAULT_BATCH && layers_need_every_row(&session.config.model.layers);
    return error_set(err, "%s: %zu of %zu gradients are out of tolerance%s", path, n_off, report.n_rows,
                     few_rows ? "; batch norm over so few rows cancels most digits of a gradient: try a larger --batch"
                              : "");
}

const Command gradcheck_command = {COMMANDS_TEACH, &USAGE, run};
