#include "nn/softmax.h"
#include "base/json.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "nn/loss.h"
#include "nn/value.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_LOGITS = 4096, NO_TARGET = -1 };

typedef struct SoftmaxOptions {
    const char *temperatures;
    WholeOption target;
    bool jacobian, json;
} SoftmaxOptions;

// Softmax of logits z at temperature T: in float32 by the kernels, in double by the autograd.
typedef struct Softmax {
    size_t n;
    Temperatures temperatures;
    float temperature; // the first of them
    float z[MAX_LOGITS];
    float softmax[CHART_MAX_TEMPERATURES * MAX_LOGITS]; // (temperatures.n, n)
    // At the first temperature:
    float naive[MAX_LOGITS], log_softmax[MAX_LOGITS];
    double log_softmax_double[MAX_LOGITS];
    int32_t target; // NO_TARGET: the loss and its gradients are unset
    double loss, loss_double;
    float gradient[MAX_LOGITS];                       // (softmax - one_hot) / T
    double central[MAX_LOGITS], autograd[MAX_LOGITS]; // the same by central differences and by the autograd
    float *jacobian;                                  // (n, n), or NULL
} Softmax;

static const Option OPTIONS[] = {
    {"temperature", 't', OPTION_TEXT, offsetof(SoftmaxOptions, temperatures), "T[,T...]",
     "divide the logits by T (default: 1); several T show how softmax sharpens and flattens"},
    {"target", 0, OPTION_WHOLE, offsetof(SoftmaxOptions, target), "K",
     "the true class, counted from 0: show its loss and the gradient, softmax minus one-hot", 0, MAX_LOGITS - 1},
    {"jacobian", 0, OPTION_FLAG, offsetof(SoftmaxOptions, jacobian), NULL,
     "show the derivative of each probability by each logit"},
    {"json", 0, OPTION_FLAG, offsetof(SoftmaxOptions, json), NULL, "one JSON object instead of tables"},
};

static const Usage USAGE = {
    .command = "softmax",
    .brief = "show softmax, naive and stable, and its gradient",
    .summary = "Shows naive softmax, stable softmax and log-softmax of logits side by side.",
    .operand = "LOGIT...",
    .max_operands = MAX_LOGITS,
    OPTION_TABLE(OPTIONS, SoftmaxOptions),
    .examples = "  nomen softmax 1000 1001 1002 --target 2\n"
                "  nomen softmax 1 2 5 --temperature 0.1,0.5,1,2,10\n",
};

static bool read_logit(const char *word, float *out, Error *err) {
    char *end;
    *out = strtof(word, &end);
    if (end > word && *end == '\0' && (!isinf(*out) || strstr(word, "inf"))) return true;
    return error_usage(err, "expected a number that float32 holds, or inf, -inf or nan, found \"%s\"", word);
}

// Computes log-softmax of z / T, and the loss with its gradient by z, with the autograd.
static bool compute_doubles(Softmax *s, Arena *arena, Error *err) {
    const double step = 1e-5 * (s->temperature < 1 ? (double)s->temperature : 1);
    Tape tape;
    Value *z = arena_alloc(arena, s->n, sizeof *z, err), *y = arena_alloc(arena, s->n, sizeof *y, err);
    if (!z || !y || !tape_create(&tape, 16 + 8 * s->n, arena, err)) return false;
    Value temperature = value_leaf(&tape, (double)s->temperature);
    for (size_t i = 0; i < s->n; i++) z[i] = value_leaf(&tape, (double)s->z[i]);
    for (size_t i = 0; i < s->n; i++) y[i] = value_div(&tape, z[i], temperature);
    value_log_softmax(&tape, y, s->n, y);
    for (size_t i = 0; i < s->n; i++) s->log_softmax_double[i] = value_data(&tape, y[i]);
    if (s->target == NO_TARGET) return true;
    Value loss = value_sub(&tape, value_leaf(&tape, 0), y[s->target]);
    s->loss_double = value_data(&tape, loss);
    tape_backward(&tape, loss);
    for (size_t i = 0; i < s->n; i++) s->autograd[i] = value_grad(&tape, z[i]);
    for (size_t i = 0; i < s->n; i++) {
        double at = value_data(&tape, z[i]);
        value_set(&tape, z[i], at + step);
        tape_forward(&tape);
        double above = value_data(&tape, loss);
        value_set(&tape, z[i], at - step);
        tape_forward(&tape);
        s->central[i] = (above - value_data(&tape, loss)) / ((at + step) - (at - step)); // the step as rounded
        value_set(&tape, z[i], at);
    }
    return true;
}

