// What the tests of runs through the built program share.
#pragma once

#include "cli/output.h"
#include "cli/trained.h"

#include "base/sha256.h"
#include "train/safetensors.h"

#include <limits.h>
#include <unistd.h>

static const char NAMES[] = "ada\nbob\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\nkim\nlea\nmia\nned\noda\npam\n";
static const char CONFIG[] = "{\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 1}, \"model\": {\"context\": 3, "
                             "\"layers\": [{\"type\": \"embedding\", \"dim\": 4}, {\"type\": \"flatten\"}, "
                             "{\"type\": \"linear\", \"out\": 8}, {\"type\": \"tanh\"}, "
                             "{\"type\": \"linear\", \"out\": \"vocab\"}]}, "
                             "\"train\": {\"steps\": 5000000000, \"log_every\": 10, \"eval_every\": 50, "
                             "\"checkpoint_every\": 70}}";

// Shell words that wait until a condition holds. There is no limit but the test's own, since a machine may be slow.
#define UNTIL(condition) "until " condition "; do sleep 0.01; done; "

// Shell words that hold a training, process $p, in the middle of its steps: it writes a line per step into a pipe that
// nobody reads, which is full before step 1000. RELEASES reads on.
#define HOLDS(train) "rm -f held; mkfifo held; " train " --set train.eval_every=1 >held & p=$!; exec 3<held; "
#define RELEASES "cat <&3 >/dev/null; "

// Writes CONFIG, which has more steps than any test makes, and its names file.
static inline const char *write_config(void) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("c.json"), CONFIG);
    return scratch("c.json");
}

static inline Output train(const char *run, const char *options) {
    return nomen("train '%s' --run '%s' %s", write_config(), scratch(run), options);
}

// Runs the program in the scratch directory, so that paths are short.
static inline Output nomen_in_scratch(const char *words) {
    return shell("cd '%s' && \"$NOMEN\" %s", scratch("."), words);
}

// Makes a finished run of 100 steps. Returns its path.
static inline const char *make_run(void) {
    ck_assert_str_eq(ok(train("run", "--steps 100 --quiet")), "");
    return scratch("run");
}

static const char *const RUN_FILES[] = {"config.json", "metrics.csv", "model.safetensors", "best.safetensors"};

typedef struct Snapshot {
    size_t n[COUNT(RUN_FILES)];
    char *bytes[COUNT(RUN_FILES)];
} Snapshot;

static inline Snapshot take(const char *run) {
    Snapshot all;
    for (size_t i = 0; i < COUNT(RUN_FILES); i++) all.bytes[i] = read_text(inside(run, RUN_FILES[i]), &all.n[i]);
    return all;
}

static inline void expect_untouched(const char *run, const Snapshot *before) {
    Snapshot now = take(run);
    for (size_t i = 0; i < COUNT(RUN_FILES); i++) {
        ck_assert_msg(now.n[i] == before->n[i] && memcmp(now.bytes[i], before->bytes[i], now.n[i]) == 0,
                      "%s has changed", RUN_FILES[i]);
    }
}

// metrics.csv without its sixth column, the seconds.
static inline char *metrics_of(const char *run) {
    char *text = read_text(inside(run, "metrics.csv"), NULL), *out = text;
    int column = 0;
    for (const char *at = text; *at; at++) {
        column = *at == '\n' ? 0 : column + (*at == ',');
        if (column != 5) *out++ = *at;
    }
    *out = '\0';
    return text;
}

static inline SafeTensors read_model(const char *run, const char *file) {
    static Arena arena; // as long as the test
    SafeTensors content;
    Error err = {0};
    ck_assert_msg(safetensors_read(inside(run, file), &content, &arena, &err), "%s", err.text);
    return content;
}

// Returns a copy of the model file of `run` with another text in its metadata and the right checksum.
static inline const char *with_text(const char *run, const char *key, const char *value) {
    Error err = {0};
    SafeTensors content = read_model(run, "model.safetensors");
    const char *copy = scratch("copy.safetensors");
    size_t i = 0;
    while (strcmp(content.texts[i].key, key) != 0) ck_assert_uint_lt(++i, content.n_texts);
    content.texts[i].value = value;
    ck_assert_msg(safetensors_write(copy, &content, &err), "%s", err.text);
    return copy;
}

// Writes the model file of `run` with other numbers in one tensor. Returns the file's path.
static inline const char *with_data(const char *run, const char *tensor, const void *data) {
    Error err = {0};
    SafeTensors content = read_model(run, "model.safetensors");
    const char *copy = scratch("copy.safetensors");
    size_t t = 0;
    while (strcmp(content.tensors[t].name, tensor) != 0) ck_assert_uint_lt(++t, content.n_tensors);
    content.tensors[t].data = data;
    ck_assert_msg(safetensors_write(copy, &content, &err), "%s", err.text);
    return copy;
}

// Does the same with two floats in turn.
static inline const char *with_numbers(const char *run, const char *tensor, float first, float second) {
    size_t n;
    SafeTensors model = read_model(run, "model.safetensors");
    float *floats = tensor_floats(&model, tensor, &n);
    for (size_t i = 0; i < n; i++) floats[i] = i % 2 ? second : first;
    const char *copy = with_data(run, tensor, floats);
    free(floats);
    return copy;
}

static inline unsigned long long step_of(const char *run) {
    SafeTensors model = read_model(run, "model.safetensors");
    Error err = {0};
    const char *step = safetensors_text(&model, "step", &err);
    ck_assert_ptr_nonnull(step);
    return strtoull(step, NULL, 10);
}

// Returns the whole number in n little-endian bytes.
static inline uint64_t little_endian(const char *bytes, size_t n) {
    uint64_t number = 0;
    for (size_t i = n; i-- > 0;) number = number << 8 | (unsigned char)bytes[i];
    return number;
}

// Compares the output layers of two runs whose states may differ.
static inline void expect_same_weights(const char *a, const char *b) {
    SafeTensors x = read_model(a, "model.safetensors"), y = read_model(b, "model.safetensors");
    const FileTensor *u = safetensors_find(&x, "layers.4.weight"), *v = safetensors_find(&y, "layers.4.weight");
    ck_assert(u && v && file_tensor_count(u) == file_tensor_count(v));
    ck_assert_mem_eq(u->data, v->data, 4 * file_tensor_count(u));
}

// Compares the latest and the best models of two runs, except for the seconds.
static inline void expect_same_models(const char *a, const char *b) {
    for (size_t f = 2; f < COUNT(RUN_FILES); f++) {
        SafeTensors x = read_model(a, RUN_FILES[f]), y = read_model(b, RUN_FILES[f]);
        ck_assert_uint_eq(x.n_tensors, y.n_tensors);
        for (size_t i = 0; i < x.n_tensors; i++) {
            const FileTensor *other = safetensors_find(&y, x.tensors[i].name);
            ck_assert_ptr_nonnull(other);
            if (strcmp(x.tensors[i].name, "state.seconds") == 0) continue;
            size_t n = file_tensor_count(other) * (other->type == NUMBER_F32 ? 4 : 8);
            ck_assert_msg(memcmp(x.tensors[i].data, other->data, n) == 0, "%s: %s", RUN_FILES[f], other->name);
        }
    }
}

// Compares models and rows of two runs, except for the seconds.
static inline void expect_same_runs(const char *a, const char *b) {
    expect_same_models(a, b);
    ck_assert_str_eq(metrics_of(a), metrics_of(b));
}
