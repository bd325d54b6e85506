#include "cmd/command.h"
#include "run/checkpoint.h"
#include "run/evaluate.h"

#include <math.h>

typedef struct EvalOptions {
    const char *data;
    bool json;
} EvalOptions;

static bool parse(EvalOptions *o, const char **run, size_t argc, char **argv, int *status, Error *err) {
    const Option options[] = {
        {"data", 0, OPTION_TEXT, &o->data, "FILE", "another names file, split as the run's own", 0, 0, NULL},
        {"json", 0, OPTION_FLAG, &o->json, NULL, "one JSON object instead of a table", 0, 0, NULL},
    };
    const Usage usage = {
        .command = "eval",
        .summary = "Prints the exact loss and perplexity of every split: the mean of -log p (natural\n"
                   "logarithm) over all its characters and name ends, and e to that power.",
        .operand = "RUN",
        .min_operands = 1,
        .max_operands = 1,
        .options = options,
        .n_options = sizeof options / sizeof *options,
        .examples = "  nomen eval runs/mlp\n"
                    "  nomen eval runs/mlp/best.safetensors --json\n",
    };
    size_t n;
    return command_options(&usage, argc, argv, run, &n, status, err);
}

static void print_row(const char *part, double loss, size_t examples) {
    printf("%-6s  %8.4f  %12.4f  %10zu\n", part, loss, exp(loss), examples);
}

static void add_json(Buffer *out, const char *part, double loss, size_t examples) {
    json_key(out, part);
    json_open(out, '{');
    json_key(out, "loss");
    json_number(out, loss);
    json_key(out, "perplexity");
    json_number(out, exp(loss));
    json_key(out, "examples");
    json_whole(out, examples);
    json_close(out, '}');
}

static bool evaluate_parts(SavedModel *saved, const Dataset *dataset, bool json, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    json_open(&out, '{');
    if (!json) printf("%-6s  %8s  %12s  %10s\n", "split", "loss", "perplexity", "examples");
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = dataset->parts[p];
        if (span.end == span.begin) continue;
        Arena scratch = {0};
        ContextCounts counts;
        bool ok = dataset_count_contexts(dataset, span, saved->model.context, &counts, &scratch, err);
        double loss = ok ? evaluate(&saved->model, &counts) : 0;
        arena_free(&scratch);
        if (!ok) return false;
        if (json)
            add_json(&out, PART_NAMES[p], loss, span.end - span.begin);
        else
            print_row(PART_NAMES[p], loss, span.end - span.begin);
    }
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text && json) puts(text);
    return text != NULL;
}

static int run(size_t argc, char **argv, Arena *arena, Error *err) {
    EvalOptions o = {0};
    const char *run;
    int status;
    SavedModel saved;
    Dataset dataset;
    if (!parse(&o, &run, argc, argv, &status, err)) return status;
    if (!checkpoint_load_model(&saved, run, arena, err)) return command_failed(err);
    DataConfig data = saved.config.data;
    if (o.data) data.path = o.data;
    bool loaded = o.data ? dataset_load(&dataset, &data, &saved.file.vocab, arena, err)
                         : checkpoint_load_data(&saved.file, &data, &dataset, arena, err);
    if (!loaded) return command_failed(err);
    if (!evaluate_parts(&saved, &dataset, o.json, arena, err)) return command_failed(err);
    return command_done(err);
}

const Command eval_command = {"eval", "the exact loss of a trained model", run};
