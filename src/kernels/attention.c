// Attention, one head at a time. A stack has the keys of a row's positions (going back, the values) as its columns:
// column i is the key of position i. So the scores of 16 positions are sums of whole vectors, each in index order. The
// next row keeps the columns of the positions that both rows share. If rows come depth first, as those of sorted names
// do, only its own column is new.
#include "kernels/fused.h"
#include "kernels/row_softmax.h"

enum { GROUP = KERNEL_HEAD_ROWS }; // rows take each step together, because a single row would wait for its own results

typedef struct Stack {
    size_t dim, step;
    float *columns;  // (dim, step)
    uint32_t *path;  // the row in each column
    size_t n;        // columns in use
    const float *x;  // of row 0: the floats that the columns copy
    size_t row_step; // floats from row to row of x
} Stack;

typedef struct Head {
    float *q, *k, *v, *p; // of row 0
    size_t e, step;
    size_t column; // the head's first
    float beta;
    float *dz; // (GROUP, positions)
    Stack stack;
} Head;

INLINE Head head_of(const Attention *a, size_t h) {
    const size_t e = a->heads * a->dim, step = 3 * e + a->heads * a->positions, column = h * a->dim;
    float *q = a->rows + column, *scratch = a->scratch + h * (a->dim + 1 + GROUP) * a->positions;
    Head head = {.q = q, .k = q + e, .v = q + 2 * e, .e = e, .step = step, .column = column};
    head.p = a->rows + 3 * e + h * a->positions;
    head.beta = 1 / sqrtf((float)a->dim);
    head.dz = scratch;
    head.stack = (Stack){.dim = a->dim, .step = a->positions, .row_step = step};
    head.stack.path = (uint32_t *)(void *)(scratch + GROUP * a->positions);
    head.stack.columns = scratch + (GROUP + 1) * a->positions;
    return head;
}

// Puts the path of `row` on the stack, except for the row's own column. If a column has the right row, so have those
// before it.
INLINE void follow(Stack *s, const Attention *a, size_t row) {
    size_t depth = a->depths[row];
    s->path[depth] = (uint32_t)row;
    for (size_t i = depth; i-- > 0;) {
        row = a->parents[row];
        if (i < s->n && s->path[i] == row) break;
        s->path[i] = (uint32_t)row;
        for (size_t j = 0; j < s->dim; j++) s->columns[j * s->step + i] = s->x[row * s->row_step + j];
    }
    s->n = depth + 1;
}

// y_i = x . x_i for the columns x_i of the stack. Sets the last column on the way, by storing whole vectors: to load a
// vector is slow just after a single float of it was stored.
INLINE void dots(const Stack *s, const float *x, float *y) {
    const size_t own = s->n - 1, last = own - own % LANES;
    const float *own_x = s->x + s->path[own] * s->row_step;
    for (size_t i = 0; i < last; i += LANES) {
        V16 sum = v16_set1(0);
        for (size_t j = 0; j < s->dim; j++) sum = v16_fma(v16_set1(x[j]), v16_load(s->columns + j * s->step + i), sum);
        v16_store(y + i, sum);
    }
    Mask16 before = v16_first(own - last);
    V16 sum = v16_set1(0);
    for (size_t j = 0; j < s->dim; j++) {
        float *at = s->columns + j * s->step + last;
        V16 column = v16_select(before, v16_load(at), v16_set1(own_x[j]));
        v16_store(at, column);
        sum = v16_fma(v16_set1(x[j]), column, sum);
    }
    v16_store(y + last, sum);
}

// For the columns from j on that one Vector holds:
//     mix_VECTOR: y = sum_i p_i v_i over the positions i of a row, from the row back;
//     spread_VECTOR: dq = sum_i dz_i k_i alike, dk_i += dz_i q and dv_i += p_i dy, where the row's own start from 0.
#define FOR_VECTOR(name, Vector, load, store, set1, mul, fma)                                                       \
    INLINE void mix_##name(const Attention *a, const Head *head, size_t row, size_t j) {                            \
        const float *p = head->p + row * head->step, *v = head->v + j;                                              \
        float *y = a->y + (row - a->first) * head->e + head->column + j;                                            \
        Vector sum = set1(0);                                                                                       \
        for (size_t i = a->depths[row] + (size_t)1; i-- > 0; row = a->parents[row])                                 \
            sum = fma(set1(p[i]), load(v + row * head->step), sum);                                                 \
        store(y, sum);                                                                                              \
    }                                                                                                               \
    INLINE void spread_##name(const Attention *a, const Head *head, size_t row, const float *dz, size_t j) {        \
        const float *p = head->p + row * head->step, *k = head->k + j;                                              \
        float *dk = a->dk + head->column + j, *dv = a->dv + head->column + j;                                       \
        float *dq = a->dq + row * a->grad_step + head->column + j;                                                  \
        size_t i = a->depths[row];                                                                                  \
        const Vector q = load(head->q + row * head->step + j), dy = load(a->dy + row * head->e + head->column + j); \
        Vector sum = fma(set1(dz[i]), load(k + row * head->step), set1(0));                                         \
        store(dk + row * a->grad_step, mul(set1(dz[i]), q));                                                        \
        store(dv + row * a->grad_step, mul(set1(p[i]), dy));                                                        \
        while (i-- > 0) {                                                                                           \
            row = a->parents[row];                                                                                  \
            const size_t at = row * a->grad_step;                                                                   \
            sum = fma(set1(dz[i]), load(k + row * head->step), sum);                                                \
            store(dk + at, fma(set1(dz[i]), q, load(dk + at)));                                                     \
            store(dv + at, fma(set1(p[i]), dy, load(dv + at)));                                                     \
        }                                                                                                           \
        store(dq, sum);                                                                                             \
    }

