// Model files that were altered and given a matching checksum: each is refused with its own message.
#include "cli/run.h"

#include <cJSON.h>
#include <math.h>

enum { LENGTH_BYTES = 8 };

// Gives a member of the header ("__metadata__", "step") another value, adds it, or removes it if the value is NULL.
typedef struct Alteration {
    const char *outer, *inner, *value, *message;
} Alteration;

static void alter(cJSON *header, const Alteration *change) {
    cJSON *object = change->inner ? cJSON_GetObjectItemCaseSensitive(header, change->outer) : header;
    const char *key = change->inner ? change->inner : change->outer;
    cJSON *value = change->value ? cJSON_Parse(change->value) : NULL;
    ck_assert_msg(object && (value || !change->value), "%s", change->message);
    if (!value)
        cJSON_DeleteItemFromObjectCaseSensitive(object, key);
    else if (!cJSON_ReplaceItemInObjectCaseSensitive(object, key, value))
        cJSON_AddItemToObject(object, key, value);
}

// Writes the model file with a change, unless NULL, with `more` bytes at its end and with a matching checksum.
static void write_altered(const char *path, const char *model, const Alteration *change, size_t more) {
    static char bytes[1 << 18];
    size_t n_old;
    const char *old = read_text(model, &n_old);
    size_t n_header = (size_t)little_endian(old, LENGTH_BYTES), n_data = n_old - LENGTH_BYTES - n_header;
    cJSON *header = cJSON_ParseWithLength(old + LENGTH_BYTES, n_header);
    ck_assert_ptr_nonnull(header);
    if (change) alter(header, change);
    char *text = cJSON_PrintUnformatted(header), hex[SHA256_HEX_BYTES];
    size_t n_text = strlen(text), n_new = LENGTH_BYTES + n_text + n_data + more;
    ck_assert_uint_lt(n_new, sizeof bytes);
    memset(bytes, 0, sizeof bytes);
    for (size_t i = 0; i < LENGTH_BYTES; i++) bytes[i] = (char)(n_text >> 8 * i & 0xFF);
    memcpy(bytes + LENGTH_BYTES, text, n_text);
    memcpy(bytes + LENGTH_BYTES + n_text, old + LENGTH_BYTES + n_header, n_data);
    char *digits = strstr(bytes + LENGTH_BYTES, "\"sha256\":\"") + 10;
    memset(digits, '0', 64);
    sha256_hex(bytes, n_new, hex);
    memcpy(digits, hex, 64);
    write_bytes(path, bytes, n_new);
    cJSON_free(text);
    cJSON_Delete(header);
}

static void expect_each_is_refused(const char *model, const char *command, const Alteration *changes, size_t n) {
    const char *copy = scratch("copy.safetensors");
    for (size_t i = 0; i < n; i++) {
        write_altered(copy, model, &changes[i], 0);
        expect_refusal(nomen("%s '%s'", command, copy), 1, "nomen: %s: %s", copy, changes[i].message);
    }
}

#define META "__metadata__"
#define NO_FIT ": its type, shape and place in the file do not match"
#define WORDS "state.rng.words"

START_TEST(texts_that_are_missing_or_wrong) {
    static const Alteration changes[] = {
        {META, "format", "\"nomen 2\"",
         "expected format \"nomen 1\", found \"nomen 2\"; another version of nomen wrote it"},
        {META, "format", NULL, "__metadata__ has no \"format\""},
        {META, "format", "1", "__metadata__ format: expected a string"},
        {META, "vocabulary", NULL, "__metadata__ has no \"vocabulary\""},
        {META, "step", NULL, "__metadata__ has no \"step\""},
        {META, "config", NULL, "__metadata__ has no \"config\""},
        {META, "data_sha256", NULL, "__metadata__ has no \"data_sha256\""},
        {META, "data_sha256", "\"ab\"", "data_sha256 is not a SHA-256"},
        {META, "data_sha256", "\"AB34567890123456789012345678901234567890123456789012345678901234\"",
         "data_sha256 is not a SHA-256"},
        {META, "step", "\"-1\"", "step is not a number of steps"},
        {META, "step", "\"1000000000000001\"", "step is not a number of steps"},
        {META, NULL, "[{\"sha256\": \"1234567890123456789012345678901234567890123456789012345678901234\"}]",
         "its header has no __metadata__"},
        {META, "vocabulary", "\"{}\"", "vocabulary: expected a list of 2 to 65535 symbols"},
        {META, "vocabulary", "\"[\\\"\\\"]\"", "vocabulary: expected a list of 2 to 65535 symbols"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"b\\\", \\\"a\\\"]\"", "vocabulary: symbol 2 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"\\\"]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"ab\\\"]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"a\\\"]\"",
         "tensor layers.0.weight has another type or shape than the config gives it"},
    };
    expect_each_is_refused(inside(make_run(), "model.safetensors"), "eval", changes, COUNT(changes));
}
END_TEST

