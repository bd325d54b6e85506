#include "study/sampler.h"

#include "kernels/kernels.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KNOWN_MAX = 1 << 16, // limits of the distributions kept
    KNOWN_BYTES = 1 << 24,
    GROUP_BYTES = 1 << 26, // of a group's exponentials
};

static int by_logit(const void *a, const void *b) {
    const RankedSymbol *x = a, *y = b;
    if (x->logit > y->logit) return -1;
    return x->logit < y->logit ? 1 : x->id - y->id;
}

void rank_symbols(size_t n, const float *logits, RankedSymbol *ranked) {
    for (size_t i = 0; i < n; i++) ranked[i] = (RankedSymbol){logits[i], (uint16_t)i};
    qsort(ranked, n, sizeof *ranked, by_logit);
}

size_t sample_max_symbols(const Model *model) {
    return model_reads_names(model) && model->network.context < SAMPLE_MAX_SYMBOLS ? model->network.context
                                                                                   : SAMPLE_MAX_SYMBOLS;
}

// Room for the exponentials of a symbol, or of a group that is drawn in lockstep.
static bool create_races(Sampler *sampler, Arena *arena, Error *err) {
    SampleSettings *settings = &sampler->settings;
    size_t n = sampler->model->vocab;
    if (settings->method == DRAW_LOCKSTEP) {
        if (!model_reads_names(sampler->model))
            return error_set(err, "method lockstep needs a network that reads whole names; this one predicts after a "
                                  "context");
        sampler->most_symbols = sampler->model->context;
        if (sampler->most_symbols > SAMPLE_MAX_SYMBOLS) sampler->most_symbols = SAMPLE_MAX_SYMBOLS;
        n = size_mul(n, sampler->most_symbols);
        size_t most = GROUP_BYTES / sizeof(float) / size_add(n, 1) + 1;
        if (settings->group > most) settings->group = most;
        n = size_mul(n, settings->group);
        sampler->member = settings->group;
    }
    sampler->exponentials = arena_alloc(arena, n, sizeof *sampler->exponentials, err);
    return sampler->exponentials != NULL;
}

bool sampler_create(Sampler *sampler, Model *model, const SampleSettings *settings, const Rng *rng, Arena *arena,
                    Error *err) {
    size_t room = KNOWN_BYTES / (model->vocab * sizeof(float)) + 1;
    *sampler = (Sampler){.model = model, .settings = *settings, .rng = *rng, .most_symbols = sample_max_symbols(model)};
    if (!(settings->temperature > 0)) sampler->settings.top_k = 1;
    sampler->capacity = room < KNOWN_MAX ? room : KNOWN_MAX;
    sampler->stream = arena_alloc(arena, sampler->capacity, (model->context + 1) * sizeof *sampler->stream, err);
    sampler->probs = arena_alloc(arena, sampler->capacity, model->vocab * sizeof(float), err);
    sampler->context = arena_alloc(arena, model->context + 1, sizeof *sampler->context, err);
    sampler->ranked = arena_alloc(arena, model->vocab, sizeof *sampler->ranked, err);
    return sampler->stream && sampler->probs && sampler->context && sampler->ranked &&
           create_races(sampler, arena, err) &&
           context_index_create(&sampler->known, sampler->stream, model->context, false, sampler->capacity, arena, NULL,
                                err);
}

static void keep_top_k(Sampler *sampler, float *logits) {
    size_t vocab = sampler->model->vocab;
    rank_symbols(vocab, logits, sampler->ranked);
    size_t r = sampler->settings.top_k;
    float least = sampler->ranked[r - 1].logit;
    bool keeps_equals = sampler->settings.method == DRAW_LOCKSTEP && sampler->settings.temperature > 0;
    for (; r < vocab; r++)
        if (!keeps_equals || sampler->ranked[r].logit < least) logits[sampler->ranked[r].id] = -INFINITY;
}

// Fills p (vocab). At temperature 0, top_k is 1.
static bool distribution(Sampler *sampler, const uint16_t *context, float *p, Error *err) {
    size_t vocab = sampler->model->vocab;
    double temperature = sampler->settings.temperature;
    memcpy(p, model_logits(sampler->model, context, 1), vocab * sizeof *p);
    if (sampler->settings.top_k > 0 && sampler->settings.top_k < vocab) keep_top_k(sampler, p);
    float beta = temperature > 1 / (double)FLT_MAX ? (float)(1 / temperature) : FLT_MAX;
    RowStats stats = kernels->softmax(vocab, p, beta, 1, p);
    if (isnan(stats.log_sum) && !sampler->model->is_ngram) return model_logits_overflow(sampler->model, err);
    if (isnan(stats.log_sum))
        return error_set(err,
                         "the model gives no distribution after a context it never saw; train with model.smoothing "
                         "above 0, or use another prefix");
    return true;
}

