#include "base/json.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "nn/softmax.h"
#include "study/describe.h"
#include "study/sampler.h"
#include "train/load.h"

#include <math.h>

enum { MOST_ROWS = 30 };

typedef struct NextOptions {
    const char *prefix, *temperatures;
    bool json;
} NextOptions;

static const Option OPTIONS[] = {
    {"prefix", 'p', OPTION_TEXT, offsetof(NextOptions, prefix), "P", "the beginning of the name (default: empty)"},
    {"temperature", 't', OPTION_TEXT, offsetof(NextOptions, temperatures), "T[,T...]",
     "divide the logits by T (default: 1)"},
    {"json", 0, OPTION_FLAG, offsetof(NextOptions, json), NULL,
     "one JSON object: all symbols by id; \"\" is the boundary"},
};

static const Usage USAGE = {
    .command = "next",
    .brief = "show which character comes next, with its probability",
    .summary =
        "Shows the probabilities of the next character, the most likely first, and the context that the model sees.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, NextOptions),
    .examples = "  nomen next runs/mlp --prefix mar\n"
                "  nomen next runs/mlp --prefix mar --temperature 0.5,1,2\n",
};

// What the model expects after a context.
typedef struct Next {
    Model *model;
    const Vocab *vocab;
    ModelView view;
    const float *logits; // (vocab->n)
    Temperatures temperatures;
    float *p; // (temperatures.n, vocab->n)
} Next;

static bool find_logits(Next *next, const SavedModel *saved, const char *prefix, Arena *arena, Error *err) {
    size_t n;
    uint16_t *ids;
    if (!load_prefix(saved, prefix, &ids, &n, arena, err)) return false;
    if (!model_view(&next->view, next->model, ids, n, arena, err)) return error_context(err, "--prefix");
    next->logits = model_logits(next->model, next->view.context, 1);
    return true;
}

static bool find_probabilities(Next *next, Arena *arena, Error *err) {
    size_t n = next->vocab->n;
    next->p = arena_alloc(arena, size_mul(next->temperatures.n, n), sizeof *next->p, err);
    if (!next->p) return false;
    for (size_t t = 0; t < next->temperatures.n; t++)
        softmax(n, next->logits, (float)next->temperatures.items[t], next->p + t * n);
    if (!isnan(next->p[0])) return true;
    if (!next->model->is_ngram) return model_logits_overflow(next->model, err);
    return error_set(err, "the model never saw this context, and without smoothing gives no distribution");
}

static void write_json(Buffer *out, const Next *next) {
    size_t n = next->vocab->n;
    json_open(out, '{');
    json_add_open(out, "context", '[');
    for (size_t i = 0; i < next->view.n; i++) json_symbol(out, next->vocab->code_points[next->view.ids[i]]);
    json_close(out, ']');
    json_add_open(out, "symbols", '[');
    for (size_t id = 0; id < n; id++) json_symbol(out, next->vocab->code_points[id]);
    json_close(out, ']');
    json_add_numbers(out, "temperatures", next->temperatures.n, next->temperatures.items);
    json_add_open(out, "probabilities", '[');
    for (size_t t = 0; t < next->temperatures.n; t++) {
        json_open(out, '[');
        for (size_t id = 0; id < n; id++) json_number(out, (double)next->p[t * n + id]);
        json_close(out, ']');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static bool write_text(Buffer *out, const Next *next, Arena *arena, Error *err) {
    size_t n = next->vocab->n, rows = n < MOST_ROWS ? n : MOST_ROWS, n_temperatures = next->temperatures.n;
    RankedSymbol *ranked = arena_alloc(arena, n, sizeof *ranked, err);
    float *p = arena_alloc(arena, rows * n_temperatures, sizeof *p, err);
    const char **labels = arena_alloc(arena, rows, sizeof *labels, err);
    char(*texts)[DESCRIBE_SYMBOL_BYTES] = arena_alloc(arena, rows, sizeof *texts, err);
    if (!ranked || !p || !labels || !texts) return false;
    rank_symbols(n, next->logits, ranked);
    for (size_t i = 0; i < rows; i++) {
        labels[i] = describe_symbol(next->vocab->code_points[ranked[i].id], texts[i]);
        for (size_t t = 0; t < n_temperatures; t++) p[t * rows + i] = next->p[t * n + ranked[i].id];
    }
    buffer_print(out, "context:%s", next->view.n == 0 ? " none" : "");
    for (size_t i = 0; i < next->view.n; i++) {
        char text[DESCRIBE_SYMBOL_BYTES];
        uint16_t id = next->view.ids[i];
        buffer_print(out, " %s", id == BOUNDARY ? "." : describe_symbol(next->vocab->code_points[id], text));
    }
    buffer_print(out, "\n\n");
    chart_write(out, &(Chart){rows, labels, p, next->temperatures});
    if (rows < n) buffer_print(out, "and %zu less likely characters\n", n - rows);
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const NextOptions *o = options;
    SavedModel saved;
    Next next = {.model = &saved.model, .vocab = &saved.file.vocab};
    if (!temperatures_read(&next.temperatures, o->temperatures ? o->temperatures : "1", false, err)) return false;
    if (!load_model(&saved, operands->items[0], arena, err)) return false;
    Buffer out = {.arena = arena};
    if (!find_logits(&next, &saved, o->prefix ? o->prefix : "", arena, err) || !find_probabilities(&next, arena, err))
        return false;
    if (o->json)
        write_json(&out, &next);
    else if (!write_text(&out, &next, arena, err))
        return false;
    return command_print(&out, err);
}

const Command next_command = {COMMANDS_LOOK, &USAGE, run};
