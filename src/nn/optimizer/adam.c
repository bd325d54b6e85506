// Adam (Kingma and Ba 2015) and AdamW (Loshchilov and Hutter 2019), like torch.optim: at update t = 1, 2, ...
//     w = (1 - rate weight_decay) w,    AdamW only
//     m = beta1 m + (1 - beta1) dw,    v = beta2 v + (1 - beta2) dw^2,    both start at 0
//     w -= rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)
// Biases and gains decay too, as they do in torch with one parameter group.
#include "base/real.h"
#include "kernels/kernels.h"
#include "nn/optimizer/optimizer.h"

#include <math.h>

typedef struct AdamConfig {
    double beta1, beta2, eps, weight_decay; // Adam has no field for the last, which stays 0
} AdamConfig;

// A beta of 1 would keep the first gradient forever, and its bias correction would divide by 0. `eps` is the divisor
// while a gradient has always been 0.
#define BETA_MAX 0.999999
#define MOMENTS(beta2_preset)                                                             \
    FIELD(AdamConfig, beta1, FIELD_NUMBER, .preset = "0.9", .max = BETA_MAX,              \
          .help = "decay per step of the running mean of gradients"),                     \
        FIELD(AdamConfig, beta2, FIELD_NUMBER, .preset = beta2_preset, .max = BETA_MAX,   \
              .help = "decay per step of the running mean of squared gradients"),         \
        FIELD(AdamConfig, eps, FIELD_NUMBER, .preset = "1e-8", .min = 1e-30, .max = 1e30, \
              .help = "added to the square root of the mean of squared gradients")

static const Field ADAM_FIELDS[] = {MOMENTS("0.999"), {0}};

static const Field ADAMW_FIELDS[] = {MOMENTS("0.99"),
                                     FIELD(AdamConfig, weight_decay, FIELD_NUMBER, .preset = "0.01", .max = 1e30,
                                           .help = "each step shrinks each parameter by this share times the rate"),
                                     {0}};

static bool plan(const void *config, OptimizerPlan *plan, Error *err) {
    (void)config, (void)err;
    *plan = (OptimizerPlan){2, {"first_moment", "second_moment"}, {false, true}};
    return true;
}

static double decay(const void *config, double rate) { return rate * ((const AdamConfig *)config)->weight_decay; }

static void step(const Optimizer *optimizer, double rate, float scale, const float *dw, float *w) {
    const AdamConfig *adam = optimizer->config;
    const AdamwUpdate update = {
        .rate = (float)(rate / (1 - real_power(adam->beta1, optimizer->updates))),
        .scale = scale,
        .beta1 = (float)adam->beta1,
        .rest1 = (float)(1 - adam->beta1),
        .beta2 = (float)adam->beta2,
        .rest2 = (float)(1 - adam->beta2),
        .root = (float)(1 / sqrt(1 - real_power(adam->beta2, optimizer->updates))),
        .eps = (float)adam->eps,
        .decay = (float)(1 - decay(adam, rate)),
    };
    kernels->adamw(optimizer->n, &update, dw, optimizer->slabs[0], optimizer->slabs[1], w);
}

const OptimizerType adam_optimizer = {
    .record = {"adam", ADAM_FIELDS, sizeof(AdamConfig), "steps by running means of gradients and of their squares"},
    .plan = plan,
    .step = step,
};

const OptimizerType adamw_optimizer = {
    .record = {"adamw", ADAMW_FIELDS, sizeof(AdamConfig), "Adam with decoupled weight decay"},
    .plan = plan,
    .step = step,
    .decay = decay,
};
