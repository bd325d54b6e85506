// Batch norm (Ioffe and Szegedy 2015; lectures part 3): standardizes each channel over the N = B T rows of a batch
// (B, T, C), then scales and shifts it. Per channel, over the rows r:
//
//     m = 1/N sum_r x_r          v = 1/(N - k) sum_r (x_r - m)^2          k = 1 if unbiased, else 0
//     s = 1 / sqrt(v + eps)      u_r = (x_r - m) s                        y_r = gain u_r + bias
//
// The gradient, derived as in part 4: dbias = sum_r dy_r, dgain = sum_r dy_r u_r, and du_r = gain dy_r. x_r acts on
// every row through v and m:
//
//     dv = sum_r gain dy_r (x_r - m) (-1/2) s^3 = -1/2 gain s^2 dgain,    dv/dx_r = 2 (x_r - m) / (N - k)
//     dm = -s gain dbias   (v adds nothing, since sum_r (x_r - m) = 0),   dm/dx_r = 1/N
//     dx_r = s gain dy_r + dm/N + dv 2 (x_r - m) / (N - k)
//          = s gain (dy_r - dbias / N - u_r dgain / (N - k))
//
// Training updates running statistics: running <- (1 - momentum) running + momentum (m, and v or sqrt v). Evaluation
// takes m and v from them, so the result for an example does not depend on its batch.
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <math.h>
#include <string.h>

// The statistics of a batch, (c) each.
typedef struct BatchStats {
    float *mean, *variance; // m, v
    float *scale;           // s
} BatchStats;

static float inverse_deviation(float variance, float eps) { return 1 / sqrtf(variance + eps); }

// Computes the statistics of x (n, c), n >= 2.
static void batchnorm_stats(size_t n, size_t c, const float *x, bool unbiased, float eps, BatchStats stats) {
    const float divisor = (float)(n - unbiased);
    kernels->column_moments(n, c, x, c, stats.mean, stats.variance);
    for (size_t i = 0; i < c; i++) stats.variance[i] /= divisor;
    for (size_t i = 0; i < c; i++) stats.scale[i] = inverse_deviation(stats.variance[i], eps);
}

// Adds to dgain and dbias (c); overwrites dx (n, c) and scratch (3, c).
static void batchnorm_backward(size_t n, size_t c, const float *x, BatchStats stats, bool unbiased, const float *gain,
                               const float *dy, float *scratch, float *dx, float *dgain, float *dbias) {
    float *sum = scratch, *product = scratch + c, *factor = scratch + 2 * c;
    kernels->standardize_sums(n, c, x, stats.mean, stats.scale, dy, c, sum, product);
    kernels->axpy(c, 1, product, dgain);
    kernels->axpy(c, 1, sum, dbias);
    for (size_t i = 0; i < c; i++) sum[i] /= (float)n;
    for (size_t i = 0; i < c; i++) product[i] /= (float)(n - unbiased);
    for (size_t i = 0; i < c; i++) factor[i] = gain[i] * stats.scale[i];
    kernels->standardize_backward(n, c, x, stats.mean, stats.scale, dy, factor, sum, product, dx);
}

typedef struct BatchNorm {
    double eps, momentum;
    Init gain, bias;
    bool unbiased;
    const char *running; // one of RUNNING
} BatchNorm;

static const char *const RUNNING[] = {"variance", "deviation", NULL};

static const Field FIELDS[] = {
    FIELD(BatchNorm, eps, FIELD_NUMBER, .preset = "1e-5", .max = 1e30,
          .help = "added to the variance before the square root"),
    FIELD(BatchNorm, momentum, FIELD_NUMBER, .preset = "0.1", .max = 1,
          .help = "weight of the batch statistics in the running statistics"),
    FIELD(BatchNorm, gain, FIELD_INIT, .preset = "\"ones\"", .help = "initial values of the gain"),
    FIELD(BatchNorm, bias, FIELD_INIT, .preset = "\"zeros\"", .help = "initial values of the bias"),
    FIELD(BatchNorm, unbiased, FIELD_BOOL, .preset = "true",
          .help = "divide the variance by n - 1 (Bessel's correction), not by n"),
    FIELD(BatchNorm, running, FIELD_CHOICE, .preset = "\"variance\"", .choices = RUNNING,
          .help = "running statistics besides the means: variances or standard deviations"),
    {0}};

enum { GAIN, BIAS, RUNNING_MEAN, RUNNING_SPREAD };

static bool averages_deviations(const BatchNorm *norm) { return strcmp(norm->running, "deviation") == 0; }

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    (void)err;
    const BatchNorm *norm = config;
    const Init zeros = {.kind = INIT_CONSTANT}, ones = {.kind = INIT_CONSTANT, .value = 1};
    const char *spread = averages_deviations(norm) ? "running_deviation" : "running_variance";
    size_t c = plan->in.c;
    plan->n_tensors = 4;
    plan->tensors[GAIN] = (TensorPlan){"gain", TENSOR_BIAS, 1, {c}, norm->gain, c, false};
    plan->tensors[BIAS] = (TensorPlan){"bias", TENSOR_BIAS, 1, {c}, norm->bias, c, false};
    plan->tensors[RUNNING_MEAN] = (TensorPlan){"running_mean", TENSOR_BUFFER, 1, {c}, zeros, c, false};
    plan->tensors[RUNNING_SPREAD] = (TensorPlan){spread, TENSOR_BUFFER, 1, {c}, ones, c, true};
    plan->cache_floats = size_mul(6, c); // BatchStats, and the scratch of backward
    plan->min_batch = plan->in.t > 1 ? 1 : 2;
    return true;
}

