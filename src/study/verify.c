// One table defines how each expected statistic is measured. The block `expect` becomes a list of expectations, each a
// row of that table with the value from the config; checking, training and comparing are loops over the list.
#include "study/verify.h"

#include "base/text.h"
#include "study/diagnose.h"
#include "study/sampler.h"
#include "study/score.h"
#include "train/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// Half a unit for the rounding of the printed value, a tenth for sums added in another order.
static const double TOLERATED_UNITS = 0.6;

typedef struct Verification Verification;
typedef struct Expectation Expectation;

typedef enum Moment { BEFORE_TRAINING, AT_STEP, AFTER_TRAINING } Moment;
typedef enum Form { ONE_VALUE, VALUE_PER_KEY, LIST_OF_NAMES } Form;

typedef struct Statistic {
    const char *key;   // in the block
    const char *label; // for the reader
    Moment moment;
    Form form;
    size_t offset;                                                // in ExpectedResults, of what `form` says
    size_t which;                                                 // Part, DrawMethod or SIZE_
    bool (*measure)(Verification *v, Expectation *e, Error *err); // completes e->finding; NULL for minibatch losses
} Statistic;

struct Expectation {
    const Statistic *statistic;
    const ExpectedResults *set;
    const ExpectedValue *value; // NULL for names
    uint64_t step;              // of a minibatch loss
    bool is_unmet;
    Finding finding; // left out until it is measured
};

struct Verification {
    const Config *config;
    Dataset dataset;
    Trainer trainer;
    Diagnosis diagnosis;
    size_t n;
    Expectation *items; // (n)
    FindingHandler handle;
    void *context;
    Arena *arena;
};

static const char *block_name(const Expectation *e) { return e->is_unmet ? "expect.unmet" : "expect"; }

static bool wrong_key(const Expectation *e, Error *err) {
    return error_context(err, "%s.%s.%s", block_name(e), e->statistic->key, e->value->key);
}

static bool conclude(Expectation *e, bool agrees) {
    e->finding.verdict = agrees ? VERDICT_AGREES : e->is_unmet ? VERDICT_UNMET : VERDICT_OFF;
    return true;
}

// Writes `found` in the notation of the expected value, with two more digits.
static bool conclude_value(Expectation *e, double found) {
    const char *text = e->value->text, *point = strchr(text, '.');
    bool has_exponent = strpbrk(text, "eE") != NULL;
    int digits = point ? (int)strspn(point + 1, "0123456789") : 0;
    if (point || has_exponent) digits += 2;
    snprintf(e->finding.found, FOUND_BYTES, has_exponent ? "%.*e" : "%.*f", digits, found);
    return conclude(e, fabs(found - e->value->value) <= TOLERATED_UNITS * e->value->unit);
}

enum { SIZE_NAMES = N_PARTS, SIZE_SYMBOLS, SIZE_PARAMETERS, N_SIZES };

static bool measure_size(Verification *v, Expectation *e, Error *err) {
    (void)err;
    const Span *parts = v->dataset.parts;
    size_t sizes[N_SIZES] = {[SIZE_NAMES] = v->dataset.n_names,
                             [SIZE_SYMBOLS] = v->dataset.vocab.n,
                             [SIZE_PARAMETERS] = v->trainer.model.network.n_parameters};
    for (size_t p = 0; p < N_PARTS; p++) sizes[p] = parts[p].end - parts[p].begin;
    return conclude_value(e, (double)sizes[e->statistic->which]);
}

// The key is a tuple of symbols, "." for the boundary: "n." counts the names that end with n.
static bool measure_count(Verification *v, Expectation *e, Error *err) {
    const char *at = e->value->key, *end = at + strlen(at);
    uint16_t ids[16] = {0}; // model.ngram is no larger
    size_t n = (size_t)v->config->model.ngram;
    if (utf8_count(at, strlen(at)) != n)
        return error_set(err, "expected %zu symbols, \".\" for the boundary", n) || wrong_key(e, err);
    for (size_t k = 0; k < n; k++) {
        uint32_t symbol = 0;
        at += utf8_decode(at, (size_t)(end - at), &symbol);
        ids[k] = symbol == '.' ? BOUNDARY : vocab_find(&v->dataset.vocab, symbol);
        if (symbol != '.' && ids[k] == BOUNDARY)
            return error_set(err, "symbol %zu is not in the names file", k + 1) || wrong_key(e, err);
    }
    return conclude_value(e, ngram_count(&v->trainer.model.ngram, ids, ids[v->trainer.model.context]));
}

