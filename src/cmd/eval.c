#include "base/format.h"
#include "cmd/share/command.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"

#include <math.h>

typedef struct EvalOptions {
    const char *data;
    bool json;
} EvalOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(EvalOptions, data), "FILE", "another names file, split as the run's own", 0, 0,
     NULL},
    {"json", 0, OPTION_FLAG, offsetof(EvalOptions, json), NULL, "one JSON object instead of a table", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "eval",
    .brief = "the exact loss of a trained model",
    .summary = "Prints the exact loss and perplexity of every split: the mean of -log p (natural\n"
               "logarithm) over all its characters and name ends, and e to that power.",
    .operand = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(EvalOptions),
    .examples = "  nomen eval runs/mlp\n"
                "  nomen eval runs/mlp/best.safetensors --json\n",
};

static void print_row(const char *part, double loss, size_t examples) {
    char nats[FORMAT_BYTES], perplexity[FORMAT_BYTES];
    printf("%-6s  %8s  %12s  %10zu\n", part, format_fitted(loss, 4, 8, nats),
           format_fitted(exp(loss), 4, 12, perplexity), examples);
}

static void add_json(Buffer *out, const char *part, double loss, size_t examples) {
    json_add_open(out, part, '{');
    json_add_number(out, "loss", loss);
    json_add_number(out, "perplexity", exp(loss));
    json_add_whole(out, "examples", examples);
    json_close(out, '}');
}

static bool evaluate_parts(SavedModel *saved, const Dataset *dataset, bool json, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    double losses[N_PARTS] = {0};
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = dataset->parts[p];
        if (span.end > span.begin && !evaluate_part(&saved->model, dataset, (Part)p, &losses[p], err)) return false;
    }
    json_open(&out, '{');
    if (!json) printf("%-6s  %8s  %12s  %10s\n", "split", "loss", "perplexity", "examples");
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = dataset->parts[p];
        if (span.end == span.begin) continue;
        if (json)
            add_json(&out, PART_NAMES[p], losses[p], span.end - span.begin);
        else
            print_row(PART_NAMES[p], losses[p], span.end - span.begin);
    }
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text && json) puts(text);
    return text != NULL;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const EvalOptions *o = options;
    SavedModel saved;
    Dataset dataset;
    if (!checkpoint_load_model(&saved, operands->items[0], arena, err)) return command_failed(err);
    DataConfig data = saved.config.data;
    if (o->data) data.path = o->data;
    bool loaded = o->data ? dataset_load(&dataset, &data, &saved.file.vocab, arena, err)
                          : checkpoint_load_data(&saved.file, &data, NAMES_MOVED, &dataset, arena, err);
    if (!loaded) return command_failed(err);
    if (!evaluate_parts(&saved, &dataset, o->json, arena, err)) return command_failed(err);
    return command_done(err);
}

const Command eval_command = {COMMANDS_TRAIN, &USAGE, run};
