// Flatten: joins n neighbouring positions into one, (B, T, C) to (B, T / n, n C), or all of them if n is left out
// (lectures part 2, emb.view(-1, 30), and part 5, FlattenConsecutive). The floats stay in place, so the output is a
// view of the input.
#include "nn/layers/layers.h"

#include "base/arena.h"

typedef struct Flatten {
    MaybeWhole n;
} Flatten;

static const Field FIELDS[] = {FIELD(Flatten, n, FIELD_MAYBE, .preset = "null", .min = 1, .max = 1e6,
                                     .help = "number of neighbouring positions that become one; default: all"),
                               {0}};

static bool plan(const void *config, LayerPlan *plan, Error *err) {
    const Flatten *flatten = config;
    size_t t = plan->in.t, n = flatten->n.given ? (size_t)flatten->n.value : t;
    if (t % n != 0) return error_set(err, "n: expected a divisor of the %zu positions of the input, found %zu", t, n);
    plan->out = (Shape){t / n, size_mul(n, plan->in.c)};
    plan->is_view = true;
    return true;
}

const LayerType flatten_layer = {
    .record = {"flatten", FIELDS, sizeof(Flatten), "joins neighbouring positions into one"},
    .plan = plan,
};