static bool measure_untrained(Verification *v, Expectation *e, Error *err) {
    const char *name = e->value->key;
    size_t n = strlen(name);
    uint16_t *ids = arena_alloc(v->arena, n + 1, sizeof *ids, err);
    float *losses = arena_alloc(v->arena, n + 1, sizeof *losses, err);
    if (!ids || !losses) return false;
    if (!score_encode(&v->trainer.model, &v->dataset.vocab, name, n, ids, &n, err)) return wrong_key(e, err);
    score_stream(&v->trainer.model, ids, n, losses);
    return conclude_value(e, score_sum(n, losses) / (double)n);
}

static bool measure_diagnostic(Verification *v, Expectation *e, Error *err) {
    double found;
    if (diagnosis_value(&v->diagnosis, e->value->key, &found)) return conclude_value(e, found);
    error_set(err, "no such statistic; expected a name such as layers.4.std or layers.2.weight.grad_to_data, as nomen "
                   "diagnose --csv lists them");
    return wrong_key(e, err);
}

static bool measure_loss(Verification *v, Expectation *e, Error *err) {
    double loss;
    return evaluate_part(&v->trainer.model, &v->dataset, (Part)e->statistic->which, &loss, err) &&
           conclude_value(e, loss);
}

static const Texts *expected_names(const Expectation *e) {
    return (const Texts *)((const char *)e->set + e->statistic->offset);
}

// Draws names until one differs; the finding then holds that one and its number.
static bool measure_names(Verification *v, Expectation *e, Error *err) {
    Arena scratch = {0};
    Sampler sampler;
    SampledName name;
    const Texts *expected = expected_names(e);
    const MaybeWhole *seed = &e->set->samples.seed;
    const SampleSettings settings = {
        .temperature = v->config->sample.temperature, .method = (DrawMethod)e->statistic->which, .group = expected->n};
    Rng rng = train_state_sample_rng(&v->trainer.state, v->config, *seed);
    bool ok = sampler_create(&sampler, &v->trainer.model, &settings, &rng, &scratch, err);
    bool agrees = true;
    for (size_t i = 0; ok && agrees && i < expected->n; i++) {
        char text[SAMPLE_MAX_SYMBOLS * UTF8_MAX_BYTES + 1];
        size_t n = 0, end = strlen(e->finding.name);
        ok = sampler_next(&sampler, &name, err);
        for (size_t k = 0; ok && k < name.n; k++) n += vocab_decode(&v->dataset.vocab, name.ids[k], text + n);
        text[n] = '\0';
        agrees = ok && strcmp(text, expected->items[i]) == 0;
        if (agrees) continue;
        e->finding.expected = expected->items[i];
        snprintf(e->finding.found, FOUND_BYTES, "%s", text);
        snprintf(e->finding.name + end, NAME_BYTES - end, ", no. %zu", i + 1);
    }
    if (agrees) snprintf(e->finding.found, FOUND_BYTES, "the same");
    arena_free(&scratch);
    return ok && conclude(e, agrees);
}

#define AT(member) offsetof(ExpectedResults, member)

static const Statistic STATISTICS[] = {
    {"data.names", "names", BEFORE_TRAINING, ONE_VALUE, AT(data.names), SIZE_NAMES, measure_size},
    {"data.symbols", "symbols", BEFORE_TRAINING, ONE_VALUE, AT(data.symbols), SIZE_SYMBOLS, measure_size},
    {"data.train", "train examples", BEFORE_TRAINING, ONE_VALUE, AT(data.train), PART_TRAIN, measure_size},
    {"data.dev", "dev examples", BEFORE_TRAINING, ONE_VALUE, AT(data.dev), PART_DEV, measure_size},
    {"data.test", "test examples", BEFORE_TRAINING, ONE_VALUE, AT(data.test), PART_TEST, measure_size},
    {"parameters", "parameters", BEFORE_TRAINING, ONE_VALUE, AT(parameters), SIZE_PARAMETERS, measure_size},
    {"counts", "count of ", BEFORE_TRAINING, VALUE_PER_KEY, AT(counts), 0, measure_count},
    {"untrained", "untrained loss of ", BEFORE_TRAINING, VALUE_PER_KEY, AT(untrained), 0, measure_untrained},
    {"loss", "minibatch loss, step ", AT_STEP, VALUE_PER_KEY, AT(loss), 0, NULL},
    {"diagnostics", "", AFTER_TRAINING, VALUE_PER_KEY, AT(diagnostics), 0, measure_diagnostic},
    {"train_loss", "train loss", AFTER_TRAINING, ONE_VALUE, AT(train_loss), PART_TRAIN, measure_loss},
    {"dev_loss", "dev loss", AFTER_TRAINING, ONE_VALUE, AT(dev_loss), PART_DEV, measure_loss},
    {"test_loss", "test loss", AFTER_TRAINING, ONE_VALUE, AT(test_loss), PART_TEST, measure_loss},
    {"samples.race", "race", AFTER_TRAINING, LIST_OF_NAMES, AT(samples.race), DRAW_RACE, measure_names},
    {"samples.inverse", "inverse", AFTER_TRAINING, LIST_OF_NAMES, AT(samples.inverse), DRAW_INVERSE, measure_names},
    {"samples.lockstep", "lockstep", AFTER_TRAINING, LIST_OF_NAMES, AT(samples.lockstep), DRAW_LOCKSTEP, measure_names},
    {"samples.choices", "choices", AFTER_TRAINING, LIST_OF_NAMES, AT(samples.choices), DRAW_CHOICES, measure_names},
};

