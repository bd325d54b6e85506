// Attention: causal self-attention (Vaswani et al. 2017) without the linear layer behind it; makemore.py and microgpt
// have it with one. Every position asks a question q, and has a key k and a value v for the positions after it. With E
// the width of x, E = heads dim, and head h having the columns h dim to (h + 1) dim - 1 of q, k, v and y:
//
//     [q k v] = x W + b                       x (n, E), W (E, 3 E), b (3 E), or three matrices (E, E)
//     p_t = softmax(q_t . k_i / sqrt(dim)),   y_t = sum_i p_ti v_i        over the positions i <= t, in each head
//
// With g_ti = dy_t . v_i and dz_ti = p_ti (g_ti - sum_i p_ti g_ti) / sqrt(dim):
//
//     dq_t = sum_i dz_ti k_i,    dk_i = sum_t dz_ti q_t,    dv_i = sum_t p_ti dy_t,
//     dW = x' [dq dk dv],    db = sum of [dq dk dv] over rows,    dx = [dq dk dv] W'
#include "kernels/kernels.h"
#include "nn/layers/layers.h"

#include <math.h>
#include <string.h>

typedef struct AttentionConfig {
    uint64_t heads;
    bool fused;
    Init weight, bias;
} AttentionConfig;

static const Field FIELDS[] = {
    FIELD(AttentionConfig, heads, FIELD_WHOLE, .min = 1, .max = 1e6, .help = "heads side by side; divides the width"),
    FIELD(AttentionConfig, fused, FIELD_BOOL, .preset = "true",
          .help = "one matrix for queries, keys and values; false: three matrices"),
    FIELD(AttentionConfig, weight, FIELD_INIT, .preset = "{\"kaiming_normal\": 1}", .help = "initial values of W"),
    FIELD(AttentionConfig, bias, FIELD_INIT, .preset = "\"zeros\"", .word = "false",
          .help = "initial values of b; false: no bias"),
    {0}};

enum { PARTS = 3 }; // q, k, v

// A row keeps q, k and v (E each), then p (heads, positions), where positions is the context in whole vectors.
static size_t row_floats(const AttentionConfig *attention, size_t e, size_t context) {
    return PARTS * e + (size_t)attention->heads * whole_vectors(context);
}

static size_t kernel_scratch(const AttentionConfig *attention, size_t e, size_t context) {
    return (e + (size_t)attention->heads * (1 + KERNEL_HEAD_ROWS)) * whole_vectors(context);
}

size_t attention_heads(const void *config) { return (size_t)((const AttentionConfig *)config)->heads; }

const float *attention_probabilities(Shape in, size_t context, size_t head, const float *row_cache) {
    return row_cache + PARTS * in.c + head * whole_vectors(context);
}

static void plan_product(LayerPlan *plan, const AttentionConfig *attention, const char *weight, const char *bias,
                         size_t out) {
    const size_t in = plan->in.c;
    plan->tensors[plan->n_tensors++] = (TensorPlan){
        .name = weight, .role = TENSOR_WEIGHT, .n_dims = 2, .dims = {in, out}, .init = attention->weight, .fan_in = in};
    if (attention->bias.kind != INIT_NONE)
        plan->tensors[plan->n_tensors++] = (TensorPlan){
            .name = bias, .role = TENSOR_BIAS, .n_dims = 1, .dims = {out}, .init = attention->bias, .fan_in = in};
}

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    static const char *const weights[PARTS] = {"query", "key", "value"};
    static const char *const biases[PARTS] = {"query_bias", "key_bias", "value_bias"};
    const AttentionConfig *attention = config;
    const size_t e = plan->in.c;
    if (e % attention->heads != 0)
        return error_set(err, "heads: expected a number that divides the width %zu, found %zu", e,
                         (size_t)attention->heads);
    if (attention->fused) plan_product(plan, attention, "weight", "bias", PARTS * e);
    for (size_t i = 0; i < PARTS && !attention->fused; i++) plan_product(plan, attention, weights[i], biases[i], e);
    plan->row_cache_floats = row_floats(attention, e, plan->context);
    plan->scratch_floats = kernel_scratch(attention, e, plan->context);
    plan->scratch_row_floats = PARTS * e;
    return true;
}

// The matrix products that give q, k and v: n of them, of `width` columns each. Between them and the kernel, q, k and v
// or their gradients are n arrays (rows, width).
typedef struct Products {
    size_t n, width;
    size_t step;          // from the weight of one to that of the next, in the list of tensors
    float *arrays[PARTS]; // (rows, width)
} Products;

static Products products_of(const LayerCall *call) {
    const AttentionConfig *attention = call->config;
    const size_t e = call->in.c;
    Products s = {attention->fused ? 1 : PARTS, attention->fused ? PARTS * e : e, 1};
    s.step += attention->bias.kind != INIT_NONE;
    float *arrays = call->scratch + kernel_scratch(attention, e, call->context);
    for (size_t i = 0; i < s.n; i++) s.arrays[i] = arrays + i * call->rows->n * s.width;
    return s;
}

