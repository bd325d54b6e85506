#include "base/text.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "nn/softmax.h"
#include "study/describe.h"
#include "study/ranking.h"
#include "train/checkpoint.h"

#include <math.h>
#include <string.h>

enum { MOST_ROWS = 30 };

typedef struct NextOptions {
    const char *prefix, *temperatures;
    bool json;
} NextOptions;

static const Option OPTIONS[] = {
    {"prefix", 'p', OPTION_TEXT, offsetof(NextOptions, prefix), "P", "what the name begins with (default: nothing)", 0,
     0, NULL},
    {"temperature", 't', OPTION_TEXT, offsetof(NextOptions, temperatures), "T[,T...]",
     "divides the logits (default: 1)", 0, 0, NULL},
    {"json", 0, OPTION_FLAG, offsetof(NextOptions, json), NULL,
     "one JSON object: every symbol, by id, the boundary as \"\"", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "next",
    .brief = "which character comes next, with its probability",
    .summary = "Shows which character the model expects next, likeliest first, and the context it\nsaw.",
    .operand = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(NextOptions),
    .examples = "  nomen next runs/mlp --prefix mar\n"
                "  nomen next runs/mlp --prefix mar --temperature 0.5,1,2\n",
};

// The last symbols of the prefix, as many as the model sees, boundaries before them where it is shorter.
static uint16_t *make_context(const SavedModel *saved, const char *prefix, Arena *arena, Error *err) {
    size_t n_prefix, n = saved->model.context, bytes = strlen(prefix);
    uint16_t *ids = arena_alloc(arena, bytes, sizeof *ids, err), *context = arena_alloc(arena, n, sizeof *context, err);
    if (!ids || !context) return NULL;
    if (!vocab_encode(&saved->file.vocab, prefix, bytes, ids, &n_prefix, err)) {
        error_context(err, "--prefix");
        return NULL;
    }
    for (size_t k = 0; k < n && k < n_prefix; k++) context[n - 1 - k] = ids[n_prefix - 1 - k];
    return context;
}

static void print_context(const SavedModel *saved, const uint16_t *context) {
    char text[DESCRIBE_SYMBOL_BYTES];
    printf("context:");
    for (size_t i = 0; i < saved->model.context; i++)
        printf(" %s", context[i] == BOUNDARY ? "." : describe_symbol(saved->file.vocab.code_points[context[i]], text));
    printf("%s\n\n", saved->model.context == 0 ? " none" : "");
}

static bool no_distribution(const Model *model, Error *err) {
    if (!model->is_ngram) return model_logits_overflow(model, err);
    return error_set(err, "the model never saw this context, and without smoothing gives no distribution");
}

static void add_symbol(Buffer *out, const Vocab *vocab, uint16_t id) {
    char bytes[UTF8_MAX_BYTES];
    json_bytes(out, bytes, id == BOUNDARY ? 0 : vocab_decode(vocab, id, bytes));
}

static bool print_json(SavedModel *saved, const uint16_t *context, const Temperatures *temperatures, Arena *arena,
                       Error *err) {
    const Vocab *vocab = &saved->file.vocab;
    const float *logits = model_logits(&saved->model, context, 1);
    float *p = arena_alloc(arena, vocab->n, sizeof *p, err);
    Buffer out = {.arena = arena};
    if (!p) return false;
    json_open(&out, '{');
    json_add_open(&out, "context", '[');
    for (size_t i = 0; i < saved->model.context; i++) add_symbol(&out, vocab, context[i]);
    json_close(&out, ']');
    json_add_open(&out, "symbols", '[');
    for (size_t id = 0; id < vocab->n; id++) add_symbol(&out, vocab, (uint16_t)id);
    json_close(&out, ']');
    json_add_open(&out, "temperatures", '[');
    for (size_t t = 0; t < temperatures->n; t++) json_number(&out, temperatures->items[t]);
    json_close(&out, ']');
    json_add_open(&out, "probabilities", '[');
    for (size_t t = 0; t < temperatures->n; t++) {
        softmax(1, vocab->n, 1, logits, (float)temperatures->items[t], p);
        if (isnan(p[0])) return no_distribution(&saved->model, err);
        json_open(&out, '[');
        for (size_t id = 0; id < vocab->n; id++) json_number(&out, (double)p[id]);
        json_close(&out, ']');
    }
    json_close(&out, ']');
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text) puts(text);
    return text != NULL;
}

static bool print_distribution(SavedModel *saved, const uint16_t *context, const Temperatures *temperatures,
                               Arena *arena, Error *err) {
    size_t vocab = saved->model.vocab, rows = vocab < MOST_ROWS ? vocab : MOST_ROWS;
    const float *logits = model_logits(&saved->model, context, 1);
    RankedSymbol *ranked = arena_alloc(arena, vocab, sizeof *ranked, err);
    float *sorted = arena_alloc(arena, vocab, sizeof *sorted, err), *p = arena_alloc(arena, vocab, sizeof *p, err);
    float *shown = arena_alloc(arena, rows * temperatures->n, sizeof *shown, err);
    const char **labels = arena_alloc(arena, rows, sizeof *labels, err);
    if (!ranked || !sorted || !p || !shown || !labels) return false;
    rank_symbols(vocab, logits, ranked);
    for (size_t i = 0; i < vocab; i++) sorted[i] = ranked[i].logit;
    for (size_t t = 0; t < temperatures->n; t++) {
        softmax(1, vocab, 1, sorted, (float)temperatures->items[t], p);
        memcpy(shown + t * rows, p, rows * sizeof *p);
        if (isnan(p[0])) return no_distribution(&saved->model, err);
    }
    for (size_t i = 0; i < rows; i++) {
        char *text = arena_alloc(arena, DESCRIBE_SYMBOL_BYTES, 1, err);
        if (!text) return false;
        labels[i] = describe_symbol(saved->file.vocab.code_points[ranked[i].id], text);
    }
    print_context(saved, context);
    chart_print(&(Chart){rows, labels, shown, *temperatures});
    if (rows < vocab) printf("and %zu less likely characters\n", vocab - rows);
    return true;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const NextOptions *o = options;
    SavedModel saved;
    Temperatures temperatures;
    if (!temperatures_read(&temperatures, o->temperatures ? o->temperatures : "1", false, err)) {
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    if (!checkpoint_load_model(&saved, operands->items[0], arena, err)) return command_failed(err);
    const uint16_t *context = make_context(&saved, o->prefix ? o->prefix : "", arena, err);
    bool ok = context && (o->json ? print_json(&saved, context, &temperatures, arena, err)
                                  : print_distribution(&saved, context, &temperatures, arena, err));
    return ok ? command_done(err) : command_failed(err);
}

const Command next_command = {COMMANDS_LOOK, &USAGE, run};
