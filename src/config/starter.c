// Rules that give the lectures' names (27 symbols, 228,146 examples, median length 6, ninth decile 8) the lectures'
// sizes (in parentheses):
//   split      that of audit_load
//   context    bigram 1; mlp: half the median length, from 2 to 8 (3); wavenet: the smallest power of two that covers
//              nine names in ten, from 4 to 16 (8)
//   embedding  2 sqrt(symbols), from 4 to 32 (10)
//   hidden     the largest multiple of 8, from 16 to 512, that leaves 15 training examples per parameter (200);
//              for wavenet, whose layers share their weights along the name, 2.5 (128)
//   steps      35 epochs in batches of 32, in thousands from 2,000 to 200,000 (200,000); the rate falls to a tenth
//              halfway, for wavenet at three quarters
//   bigram     full batch. The boundary's row, which learns fastest, bounds the rate: 7 over its share of the examples,
//              at most 2 per symbol (50). 8 steps per symbol, in hundreds from 200 to 2,000 (200), for the slow rows.
//              Counts beyond 4,096 symbols, where the table would fill the memory
//   counts     the longest context, up to three symbols, with a hundred examples per possible context (two)
//
// Networks that read whole names:
//   context    the longest name and its end, at most 128
//   width      the largest multiple of 8 from 16 to 160 (transformer: of 16 from 16 to 64) that leaves 5 (rnn), 1.8
//              (gru) or 1.7 (transformer) training examples per parameter (160, 160, 64)
//   steps      50, 38 or 20 epochs in batches of 32 names, in thousands from 2,000 to 40,000, 30,000 or 16,000
#include "config/config.h"

#include "base/json.h"
#include "data/audit.h"

#include <math.h>
#include <string.h>

const char *const STARTER_KINDS[] = {"counts", "bigram", "mlp", "mlp-bn", "wavenet", "rnn", "gru", "transformer", NULL};

enum { BATCH = 32, BIGRAM_MAX_SYMBOLS = 4096, WAVENET_MIN = 4, WAVENET_MAX = 16 };

