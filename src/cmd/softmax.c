#include "nn/softmax.h"

#include "base/file.h"
#include "base/text.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "nn/loss.h"
#include "nn/value.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

enum { MAX_LOGITS = 4096, MAX_JACOBIAN = 64, NO_TARGET = -1 };

typedef struct SoftmaxOptions {
    const char *temperatures;
    WholeOption target;
    bool jacobian, json;
} SoftmaxOptions;

// What is computed of the logits z, at one temperature T: float32 from the kernels, double from the autograd.
typedef struct SoftmaxTable {
    size_t n;
    float *z; // (n)
    Temperatures temperatures;
    float temperature; // the first of them
    float *naive, *softmax, *log_softmax;
    double *log_softmax_double;
    int32_t target; // or NO_TARGET; then none of the below
    double loss, loss_double;
    float *gradient;            // (softmax - one_hot) / T
    double *central, *autograd; // the same by differences of the autograd's loss, and by its tape
    float *jacobian;            // (n, n), or NULL
} SoftmaxTable;

static const Option OPTIONS[] = {
    {"temperature", 't', OPTION_TEXT, offsetof(SoftmaxOptions, temperatures), "T[,T...]",
     "divides the logits (default: 1); several show how it sharpens and flattens", 0, 0, NULL},
    {"target", 0, OPTION_WHOLE, offsetof(SoftmaxOptions, target), "K",
     "the true class, from 0 on: shows the loss and its gradient, probs minus one-hot", 0, MAX_LOGITS - 1, NULL},
    {"jacobian", 0, OPTION_FLAG, offsetof(SoftmaxOptions, jacobian), NULL,
     "show the derivative of each probability by each logit", 0, 0, NULL},
    {"json", 0, OPTION_FLAG, offsetof(SoftmaxOptions, json), NULL, "one JSON object instead of tables", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "softmax",
    .brief = "softmax of logits, naive and stable, with its gradient",
    .summary = "Shows naive softmax, stable softmax and log-softmax of logits side by side. Without\n"
               "LOGITs it reads them from standard input.",
    .operand = "[LOGIT]...",
    .max_operands = MAX_LOGITS,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(SoftmaxOptions),
    .examples = "  nomen softmax 1000 1001 1002 --target 2\n"
                "  nomen softmax 1 2 5 --temperature 0.1,0.5,1,2,10\n",
};

static bool read_logit(const char *word, float *out, Error *err) {
    static const char *const names[] = {"inf", "-inf", "nan"};
    static const float values[] = {INFINITY, -INFINITY, NAN};
    double x;
    for (size_t i = 0; i < 3; i++) {
        *out = values[i];
        if (strcmp(word, names[i]) == 0) return true;
    }
    if (!text_number(word, &x) || fabs(x) > (double)FLT_MAX)
        return error_usage(err, "expected a number that float32 holds, or inf, -inf or nan, found \"%s\"", word);
    *out = (float)x;
    return true;
}

// Numbers parted by white space or commas.
static bool read_standard_input(const char ***words, size_t *n, Arena *arena, Error *err) {
    static const char gaps[] = " \t\r\n,";
    Buffer text = {.arena = arena};
    char chunk[4096];
    *words = arena_alloc(arena, MAX_LOGITS, sizeof **words, err);
    if (!*words) return false;
    for (size_t got; (got = fread(chunk, 1, sizeof chunk, stdin)) > 0 && text.n < 1 << 20;)
        buffer_add(&text, chunk, got);
    if (ferror(stdin)) return error_system(err, "standard input");
    if (!buffer_text(&text, err)) return false;
    if (text.n >= 1 << 20) return error_usage(err, "standard input: more than a megabyte");
    if (strlen(text.bytes) < text.n) return error_usage(err, "standard input: a NUL byte; expected numbers");
    for (char *at = text.bytes + strspn(text.bytes, gaps); *at; at += strspn(at, gaps)) {
        if (*n == MAX_LOGITS) return error_usage(err, "more than %d logits", MAX_LOGITS);
        (*words)[(*n)++] = at;
        at += strcspn(at, gaps);
        if (*at) *at++ = '\0';
    }
    return true;
}

static bool allocate(SoftmaxTable *t, bool jacobian, Arena *arena, Error *err) {
    float **floats[] = {&t->z, &t->naive, &t->softmax, &t->log_softmax, &t->gradient};
    double **doubles[] = {&t->log_softmax_double, &t->central, &t->autograd};
    for (size_t i = 0; i < sizeof floats / sizeof *floats; i++)
        if (!(*floats[i] = arena_alloc(arena, t->n * t->temperatures.n, sizeof(float), err))) return false;
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        if (!(*doubles[i] = arena_alloc(arena, t->n, sizeof(double), err))) return false;
    t->jacobian = jacobian ? arena_alloc(arena, t->n * t->n, sizeof(float), err) : NULL;
    return !jacobian || t->jacobian;
}

// The autograd's view: log-softmax of z / T, and the loss with its gradient by z.
static bool compute_doubles(SoftmaxTable *t, Arena *arena, Error *err) {
    const double step = 1e-5 * (t->temperature < 1 ? (double)t->temperature : 1);
    Tape tape;
    Value *z = arena_alloc(arena, t->n, sizeof *z, err), *y = arena_alloc(arena, t->n, sizeof *y, err);
    if (!z || !y || !tape_create(&tape, 16 + 8 * t->n, arena, err)) return false;
    Value temperature = value_leaf(&tape, (double)t->temperature);
    for (size_t i = 0; i < t->n; i++) z[i] = value_leaf(&tape, (double)t->z[i]);
    for (size_t i = 0; i < t->n; i++) y[i] = value_div(&tape, z[i], temperature);
    value_log_softmax(&tape, y, t->n, y);
    for (size_t i = 0; i < t->n; i++) t->log_softmax_double[i] = value_data(&tape, y[i]);
    if (t->target == NO_TARGET) return true;
    Value loss = value_sub(&tape, value_leaf(&tape, 0), y[t->target]);
    t->loss_double = value_data(&tape, loss);
    tape_backward(&tape, loss);
    for (size_t i = 0; i < t->n; i++) t->autograd[i] = value_grad(&tape, z[i]);
    for (size_t i = 0; i < t->n; i++) {
        double at = value_data(&tape, z[i]);
        value_set(&tape, z[i], at + step);
        tape_forward(&tape);
        double above = value_data(&tape, loss);
        value_set(&tape, z[i], at - step);
        tape_forward(&tape);
        t->central[i] = (above - value_data(&tape, loss)) / ((at + step) - (at - step)); // as the step was rounded
        value_set(&tape, z[i], at);
    }
    return true;
}

static void compute_floats(SoftmaxTable *t) {
    const float temperature = t->temperature;
    for (size_t k = 0; k < t->temperatures.n; k++)
        softmax(1, t->n, 1, t->z, (float)t->temperatures.items[k], t->softmax + k * t->n);
    for (size_t i = 0; i < t->n; i++) t->naive[i] = t->z[i] / temperature;
    softmax_naive(t->n, t->naive, t->naive);
    log_softmax(1, t->n, 1, t->z, temperature, t->log_softmax);
    if (t->jacobian) softmax_jacobian(t->n, t->softmax, t->jacobian);
    for (size_t i = 0; t->jacobian && i < t->n * t->n; i++) t->jacobian[i] /= temperature;
    if (t->target == NO_TARGET) return;
    for (size_t i = 0; i < t->n; i++) t->gradient[i] = t->z[i] / temperature;
    t->loss = loss_cross_entropy(1, t->n, t->gradient, &t->target, REDUCE_SUM, NULL, t->gradient);
    for (size_t i = 0; i < t->n; i++) t->gradient[i] /= temperature;
}

// Why the naive form fails, or both, in words; nothing where all is well.
static void print_reason(const SoftmaxTable *t) {
    bool powers_overflow = false, impossible = false, all_gone = true;
    double sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        float x = t->z[i] / t->temperature;
        impossible = impossible || isnan(x) || (isinf(t->z[i]) && x > 0);
        powers_overflow = powers_overflow || x > 88.72f;
        all_gone = all_gone && isinf(t->z[i]);
        sum += exp((double)x);
    }
    const char *x = t->temperature < 1 || t->temperature > 1 ? "x/T" : "x";
    if (impossible || all_gone)
        puts("\na logit of inf or nan, or nothing but -inf, has no softmax: both forms give nan.");
    else if (powers_overflow)
        printf("\nnaive: e^(%s) is infinite in float32 for %s above 88.7, and inf/inf is nan.\n"
               "stable: the largest logit is subtracted first, so no exponent is above 0.\n",
               x, x);
    else if (sum > (double)FLT_MAX)
        puts("\nnaive: the sum of the powers is infinite in float32, and a number over inf is 0.\n"
             "stable: the largest logit is subtracted first, so the sum is at most their number.");
    else if (isnan(t->naive[0]))
        printf("\nnaive: every e^(%s) is 0 in float32 for %s below -104, and 0/0 is nan.\n"
               "stable: the largest logit is subtracted first, so one power is e^0 = 1.\n",
               x, x);
    else if (sum < 1e-37)
        puts("\nnaive: the powers are so small that float32 keeps few of their digits.\n"
             "stable: the largest logit is subtracted first, so one power is e^0 = 1.");
}

