// Each kind of expected figure beside what is found.
#include "study/verifier.h"

#include "base/text.h"
#include "study/sampler.h"
#include "study/score.h"
#include "train/evaluate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The rounding of the printed figure, and a tenth of a unit for sums that were added in another order.
static const double TOLERATED_UNITS = 0.6;

static void report(Verifier *v, Finding *finding, size_t set, bool is_known, bool agrees) {
    finding->verdict = !is_known ? VERDICT_LEFT_OUT
                       : agrees  ? VERDICT_AGREES
                                 : (set == SET_UNMET ? VERDICT_UNMET : VERDICT_OFF);
    if (!is_known) finding->found[0] = '\0';
    v->counts[finding->verdict]++;
    v->events->found(v->events->context, finding);
}

// Two digits more than the expected figure has, in its own notation.
static void found_text(const Figure *figure, double found, char text[FOUND_BYTES]) {
    const char *point = strchr(figure->text, '.');
    bool has_exponent = strpbrk(figure->text, "eE") != NULL;
    int digits = point ? (int)strspn(point + 1, "0123456789") : 0;
    if (point || has_exponent) digits += 2;
    if (digits > 17) digits = 17;
    snprintf(text, FOUND_BYTES, has_exponent ? "%.*e" : fabs(found) < 1e15 ? "%.*f" : "%.*g", digits, found);
}

void verify_figure(Verifier *v, size_t set, const Figure *figure, bool is_known, double found, const char *what) {
    if (!figure->text) return;
    Finding finding = {.expected = figure->text};
    snprintf(finding.what, sizeof finding.what, "%s%s%s", what, what[0] && figure->key ? " " : "",
             figure->key ? figure->key : "");
    found_text(figure, found, finding.found);
    report(v, &finding, set, is_known, fabs(found - figure->value) <= TOLERATED_UNITS * figure->unit);
}

void verify_data(Verifier *v, size_t set) {
    const ExpectedData *data = &v->sets[set]->data;
    const Span *parts = v->dataset.parts;
    const Figure *examples[N_PARTS] = {&data->train, &data->dev, &data->test};
    verify_figure(v, set, &data->names, true, (double)v->dataset.n_names, "names");
    verify_figure(v, set, &data->symbols, true, (double)v->dataset.vocab.n, "symbols");
    for (size_t p = 0; p < N_PARTS; p++) {
        char what[32];
        snprintf(what, sizeof what, "%s examples", PART_NAMES[p]);
        verify_figure(v, set, examples[p], true, (double)(parts[p].end - parts[p].begin), what);
    }
}

// The ids of a tuple such as "n." (n symbols, "." for the boundary).
static bool read_tuple(const Vocab *vocab, size_t set, const char *key, size_t n, uint16_t *ids, Error *err) {
    size_t n_ids = 0;
    const char *end = key + strlen(key);
    for (const char *at = key; at < end; n_ids++) {
        uint32_t c = 0;
        at += utf8_decode(at, (size_t)(end - at), &c);
        if (n_ids == n) break;
        ids[n_ids] = c == '.' ? BOUNDARY : vocab_find(vocab, c);
        if (c != '.' && ids[n_ids] == BOUNDARY)
            return error_set(err, "%s.counts.%s: symbol %zu is none of the names file's", SET_KEYS[set], key,
                             n_ids + 1);
    }
    if (n_ids == n && utf8_count(key, strlen(key)) == n) return true;
    return error_set(err, "%s.counts.%s: expected %zu symbols, \".\" for the boundary", SET_KEYS[set], key, n);
}

bool verify_counts(Verifier *v, size_t set, bool reports, Error *err) {
    const Figures *counts = &v->sets[set]->counts;
    uint16_t ids[16]; // model.ngram is no larger
    for (size_t i = 0; i < counts->n; i++) {
        if (!read_tuple(&v->dataset.vocab, set, counts->items[i].key, (size_t)v->config->model.ngram, ids, err))
            return false;
        if (!reports) continue;
        uint32_t found = ngram_count(&v->trainer.model.ngram, ids, ids[v->trainer.model.context]);
        verify_figure(v, set, &counts->items[i], true, found, "count of");
    }
    return true;
}

