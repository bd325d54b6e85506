#include "study/verify.h"

#include "base/text.h"
#include "study/verifier.h"

#include <stdio.h>

static bool is_given(const Figure *figure) { return figure->text != NULL; }

static bool expects_the_end(const ExpectedFigures *set) {
    return is_given(&set->train_loss) || is_given(&set->dev_loss) || is_given(&set->test_loss) ||
           set->diagnostics.n > 0 || set->samples.race.n > 0 || set->samples.inverse.n > 0;
}

static bool expects_something(const ExpectedFigures *set) {
    const ExpectedData *data = &set->data;
    return is_given(&data->names) || is_given(&data->symbols) || is_given(&data->train) || is_given(&data->dev) ||
           is_given(&data->test) || is_given(&set->parameters) || set->counts.n > 0 || set->untrained.n > 0 ||
           set->loss.n > 0 || expects_the_end(set);
}

const char *const SET_KEYS[N_SETS] = {"expect", "expect.unmet"};

static bool check_step(const Config *config, const char *set, const char *key, Error *err) {
    unsigned long long steps = config->train.steps;
    uint64_t step;
    bool is_plain = key[0] != '0' || key[1] == '\0'; // "01" would be a second name for step 1
    if (!is_plain || !text_whole(key, 0, UINT64_MAX, &step))
        return error_set(err, "%s.loss.%s: expected a step, a whole number from 0 to %llu", set, key, steps - 1);
    return step < steps ||
           error_set(err, "%s.loss.%s: the run has %llu steps, so its last minibatch is that of step %llu", set, key,
                     steps, steps - 1);
}

bool verify_check(const Config *config, Error *err) {
    const ExpectedFigures *sets[] = {&config->expect.met, &config->expect.unmet};
    if (config->train.early_stop.patience > 0 && (expects_the_end(sets[SET_MET]) || expects_the_end(sets[SET_UNMET])))
        return error_set(err,
                         "train.early_stop: figures of the end are expected, and early stop would move it; leave one "
                         "of them out");
    if (!expects_something(sets[SET_MET]) && !expects_something(sets[SET_UNMET]))
        return error_set(err,
                         "expect: nothing is expected, so there is nothing to verify; see the README for its keys");
    if (expects_something(sets[SET_UNMET]) && (!sets[SET_UNMET]->why || sets[SET_UNMET]->why[0] == '\0'))
        return error_set(err, "expect.unmet.why: expected what keeps these figures from being met, found nothing");
    for (size_t s = 0; s < N_SETS; s++) {
        for (size_t i = 0; i < sets[s]->loss.n; i++)
            if (!check_step(config, SET_KEYS[s], sets[s]->loss.items[i].key, err)) return false;
    }
    return true;
}

// The checks that need the data and the model: keys that name what is not there.
static bool check_set(Verifier *v, size_t s, Error *err) {
    const ExpectedFigures *set = v->sets[s];
    const Figure *losses[N_PARTS] = {&set->train_loss, &set->dev_loss, &set->test_loss};
    for (size_t p = 0; p < N_PARTS; p++)
        if (is_given(losses[p]) && v->dataset.parts[p].end == v->dataset.parts[p].begin)
            return error_set(err, "%s.%s_loss: data.split leaves no %s split", SET_KEYS[s], PART_NAMES[p],
                             PART_NAMES[p]);
    for (size_t i = 0; i < set->diagnostics.n; i++) {
        double found;
        if (!diagnosis_figure(&v->diagnosis, set->diagnostics.items[i].key, &found))
            return error_set(err,
                             "%s.diagnostics.%s: no such figure; they are called as layers.4.std or "
                             "layers.2.weight.grad_to_data, layers counted from 0, as nomen diagnose --csv lists them",
                             SET_KEYS[s], set->diagnostics.items[i].key);
    }
    return verify_counts(v, s, false, err) && verify_untrained(v, s, false, err);
}