// NaN has a sign that nobody wants to see.
static double unsigned_nan(double x) { return isnan(x) ? fabs(x) : x; }

static void print_tables(const SoftmaxTable *t) {
    size_t top = 0;
    printf("%5s %12s %9s %9s %12s %16s\n", "class", "logit", "naive", "softmax", "log-softmax", "in double");
    for (size_t i = 0; i < t->n; i++) {
        printf("%5zu %12g %9.4f %9.4f %12.4f %16.8f\n", i, unsigned_nan((double)t->z[i]),
               unsigned_nan((double)t->naive[i]), unsigned_nan((double)t->softmax[i]),
               unsigned_nan((double)t->log_softmax[i]), unsigned_nan(t->log_softmax_double[i]));
        if (t->softmax[i] > t->softmax[top]) top = i;
    }
    if (!isnan(t->softmax[top])) printf("\nlikeliest: class %zu, at %.4f\n", top, (double)t->softmax[top]);
    print_reason(t);
    if (t->target != NO_TARGET) {
        printf("\nloss of class %d: %.4f, in double %.8f; its gradient by the logits%s:\n\n", (int)t->target,
               unsigned_nan(t->loss), unsigned_nan(t->loss_double),
               t->temperature < 1 || t->temperature > 1 ? ", (probs - one-hot) / T" : "");
        printf("%5s %17s %20s %14s\n", "class", "probs - one-hot", "central differences", "autograd");
        for (size_t i = 0; i < t->n; i++)
            printf("%5zu %17.4f %20.8f %14.8f\n", i, unsigned_nan((double)t->gradient[i]), unsigned_nan(t->central[i]),
                   unsigned_nan(t->autograd[i]));
    }
    if (!t->jacobian) return;
    printf("\nd softmax_i / d logit_j, i down, j across:\n\n%5s", "");
    for (size_t j = 0; j < t->n; j++) printf(" %8zu", j);
    for (size_t i = 0; i < t->n; i++) {
        printf("\n%5zu", i);
        for (size_t j = 0; j < t->n; j++) printf(" %8.4f", unsigned_nan((double)t->jacobian[i * t->n + j]));
    }
    putchar('\n');
}