START_TEST(tensors_that_do_not_fit) {
    static const char shape[] = "tensor layers.0.weight has another type or shape than the config gives it";
    static const Alteration changes[] = {
        {WORDS, NULL, "5", "tensor " WORDS NO_FIT},
        {WORDS, "dtype", "\"I32\"", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "624", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[623.5]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[9007199254740992]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0, 4991]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0, 9007199254740991]", "tensor " WORDS NO_FIT},
        {"state.rng.next", "data_offsets", "[4992, 4000]", "tensor state.rng.next" NO_FIT},
        {"layers.0.weight", "shape", "[80]", shape},
        {"layers.0.weight", "shape", "[4, 20]", shape},
    };
    const char *model = inside(make_run(), "model.safetensors"), *copy = scratch("copy.safetensors");
    expect_each_is_refused(model, "eval", changes, COUNT(changes));
    write_bytes(copy, "\2\0\0\0\0\0\0\0{}", 10);
    expect_refusal(nomen("info '%s'", copy), 1,
                   "nomen: %s: it has no checksum; nomen did not write it, or it was altered", copy);
    write_altered(copy, model, NULL, 5);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: 5 bytes after its last tensor belong to no tensor", copy);
}
END_TEST

static FileTensor *tensor_in(SafeTensors *content, const char *name) {
    FileTensor *tensor = (FileTensor *)safetensors_find(content, name);
    ck_assert_msg(tensor != NULL, "%s", name);
    return tensor;
}

static void write_content(const char *path, const SafeTensors *content) {
    Error err;
    ck_assert_msg(safetensors_write(path, content, &err), "%s", err.text);
}

#define ADAMW "--set train.optimizer.type=adamw --set 'train.early_stop={\"patience\": 90}' --quiet "

// Makes a run with every kind of state. Returns its model file.
static SafeTensors make_state(void) {
    ck_assert_int_eq(train("run", ADAMW "--steps 110").status, 0);
    return read_model(scratch("run"), "model.safetensors");
}

static void expect_no_resume(const SafeTensors *content, const char *tensor, const char *what) {
    const char *model = scratch("run/model.safetensors");
    write_content(model, content);
    expect_refusal(train("run", ADAMW "--steps 120 --resume"), 1, "nomen: %s: tensor %s is %s", model, tensor, what);
}

START_TEST(state_that_is_missing) {
    static const char *const names[] = {"state.rng.words",         "state.rng.next",
                                        "state.rng.spare",         "state.best_dev_loss",
                                        "state.seconds",           "state.early_stop.dev_loss",
                                        "state.optimizer.updates", "state.optimizer.first_moment.layers.0.weight"};
    SafeTensors content = make_state();
    for (size_t i = 0; i < COUNT(names); i++) {
        FileTensor *tensor = tensor_in(&content, names[i]);
        tensor->name = "other";
        expect_no_resume(&content, names[i], "missing");
        tensor->name = names[i];
    }
}
END_TEST

START_TEST(state_that_is_out_of_range) {
    static const int64_t below[] = {-1, -1}, beyond[] = {625, 0}, second_below[] = {1, -1};
    static const double nan = (double)NAN, infinite = (double)INFINITY, negative = -1, second_negative[] = {0, -1};
    static const struct {
        const char *tensor;
        const void *data;
    } cases[] = {
        {"state.rng.next", below},
        {"state.rng.next", beyond},
        {"state.rng.spare", &infinite},
        {"state.best_dev_loss", &nan},
        {"state.best_dev_loss", &negative},
        {"state.seconds", &negative},
        {"state.seconds", &infinite},
        {"state.early_stop.counts", below},
        {"state.early_stop.counts", second_below},
        {"state.early_stop.dev_loss", &nan},
        {"state.loss_since_row", second_negative},
        {"state.optimizer.updates", below},
    };
    SafeTensors content = make_state();
    for (size_t i = 0; i < COUNT(cases); i++) {
        FileTensor *tensor = tensor_in(&content, cases[i].tensor), kept = *tensor;
        tensor->data = cases[i].data;
        expect_no_resume(&content, cases[i].tensor, "out of range");
        *tensor = kept;
    }
}
END_TEST

