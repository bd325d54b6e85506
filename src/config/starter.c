// The rules, by which the lectures' names (27 symbols, 228,146 examples; half of the names of 6 characters or fewer,
// nine in ten of 8 or fewer) get the lectures' sizes, which stand behind each:
//   split      80, 10 and 10 %, shuffled; fewer than 30 names are all trained on
//   context    bigram 1; one hidden layer: half the median length, from 2 to 8 (3); wavenet: the least power of
//              two that holds nine names in ten, from 4 to 16 (8)
//   embedding  2 sqrt(symbols), from 4 to 32 (10)
//   hidden     the most, in eights from 16 to 512, that leave 15 training examples to a parameter (200); wavenet,
//              whose layers share their weights along the name, 2.5 (128)
//   steps      35 times over the training examples in batches of 32, in thousands from 2,000 to 200,000 (200,000);
//              the rate falls to a tenth halfway, wavenet's at three quarters
//   bigram     all examples at once; the row that learns fastest is the boundary's, so the rate is 7 over its share
//              of the examples, and at most 2 a symbol (50); 8 steps a symbol, in hundreds from 200 to 2,000 (200),
//              for the rows that learn slowly. Beyond 4,096 symbols its table would fill the memory: counts instead
#include "config/starter.h"

#include "data/audit.h"

#include <math.h>
#include <string.h>

const char *const FIRST_CONFIGS[] = {"bigram", "mlp", "mlp-bn", "wavenet", NULL};

enum { BATCH = 32, LEAST_NAMES_TO_SPLIT = 30, BIGRAM_MOST_SYMBOLS = 4096, WAVENET_LEAST = 4, WAVENET_MOST = 16 };

static size_t within(double x, size_t least, size_t most) {
    return !(x > (double)least) ? least : x < (double)most ? (size_t)x : most;
}

// The least length that `share` of the names do not exceed.
static size_t length_of(const Audit *audit, double share) {
    size_t length = 0, names = 0;
    for (; length < audit->lengths.longest; length++) {
        names += audit->lengths.counts[length];
        if ((double)names >= share * (double)audit->names.names) break;
    }
    return length;
}

bool first_config_measure(NamesFigures *figures, const char *path, Arena *arena, Error *err) {
    Audit audit;
    const DataConfig config = {.path = path, .split = {{1}}};
    if (!audit_load(&audit, &config, arena, err)) return false;
    if (audit.split.refusal) return error_set(err, "%s: %s", path, audit.split.refusal);
    size_t names = audit.names.names;
    *figures = (NamesFigures){names, audit.symbols.n + 1, audit.symbols.total + names, length_of(&audit, 0.5),
                              length_of(&audit, 0.9)};
    return true;
}

// A network as its numbers.
typedef struct Sizes {
    bool is_wavenet, has_batchnorm;
    size_t vocab, context, dim, hidden;
    double examples; // of the train split
} Sizes;

// Parameters with h hidden units.
static double count_parameters(const Sizes *s, size_t h) {
    size_t first = s->is_wavenet ? 2 * s->dim : s->context * s->dim, inner = 0, layers = 1;
    for (size_t t = s->context; s->is_wavenet && t > 2; t /= 2, layers++) inner += 2 * h * h;
    size_t besides = s->has_batchnorm ? 2 * h * layers : h;
    return (double)(s->vocab * s->dim + first * h + inner + besides + (h + 1) * s->vocab);
}

static Sizes fit(const char *kind, const NamesFigures *f) {
    Sizes s = {.is_wavenet = strcmp(kind, "wavenet") == 0, .vocab = f->vocab};
    s.has_batchnorm = s.is_wavenet || strcmp(kind, "mlp-bn") == 0;
    s.examples = (f->names < LEAST_NAMES_TO_SPLIT ? 1 : 0.8) * (double)f->examples;
    s.context = s.is_wavenet ? WAVENET_LEAST : within((double)f->median / 2, 2, 8);
    while (s.is_wavenet && s.context < f->most && s.context < WAVENET_MOST) s.context *= 2;
    s.dim = within(2 * sqrt((double)f->vocab), 4, 32);
    for (s.hidden = 512; s.hidden > 16; s.hidden -= 8)
        if (count_parameters(&s, s.hidden) * (s.is_wavenet ? 2.5 : 15) <= s.examples) break;
    return s;
}