enum { N_STATISTICS = sizeof STATISTICS / sizeof *STATISTICS };

static void add_expectation(Verification *v, const Statistic *s, const ExpectedResults *set,
                            const ExpectedValue *value) {
    Expectation *e = &v->items[v->n++];
    *e = (Expectation){s, set, value, .is_unmet = set == &v->config->expect.unmet};
    e->finding.verdict = VERDICT_LEFT_OUT;
    if (s->form == LIST_OF_NAMES) {
        const Texts *names = expected_names(e);
        e->finding.expected = names->items[0];
        snprintf(e->finding.name, NAME_BYTES, "%zu name%s, %s", names->n, names->n == 1 ? "" : "s", s->label);
    } else {
        e->finding.expected = value->text;
        snprintf(e->finding.name, NAME_BYTES, "%s%s", s->label, value->key ? value->key : "");
        if (s->moment == AT_STEP) text_whole(value->key, 0, UINT64_MAX, &e->step);
    }
}

// Lists what a set expects and returns how many values that is. Only counts while v->items is NULL.
static size_t list_set(Verification *v, const ExpectedResults *set) {
    size_t n = 0;
    for (const Statistic *s = STATISTICS; s < STATISTICS + N_STATISTICS; s++) {
        const void *at = (const char *)set + s->offset;
        const ExpectedList *keyed = at;
        const ExpectedValue *values = s->form == VALUE_PER_KEY ? keyed->items : at;
        size_t n_values = s->form == VALUE_PER_KEY   ? keyed->n
                          : s->form == LIST_OF_NAMES ? ((const Texts *)at)->n > 0
                                                     : values->text != NULL;
        n += n_values;
        for (size_t i = 0; v->items && i < n_values; i++)
            add_expectation(v, s, set, s->form == LIST_OF_NAMES ? NULL : &values[i]);
    }
    return n;
}

static bool check_step(const Expectation *e, uint64_t n_steps, Error *err) {
    const char *key = e->value->key;
    uint64_t step;
    return text_whole(key, 0, n_steps - 1, &step) ||
           error_set(err, "%s.loss.%s: expected a step, a whole number from 0 to %llu", block_name(e), key,
                     (unsigned long long)n_steps - 1);
}

static bool check_expectation(const Config *config, const Expectation *e, Error *err) {
    const Statistic *s = e->statistic;
    if (s->measure == measure_loss && !(config->data.split.parts[s->which] > 0))
        return error_set(err, "%s.%s: data.split leaves no %s split", block_name(e), s->key, PART_NAMES[s->which]);
    if (s->moment == AFTER_TRAINING && config->train.early_stop.patience > 0)
        return error_set(err,
                         "train.early_stop: values after the last step are expected, and early stop would move that "
                         "step; remove one of the two");
    if (e->is_unmet && (!e->set->why || e->set->why[0] == '\0'))
        return error_set(err, "expect.unmet.why: expected the reason why these values cannot be met, found nothing");
    return s->moment != AT_STEP || check_step(e, config->train.steps, err);
}

