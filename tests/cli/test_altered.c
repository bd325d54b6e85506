// Model files whose header was altered by someone who also set the right checksum: each is refused in its own words.
#include "cli/run.h"

#include <cJSON.h>

enum { LENGTH_BYTES = 8 };

// A place of the header ("__metadata__", "step") that gets another value, or goes where there is none. A member that is
// not there is added, at its end.
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

// Writes the model file with its n changes and the right checksum; `more` bytes stand behind its numbers.
static void write_altered(const char *path, const char *model, const Alteration *changes, size_t n, size_t more) {
    static char bytes[1 << 18];
    size_t n_old;
    const char *old = read_text(model, &n_old);
    size_t n_header = (size_t)little_endian(old, LENGTH_BYTES), n_data = n_old - LENGTH_BYTES - n_header;
    cJSON *header = cJSON_ParseWithLength(old + LENGTH_BYTES, n_header);
    ck_assert_ptr_nonnull(header);
    for (size_t i = 0; i < n; i++) alter(header, &changes[i]);
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
        write_altered(copy, model, &changes[i], 1, 0);
        expect_refusal(nomen("%s '%s'", command, copy), 1, "nomen: %s: %s", copy, changes[i].message);
    }
}

#define META "__metadata__"
#define NO_FIT ": its type, shape and place in the file do not fit together"
#define WORDS "state.rng.words"

START_TEST(texts_that_are_missing_or_wrong) {
    static const Alteration changes[] = {
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
        {META, "vocabulary", "\"[1, \\\"a\\\"]\"", "vocabulary: symbol 0 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"x\\\", \\\"z\\\"]\"", "vocabulary: symbol 0 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", 2]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"\\\"]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"ab\\\"]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"\\\\u0007\\\"]\"", "vocabulary: symbol 1 is invalid or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"a\\\"]\"",
         "tensor layers.0.weight has another type or shape than the config gives it"},
    };
    expect_each_is_refused(inside(make_run(), "model.safetensors"), "eval", changes, COUNT(changes));
}
END_TEST

