// Optimizers, clipping and schedules against PyTorch's, and what an update is made of.
#include "cli/trained.h"
#include "golden/golden_optimizers.h"
#include "unit/small_network.h"

#include "nn/optimizer/schedule.h"
#include "study/diagnose.h"

#include <math.h>

enum { N_RUNS = COUNT(golden_runs), N_CURVES = COUNT(golden_curves) };

// If a gradient is nearly 0, AdamW amplifies its rounding: PyTorch in float32 is then up to 1.2e-5 from PyTorch in
// double, and nomen never more than 7e-6 from PyTorch in float32.
static const double TOLERANCE = 1e-5;

static void expect_near(double found, double torch, const char *what, const char *run) {
    ck_assert_msg(fabs(found - torch) <= TOLERANCE, "%s: %s is %.9g, PyTorch has %.9g", run, what, found, torch);
}

static void compare_run(size_t i) {
    const char *name = golden_runs[i].name, *csv = read_text(scratch("run/metrics.csv"), NULL);
    for (size_t s = 0; s < RUN_LOSSES; s++)
        expect_near(metric(csv, run_steps[s] + 1, 2), golden_runs[i].losses[s], "a loss", name);
    Arena arena = {0};
    SafeTensors model;
    Error err = {0};
    ck_assert_msg(safetensors_read(scratch("run/model.safetensors"), &model, &arena, &err), "%s", err.text);
    for (size_t t = 0; t < RUN_TENSORS; t++) {
        const char *tensor = golden_runs[i].tensors[t].name;
        double squares = 0;
        size_t n;
        float *values = tensor_floats(&model, tensor, &n);
        for (size_t k = 0; k < n; k++) squares += (double)values[k] * (double)values[k];
        expect_near(sqrt(squares / (double)n), golden_runs[i].tensors[t].size, tensor, name);
        for (size_t k = 0; k < RUN_ENTRIES; k++)
            expect_near((double)values[k * n / RUN_ENTRIES], golden_runs[i].tensors[t].entries[k], tensor, name);
        free(values);
    }
    arena_free(&arena);
}

START_TEST(two_hundred_steps_are_those_of_torch_optim) {
    for (size_t i = 0; i < N_RUNS; i++) {
        write_text(scratch("c.json"), golden_runs[i].config);
        Output made =
            nomen("train '%s' --data " OUR_NAMES " --run '%s' --force --quiet", scratch("c.json"), scratch("run"));
        ck_assert_msg(made.status == 0, "%s: %s", golden_runs[i].name, made.err);
        compare_run(i);
    }
}
END_TEST

START_TEST(rates_are_those_of_torchs_schedulers) {
    for (size_t i = 0; i < N_CURVES; i++) {
        const Schedule schedule = {.curve = golden_curves[i].curve};
        for (size_t step = 0; step < GOLDEN_RATES; step++) {
            double found = schedule_rate(&schedule, step), torch = golden_curves[i].rates[step];
            ck_assert_msg(fabs(found - torch) <= 1e-15, "curve %zu, step %zu: %.17g, PyTorch has %.17g", i, step, found,
                          torch);
        }
        ck_assert_double_eq(schedule_rate(&schedule, 1000000), golden_curves[i].curve.to);
    }
}
END_TEST

static const char *const TRAINS[] = {
    "'steps':9,'lr':0.1",
    "'steps':9,'lr':0.02,'optimizer':{'type':'adamw','weight_decay':0.5}",
    "'steps':9,'lr':0.1,'optimizer':{'type':'sgd','momentum':0.9},'clip_norm':0.3",
    "'steps':9,'lr':0.1,'optimizer':{'type':'sgd','momentum':0.9,'nesterov':true}",
};

// Updates are compared with the weights before and after: their entries, up to 4, are rounded to 2.4e-7.
START_TEST(diagnosing_a_step_takes_it_and_shows_its_update) {
    for (size_t i = 0; i < COUNT(TRAINS); i++) {
        SmallNetwork f, twin;
        Diagnosis diagnosis;
        Error err;
        double loss;
        small_network_load(&f, 2, MLP_LAYERS, TRAINS[i]);
        small_network_load(&twin, 2, MLP_LAYERS, TRAINS[i]);
        small_network_start(&f, true);
        small_network_start(&twin, false);
        ck_assert(diagnosis_create(&diagnosis, &f.trainer, &f.arena, &err));
        const Network *network = &f.trainer.model.network;
        const size_t n = network->n_slab;
        float *before = arena_alloc(&f.arena, n, sizeof *before, &err);
        for (int step = 0; step < 4; step++) {
            double largest = 0;
            memcpy(before, network->params, n * sizeof *before);
            ck_assert(diagnose(&f.trainer, &diagnosis, &err));
            ck_assert(trainer_step(&twin.trainer, &loss, &err));
            ck_assert_mem_eq(network->params, twin.trainer.model.network.params, n * sizeof *before);
            for (size_t k = 0; k < n; k++) {
                double made = (double)network->params[k] - (double)before[k];
                ck_assert_double_eq_tol((double)diagnosis.update[k], made, 3e-7);
                largest = fmax(largest, fabs(made));
            }
            ck_assert_double_gt(largest, 1e-3);
        }
        arena_free(&f.arena), arena_free(&twin.arena);
    }
}
END_TEST

SUITE(optimizers, NEEDS_NOTHING) {
    ADD(two_hundred_steps_are_those_of_torch_optim);
    ADD(rates_are_those_of_torchs_schedulers);
    ADD(diagnosing_a_step_takes_it_and_shows_its_update);
}
