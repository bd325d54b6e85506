// Networks of many kinds, trained by the built program, have the losses, parameters and running statistics of PyTorch.
#include "cli/trained.h"
#include "golden/golden_networks.h"

#include <math.h>

enum { N_GOLDEN = COUNT(golden_networks) };

// Rounding to float32 changes each loss and each tensor's norm by at most 2e-6 of itself: make.py trains each network
// in double as well and refuses one that changes more. nomen rounds in other places, and its normal numbers differ by
// up to 1e-6, so it may differ twice as much. A mistake changes much more: a wrong divisor, momentum, epsilon or
// schedule.
static const double TOLERANCE = 5e-6;

static void expect_near(double found, double torch, double scale, const char *what, const char *name) {
    ck_assert_msg(fabs(found - torch) <= TOLERANCE * scale, "%s: %s is %.9g, PyTorch has %.9g", name, what, found,
                  torch);
}

static void compare_losses(size_t i) {
    const char *name = golden_networks[i].name, *csv = read_text(scratch("run/metrics.csv"), NULL);
    unsigned last = golden_steps[GOLDEN_LOSSES - 1];
    for (size_t s = 0; s < GOLDEN_LOSSES; s++) {
        double torch = golden_networks[i].losses[s];
        expect_near(metric(csv, golden_steps[s] + 1, 2), torch, torch, textf("the loss at step %u", golden_steps[s]),
                    name);
    }
    expect_near(metric(csv, last + 2, 3), golden_networks[i].train, golden_networks[i].train, "the train loss", name);
    expect_near(metric(csv, last + 2, 4), golden_networks[i].dev, golden_networks[i].dev, "the dev loss", name);
}

static void compare_tensor(const SafeTensors *model, const GoldenTensor *golden, const char *network) {
    size_t n;
    float *values = tensor_floats(model, golden->name, &n);
    double squares = 0, first = (double)values[0];
    for (size_t i = 0; i < n; i++) squares += (double)values[i] * (double)values[i];
    free(values);
    expect_near(sqrt(squares / (double)n), golden->size, golden->size, golden->name, network);
    expect_near(first, golden->first, golden->size, golden->name, network);
}

static void compare_tensors(size_t i) {
    Arena arena = {0};
    SafeTensors model;
    Error err = {0};
    ck_assert_msg(safetensors_read(scratch("run/model.safetensors"), &model, &arena, &err), "%s", err.text);
    for (size_t t = 0; t < golden_networks[i].n_tensors; t++)
        compare_tensor(&model, &golden_networks[i].tensors[t], golden_networks[i].name);
    arena_free(&arena);
}

START_TEST(networks_of_many_kinds_train_as_in_pytorch) {
    for (size_t i = 0; i < N_GOLDEN; i++) {
        write_text(scratch("c.json"), golden_networks[i].config);
        Output made =
            nomen("train '%s' --data " OUR_NAMES " --run '%s' --force --quiet", scratch("c.json"), scratch("run"));
        ck_assert_msg(made.status == 0, "%s: %s", golden_networks[i].name, made.err);
        compare_losses(i);
        compare_tensors(i);
    }
}
END_TEST

SUITE(torch, NEEDS_NOTHING) { ADD(networks_of_many_kinds_train_as_in_pytorch); }