// Older versions kept more of the best model than best.safetensors.
START_TEST(state_of_older_versions_is_ignored) {
    const char *run = make_run();
    SafeTensors content = read_model(run, "model.safetensors"), older = content;
    FileTensor tensors[64] = {{"state.before_end.dev_loss", NUMBER_F64, 1, {1}, &(double){2.5}},
                              {"state.before_end.step", NUMBER_I64, 1, {1}, &(int64_t){50}}};
    memcpy(tensors + 2, content.tensors, content.n_tensors * sizeof *tensors);
    older.tensors = tensors;
    older.n_tensors += 2;
    write_content(inside(run, "model.safetensors"), &older);
    ck_assert_int_eq(nomen("info '%s'", run).status, 0);
    ck_assert_int_eq(train("run", "--steps 150 --resume").status, 0);
    ck_assert_int_eq(train("whole", "--steps 150").status, 0);
    expect_same_weights(run, scratch("whole"));
}
END_TEST

// Before metrics.csv had means, checkpoints lacked the sum that they are made of.
START_TEST(runs_without_mean_losses_get_them_as_they_go_on) {
    const char *run = make_run(), *every = "--set train.log_every=40 --set train.eval_every=1000 --quiet";
    SafeTensors content = read_model(run, "model.safetensors");
    tensor_in(&content, "state.loss_since_row")->name = "other";
    write_content(inside(run, "model.safetensors"), &content);
    write_text(inside(run, "metrics.csv"), "step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,3,,,0\n80,0.1,2.5,,,1\n");
    ok(train("run", textf("--steps 110 --resume %s", every)));
    ok(train("run", textf("--steps 170 --resume %s", every)));
    ok(train("whole", textf("--steps 170 %s", every)));
    const char *old = read_text(inside(run, "metrics.csv"), NULL);
    expect_words(old, "step,lr,loss,train_loss,dev_loss,seconds,mean_loss\n0,0.1,3,,,0,\n80,0.1,2.5,,,1,\n120,");
    ck_assert_ptr_nonnull(strstr(old, ",\n160,")); // the steps before 100 are not known
    ck_assert_str_eq(strrchr(old, ','), strrchr(read_text(inside(scratch("whole"), "metrics.csv"), NULL), ','));
}
END_TEST

// A kill after the best model was written and before the checkpoint leaves such a run.
START_TEST(a_best_model_newer_than_the_checkpoint_stays_the_best) {
    static const double loss = 0.5;
    const char *run = make_run(), *best = "state.best_dev_loss";
    SafeTensors content = read_model(run, "best.safetensors");
    tensor_in(&content, best)->data = &loss;
    write_content(inside(run, "best.safetensors"), &content);
    expect_words(ok(train("run", "--steps 120 --resume")), "  best dev 0.5000  (step ");
    content = read_model(run, "model.safetensors");
    ck_assert_mem_eq(tensor_in(&content, best)->data, &loss, sizeof loss);
    write_text(scratch("other.txt"), NAMES);
    shell("sed -i s/ada/dab/ '%s'", scratch("other.txt"));
    ok(train("run", textf("--steps 140 --resume=anyway --data '%s'", scratch("other.txt"))));
    content = read_model(run, "model.safetensors");
    ck_assert_mem_ne(tensor_in(&content, best)->data, &loss, sizeof loss);
}
END_TEST

START_TEST(counts_that_do_not_fit) {
    const char *run = scratch("counts"), *copy = scratch("copy.safetensors");
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'ngram': 2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), run).status, 0);
    SafeTensors content = read_model(run, "model.safetensors");
    FileTensor *tuples = tensor_in(&content, "ngram.tuples"), *counts = tensor_in(&content, "ngram.counts");
    size_t n = counts->dims[0];
    const struct {
        FileTensor *tensor;
        FileTensor altered;
    } cases[] = {
        {tuples, {"ngram.tuples", NUMBER_F64, 2, {n, 2}, tuples->data}},
        {counts, {"ngram.counts", NUMBER_I64, 2, {n, 1}, counts->data}},
        {tuples, {"ngram.tuples", NUMBER_I64, 2, {2, n}, tuples->data}},
        {tuples, {"ngram.tuples", NUMBER_I64, 2, {n - 1, 2}, tuples->data}},
        {counts, {"ngram.county", NUMBER_I64, 1, {n}, counts->data}},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        FileTensor kept = *cases[i].tensor;
        *cases[i].tensor = cases[i].altered;
        write_content(copy, &content);
        expect_refusal(nomen("eval '%s'", copy), 1,
                       "nomen: %s: tensors ngram.tuples and ngram.counts are missing or have another shape", copy);
        *cases[i].tensor = kept;
    }
}
END_TEST

SUITE(cli_altered, NEEDS_NOTHING) {
    ADD(texts_that_are_missing_or_wrong);
    ADD(tensors_that_do_not_fit);
    ADD(state_that_is_missing);
    ADD(state_that_is_out_of_range);
    ADD(state_of_older_versions_is_ignored);
    ADD(runs_without_mean_losses_get_them_as_they_go_on);
    ADD(a_best_model_newer_than_the_checkpoint_stays_the_best);
    ADD(counts_that_do_not_fit);
}