static void compute_floats(Softmax *s) {
    const size_t n = s->n;
    const float temperature = s->temperature;
    for (size_t k = 0; k < s->temperatures.n; k++)
        softmax(n, s->z, (float)s->temperatures.items[k], s->softmax + k * n);
    for (size_t i = 0; i < n; i++) s->naive[i] = s->gradient[i] = s->z[i] / temperature;
    softmax_naive(n, s->naive, s->naive);
    log_softmax(n, s->z, temperature, s->log_softmax);
    if (s->jacobian) softmax_jacobian(n, s->softmax, s->jacobian);
    for (size_t i = 0; s->jacobian && i < n * n; i++) s->jacobian[i] /= temperature;
    if (s->target == NO_TARGET) return;
    s->loss = loss_cross_entropy(1, n, s->gradient, &s->target, 1, NULL, s->gradient);
    for (size_t i = 0; i < n; i++) s->gradient[i] /= temperature;
}

static double unsigned_nan(double x) { return isnan(x) ? fabs(x) : x; }

// Why the naive form, or both forms, fail; "" if neither does.
static const char *find_reason(const Softmax *s) {
    double sum = 0;
    for (size_t i = 0; i < s->n; i++) sum += exp((double)(s->z[i] / s->temperature));
    if (isnan(s->softmax[0]))
        return "\nsoftmax is undefined if a logit is inf or nan, or if all are -inf: both forms give nan.\n";
    if (sum > (double)FLT_MAX)
        return "\nnaive: in float32, powers and sums above e^88.7 are infinite; inf/inf is nan.\n"
               "stable: the largest logit is subtracted first, so no exponent is above 0.\n";
    if (sum < 1e-37)
        return "\nnaive: float32 keeps few digits of powers below e^-87, and none below e^-104: 0/0 is nan.\n"
               "stable: the largest logit is subtracted first, so one power is e^0 = 1.\n";
    return "";
}

static void write_softmax(Buffer *out, const Softmax *s) {
    static const Column columns[] = {
        {"class", NULL, 5},           {"logit", NULL, 12, 'g', 6},       {"naive", NULL, 9, 'f', 4},
        {"softmax", NULL, 9, 'f', 4}, {"log-softmax", NULL, 12, 'f', 4}, {"in double", NULL, 16, 'f', 8}};
    const Table table = {out, TABLE_TEXT, 0, sizeof columns / sizeof *columns, columns};
    size_t top = 0;
    table_head(&table);
    for (size_t i = 0; i < s->n; i++) {
        table_row(&table, (Cell[]){cell_count(i), cell_number((double)s->z[i]), cell_number((double)s->naive[i]),
                                   cell_number((double)s->softmax[i]), cell_number((double)s->log_softmax[i]),
                                   cell_number(s->log_softmax_double[i])});
        if (s->softmax[i] > s->softmax[top]) top = i;
    }
    if (!isnan(s->softmax[top])) buffer_print(out, "\nlikeliest: class %zu, at %.4f\n", top, (double)s->softmax[top]);
    buffer_print(out, "%s", find_reason(s));
}

static void write_gradient(Buffer *out, const Softmax *s) {
    static const Column columns[] = {{"class", NULL, 5},
                                     {"probs - one-hot", NULL, 17, 'f', 4},
                                     {"central differences", NULL, 20, 'f', 8},
                                     {"autograd", NULL, 14, 'f', 8}};
    const Table table = {out, TABLE_TEXT, 0, sizeof columns / sizeof *columns, columns};
    buffer_print(out, "\nloss of class %d: %.4f, in double %.8f; its gradient by the logits%s:\n\n", (int)s->target,
                 unsigned_nan(s->loss), unsigned_nan(s->loss_double),
                 s->temperatures.items[0] == 1 ? "" : ", (probs - one-hot) / T");
    table_head(&table);
    for (size_t i = 0; i < s->n; i++)
        table_row(&table, (Cell[]){cell_count(i), cell_number((double)s->gradient[i]), cell_number(s->central[i]),
                                   cell_number(s->autograd[i])});
}

