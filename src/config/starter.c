// Rules that give the lectures' names (27 symbols, 228,146 examples, median length 6, ninth decile 8) the lectures'
// sizes (in parentheses):
//   split      80, 10 and 10 %, shuffled; fewer than 30 names are all trained on
//   context    bigram 1; mlp: half the median length, from 2 to 8 (3); wavenet: the smallest power of two that covers
//              nine names in ten, from 4 to 16 (8)
//   embedding  2 sqrt(symbols), from 4 to 32 (10)
//   hidden     the largest multiple of 8, from 16 to 512, that leaves 15 training examples per parameter (200);
//   wavenet,
//              whose layers share their weights along the name, 2.5 (128)
//   steps      35 epochs in batches of 32, in thousands from 2,000 to 200,000 (200,000); the rate falls to a tenth
//              halfway, for wavenet at three quarters
//   bigram     full batch. The boundary's row, which learns fastest, bounds the rate: 7 over its share of the examples,
//              at most 2 per symbol (50). 8 steps per symbol, in hundreds from 200 to 2,000 (200), for the slow rows.
//              Counts beyond 4,096 symbols, where the table would fill the memory
#include "config/config.h"

#include "base/json.h"
#include "data/audit.h"

#include <math.h>
#include <string.h>

const char *const STARTER_KINDS[] = {"bigram", "mlp", "mlp-bn", "wavenet", NULL};

enum { BATCH = 32, MIN_NAMES_TO_SPLIT = 30, BIGRAM_MAX_SYMBOLS = 4096, WAVENET_MIN = 4, WAVENET_MAX = 16 };

typedef struct Sizes {
    bool is_wavenet, has_batchnorm;
    size_t names, vocab; // vocab includes the boundary
    double examples;     // of the train split
    size_t context, dim, n_hidden, hidden;
} Sizes;

static size_t clamp(double x, size_t min, size_t max) {
    return !(x > (double)min) ? min : x < (double)max ? (size_t)x : max;
}

// The smallest length that `share` of the names do not exceed.
static size_t length_quantile(const Audit *audit, double share) {
    size_t length = 0, names = 0;
    for (; length < audit->longest; length++) {
        names += audit->lengths[length];
        if ((double)names >= share * (double)audit->names) break;
    }
    return length;
}

static double count_parameters(const Sizes *s) {
    size_t h = s->hidden, first = s->is_wavenet ? 2 * s->dim : s->context * s->dim;
    size_t biases = s->has_batchnorm ? 2 * h * s->n_hidden : h;
    return (double)(s->vocab * s->dim + first * h + 2 * h * h * (s->n_hidden - 1) + biases + (h + 1) * s->vocab);
}

static Sizes choose_sizes(const char *kind, const Audit *audit) {
    size_t names = audit->names, vocab = audit->n_symbols + 1;
    bool is_wavenet = strcmp(kind, "wavenet") == 0;
    Sizes s = {.is_wavenet = is_wavenet,
               .has_batchnorm = is_wavenet || strcmp(kind, "mlp-bn") == 0,
               .names = names,
               .vocab = vocab,
               .n_hidden = 1};
    s.examples = (names < MIN_NAMES_TO_SPLIT ? 1 : 0.8) * (double)(audit->n_chars + names);
    s.context = is_wavenet ? WAVENET_MIN : clamp((double)length_quantile(audit, 0.5) / 2, 2, 8);
    while (is_wavenet && s.context < length_quantile(audit, 0.9) && s.context < WAVENET_MAX) s.context *= 2;
    for (size_t t = s.context; is_wavenet && t > 2; t /= 2) s.n_hidden++;
    s.dim = clamp(2 * sqrt((double)vocab), 4, 32);
    for (s.hidden = 512; s.hidden > 16; s.hidden -= 8)
        if (count_parameters(&s) * (is_wavenet ? 2.5 : 15) <= s.examples) break;
    return s;
}

static void write_network(Buffer *out, const Sizes *s) {
    json_add_open(out, "model", '{');
    json_add_whole(out, "context", s->context);
    json_add_open(out, "layers", '[');
    json_format(out, "{'type': 'embedding', 'dim': %zu}", s->dim);
    for (size_t i = 0; i < s->n_hidden; i++) {
        json_format(out, s->is_wavenet ? "{'type': 'flatten', 'n': 2}" : "{'type': 'flatten'}");
        json_format(out, "{'type': 'linear', 'out': %zu, 'weight': {'kaiming_normal': 1.6666666667}, 'bias': %s}",
                    s->hidden, s->has_batchnorm ? "false" : "{'normal': 0.01}");
        if (s->has_batchnorm) json_format(out, "{'type': 'batchnorm'}");
        json_format(out, "{'type': 'tanh'}");
    }
    json_format(out, "{'type': 'linear', 'out': 'vocab', 'weight': {'normal': 0.01}}");
    json_close(out, ']');
    json_close(out, '}');
    size_t steps = 1000 * clamp(35 * s->examples / BATCH / 1000, 2, 200);
    json_format(
        out,
        "'train': {'steps': %zu, 'batch_size': %d, 'optimizer': {'type': 'sgd'}, 'lr': [[0, 0.1], [%zu, 0.01]], "
        "'log_every': %zu, 'eval_every': %zu, 'checkpoint_every': %zu}",
        steps, BATCH, steps / 4 * (s->is_wavenet ? 3 : 2), steps / 200, steps / 10, steps / 10);
}

static void write_bigram(Buffer *out, const Sizes *s, double examples) {
    if (s->vocab > BIGRAM_MAX_SYMBOLS) {
        json_format(out, "'model': {'ngram': 2, 'smoothing': 1}");
        return;
    }
    double rate = fmin(7 * examples / (double)s->names, 2 * (double)s->vocab);
    size_t steps = 100 * clamp(8 * (double)s->vocab / 100, 2, 20);
    json_format(
        out,
        "'model': {'context': 1, 'layers': [{'type': 'embedding', 'dim': 'vocab'}]}, "
        "'train': {'steps': %zu, 'batch_size': 'all', 'optimizer': {'type': 'sgd'}, 'lr': %.0f, 'l2_mean': 0.01, "
        "'log_every': 1, 'eval_every': %zu, 'checkpoint_every': %zu}",
        steps, rate, steps / 4, steps / 4);
}

bool starter_write(Buffer *out, const char *kind, const char *names, const char *data, const char *schema, Error *err) {
    Audit audit;
    Buffer json = {.arena = out->arena};
    if (!audit_load(&audit, &(DataConfig){.path = names, .split = {{1}}}, out->arena, err)) return false;
    if (audit.refusal.text[0] != '\0') return error_set(err, "%s: %s", names, audit.refusal.text);
    const Sizes sizes = choose_sizes(kind, &audit);
    json_open(&json, '{');
    if (schema[0] != '\0') json_add_text(&json, "$schema", schema);
    json_add_whole(&json, "seed", 2147483647);
    json_add_open(&json, "data", '{');
    json_add_text(&json, "path", data);
    json_format(&json,
                sizes.names < MIN_NAMES_TO_SPLIT ? "'split': [1]" : "'split': [0.8, 0.1, 0.1], 'shuffle_seed': 42");
    json_close(&json, '}');
    if (strcmp(kind, "bigram") == 0)
        write_bigram(&json, &sizes, (double)(audit.n_chars + sizes.names));
    else
        write_network(&json, &sizes);
    json_format(&json, "'sample': {'count': 20, 'temperature': 1, 'method': 'race'}");
    json_close(&json, '}');
    const char *text = buffer_text(&json, err);
    if (text) json_indent(out, text);
    return text != NULL;
}