static BatchStats stats_of(const LayerCall *call) {
    size_t c = call->in.c;
    return (BatchStats){call->cache, call->cache + c, call->cache + 2 * c};
}

static void update_running(const LayerCall *call, BatchStats stats) {
    const BatchNorm *norm = call->config;
    const float share = (float)norm->momentum, rest = (float)(1 - norm->momentum);
    float *mean = call->tensors[RUNNING_MEAN], *spread = call->tensors[RUNNING_SPREAD];
    bool roots = averages_deviations(norm);
    for (size_t i = 0; i < call->in.c; i++) {
        float variance = stats.variance[i];
        mean[i] = rest * mean[i] + share * stats.mean[i];
        spread[i] = rest * spread[i] + share * (roots ? sqrtf(variance) : variance);
    }
}

static void load_running(const LayerCall *call, BatchStats stats) {
    const BatchNorm *norm = call->config;
    const float *spread = call->tensors[RUNNING_SPREAD];
    bool roots = averages_deviations(norm);
    memcpy(stats.mean, call->tensors[RUNNING_MEAN], call->in.c * sizeof *stats.mean);
    for (size_t i = 0; i < call->in.c; i++)
        stats.scale[i] = inverse_deviation(roots ? spread[i] * spread[i] : spread[i], (float)norm->eps);
}

static void forward(const LayerCall *call) {
    const BatchNorm *norm = call->config;
    size_t n = call->b * call->in.t, c = call->in.c;
    BatchStats stats = stats_of(call);
    if (call->mode == MODE_TRAINING) {
        batchnorm_stats(n, c, call->x, norm->unbiased, (float)norm->eps, stats);
        update_running(call, stats);
    } else {
        load_running(call, stats);
    }
    kernels->standardize(n, c, call->x, stats.mean, stats.scale, call->tensors[GAIN], call->tensors[BIAS], call->y);
}

static void backward(const LayerCall *call) {
    const BatchNorm *norm = call->config;
    size_t c = call->in.c;
    batchnorm_backward(call->b * call->in.t, c, call->x, stats_of(call), norm->unbiased, call->tensors[GAIN], call->dy,
                       call->cache + 3 * c, call->dx, call->grads[GAIN], call->grads[BIAS]);
}

// The n rows of a channel lie c values apart.
static void scalar_channel(const ScalarCall *call, size_t n, size_t channel) {
    const BatchNorm *norm = call->config;
    Tape *tape = call->tape;
    size_t c = call->in.c;
    const Value *x = call->x + channel;
    Value *y = call->y + channel, sum = x[0], squares = value_leaf(tape, 0);
    for (size_t r = 1; r < n; r++) sum = value_add(tape, sum, x[r * c]);
    Value mean = value_div(tape, sum, value_leaf(tape, (double)n));
    for (size_t r = 0; r < n; r++) {
        y[r * c] = value_sub(tape, x[r * c], mean);
        squares = value_add(tape, squares, value_power(tape, y[r * c], 2));
    }
    Value variance = value_div(tape, squares, value_leaf(tape, (double)(n - norm->unbiased)));
    Value scale = value_power(tape, value_add(tape, variance, value_leaf(tape, norm->eps)), -0.5);
    for (size_t r = 0; r < n; r++) {
        Value unit = value_mul(tape, y[r * c], scale);
        y[r * c] = value_add(tape, value_mul(tape, unit, call->tensors[GAIN][channel]), call->tensors[BIAS][channel]);
    }
}

static void scalar(const ScalarCall *call) {
    for (size_t channel = 0; channel < call->in.c; channel++) scalar_channel(call, call->b * call->in.t, channel);
}

static void calibrate(const LayerCall *call, double n, const double *mean, const double *square) {
    const BatchNorm *norm = call->config;
    for (size_t i = 0; i < call->in.c; i++) {
        double variance = square[i] / (n - norm->unbiased);
        call->tensors[RUNNING_MEAN][i] = (float)mean[i];
        call->tensors[RUNNING_SPREAD][i] = (float)(averages_deviations(norm) ? sqrt(variance) : variance);
    }
}

static void channel_map(const LayerCall *call, double *factor, double *shift) {
    BatchStats stats = stats_of(call);
    load_running(call, stats);
    for (size_t i = 0; i < call->in.c; i++) {
        factor[i] = (double)call->tensors[GAIN][i] * stats.scale[i];
        shift[i] = call->tensors[BIAS][i] - stats.mean[i] * factor[i];
    }
}

const LayerType batchnorm_layer = {
    .record = {"batchnorm", FIELDS, sizeof(BatchNorm), "standardizes each channel over the batch"},
    .mixes_rows = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
    .calibrate = calibrate,
    .channel_map = channel_map,
};
