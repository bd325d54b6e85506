// Model files whose header was altered by someone who also set the right checksum: each is refused in its own words.
#include "cli_run.h"

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
        {META, "data_sha256", "\"ab\"", "data_sha256 is no SHA-256"},
        {META, "data_sha256", "\"AB34567890123456789012345678901234567890123456789012345678901234\"",
         "data_sha256 is no SHA-256"},
        {META, "step", "\"-1\"", "step is no number"},
        {META, NULL, "[{\"sha256\": \"1234567890123456789012345678901234567890123456789012345678901234\"}]",
         "its header has no __metadata__"},
        {META, "vocabulary", "\"{}\"", "vocabulary: expected a list of 2 to 65535 symbols"},
        {META, "vocabulary", "\"[\\\"\\\"]\"", "vocabulary: expected a list of 2 to 65535 symbols"},
        {META, "vocabulary", "\"[1, \\\"a\\\"]\"", "vocabulary: symbol 0 is none, or out of order"},
        {META, "vocabulary", "\"[\\\"x\\\", \\\"z\\\"]\"", "vocabulary: symbol 0 is none, or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", 2]\"", "vocabulary: symbol 1 is none, or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"\\\"]\"", "vocabulary: symbol 1 is none, or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"ab\\\"]\"", "vocabulary: symbol 1 is none, or out of order"},
        {META, "vocabulary", "\"[\\\"\\\", \\\"\\\\u0007\\\"]\"", "vocabulary: symbol 1 is none, or out of order"},
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
        {"layers.0.weight", "shape", "[80]",
         "tensor layers.0.weight has another type or shape than the config gives it"},
        {"layers.0.weight", "shape", "[4, 20]",
         "tensor layers.0.weight has another type or shape than the config gives it"},
    };
    const char *model = inside(make_run(), "model.safetensors"), *copy = scratch("copy.safetensors");
    expect_each_is_refused(model, "eval", changes, COUNT(changes));
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
    expect_missing("", "state.before_end.step", "\"state.before_end.stop\"");
    expect_missing(ADAMW, "state.early_stop.dev_loss", "\"state.early_stop.gem_loss\"");
    expect_missing(ADAMW, "state.optimizer.updates", "\"state.optimizer.uploads\"");
    expect_missing(ADAMW, "state.optimizer.first_moment.layers.0.weight",
                   "\"state.optimizer.first_moment.layers.9.weight\"");
}
END_TEST

SUITE(cli_altered, NEEDS_NOTHING) {
    ADD(texts_that_are_missing_or_wrong);
    ADD(tensors_that_do_not_fit);
    ADD(state_that_is_missing);
}