static void write_jacobian(Buffer *out, const Softmax *s) {
    buffer_print(out, "\nd softmax_i / d logit_j, i down, j across:\n\n%5s", "");
    for (size_t j = 0; j < s->n; j++) buffer_print(out, " %8zu", j);
    for (size_t i = 0; i < s->n; i++) {
        buffer_print(out, "\n%5zu", i);
        for (size_t j = 0; j < s->n; j++) buffer_print(out, " %8.4f", unsigned_nan((double)s->jacobian[i * s->n + j]));
    }
    buffer_print(out, "\n");
}

static bool write_chart(Buffer *out, const Softmax *s, Error *err) {
    const char **labels = arena_alloc(out->arena, s->n, sizeof *labels, err);
    for (size_t i = 0; labels && i < s->n; i++) {
        labels[i] = arena_format(out->arena, err, "%5zu %9g", i, unsigned_nan((double)s->z[i]));
        if (!labels[i]) return false;
    }
    if (labels) chart_write(out, &(Chart){s->n, labels, s->softmax, s->temperatures});
    return labels != NULL;
}

static void add_floats(Buffer *out, size_t n, const float *x) {
    json_open(out, '[');
    for (size_t i = 0; i < n; i++) json_number(out, (double)x[i]);
    json_close(out, ']');
}

#define json_add_floats(out, key, n, x) (json_key(out, key), add_floats(out, n, x))

static void write_json(Buffer *out, const Softmax *s) {
    const size_t n = s->n, n_temperatures = s->temperatures.n;
    json_open(out, '{');
    json_add_floats(out, "logits", n, s->z);
    json_add_numbers(out, "temperatures", n_temperatures, s->temperatures.items);
    json_key(out, "softmax"); // a list for each of several temperatures, one list for one temperature
    if (n_temperatures > 1) json_open(out, '[');
    for (size_t k = 0; k < n_temperatures; k++) add_floats(out, n, s->softmax + k * n);
    if (n_temperatures > 1) json_close(out, ']');
    if (n_temperatures == 1) {
        json_add_floats(out, "naive", n, s->naive);
        json_add_floats(out, "log_softmax", n, s->log_softmax);
        json_add_numbers(out, "log_softmax_double", n, s->log_softmax_double);
    }
    if (s->target != NO_TARGET) {
        json_add_whole(out, "target", (uint64_t)s->target);
        json_add_number(out, "loss", s->loss);
        json_add_number(out, "loss_double", s->loss_double);
        json_add_floats(out, "gradient", n, s->gradient);
        json_add_numbers(out, "gradient_central", n, s->central);
        json_add_numbers(out, "gradient_autograd", n, s->autograd);
    }
    if (s->jacobian) {
        json_add_open(out, "jacobian", '[');
        for (size_t i = 0; i < n; i++) add_floats(out, n, s->jacobian + i * n);
        json_close(out, ']');
    }
    json_close(out, '}');
}

static bool prepare(Softmax *s, const SoftmaxOptions *o, const char **words, Error *err) {
    if (!temperatures_read(&s->temperatures, o->temperatures ? o->temperatures : "1", false, err)) return false;
    if (s->temperatures.n > 1 && (o->target.given || o->jacobian))
        return error_usage(err, "--target and --jacobian go with one temperature");
    if (o->target.given && o->target.value >= s->n)
        return error_usage(err, "--target: expected a class from 0 to %zu, found %llu", s->n - 1,
                           (unsigned long long)o->target.value);
    s->temperature = (float)s->temperatures.items[0];
    s->target = o->target.given ? (int32_t)o->target.value : NO_TARGET;
    for (size_t i = 0; i < s->n; i++)
        if (!read_logit(words[i], &s->z[i], err)) return false;
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const SoftmaxOptions *o = options;
    Softmax *s = arena_alloc(arena, 1, sizeof *s, err);
    if (!s) return false;
    s->n = operands->n;
    if (!prepare(s, o, operands->items, err)) return false;
    if (o->jacobian && !(s->jacobian = arena_alloc(arena, s->n * s->n, sizeof *s->jacobian, err))) return false;
    compute_floats(s);
    if (!compute_doubles(s, arena, err)) return false;
    Buffer out = {.arena = arena};
    if (o->json) {
        write_json(&out, s);
    } else if (s->temperatures.n == 1) {
        write_softmax(&out, s);
        if (s->target != NO_TARGET) write_gradient(&out, s);
        if (s->jacobian) write_jacobian(&out, s);
    } else if (!write_chart(&out, s, err)) {
        return false;
    }
    return command_print(&out, err);
}

const Command softmax_command = {COMMANDS_TEACH, &USAGE, run};