// Returns the distribution for a context, which is computed if it is new.
static const float *find_distribution(Sampler *sampler, const uint16_t *context, Error *err) {
    size_t vocab = sampler->model->vocab, width = sampler->model->context;
    uint32_t number = context_index_find(&sampler->known, context);
    if (number != CONTEXT_NONE) return sampler->probs + number * vocab;
    if (sampler->known.n == sampler->capacity) context_index_clear(&sampler->known);
    size_t position = sampler->known.n * (width + 1) + width;
    float *p = sampler->probs + sampler->known.n * vocab;
    if (!distribution(sampler, context, p, err)) return NULL;
    memcpy(sampler->stream + position - width, context, width * sizeof *context);
    context_index_insert(&sampler->known, context, (uint32_t)position);
    return p;
}

static void draw_exponentials(Rng *rng, size_t n, float *e) {
    for (size_t i = 0; i < n; i++) e[i] = (float)rng_exponential(rng); // PyTorch keeps them in float
}

static uint16_t race_winner(const float *p, const float *e, size_t n) {
    size_t best = 0;
    float best_ratio = -1;
    for (size_t i = 0; i < n; i++) {
        float ratio = p[i] / e[i];
        if (p[i] > 0 && ratio > best_ratio) {
            best = i;
            best_ratio = ratio;
        }
    }
    return (uint16_t)best;
}

static uint16_t draw_inverse(Rng *rng, const float *p, size_t n) {
    double u = rng_double(rng), sum = 0;
    size_t last = 0; // the last symbol with p > 0: rounding may keep the sum below u
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] > 0)) continue;
        sum += (double)p[i];
        last = i;
        if (sum > u) break;
    }
    return (uint16_t)last;
}

static uint16_t draw_choices(Rng *rng, const float *p, size_t n) {
    double total = 0, sum = 0;
    for (size_t i = 1; i <= n; i++) total += (double)p[i % n];
    double x = rng_double_python(rng) * total;
    for (size_t i = 1; i < n; i++) {
        sum += (double)p[i];
        if (sum > x) return (uint16_t)i;
    }
    return 0; // the boundary
}

static uint16_t draw(Sampler *sampler, const float *p, size_t position) {
    size_t vocab = sampler->model->vocab;
    const SampleSettings *settings = &sampler->settings;
    switch (settings->method) {
    case DRAW_RACE: draw_exponentials(&sampler->rng, vocab, sampler->exponentials); break;
    case DRAW_INVERSE: return draw_inverse(&sampler->rng, p, vocab);
    case DRAW_CHOICES: return draw_choices(&sampler->rng, p, vocab);
    case DRAW_LOCKSTEP:
        return race_winner(p, sampler->exponentials + (position * settings->group + sampler->member) * vocab, vocab);
    }
    return race_winner(p, sampler->exponentials, vocab);
}

// Moves on to the next name of the group, or to the next group, whose exponentials are drawn symbol by symbol.
static void next_in_lockstep(Sampler *sampler) {
    size_t group = sampler->settings.group;
    if (++sampler->member < group) return;
    sampler->member = 0;
    draw_exponentials(&sampler->rng, sampler->most_symbols * group * sampler->model->vocab, sampler->exponentials);
}

bool sampler_next(Sampler *sampler, SampledName *name, Error *err) {
    size_t n_context = sampler->model->context;
    bool in_lockstep = sampler->settings.method == DRAW_LOCKSTEP;
    uint16_t *context = sampler->context; // the last n_context symbols, oldest first
    memset(context, 0, n_context * sizeof *context);
    *name = (SampledName){0};
    if (in_lockstep) next_in_lockstep(sampler);
    for (uint16_t id;;) {
        if (name->n < sampler->settings.n_prefix) {
            id = sampler->settings.prefix[name->n];
        } else {
            // A network that reads names predicts at most so many symbols; other models draw the end too.
            name->is_cut = name->n >= sampler->most_symbols;
            if (name->is_cut && model_reads_names(sampler->model)) return true;
            const float *p = find_distribution(sampler, context, err);
            if (!p) return false;
            id = draw(sampler, p, name->n);
            name->is_cut = name->is_cut && id != 0;
            if (id == 0 || name->is_cut) return true;
        }
        name->ids[name->n++] = id;
        memmove(context, context + 1, (n_context > 0 ? n_context - 1 : 0) * sizeof *context);
        if (n_context > 0) context[n_context - 1] = id;
    }
}

size_t sampled_name_trim(SampledName *name, const Vocab *vocab, char text[SAMPLE_MAX_BYTES]) {
    size_t begin = 0, n = 0;
    while (name->n > 0 && utf8_is_space(vocab->code_points[name->ids[name->n - 1]])) name->n--;
    while (begin < name->n && utf8_is_space(vocab->code_points[name->ids[begin]])) begin++;
    name->n -= begin;
    memmove(name->ids, name->ids + begin, name->n * sizeof *name->ids);
    for (size_t i = 0; i < name->n; i++) n += vocab_decode(vocab, name->ids[i], text + n);
    return n;
}
