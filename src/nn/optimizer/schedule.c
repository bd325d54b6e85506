#include "nn/optimizer/schedule.h"

#include "base/real.h"

#include <string.h>

static double cosine(double x) {
    double s, c;
    real_sincos(0x1.921fb54442d18p+1 * x, &s, &c);
    return (1 + c) / 2;
}

static double linear(double x) { return 1 - x; }

const char *const SCHEDULE_SHAPES[] = {"cosine", "linear", NULL};

// How much of the way back to `from` is left at x from 0 to 1, in the order of the names.
static double (*const SHAPES[])(double x) = {cosine, linear};

static const Field FIELDS[] = {
    FIELD(RateCurve, from, FIELD_NUMBER, .max = 1e30, .help = "rate after the warm-up"),
    FIELD(RateCurve, to, FIELD_NUMBER, .preset = "0", .max = 1e30, .help = "rate from step `steps` on"),
    FIELD(RateCurve, shape, FIELD_CHOICE, .preset = "\"cosine\"", .choices = SCHEDULE_SHAPES,
          .help = "shape of the curve from `from` to `to`"),
    FIELD(RateCurve, warmup, FIELD_WHOLE, .preset = "0", .max = STEPS_MAX,
          .help = "steps in which the rate rises linearly to `from`"),
    FIELD(RateCurve, steps, FIELD_WHOLE, .preset = "null", .min = 1, .max = STEPS_MAX, .is_nullable = true,
          .help = "step at which the curve ends, warm-up included; default: train.steps"),
    {0}};

const Record rate_curve = {NULL, FIELDS, sizeof(RateCurve), "a learning rate along a curve"};

static double curve_rate(const RateCurve *curve, uint64_t step) {
    if (step < curve->warmup) return curve->from * (double)(step + 1) / (double)(curve->warmup + 1);
    if (step >= curve->steps) return curve->to;
    size_t shape = 0;
    // The config's reader takes no other words. NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker)
    while (strcmp(SCHEDULE_SHAPES[shape], curve->shape) != 0) shape++;
    double x = (double)(step - curve->warmup) / (double)(curve->steps - curve->warmup);
    return curve->to + (curve->from - curve->to) * SHAPES[shape](x);
}

double schedule_highest(const Schedule *schedule) {
    const RateCurve *curve = &schedule->curve;
    double highest = schedule->n > 0 ? 0 : curve->from > curve->to ? curve->from : curve->to;
    for (size_t i = 0; i < schedule->n; i++)
        if (schedule->steps[i].rate > highest) highest = schedule->steps[i].rate;
    return highest;
}

double schedule_rate(const Schedule *schedule, uint64_t step) {
    size_t i = schedule->n;
    if (i == 0) return curve_rate(&schedule->curve, step);
    while (i > 1 && schedule->steps[i - 1].from > step) i--;
    return schedule->steps[i - 1].rate;
}