static bool print_chart(const SoftmaxTable *t, Arena *arena, Error *err) {
    const char **labels = arena_alloc(arena, t->n, sizeof *labels, err);
    for (size_t i = 0; labels && i < t->n; i++) {
        labels[i] = arena_format(arena, err, "%5zu %9g", i, (double)t->z[i]);
        if (!labels[i]) return false;
    }
    if (labels) chart_print(&(Chart){t->n, labels, t->softmax, t->temperatures});
    return labels != NULL;
}

static void add_floats(Buffer *out, const char *key, const float *x, size_t n) {
    if (key) json_key(out, key);
    json_open(out, '[');
    for (size_t i = 0; i < n; i++) json_number(out, (double)x[i]);
    json_close(out, ']');
}

static void add_doubles(Buffer *out, const char *key, const double *x, size_t n) {
    json_add_open(out, key, '[');
    for (size_t i = 0; i < n; i++) json_number(out, x[i]);
    json_close(out, ']');
}

static void add_json(Buffer *out, const SoftmaxTable *t) {
    json_open(out, '{');
    add_floats(out, "logits", t->z, t->n);
    add_doubles(out, "temperatures", t->temperatures.items, t->temperatures.n);
    json_key(out, "softmax"); // a list for each temperature, or one list where there is one
    if (t->temperatures.n > 1) json_open(out, '[');
    for (size_t k = 0; k < t->temperatures.n; k++) add_floats(out, NULL, t->softmax + k * t->n, t->n);
    if (t->temperatures.n > 1) json_close(out, ']');
    if (t->temperatures.n == 1) {
        add_floats(out, "naive", t->naive, t->n);
        add_floats(out, "log_softmax", t->log_softmax, t->n);
        add_doubles(out, "log_softmax_double", t->log_softmax_double, t->n);
    }
    if (t->target != NO_TARGET) {
        json_add_whole(out, "target", (uint64_t)t->target);
        json_add_number(out, "loss", t->loss);
        json_add_number(out, "loss_double", t->loss_double);
        add_floats(out, "gradient", t->gradient, t->n);
        add_doubles(out, "gradient_central", t->central, t->n);
        add_doubles(out, "gradient_autograd", t->autograd, t->n);
    }
    if (t->jacobian) {
        json_add_open(out, "jacobian", '[');
        for (size_t i = 0; i < t->n; i++) add_floats(out, NULL, t->jacobian + i * t->n, t->n);
        json_close(out, ']');
    }
    json_close(out, '}');
}