// Lists and checks what the config expects.
static bool list_expectations(Verification *v, const Config *config, Arena *arena, Error *err) {
    const Expect *expect = &config->expect;
    *v = (Verification){.config = config, .arena = arena};
    size_t n = list_set(v, &expect->met) + list_set(v, &expect->unmet);
    if (n == 0)
        return error_set(err, "no \"expect\" block, so there is nothing to verify; see nomen-config(5) for its "
                              "keys");
    v->items = arena_alloc(arena, n, sizeof *v->items, err);
    if (!v->items) return false;
    list_set(v, &expect->met);
    list_set(v, &expect->unmet);
    for (size_t i = 0; i < n; i++)
        if (!check_expectation(config, &v->items[i], err)) return false;
    return true;
}

bool verify_check(const Config *config, Error *err) {
    Arena arena = {0};
    Verification v;
    bool ok = list_expectations(&v, config, &arena, err);
    arena_free(&arena);
    return ok;
}

static void report(const Verification *v, Expectation *e) {
    const char *names = v->config->expect.names_sha256;
    bool is_other = e->finding.verdict != VERDICT_LEFT_OUT && names && strcmp(names, v->dataset.sha256) != 0;
    if (is_other) e->finding.verdict = VERDICT_OTHER_NAMES;
    v->handle(v->context, &e->finding);
}

// Measures what is known before training, and checks the keys of diagnostics, before anything is reported.
static bool prepare(Verification *v, Error *err) {
    bool diagnoses = v->config->expect.met.diagnostics.n + v->config->expect.unmet.diagnostics.n > 0;
    if (!dataset_load(&v->dataset, &v->config->data, WORLD_ALONE, NULL, v->arena, err) ||
        !trainer_create(&v->trainer, v->config, &v->dataset, diagnoses, v->arena, err) ||
        (diagnoses && !diagnosis_create(&v->diagnosis, &v->trainer, v->arena, err)))
        return false;
    for (Expectation *e = v->items; e < v->items + v->n; e++) {
        bool is_due = e->statistic->moment == BEFORE_TRAINING || e->statistic->measure == measure_diagnostic;
        if (is_due && !e->statistic->measure(v, e, err)) return false;
    }
    for (size_t i = 0; i < v->n; i++)
        if (v->items[i].statistic->moment == BEFORE_TRAINING) report(v, &v->items[i]);
    return true;
}

// Makes the next step; diagnoses it if it is the last and diagnostics are expected.
static bool train_step(Verification *v, double *loss, Error *err) {
    if (!v->diagnosis.layers || v->trainer.state.step + 1 < v->config->train.steps)
        return trainer_step(&v->trainer, loss, err);
    bool ok = diagnose(&v->trainer, &v->diagnosis, err);
    *loss = v->diagnosis.loss;
    return ok;
}

// Trains to the end, if it is within `most` steps and its values are expected, or else through the last expected step.
static bool train(Verification *v, uint64_t most, Error *err) {
    uint64_t n_steps = 0;
    for (const Expectation *e = v->items; e < v->items + v->n; e++) {
        if (e->statistic->moment == AFTER_TRAINING && most == v->config->train.steps) n_steps = most;
        if (e->statistic->moment == AT_STEP && e->step < most && e->step >= n_steps) n_steps = e->step + 1;
    }
    for (uint64_t step = 0; step < n_steps; step++) {
        double loss;
        if (!train_step(v, &loss, err)) return false;
        for (Expectation *e = v->items; e < v->items + v->n; e++)
            if (e->statistic->moment == AT_STEP && e->step == step && conclude_value(e, loss)) report(v, e);
    }
    for (size_t i = 0; i < v->n; i++)
        if (v->items[i].statistic->moment == AT_STEP && v->items[i].step >= n_steps) report(v, &v->items[i]);
    return true;
}

static bool run(Verification *v, bool quick, Error *err) {
    uint64_t steps = v->config->train.steps, most = quick && steps > QUICK_STEPS ? QUICK_STEPS : steps;
    if (!prepare(v, err) || !train(v, most, err)) return false;
    for (Expectation *e = v->items; e < v->items + v->n; e++) {
        if (e->statistic->moment != AFTER_TRAINING) continue;
        if (most < steps)
            e->finding.verdict = VERDICT_LEFT_OUT, e->finding.found[0] = '\0';
        else if (!e->statistic->measure(v, e, err))
            return false;
        report(v, e);
    }
    return true;
}

bool verify(const Config *config, bool quick, FindingHandler handle, void *context, Error *err) {
    Arena arena = {0};
    Verification v;
    bool ok = list_expectations(&v, config, &arena, err);
    v.handle = handle;
    v.context = context;
    ok = ok && run(&v, quick, err);
    arena_free(&arena);
    return ok;
}