static void write_hidden(Buffer *out, const Sizes *s) {
    const char *bias = s->has_batchnorm ? ", \"bias\": false" : ", \"bias\": { \"normal\": 0.01 }";
    size_t joins = 1;
    for (size_t t = s->context; s->is_wavenet && t > 2; t /= 2) joins++;
    for (size_t i = 0; i < joins; i++) {
        buffer_print(out, "      { \"type\": \"flatten\"%s },\n", s->is_wavenet ? ", \"n\": 2" : "");
        buffer_print(
            out, "      { \"type\": \"linear\", \"out\": %zu, \"weight\": { \"kaiming_normal\": 1.6666666667 }%s },\n",
            s->hidden, bias);
        if (s->has_batchnorm) buffer_print(out, "      { \"type\": \"batchnorm\" },\n");
        buffer_print(out, "      { \"type\": \"tanh\" },\n");
    }
}

static void write_network(Buffer *out, const Sizes *s) {
    buffer_print(out, "  \"model\": {\n    \"context\": %zu,\n    \"layers\": [\n", s->context);
    buffer_print(out, "      { \"type\": \"embedding\", \"dim\": %zu },\n", s->dim);
    write_hidden(out, s);
    buffer_print(out,
                 "      { \"type\": \"linear\", \"out\": \"vocab\", \"weight\": { \"normal\": 0.01 } }\n    ]\n  },\n");
    size_t steps = 1000 * within(35 * s->examples / BATCH / 1000, 2, 200), falls = steps / 4 * (s->is_wavenet ? 3 : 2);
    buffer_print(out, "  \"train\": {\n    \"steps\": %zu, \"batch_size\": %d, \"optimizer\": { \"type\": \"sgd\" },\n",
                 steps, BATCH);
    buffer_print(out, "    \"lr\": [[0, 0.1], [%zu, 0.01]],\n", falls);
    buffer_print(out, "    \"log_every\": %zu, \"eval_every\": %zu, \"checkpoint_every\": %zu\n  },\n", steps / 200,
                 steps / 10, steps / 10);
}

static void write_bigram(Buffer *out, const NamesFigures *f) {
    if (f->vocab > BIGRAM_MOST_SYMBOLS) {
        buffer_print(out, "  \"model\": { \"ngram\": 2, \"smoothing\": 1 },\n");
        return;
    }
    double rate = fmin(7 * (double)f->examples / (double)f->names, 2 * (double)f->vocab);
    size_t steps = 100 * within(8 * (double)f->vocab / 100, 2, 20);
    buffer_print(out,
                 "  \"model\": { \"context\": 1, \"layers\": [{ \"type\": \"embedding\", \"dim\": \"vocab\" }] },\n"
                 "  \"train\": {\n    \"steps\": %zu, \"batch_size\": \"all\", \"optimizer\": { \"type\": \"sgd\" },\n"
                 "    \"lr\": %.0f, \"l2_mean\": 0.01,\n"
                 "    \"log_every\": 1, \"eval_every\": %zu, \"checkpoint_every\": %zu\n  },\n",
                 steps, rate, steps / 4, steps / 4);
}

void first_config_write(Buffer *out, const char *kind, const NamesFigures *figures, const char *data,
                        const char *schema) {
    buffer_print(out, "{\n");
    if (schema[0] != '\0') {
        buffer_print(out, "  \"$schema\": ");
        json_text(out, schema);
        out->json_comma = false;
        buffer_print(out, ",\n");
    }
    buffer_print(out, "  \"seed\": 2147483647,\n  \"data\": { \"path\": ");
    json_text(out, data);
    buffer_print(out, figures->names < LEAST_NAMES_TO_SPLIT
                          ? ", \"split\": [1] },\n"
                          : ", \"split\": [0.8, 0.1, 0.1], \"shuffle_seed\": 42 },\n");
    if (strcmp(kind, "bigram") == 0) {
        write_bigram(out, figures);
    } else {
        const Sizes sizes = fit(kind, figures);
        write_network(out, &sizes);
    }
    buffer_print(out, "  \"sample\": { \"count\": 20, \"temperature\": 1, \"method\": \"race\" }\n}\n");
}
