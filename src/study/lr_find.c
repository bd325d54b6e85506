#include "study/lr_find.h"

#include "base/real.h"

#include <math.h>

// A window is a twentieth of the range: averages minibatch noise, does not shift the minimum.
enum { WINDOWS = 20, WIDEST = 3 };

// Smooths by windows that the ends of the sweep shorten on both sides, so that a slope is not shifted.
static void smooth_losses(LrSweep *sweep) {
    size_t half = sweep->window / 2, n = sweep->n;
    for (size_t i = 0; i < n; i++) {
        size_t end = i < n - 1 - i ? i : n - 1 - i, reach = half < end ? half : end;
        double sum = 0;
        for (size_t k = i - reach; k <= i + reach; k++) sum += sweep->points[k].loss;
        sweep->points[i].smooth = sum / (double)(2 * reach + 1);
    }
}

// Ignores the ends, whose windows are cut short: a single lucky minibatch there is no minimum. Ignores the last point
// if its step ended the sweep.
static void find_lowest(LrSweep *sweep) {
    size_t half = sweep->window / 2, n = sweep->n;
    if (sweep->overflows && n > 1) n--;
    sweep->first = half;
    sweep->last = n > half ? n - 1 - half : 0;
    if (sweep->last < sweep->first) sweep->first = 0, sweep->last = n - 1;
    sweep->best = sweep->first;
    for (size_t i = sweep->first; i <= sweep->last; i++)
        if (sweep->points[i].smooth < sweep->points[sweep->best].smooth) sweep->best = i;
}

// The standard error of the mean of the first window.
static double first_noise(const LrSweep *sweep, double mean) {
    size_t n = sweep->window < sweep->n ? sweep->window : sweep->n;
    double squares = 0;
    for (size_t i = 0; i < n; i++) squares += (sweep->points[i].loss - mean) * (sweep->points[i].loss - mean);
    return n > 1 ? sqrt(squares / (double)(n - 1) / (double)n) : 0;
}

// Without learning anything, the lowest of many windows is still a few standard errors below the mean.
static LrOutcome judge(const LrSweep *sweep) {
    static const double deviations = 5;
    size_t half = sweep->window / 2, middle = half < sweep->n ? half : sweep->n - 1;
    double low = sweep->points[sweep->best].smooth, begin = sweep->points[0].loss, mean = sweep->points[middle].smooth;
    bool rises = sweep->overflows || sweep->points[sweep->n - 1].smooth > 1.1 * begin;
    if (low >= begin && rises) return LR_TOO_LARGE;
    if (low >= mean - deviations * first_noise(sweep, mean) && low >= 0.9 * begin) return LR_TOO_SMALL;
    bool has_turned = sweep->overflows || sweep->points[sweep->last].smooth - low >= 0.1 * (begin - low);
    return has_turned ? LR_FOUND : LR_FALLING;
}

// Trains until the sweep has `end` points or the loss is no longer finite.
static void sweep_to(LrSweep *sweep, Trainer *trainer, const LrRange *range, size_t end) {
    double low = real_log(range->from), width = real_log(range->to) - low;
    for (; sweep->n < end && !sweep->overflows; sweep->n++) {
        LrPoint *point = &sweep->points[sweep->n];
        point->rate = real_exp(low + width * (double)sweep->n / (double)(range->n - 1));
        point->loss = trainer_backward(trainer);
        sweep->overflows = !isfinite(point->loss);
        if (sweep->overflows) break;
        trainer_update(trainer, point->rate);
    }
    if (sweep->n == 0) return;
    smooth_losses(sweep);
    find_lowest(sweep);
    sweep->outcome = judge(sweep);
}

bool lr_find(Trainer *trainer, LrRange range, LrSweep *sweep, Arena *arena, Error *err) {
    size_t most = range.widens ? WIDEST * range.n : range.n;
    *sweep = (LrSweep){.points = arena_alloc(arena, most, sizeof *sweep->points, err)};
    if (!sweep->points) return false;
    sweep->window = range.n / WINDOWS / 2 * 2 + 1;
    sweep_to(sweep, trainer, &range, range.n);
    while (sweep->n < most && !sweep->overflows && (sweep->outcome == LR_FALLING || sweep->outcome == LR_TOO_SMALL))
        sweep_to(sweep, trainer, &range, sweep->n + sweep->window < most ? sweep->n + sweep->window : most);
    return sweep->n > 0 || trainer_not_finite(trainer, "the loss", err);
}
