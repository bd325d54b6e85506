// AdamW (Loshchilov and Hutter 2019), like torch.optim.AdamW: at update t = 1, 2, ...
//     w = (1 - rate weight_decay) w
//     m = beta1 m + (1 - beta1) dw,    v = beta2 v + (1 - beta2) dw^2,    both start at 0
//     w -= rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
// Biases and gains decay too, as they do in torch with one parameter group.
#include "base/real.h"
#include "kernels/kernels.h"
#include "nn/optimizer/optimizer.h"

#include <math.h>

typedef struct AdamwConfig {
    double beta1, beta2, eps, weight_decay;
} AdamwConfig;

// A beta of 1 would keep the first gradient forever, and its bias correction would divide by 0.
#define BETA_MAX 0.999999

static const Field FIELDS[] = {FIELD(AdamwConfig, beta1, FIELD_NUMBER, .preset = "0.9", .max = BETA_MAX,
                                     .help = "decay per step of the running mean of gradients"),
                               FIELD(AdamwConfig, beta2, FIELD_NUMBER, .preset = "0.99", .max = BETA_MAX,
                                     .help = "decay per step of the running mean of squared gradients"),
                               FIELD(AdamwConfig, eps, FIELD_NUMBER, .preset = "1e-8",
                                     .min = 1e-30, // the divisor while a gradient has always been 0
                                     .max = 1e30, .help = "added to the square root of the mean of squared gradients"),
                               FIELD(AdamwConfig, weight_decay, FIELD_NUMBER, .preset = "0.01", .max = 1e30,
                                     .help = "times the rate: the share by which each parameter shrinks per step"),
                               {0}};

static bool plan(const void *config, OptimizerPlan *plan, Error *err) {
    (void)config, (void)err;
    *plan = (OptimizerPlan){2, {"first_moment", "second_moment"}, {false, true}};
    return true;
}

static double decay(const void *config, double rate) { return rate * ((const AdamwConfig *)config)->weight_decay; }

static void step(const Optimizer *optimizer, double rate, float scale, const float *dw, float *w) {
    const AdamwConfig *adamw = optimizer->config;
    const AdamwUpdate update = {
        .rate = (float)(rate / (1 - real_power(adamw->beta1, optimizer->updates))),
        .scale = scale,
        .beta1 = (float)adamw->beta1,
        .rest1 = (float)(1 - adamw->beta1),
        .beta2 = (float)adamw->beta2,
        .rest2 = (float)(1 - adamw->beta2),
        .root = (float)(1 / sqrt(1 - real_power(adamw->beta2, optimizer->updates))),
        .eps = (float)adamw->eps,
        .decay = (float)(1 - decay(adamw, rate)),
    };
    kernels->adamw(optimizer->n, &update, dw, optimizer->slabs[0], optimizer->slabs[1], w);
}

const OptimizerType adamw_optimizer = {
    .record = {"adamw", FIELDS, sizeof(AdamwConfig), "Adam with decoupled weight decay"},
    .plan = plan,
    .step = step,
    .decay = decay,
};