static bool prepare(SoftmaxTable *t, const SoftmaxOptions *o, const char **words, Arena *arena, Error *err) {
    if (t->n == 0) return error_usage(err, "no logits; give them as LOGIT... or on standard input");
    if (!temperatures_read(&t->temperatures, o->temperatures ? o->temperatures : "1", false, err)) return false;
    if (t->temperatures.n > 1 && (o->target.given || o->jacobian))
        return error_usage(err, "--target and --jacobian go with one temperature");
    if (o->target.given && o->target.value >= t->n)
        return error_usage(err, "--target: expected a class from 0 to %zu, found %llu", t->n - 1,
                           (unsigned long long)o->target.value);
    if (o->jacobian && t->n > MAX_JACOBIAN)
        return error_usage(err, "--jacobian: expected at most %d logits, found %zu", MAX_JACOBIAN, t->n);
    t->temperature = (float)t->temperatures.items[0];
    t->target = o->target.given ? (int32_t)o->target.value : NO_TARGET;
    if (!allocate(t, o->jacobian, arena, err)) return false;
    for (size_t i = 0; i < t->n; i++)
        if (!read_logit(words[i], &t->z[i], err)) return false;
    return true;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const SoftmaxOptions *o = options;
    SoftmaxTable table = {.n = operands->n};
    const char **words = operands->items;
    if ((table.n == 0 && !read_standard_input(&words, &table.n, arena, err)) ||
        !prepare(&table, o, words, arena, err)) {
        if (err->kind == ERROR_USAGE) options_wrong(&USAGE, err);
        return command_failed(err);
    }
    compute_floats(&table);
    if (!compute_doubles(&table, arena, err)) return command_failed(err);
    Buffer json = {.arena = arena};
    if (o->json) {
        add_json(&json, &table);
        const char *text = buffer_text(&json, err);
        if (!text) return command_failed(err);
        puts(text);
    } else if (table.temperatures.n == 1) {
        print_tables(&table);
    } else if (!print_chart(&table, arena, err)) {
        return command_failed(err);
    }
    return command_done(err);
}

const Command softmax_command = {COMMANDS_TEACH, &USAGE, run};