bool verify_untrained(Verifier *v, size_t set, bool reports, Error *err) {
    const Figures *names = &v->sets[set]->untrained;
    for (size_t i = 0; i < names->n; i++) {
        const char *name = names->items[i].key;
        size_t n = strlen(name);
        uint16_t *ids = arena_alloc(v->arena, n + 1, sizeof *ids, err); // the boundary behind it is there already
        float *losses = arena_alloc(v->arena, n + 1, sizeof *losses, err);
        if (!ids || !losses) return false;
        if (!vocab_encode(&v->dataset.vocab, name, n, ids, &n, err))
            return error_context(err, "%s.untrained.%s", SET_KEYS[set], name);
        if (!reports) continue;
        score_stream(&v->trainer.model, ids, n + 1, losses);
        verify_figure(v, set, &names->items[i], true, score_sum(n + 1, losses) / (double)(n + 1), "untrained loss of");
    }
    return true;
}

void verify_diagnostics(Verifier *v, size_t set) {
    const Figures *figures = &v->sets[set]->diagnostics;
    for (size_t i = 0; i < figures->n; i++) {
        double found = 0;
        diagnosis_figure(&v->diagnosis, figures->items[i].key, &found);
        verify_figure(v, set, &figures->items[i], v->whole, found, "");
    }
}

bool verify_losses(Verifier *v, size_t set, Error *err) {
    const ExpectedFigures *expected = v->sets[set];
    const Figure *figures[N_PARTS] = {&expected->train_loss, &expected->dev_loss, &expected->test_loss};
    for (size_t p = 0; p < N_PARTS; p++) {
        char what[32];
        double loss = 0;
        snprintf(what, sizeof what, "%s loss", PART_NAMES[p]);
        if (figures[p]->text && v->whole && !evaluate_part(&v->trainer.model, &v->dataset, (Part)p, &loss, err))
            return false;
        verify_figure(v, set, figures[p], v->whole, loss, what);
    }
    return true;
}

// Draws as many names as are expected; `found` says where the first one differs.
static bool draw_names(Verifier *v, const Texts *names, DrawMethod method, uint64_t seed, Finding *finding, bool *agree,
                       Error *err) {
    Arena scratch = {0};
    Sampler sampler;
    SampledName name;
    const SampleSettings settings = {.temperature = v->config->sample.temperature, .method = method};
    bool ok = sampler_create(&sampler, &v->trainer.model, &settings, seed, &scratch, err);
    *agree = true;
    for (size_t i = 0; ok && *agree && i < names->n; i++) {
        char text[SAMPLE_MAX_SYMBOLS * UTF8_MAX_BYTES + 1];
        size_t n = 0;
        ok = sampler_next(&sampler, &name, err);
        for (size_t k = 0; ok && k < name.n; k++) n += vocab_decode(&v->dataset.vocab, name.ids[k], text + n);
        text[n] = '\0';
        *agree = ok && strcmp(text, names->items[i]) == 0;
        if (*agree) continue;
        finding->expected = names->items[i];
        snprintf(finding->found, sizeof finding->found, "%s", text);
        snprintf(finding->what + strlen(finding->what), sizeof finding->what - strlen(finding->what), ", no. %zu",
                 i + 1);
    }
    if (*agree) snprintf(finding->found, sizeof finding->found, "the same");
    arena_free(&scratch);
    return ok;
}

bool verify_names(Verifier *v, size_t set, Error *err) {
    const ExpectedSamples *samples = &v->sets[set]->samples;
    const Texts *lists[] = {[DRAW_RACE] = &samples->race, [DRAW_INVERSE] = &samples->inverse};
    for (size_t m = 0; m < sizeof lists / sizeof *lists; m++) {
        if (lists[m]->n == 0) continue;
        Finding finding = {.expected = lists[m]->items[0]};
        bool agree = false;
        uint64_t seed = samples->seed.given ? samples->seed.value : v->config->seed;
        snprintf(finding.what, sizeof finding.what, "%zu name%s, %s", lists[m]->n, lists[m]->n == 1 ? "" : "s",
                 SAMPLE_METHODS[m]);
        if (v->whole && !draw_names(v, lists[m], (DrawMethod)m, seed, &finding, &agree, err)) return false;
        report(v, &finding, set, v->whole, agree);
    }
    return true;
}