START_TEST(tensors_that_do_not_fit) {
    static const Alteration changes[] = {
        {WORDS, NULL, "5", "tensor " WORDS NO_FIT},
        {WORDS, "dtype", "1", "tensor " WORDS NO_FIT},
        {WORDS, "dtype", "\"I32\"", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "624", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[624, 1, 1, 1]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[\"624\"]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[623.5]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[-624]", "tensor " WORDS NO_FIT},
        {WORDS, "shape", "[9007199254740992]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "4992", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[null, 4992]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0, 4992.5]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0, 4991]", "tensor " WORDS NO_FIT},
        {WORDS, "data_offsets", "[0, 9007199254740991]", "tensor " WORDS NO_FIT},
        {"state.rng.next", "data_offsets", "[4992, 4000]", "tensor state.rng.next" NO_FIT},
        {"layers.0.weight", "shape", "[80]",
         "tensor layers.0.weight has another type or shape than the config gives it"},
        {"layers.0.weight", "shape", "[4, 20]",
         "tensor layers.0.weight has another type or shape than the config gives it"},
    };
    const char *model = inside(make_run(), "model.safetensors"), *copy = scratch("copy.safetensors");
    expect_each_is_refused(model, "eval", changes, COUNT(changes));
    const Alteration seconds = {"state.seconds", "dtype", "\"I64\"", ""};
    write_altered(copy, model, &seconds, 1, 0);
    expect_refusal(nomen("info '%s'", copy), 1,
                   "nomen: %s: tensor state.seconds has another type or shape than the config gives it", copy);
    write_bytes(copy, "\2\0\0\0\0\0\0\0{}", 10);
    expect_refusal(nomen("info '%s'", copy), 1,
                   "nomen: %s: no checksum in it; it is no model file of nomen, or it was altered", copy);
    write_altered(copy, model, NULL, 0, 5);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: 5 bytes behind its last tensor belong to none", copy);
}
END_TEST

// Another name for a tensor of the state, which stays where it is.
static void write_renamed(const char *path, const char *model, const char *from, const char *to) {
    size_t n;
    char *bytes = read_text(model, &n), *place = strstr(bytes + LENGTH_BYTES, from);
    ck_assert_msg(place && strlen(from) == strlen(to), "%s", from);
    memcpy(place, to, strlen(to));
    write_bytes(scratch("renamed.safetensors"), bytes, n);
    write_altered(path, scratch("renamed.safetensors"), NULL, 0, 0);
}

#define ADAMW "--set train.optimizer.type=adamw --set train.lr=0.01 --set 'train.early_stop={\"patience\": 90}'"

// A run of 110 steps with these options goes on from its checkpoint with another name in its header.
static void expect_missing(const char *options, const char *from, const char *to) {
    const char *run = scratch("run");
    char message[128], words[512];
    size_t n;
    snprintf(words, sizeof words, "--steps 110 --quiet --force %s", options);
    ck_assert_int_eq(train("run", words).status, 0);
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    write_bytes(scratch("kept"), bytes, n);
    snprintf(words, sizeof words, "\"%s\"", from);
    write_renamed(inside(run, "model.safetensors"), scratch("kept"), words, to);
    snprintf(message, sizeof message, "tensor %s is missing", from);
    snprintf(words, sizeof words, "--steps 120 --quiet --resume %s", options);
    expect_refusal(train("run", words), 1, "nomen: %s/model.safetensors: %s", run, message);
}

START_TEST(state_that_is_missing) {
    expect_missing("", "state.rng.words", "\"state.rng.wordz\"");
    expect_missing("", "state.rng.next", "\"state.rng.text\"");
    expect_missing("", "state.rng.spare", "\"state.rng.space\"");
    expect_missing("", "state.best_dev_loss", "\"state.last_dev_loss\"");
    expect_missing("", "state.seconds", "\"state.minutes\"");
    expect_missing(ADAMW, "state.early_stop.dev_loss", "\"state.early_stop.gem_loss\"");
    expect_missing(ADAMW, "state.optimizer.updates", "\"state.optimizer.uploads\"");
    expect_missing(ADAMW, "state.optimizer.first_moment.layers.0.weight",
                   "\"state.optimizer.first_moment.layers.9.weight\"");
}
END_TEST

// Writes the model file with other numbers in a tensor, each of 8 or 4 bytes, and the right checksum.
static void write_numbers(const char *path, const char *model, const char *tensor, size_t at, const void *number,
                          size_t size) {
    size_t n;
    char *bytes = read_text(model, &n), quoted[128];
    snprintf(quoted, sizeof quoted, "\"%s\"", tensor);
    const char *place = strstr(bytes + LENGTH_BYTES, quoted);
    ck_assert_msg(place != NULL, "%s", tensor);
    size_t offset = strtoull(strstr(place, "\"data_offsets\":[") + 16, NULL, 10) + at * size;
    char *to = bytes + LENGTH_BYTES + (size_t)little_endian(bytes, LENGTH_BYTES) + offset;
    uint64_t bits = 0;
    if (size == 8) memcpy(&bits, number, 8);
    if (size == 4) bits = *(const uint32_t *)number;
    for (size_t i = 0; i < size; i++) to[i] = (char)(bits >> 8 * i & 0xFF);
    write_bytes(scratch("other.safetensors"), bytes, n);
    write_altered(path, scratch("other.safetensors"), NULL, 0, 0);
}

// Of a run that has this option, with which it is to go on.
static void expect_out_of_range(const char *options, const char *tensor, size_t at, const void *number) {
    const char *run = scratch("run");
    char words[512];
    snprintf(words, sizeof words, "--steps 110 --quiet --force %s", options);
    ck_assert_int_eq(train("run", words).status, 0);
    write_numbers(scratch("altered"), inside(run, "model.safetensors"), tensor, at, number, 8);
    size_t n;
    char *bytes = read_text(scratch("altered"), &n);
    write_bytes(inside(run, "model.safetensors"), bytes, n);
    snprintf(words, sizeof words, "--steps 120 --quiet --resume %s", options);
    expect_refusal(train("run", words), 1, "nomen: %s/model.safetensors: tensor %s is out of range", run, tensor);
}

START_TEST(state_that_is_out_of_range) {
    const int64_t below = -1, beyond = 625;
    const double nan = strtod("nan", NULL), infinite = strtod("inf", NULL), negative = -1;
    expect_out_of_range("", "state.rng.next", 0, &below);
    expect_out_of_range("", "state.rng.next", 0, &beyond);
    expect_out_of_range("", "state.rng.spare", 0, &infinite);
    expect_out_of_range("", "state.best_dev_loss", 0, &nan);
    expect_out_of_range("", "state.seconds", 0, &negative);
    expect_out_of_range("", "state.seconds", 0, &infinite);
    expect_out_of_range(ADAMW, "state.early_stop.counts", 0, &below);
    expect_out_of_range(ADAMW, "state.early_stop.counts", 1, &below);
    expect_out_of_range(ADAMW, "state.early_stop.dev_loss", 0, &nan);
    expect_out_of_range(ADAMW, "state.optimizer.updates", 0, &below);
}
END_TEST

// Weights of 3e38 are numbers like any other in the file; their sums are none.
START_TEST(a_model_whose_logits_overflow_says_so) {
    static const char *const commands[] = {"sample -n 3", "sample -n 3 -t 0"};
    const char *model = inside(make_run(), "model.safetensors"), *copy = scratch("copy.safetensors");
    const uint32_t huge = 0x7F61B1E6;
    for (size_t i = 0; i < 8; i++) {
        write_numbers(copy, i == 0 ? model : scratch("step.safetensors"), "layers.4.weight", 20 * i, &huge, 4);
        size_t n;
        char *bytes = read_text(copy, &n);
        write_bytes(scratch("step.safetensors"), bytes, n);
    }
    for (size_t i = 0; i < 2; i++) {
        Output output = nomen("%s '%s'", commands[i], copy);
        ck_assert_msg(output.status == 1 && strstr(output.err, "logits"), "%d: %s", output.status, output.err);
    }
    Output scored = nomen("score '%s' '%s' --csv", copy, scratch("names.txt"));
    ck_assert_msg(scored.status == 1 && strstr(scored.err, "logits") && scored.out[0] == '\0', "%s%s", scored.out,
                  scored.err);
}
END_TEST

START_TEST(counts_that_do_not_fit) {
    const char *run = scratch("counts"), *model = inside(run, "model.safetensors"), *copy = scratch("copy.safetensors");
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {\"ngram\": 2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), run).status, 0);
    SafeTensors content = read_model(run, "model.safetensors");
    unsigned n = (unsigned)safetensors_find(&content, "ngram.counts")->dims[0];
    char flat[32], deep[32], turned[32];
    snprintf(flat, sizeof flat, "[%u]", 2 * n);
    snprintf(deep, sizeof deep, "[%u,1]", n);
    snprintf(turned, sizeof turned, "[2,%u]", n);
    const char *missing = "tensors ngram.tuples and ngram.counts are missing or have another shape";
    const Alteration changes[] = {
        {"ngram.tuples", "dtype", "\"F64\"", missing}, {"ngram.counts", "dtype", "\"F64\"", missing},
        {"ngram.tuples", "shape", flat, missing},      {"ngram.counts", "shape", deep, missing},
        {"ngram.tuples", "shape", turned, missing},
    };
    expect_each_is_refused(model, "eval", changes, COUNT(changes));
    // A row of the one gives room for two numbers of the other.
    const char *header = read_text(model, NULL) + LENGTH_BYTES;
    unsigned begin = (unsigned)strtoul(strstr(strstr(header, "\"ngram.tuples\""), "_offsets\":[") + 11, NULL, 10);
    char texts[4][48];
    snprintf(texts[0], sizeof texts[0], "[%u,2]", n - 1);
    snprintf(texts[1], sizeof texts[1], "[%u,%u]", begin, begin + 16 * (n - 1));
    snprintf(texts[2], sizeof texts[2], "[%u]", n + 2);
    snprintf(texts[3], sizeof texts[3], "[%u,%u]", begin + 16 * (n - 1), begin + 16 * n + 8 * n);
    const Alteration moved[] = {{"ngram.tuples", "shape", texts[0], ""},
                                {"ngram.tuples", "data_offsets", texts[1], ""},
                                {"ngram.counts", "shape", texts[2], ""},
                                {"ngram.counts", "data_offsets", texts[3], ""}};
    write_altered(copy, model, moved, COUNT(moved), 0);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: %s", copy, missing);
    write_renamed(copy, model, "\"ngram.tuples\"", "\"ngram.triple\"");
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: %s", copy, missing);
    write_renamed(copy, model, "\"ngram.counts\"", "\"ngram.county\"");
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: %s", copy, missing);
}
END_TEST

SUITE(cli_altered, NEEDS_NOTHING) {
    ADD(texts_that_are_missing_or_wrong);
    ADD(tensors_that_do_not_fit);
    ADD(state_that_is_missing);
    ADD(state_that_is_out_of_range);
    ADD(a_model_whose_logits_overflow_says_so);
    ADD(counts_that_do_not_fit);
}
