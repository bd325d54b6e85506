// Stochastic gradient descent (lectures part 1), with momentum like torch.optim.SGD (Sutskever et al. 2013):
//     v = momentum v + dw,    w -= rate v,    or Nesterov:  w -= rate (dw + momentum v),
// where v starts at 0. Without momentum there is no v: w -= rate dw.
#include "kernels/kernels.h"
#include "nn/optimizer/optimizer.h"

typedef struct SgdConfig {
    double momentum;
    bool nesterov;
} SgdConfig;

static const Field FIELDS[] = {
    FIELD(SgdConfig, momentum, FIELD_NUMBER, .preset = "0", .max = 0.999999,
          .help = "factor of the previous update in the next update"),
    FIELD(SgdConfig, nesterov, FIELD_BOOL, .preset = "false", .help = "Nesterov momentum, one step ahead"),
    {0}};

static bool plan(const void *config, OptimizerPlan *plan, Error *err) {
    const SgdConfig *sgd = config;
    if (sgd->momentum > 0) *plan = (OptimizerPlan){1, {"momentum"}, {false}};
    return sgd->momentum > 0 || !sgd->nesterov ||
           error_set(err, "nesterov: expected a momentum above 0 with it, found 0");
}

static void step(const Optimizer *optimizer, double rate, float scale, const float *dw, float *w) {
    const SgdConfig *sgd = optimizer->config;
    if (sgd->momentum > 0) {
        const MomentumUpdate update = {(float)rate, scale, (float)sgd->momentum, sgd->nesterov};
        kernels->momentum(optimizer->n, &update, dw, optimizer->slabs[0], w);
    } else {
        kernels->axpy(optimizer->n, (float)(-rate * (double)scale), dw, w);
    }
}

const OptimizerType sgd_optimizer = {
    .record = {"sgd", FIELDS, sizeof(SgdConfig), "stochastic gradient descent, w -= rate dw, with or without momentum"},
    .plan = plan,
    .step = step,
};