static bool prepare(Verifier *v, Error *err) {
    bool diagnoses = v->sets[SET_MET]->diagnostics.n + v->sets[SET_UNMET]->diagnostics.n > 0;
    if (!dataset_load(&v->dataset, &v->config->data, NULL, v->arena, err) ||
        !trainer_create(&v->trainer, v->config, &v->dataset, diagnoses, v->arena, err))
        return false;
    if (diagnoses && !diagnosis_create(&v->diagnosis, &v->trainer, v->arena, err)) return false;
    return check_set(v, SET_MET, err) && check_set(v, SET_UNMET, err);
}

static uint64_t step_of(const Figure *loss) {
    uint64_t step = 0;
    text_whole(loss->key, 0, UINT64_MAX, &step); // check_step has seen that it is one
    return step;
}

// The first step from `step` on whose loss is expected; UINT64_MAX where none is.
static uint64_t next_expected(const Verifier *v, uint64_t step) {
    uint64_t next = UINT64_MAX;
    for (size_t s = 0; s < N_SETS; s++) {
        for (size_t i = 0; i < v->sets[s]->loss.n; i++) {
            uint64_t due = step_of(&v->sets[s]->loss.items[i]);
            if (due >= step && due < next) next = due;
        }
    }
    return next;
}

// The steps to make: all where the end is expected and may be reached, else those up to the last loss looked at.
static uint64_t steps_needed(const Verifier *v, bool quick) {
    uint64_t needed = 0, most = quick ? QUICK_STEPS : v->config->train.steps;
    for (size_t s = 0; s < N_SETS; s++) {
        const ExpectedFigures *set = v->sets[s];
        if (v->whole && expects_the_end(set)) return v->config->train.steps;
        for (size_t i = 0; i < set->loss.n; i++) {
            uint64_t step = step_of(&set->loss.items[i]);
            if (step < most && step + 1 > needed) needed = step + 1;
        }
    }
    return needed;
}

static void verify_step_losses(Verifier *v, uint64_t step, bool is_known, double loss) {
    for (size_t s = 0; s < N_SETS; s++) {
        const Figures *losses = &v->sets[s]->loss;
        for (size_t i = 0; i < losses->n; i++) {
            uint64_t due = step_of(&losses->items[i]);
            if (is_known ? due == step : due >= step)
                verify_figure(v, s, &losses->items[i], is_known, loss, "minibatch loss, step");
        }
    }
}

static bool train(Verifier *v, bool quick, Error *err) {
    uint64_t n = steps_needed(v, quick), due = next_expected(v, 0);
    while (v->trainer.state.step < n) {
        uint64_t step = v->trainer.state.step;
        double loss;
        if (v->diagnosis.layers && step + 1 == v->config->train.steps) {
            if (!diagnose(&v->trainer, &v->diagnosis, err)) return false;
            loss = v->diagnosis.loss;
        } else if (!trainer_step(&v->trainer, trainer_rate(&v->trainer), &loss, err)) {
            return false;
        }
        if (step != due) continue;
        verify_step_losses(v, step, true, loss);
        due = next_expected(v, step + 1);
    }
    verify_step_losses(v, n, false, 0);
    return true;
}

static bool run(Verifier *v, bool quick, Error *err) {
    if (!prepare(v, err)) return false;
    for (size_t s = 0; s < N_SETS; s++) {
        verify_data(v, s);
        verify_figure(v, s, &v->sets[s]->parameters, true, (double)v->trainer.model.network.n_parameters, "parameters");
        if (!verify_counts(v, s, true, err) || !verify_untrained(v, s, true, err)) return false;
    }
    if (!train(v, quick, err)) return false;
    for (size_t s = 0; s < N_SETS; s++) {
        verify_diagnostics(v, s);
        if (!verify_losses(v, s, err) || !verify_names(v, s, err)) return false;
    }
    return true;
}

bool verify(const Config *config, bool quick, const VerifyEvents *events, size_t counts[N_VERDICTS], Error *err) {
    Arena arena = {0};
    Verifier v = {.config = config, .events = events, .counts = counts, .arena = &arena};
    v.sets[SET_MET] = &config->expect.met;
    v.sets[SET_UNMET] = &config->expect.unmet;
    v.whole = !quick || config->train.steps <= QUICK_STEPS;
    for (size_t i = 0; i < N_VERDICTS; i++) counts[i] = 0;
    bool ok = verify_check(config, err) && run(&v, quick, err);
    arena_free(&arena);
    return ok;
}