static const float *bias_of(const Products *s, float *const *tensors, size_t i) {
    return s->step > 1 ? tensors[i * s->step + 1] : NULL;
}

static Attention attention_of(const LayerCall *call) {
    const AttentionConfig *attention = call->config;
    const Rows *rows = call->rows;
    const size_t e = call->in.c;
    return (Attention){.heads = (size_t)attention->heads,
                       .dim = e / (size_t)attention->heads,
                       .positions = whole_vectors(call->context),
                       .first = rows->first,
                       .n = rows->n,
                       .parents = rows->parents,
                       .depths = rows->depths,
                       .rows = call->row_cache - rows->first * row_floats(attention, e, call->context),
                       .y = call->y,
                       .dy = call->dy,
                       .scratch = call->scratch};
}

static void forward(const LayerCall *call) {
    const Products s = products_of(call);
    const Attention a = attention_of(call);
    const size_t n = a.n, e = call->in.c, row = row_floats(call->config, e, call->context);
    for (size_t i = 0; i < s.n; i++) {
        kernels->gemm_nn(n, s.width, e, call->x, call->tensors[i * s.step], bias_of(&s, call->tensors, i), s.arrays[i],
                         false);
        for (size_t r = 0; r < n; r++)
            memcpy(call->row_cache + r * row + i * s.width, s.arrays[i] + r * s.width, s.width * sizeof(float));
    }
    kernels->attention(&a, 0, a.heads);
}

static void backward(const LayerCall *call) {
    const Products s = products_of(call);
    Attention a = attention_of(call);
    const size_t n = a.n, e = call->in.c;
    a.dq = s.arrays[0];
    a.dk = s.n == 1 ? a.dq + e : s.arrays[1];
    a.dv = s.n == 1 ? a.dk + e : s.arrays[2];
    a.grad_step = s.width;
    kernels->attention_backward(&a, 0, a.heads);
    for (size_t i = 0; i < s.n; i++) {
        kernels->gemm_tn(e, s.width, n, call->x, e, s.arrays[i], call->grads[i * s.step], true);
        if (s.step > 1) kernels->sum_rows(n, s.width, s.arrays[i], s.width, call->grads[i * s.step + 1]);
        kernels->gemm_nt(n, e, s.width, s.arrays[i], call->tensors[i * s.step], call->dx, i > 0);
    }
}

// q, k and v of all rows: (rows, 3 E).
static void scalar_products(const ScalarCall *call, Value *qkv) {
    const AttentionConfig *attention = call->config;
    const size_t e = call->in.c, width = attention->fused ? PARTS * e : e;
    const size_t step = attention->bias.kind != INIT_NONE ? 2 : 1;
    for (size_t i = 0; i < call->rows->n * PARTS * e; i++) {
        const size_t column = i % (PARTS * e), tensor = column / width * step;
        const Value *x = call->x + i / (PARTS * e) * e, *w = call->tensors[tensor] + column % width;
        qkv[i] = value_dot(call->tape, e, x, w, width);
        if (step > 1) qkv[i] = value_add(call->tape, qkv[i], call->tensors[tensor + 1][column % width]);
    }
}

// One head of one row. p has room for a value per position.
static void scalar_head(const ScalarCall *call, const Value *qkv, size_t row, size_t column, size_t dim, Value *p) {
    const size_t e = call->in.c, n = call->rows->depths[row] + (size_t)1;
    const Value *q = qkv + row * PARTS * e + column, *k = qkv + e + column, *v = k + e;
    Value beta = value_leaf(call->tape, 1 / sqrt((double)dim)), *y = call->y + row * e + column;
    size_t i = n;
    for (uint32_t r = (uint32_t)row; i-- > 0; r = call->rows->parents[r]) {
        p[i] = value_mul(call->tape, value_dot(call->tape, dim, q, k + r * PARTS * e, 1), beta);
    }
    value_log_softmax(call->tape, p, n, p);
    for (size_t j = 0; j < dim; j++) y[j] = value_leaf(call->tape, 0);
    i = n;
    for (uint32_t r = (uint32_t)row; i-- > 0; r = call->rows->parents[r]) {
        Value share = value_exp(call->tape, p[i]);
        for (size_t j = 0; j < dim; j++)
            y[j] = value_add(call->tape, y[j], value_mul(call->tape, share, v[r * PARTS * e + j]));
    }
}

static void scalar(const ScalarCall *call) {
    const AttentionConfig *attention = call->config;
    const size_t dim = call->in.c / attention->heads;
    Value *qkv = call->scratch + kernel_scratch(attention, call->in.c, call->context);
    scalar_products(call, qkv);
    for (size_t row = 0; row < call->rows->n; row++)
        for (size_t h = 0; h < attention->heads; h++) scalar_head(call, qkv, row, h * dim, dim, call->scratch);
}

const LayerType attention_layer = {
    .record = {"attention", FIELDS, sizeof(AttentionConfig), "looks at earlier positions by softmax of q . k"},
    .needs_positions = true,
    .plan = plan,
    .forward = forward,
    .backward = backward,
    .scalar = scalar,
};