typedef struct Sizes {
    bool is_wavenet, has_batchnorm;
    size_t names, vocab; // vocab includes the boundary
    double train;        // share of the names
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

// A network that reads whole names.
typedef struct WholeKind {
    const char *name, *weight_decay, *rate;
    size_t step, least, most; // the width is a multiple of step from least to most
    double examples;          // of the train split per parameter, at least
    double epochs;
    size_t most_steps; // in thousands
} WholeKind;

static const WholeKind WHOLE_KINDS[] = {
    {"rnn", "0.15", "0.002", 8, 16, 160, 5, 50, 40},
    {"gru", "0.12", "0.0015", 8, 16, 160, 1.8, 38, 30},
    {"transformer", "0.05", "0.002", 16, 16, 64, 1.7, 20, 16},
};

enum { WHOLE_DIM = 32, WHOLE_CONTEXT = 128, BLOCKS = 2, HEADS = 4 };

static const WholeKind *find_whole(const char *kind) {
    for (size_t i = 0; i < sizeof WHOLE_KINDS / sizeof *WHOLE_KINDS; i++)
        if (strcmp(WHOLE_KINDS[i].name, kind) == 0) return &WHOLE_KINDS[i];
    return NULL;
}

static double count_whole(const WholeKind *kind, size_t vocab, size_t context, size_t width) {
    if (strcmp(kind->name, "transformer") == 0)
        return (double)((2 * vocab + context) * width + BLOCKS * (12 * width + 13) * width + 2 * width);
    size_t gates = strcmp(kind->name, "gru") == 0 ? 3 : 1;
    return (double)(vocab * WHOLE_DIM + width + gates * (WHOLE_DIM + width + 1) * width + (width + 1) * vocab);
}

static Sizes choose_sizes(const char *kind, const Audit *audit) {
    size_t names = audit->names, vocab = audit->n_symbols + 1;
    bool is_wavenet = strcmp(kind, "wavenet") == 0;
    Sizes s = {.is_wavenet = is_wavenet,
               .has_batchnorm = is_wavenet || strcmp(kind, "mlp-bn") == 0,
               .names = names,
               .vocab = vocab,
               .train = audit->config.split.parts[PART_TRAIN],
               .n_hidden = 1};
    s.examples = s.train * (double)(audit->n_chars + names);
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

#define TORCH "'weight': 'torch', 'bias': 'torch'"

static void write_block(Buffer *out, size_t width) {
    json_format(out,
                "{'type': 'residual', 'layers': [{'type': 'layernorm'}, {'type': 'attention', 'heads': %d, " TORCH
                "}, {'type': 'linear', 'out': %zu, " TORCH "}, {'type': 'dropout', 'share': 0.15}]}",
                HEADS, width);
    json_format(out,
                "{'type': 'residual', 'layers': [{'type': 'layernorm'}, {'type': 'linear', 'out': %zu, " TORCH
                "}, {'type': 'gelu'}, {'type': 'linear', 'out': %zu, " TORCH "}, {'type': 'dropout', 'share': 0.15}]}",
                4 * width, width);
}

static void write_whole(Buffer *out, const WholeKind *kind, const Sizes *s, size_t longest) {
    size_t context = longest < WHOLE_CONTEXT ? longest + 1 : WHOLE_CONTEXT, width = kind->most;
    while (width > kind->least && count_whole(kind, s->vocab, context, width) * kind->examples > s->examples)
        width -= kind->step;
    json_add_open(out, "model", '{');
    json_add_whole(out, "context", context);
    json_add_open(out, "layers", '[');
    if (strcmp(kind->name, "transformer") == 0) {
        json_format(out,
                    "{'type': 'embedding', 'dim': %zu, 'weight': {'normal': 0.1}}, "
                    "{'type': 'position', 'weight': {'normal': 0.1}}",
                    width);
        for (size_t i = 0; i < BLOCKS; i++) write_block(out, width);
        json_format(out, "{'type': 'layernorm'}, {'type': 'linear', 'out': 'vocab', 'weight': 'torch', 'bias': false}");
    } else {
        json_format(out, "{'type': 'embedding', 'dim': %d}, {'type': '%s', 'out': %zu, " TORCH "}", WHOLE_DIM,
                    kind->name, width);
        json_format(out, "{'type': 'linear', 'out': 'vocab', " TORCH "}");
    }
    json_close(out, ']');
    json_close(out, '}');
    size_t steps = 1000 * clamp(kind->epochs * s->train * (double)s->names / BATCH / 1000, 2, kind->most_steps);
    json_format(out,
                "'train': {'steps': %zu, 'batch_size': %d, 'optimizer': {'type': 'adamw', 'weight_decay': %s}, 'lr': "
                "{'from': %s, 'to': 0, 'shape': 'cosine'}, 'log_every': %zu, 'eval_every': %zu, "
                "'checkpoint_every': %zu}",
                steps, BATCH, kind->weight_decay, kind->rate, steps / 200, steps / 10, steps / 10);
}

static void write_counts(Buffer *out, const Sizes *s) {
    size_t n = 2;
    for (double pairs = (double)s->vocab * (double)s->vocab; n < 4 && s->examples >= 100 * pairs; n++)
        pairs *= (double)s->vocab;
    json_format(out, "'model': {'ngram': %zu, 'smoothing': %s}", n, n == 2 ? "1" : "0.1");
}

static void write_data(Buffer *out, const char *path, const DataConfig *data, bool splits) {
    const NameFormat *format = &data->format;
    json_add_open(out, "data", '{');
    json_add_text(out, "path", path);
    if (format->column.name) json_add_text(out, "column", format->column.name);
    if (format->column.number > 0) json_add_whole(out, "column", format->column.number);
    json_add_text(out, "normalize", format->normalize);
    json_add_numbers(out, "split", splits ? N_PARTS : 1, data->split.parts);
    if (data->shuffle_seed.given) json_add_whole(out, "shuffle_seed", data->shuffle_seed.value);
    json_close(out, '}');
}

bool starter_write(Buffer *out, const char *kind, const char *names, const char *data, const char *schema,
                   TableGuess *table, Error *err) {
    Audit audit;
    Buffer json = {.arena = out->arena};
    if (!audit_load(&audit, &(DataConfig){.path = names}, out->arena, err)) return false;
    if (audit.refusal.text[0] != '\0') return error_set(err, "%s: %s", names, audit.refusal.text);
    const Sizes sizes = choose_sizes(kind, &audit);
    json_open(&json, '{');
    if (schema[0] != '\0') json_add_text(&json, "$schema", schema);
    json_add_whole(&json, "seed", 2147483647);
    write_data(&json, data, &audit.config, sizes.train < 1);
    *table = audit.table;
    const WholeKind *whole = find_whole(kind);
    if (whole)
        write_whole(&json, whole, &sizes, audit.longest);
    else if (strcmp(kind, "counts") == 0)
        write_counts(&json, &sizes);
    else if (strcmp(kind, "bigram") == 0)
        write_bigram(&json, &sizes, (double)(audit.n_chars + sizes.names));
    else
        write_network(&json, &sizes);
    json_format(&json, "'sample': {'count': 20, 'temperature': 1, 'method': 'race'}");
    json_close(&json, '}');
    const char *text = buffer_text(&json, err);
    if (text) json_indent(out, text);
    return text != NULL;
}
