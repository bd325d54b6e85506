#include "nn/optimizer.h"

#include "kernels/kernels.h"

static void sgd_step(const void *config, float rate, size_t n, const float *dw, float *w) {
    (void)config;
    kernels->axpy(n, -rate, dw, w);
}

static const Field SGD_FIELDS[] = {{0}};

const OptimizerType sgd_optimizer = {
    .record = {"sgd", SGD_FIELDS, 0, "stochastic gradient descent, w -= rate dw"},
    .step = sgd_step,
};

static const OptimizerType *const TYPES[] = {&sgd_optimizer};

const Record *optimizer_registry(size_t i) { return i < sizeof TYPES / sizeof *TYPES ? &TYPES[i]->record : NULL; }

double schedule_rate(const Schedule *schedule, uint64_t step) {
    size_t i = schedule->n;
    while (i > 1 && schedule->steps[i - 1].from > step) i--;
    return schedule->steps[i - 1].rate;
}