#define float_load(at) (*(at))
#define float_store(at, x) (*(at) = (x))
#define float_set1(x) ((float)(x))
#define float_mul(x, y) ((x) * (y))
FOR_VECTOR(16, V16, v16_load, v16_store, v16_set1, v16_mul, v16_fma)
FOR_VECTOR(4, Quarter, q_load, q_store, q_set1, q_mul, q_fma)
FOR_VECTOR(1, float, float_load, float_store, float_set1, float_mul, fused)

// Calls f_16, f_4 or f_1 with each column j < dim that begins a vector.
#define BY_VECTORS(f, dim, ...)                                        \
    do {                                                               \
        size_t j = 0;                                                  \
        for (; j + LANES <= (dim); j += LANES) f##_16(__VA_ARGS__, j); \
        for (; j + 4 <= (dim); j += 4) f##_4(__VA_ARGS__, j);          \
        for (; j < (dim); j++) f##_1(__VA_ARGS__, j);                  \
    } while (false)

// p = softmax(beta z) of n <= GROUP rows of one vector, where p holds z.
INLINE void softmax_group(size_t n, const uint32_t *depths, float beta, float *p, size_t step) {
    V16 e[GROUP];
    float max[GROUP], sum[GROUP];
    for (size_t r = 0; r < n; r++) {
        V16 z = v16_select(v16_first(depths[r] + (size_t)1), v16_load(p + r * step), v16_set1(-INFINITY));
        max[r] = v16_fold_max(z);
    }
    for (size_t r = 0; r < n; r++) {
        Mask16 held = v16_first(depths[r] + (size_t)1);
        V16 below = v16_select(held, v16_sub(v16_load(p + r * step), v16_set1(max[r])), v16_set1(0));
        e[r] = v16_select(held, v16_exp(v16_mul(below, v16_set1(beta))), v16_set1(0));
        sum[r] = v16_fold_sum(e[r]);
    }
    for (size_t r = 0; r < n; r++) v16_store(p + r * step, v16_mul(e[r], v16_set1(1 / sum[r])));
}

INLINE void forward_group(const Attention *a, Head *head, size_t begin, size_t end) {
    const size_t step = head->step;
    for (size_t row = begin; row < end; row++) {
        follow(&head->stack, a, row);
        dots(&head->stack, head->q + row * step, head->p + row * step);
    }
    if (a->positions == LANES)
        softmax_group(end - begin, a->depths + begin, head->beta, head->p + begin * step, step);
    else
        for (size_t row = begin; row < end; row++) {
            float *p = head->p + row * step;
            row_softmax(a->depths[row] + (size_t)1, a->positions, p, head->beta, 1, p);
        }
    for (size_t row = begin; row < end; row++) BY_VECTORS(mix, a->dim, a, head, row);
}

void FOR_ISA(attention)(const Attention *a, size_t h, size_t n) {
    for (const size_t end = h + n; h < end; h++) {
        Head head = head_of(a, h);
        head.stack.x = head.k;
        for (size_t row = a->first, last = row + a->n; row < last; row += GROUP)
            forward_group(a, &head, row, last - row < GROUP ? last : row + GROUP);
    }
}

// dz_i = beta p_i (g_i - sum_i p_i g_i), i < n, where dz holds g. Behind n, p is 0.
INLINE void softmax_backward(size_t n, float beta, const float *p, float *dz) {
    V16 lanes = v16_set1(0);
    for (size_t i = 0; i < n; i += LANES) lanes = v16_fma(v16_load(p + i), v16_load(dz + i), lanes);
    const V16 sum = v16_set1(v16_fold_sum(lanes));
    for (size_t i = 0; i < n; i += LANES) {
        V16 product = v16_mul(v16_load(p + i), v16_sub(v16_load(dz + i), sum));
        v16_store(dz + i, v16_mul(product, v16_set1(beta)));
    }
}

INLINE void backward_group(const Attention *a, Head *head, size_t begin, size_t end) {
    const size_t step = head->step;
    for (size_t row = begin; row < end; row++) {
        follow(&head->stack, a, row);
        dots(&head->stack, a->dy + row * head->e + head->column, head->dz + (row - begin) * a->positions);
    }
    for (size_t row = begin; row < end; row++)
        softmax_backward(a->depths[row] + (size_t)1, head->beta, head->p + row * step,
                         head->dz + (row - begin) * a->positions);
    for (size_t row = begin; row < end; row++)
        BY_VECTORS(spread, a->dim, a, head, row, head->dz + (row - begin) * a->positions);
}

void FOR_ISA(attention_backward)(const Attention *a, size_t h, size_t n) {
    for (const size_t end = h + n; h < end; h++) {
        Head head = head_of(a, h);
        head.stack.x = head.v;
        for (size_t row = 0; row < a->n; row += GROUP)
            backward_group(a, &head, row, a->n - row < GROUP ? a->n : row + GROUP);
    }
}
