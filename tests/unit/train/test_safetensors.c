// Checks model files by the rules of the safetensors format (huggingface/safetensors, README, "Format", and its
// reader).
#include "cli/run.h"

#include <cJSON.h>

enum { LENGTH_BYTES = 8, MOST_HEADER_BYTES = 100000000 };

static size_t size_of(const char *dtype) {
    static const struct {
        const char *name;
        size_t size;
    } types[] = {{"F32", 4}, {"F64", 8}, {"I64", 8}};
    for (size_t i = 0; i < COUNT(types); i++)
        if (strcmp(dtype, types[i].name) == 0) return types[i].size;
    ck_abort_msg("dtype %s", dtype);
    return 0;
}

static void expect_different_keys(const cJSON *object) {
    for (const cJSON *a = object->child; a; a = a->next)
        for (const cJSON *b = a->next; b; b = b->next) ck_assert_str_ne(a->string, b->string);
}

// Checks that a tensor begins at `begin`, the end of the one before, aligned to its numbers. Returns its end.
static size_t expect_tensor(const cJSON *tensor, size_t begin) {
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(tensor, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(tensor, "shape"), *item;
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(tensor, "data_offsets");
    ck_assert_msg(cJSON_GetArraySize(tensor) == 3 && cJSON_IsString(dtype) && cJSON_IsArray(shape) &&
                      cJSON_IsArray(offsets) && cJSON_GetArraySize(offsets) == 2,
                  "%s", tensor->string);
    size_t size = size_of(dtype->valuestring), n = size;
    cJSON_ArrayForEach(item, shape) n *= (size_t)item->valuedouble;
    ck_assert_msg(begin % size == 0, "%s is not aligned", tensor->string);
    ck_assert_uint_eq((size_t)offsets->child->valuedouble, begin);
    ck_assert_uint_eq((size_t)offsets->child->next->valuedouble, begin + n);
    return begin + n;
}

// Checks a file. Returns how many tensors it holds.
static size_t expect_format(const char *path) {
    size_t n, end = 0;
    const char *bytes = read_text(path, &n);
    uint64_t header_n;
    ck_assert_uint_gt(n, LENGTH_BYTES);
    header_n = little_endian(bytes, LENGTH_BYTES);
    ck_assert(header_n <= MOST_HEADER_BYTES && header_n <= n - LENGTH_BYTES && header_n % 8 == 0);
    ck_assert_int_eq(bytes[LENGTH_BYTES], '{');
    ck_assert(utf8_is_valid(bytes + LENGTH_BYTES, header_n));
    const char *after, *data = bytes + LENGTH_BYTES + header_n;
    cJSON *header = cJSON_ParseWithLengthOpts(bytes + LENGTH_BYTES, header_n, &after, 0);
    ck_assert_msg(header != NULL, "%s: no JSON", path);
    for (; after < data; after++) ck_assert_int_eq(*after, ' ');
    expect_different_keys(header);
    size_t n_tensors = 0;
    for (const cJSON *item = header->child; item; item = item->next) {
        expect_different_keys(item);
        if (strcmp(item->string, "__metadata__") != 0) {
            end = expect_tensor(item, end);
            n_tensors++;
            continue;
        }
        for (const cJSON *text = item->child; text; text = text->next)
            ck_assert_msg(cJSON_IsString(text), "__metadata__ %s", text->string);
    }
    cJSON_Delete(header);
    ck_assert_uint_eq(LENGTH_BYTES + header_n + end, n);
    return n_tensors;
}

START_TEST(a_run_keeps_the_rules_of_the_format) {
    ck_assert_int_eq(train("run", "--steps 110 --quiet --set train.optimizer.type=adamw").status, 0);
    SafeTensors model = read_model(scratch("run"), "model.safetensors");
    ck_assert_ptr_nonnull(safetensors_find(&model, "state.optimizer.second_moment.layers.0.weight"));
    ck_assert_uint_eq(expect_format(inside(scratch("run"), "model.safetensors")), model.n_tensors);
    expect_format(inside(scratch("run"), "best.safetensors"));
}
END_TEST

START_TEST(counts_of_any_characters_keep_them) {
    write_text(scratch("names.txt"), "a\"b\n\\c'\n\xC3\xA9\xE6\x97\xA5\xF0\x9F\x98\x80 x\n{}[]\n\xC2\xABz\n");
    write_text(scratch("c.json"), "{\"name\": \"\xC3\xBC \\\"q\\\"\", \"data\": {\"path\": \"names.txt\", \"split\": "
                                  "[1]}, \"model\": {\"ngram\": 3}}");
    ok(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")));
    ck_assert_uint_eq(expect_format(scratch("run/model.safetensors")), 8);
}
END_TEST

SUITE(safetensors, NEEDS_NOTHING) {
    ADD(a_run_keeps_the_rules_of_the_format);
    ADD(counts_of_any_characters_keep_them);
}
