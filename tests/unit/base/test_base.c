// Errors, arenas, buffers, JSON and SHA-256.
#include "testing.h"

#include "base/json.h"
#include "base/rng.h"
#include "base/sha256.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static Arena arena;
static Error err;

START_TEST(errors_say_where_and_why) {
    ck_assert(!error_set(&err, "expected %d, found \"%s\"", 3, "x"));
    ck_assert_int_eq(err.kind, ERROR_FAILURE);
    ck_assert(!error_context(&err, "lr[%d]", 2) && !error_prefix(&err, "train."));
    ck_assert_str_eq(err.text, "train.lr[2]: expected 3, found \"x\"");
    ck_assert(!error_usage(&err, "what") && !error_context(&err, "where"));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_str_eq(err.text, "where: what");
    errno = ENOENT;
    ck_assert(!error_system(&err, "a.txt"));
    ck_assert_str_eq(err.text, "a.txt: no such file or directory");
}
END_TEST

START_TEST(a_long_error_keeps_its_reason) {
    char text[2 * ERROR_TEXT_BYTES], expected[ERROR_TEXT_BYTES];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    error_set(&err, "why");
    error_context(&err, "%s", text);
    memset(expected, 'x', sizeof expected - 1);
    memcpy(expected + sizeof expected - sizeof "...: why", "...: why", sizeof "...: why");
    ck_assert_str_eq(err.text, expected);
    error_set(&err, "%s", text); // a reason that fills the buffer leaves no room for a place
    error_context(&err, "here");
    ck_assert_uint_eq(strlen(err.text), ERROR_TEXT_BYTES - 1);
    ck_assert_int_eq(err.text[0], 'x');
}
END_TEST

START_TEST(sizes_stay_at_the_maximum_instead_of_wrapping) {
    ck_assert_uint_eq(size_mul(6, 7), 42);
    ck_assert_uint_eq(size_mul(SIZE_MAX, 0), 0);
    ck_assert_uint_eq(size_mul(SIZE_MAX / 2 + 1, 2), SIZE_MAX);
    ck_assert_uint_eq(size_mul(SIZE_MAX / 2, 2), SIZE_MAX - 1);
    ck_assert_uint_eq(size_add(6, 7), 13);
    ck_assert_uint_eq(size_add(SIZE_MAX - 1, 1), SIZE_MAX);
    ck_assert_uint_eq(size_add(SIZE_MAX - 1, 2), SIZE_MAX);
}
END_TEST

START_TEST(memory_beyond_the_machines_is_refused) {
    static const size_t pairs[][2] = {
        {SIZE_MAX, 2}, {SIZE_MAX / 2 + 2, 2}, {(size_t)1 << 33, (size_t)1 << 33}, {SIZE_MAX, 1}};
    const double gib = 1024.0 * 1024.0 * 1024.0;
    size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    ck_assert(memory_fits(0, &err) && memory_fits(machine, &err) && !memory_fits(machine + 1, &err));
    ck_assert(!memory_fits(machine * 8, &err));
    const char *expected =
        textf("needs %.1f GiB of memory; there are %.1f GiB", 8 * (double)machine / gib, (double)machine / gib);
    ck_assert_str_eq(err.text, expected);
    const char *before = arena_copy(&arena, "kept", 4, &err);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        ck_assert_ptr_null(arena_alloc(&arena, pairs[i][0], pairs[i][1], &err));
        ck_assert_ptr_nonnull(strstr(err.text, "needs more memory than can be counted; there are"));
        ck_assert_int_eq(err.kind, ERROR_FAILURE);
    }
    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX - 10, 1, &err)); // rounding up to the alignment overflows
    ck_assert_ptr_null(arena_copy(&arena, before, SIZE_MAX, &err));
    ck_assert_str_eq(before, "kept");
    ck_assert_ptr_nonnull(arena_alloc(&arena, 10, 10, &err));
}
END_TEST

static bool all_equal(const unsigned char *bytes, size_t n, unsigned char byte) {
    size_t i = 0;
    while (i < n && bytes[i] == byte) i++;
    return i == n;
}

START_TEST(memory_is_aligned_zeroed_and_separate) {
    static const size_t sizes[] = {1, 63, 64, 65, 1000, 16384, 16385, 65536, 100000, 0};
    enum { N = 200 };
    unsigned char *at[N];
    Arena own = {0};
    for (size_t i = 0; i < N; i++) {
        size_t n = sizes[i % COUNT(sizes)];
        at[i] = arena_alloc(&own, n, 1, &err);
        ck_assert_ptr_nonnull(at[i]);
        ck_assert_uint_eq((uintptr_t)at[i] % ARENA_ALIGN_BYTES, 0);
        ck_assert(all_equal(at[i], n, 0));
        memset(at[i], (int)i, n);
    }
    for (size_t i = 0; i < N; i++) ck_assert(all_equal(at[i], sizes[i % COUNT(sizes)], (unsigned char)i));
    ck_assert_ptr_nonnull(arena_alloc(&own, SIZE_MAX, 0, &err));
    arena_free(&own);
    ck_assert_ptr_null(own.newest);
    arena_free(&own);
    ck_assert_mem_eq(arena_copy(&arena, "a\0bc", 3, &err), "a\0b", 4);
    ck_assert_str_eq(arena_copy(&arena, NULL, 0, &err), "");
    ck_assert_str_eq(arena_format(&arena, &err, "%s-%05d", "x", 42), "x-00042");
    ck_assert_uint_eq(strlen(arena_format(&arena, &err, "%100000d", 7)), 100000);
}
END_TEST

START_TEST(a_buffer_keeps_every_byte) {
    Buffer buffer = {.arena = &arena}, joined = {.arena = &arena};
    ck_assert_str_eq(buffer_text(&buffer, &err), "");
    for (int i = 0; i < 5000; i++) {
        buffer_print(&buffer, "%04d", i);
        buffer_add(&buffer, "\0;", 2);
    }
    buffer_join(&joined, &buffer);
    const char *text = buffer_text(&joined, &err);
    ck_assert_uint_eq(joined.n, 30000);
    ck_assert_int_eq(text[30000], '\0');
    for (int i = 0; i < 5000; i++) {
        ck_assert_mem_eq(text + 6 * i, textf("%04d", i), 4);
        ck_assert_mem_eq(text + 6 * i + 4, "\0;", 2);
    }
    buffer_add(&buffer, "x", SIZE_MAX / 2); // refused before anything is read
    buffer_print(&buffer, "%d", 1);
    buffer_join(&joined, &buffer);
    ck_assert_ptr_null(buffer_text(&joined, &err));
    ck_assert_int_eq(err.kind, ERROR_MEMORY);
}
END_TEST

START_TEST(json_has_commas_and_escapes) {
    Buffer json = {.arena = &arena};
    json_open(&json, '{');
    json_add_open(&json, "a", '[');
    json_whole(&json, 1);
    json_word(&json, "true");
    json_open(&json, '[');
    json_close(&json, ']');
    json_open(&json, '{');
    json_close(&json, '}');
    json_number(&json, 2.5);
    json_close(&json, ']');
    json_add_text(&json, "b", "\"\\/\n\t\x01\x1f\x7fZo\xC3\xAB");
    json_add_whole(&json, "c", UINT64_MAX);
    json_key(&json, "d");
    json_bytes(&json, "a\0b", 3);
    json_format(&json, "'e':{'f':%d}", 5);
    json_close(&json, '}');
    ck_assert_str_eq(buffer_text(&json, &err),
                     "{\"a\":[1,true,[],{},2.5],\"b\":\"\\\"\\\\/\\u000a\\u0009\\u0001\\u001f\x7fZo\xC3\xAB\","
                     "\"c\":18446744073709551615,\"d\":\"a\\u0000b\",\"e\":{\"f\":5}}");
}
END_TEST

START_TEST(json_is_indented_if_it_fills_a_line) {
#define TEN "1,2,3,4,5,6,7,8,9,10"
#define SPACED "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"
    static const struct {
        const char *json, *printed;
    } cases[] = {
        {"9007199254740991", "9007199254740991\n"},
        {"{}", "{}\n"},
        {"[0.8, 0.1]", "[0.8, 0.1]\n"},
        {"{\"a\":{\"b, {:\\\"}\":[1e+15,null]},\"c\":\"\\\\\"}",
         "{ \"a\": { \"b, {:\\\"}\": [1e+15, null] }, \"c\": \"\\\\\" }\n"},
        {"{\"a\":[" TEN "," TEN "," TEN "],\"b\":{\"c\":[[" TEN "],[]]},\"d\":[{}]}",
         "{\n  \"a\": [" SPACED ", " SPACED ", " SPACED "],\n  \"b\": { \"c\": [[" SPACED
         "], []] },\n  \"d\": [{}]\n}\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Buffer printed = {.arena = &arena};
        json_indent(&printed, cases[i].json);
        ck_assert_str_eq(buffer_text(&printed, &err), cases[i].printed);
    }
}
END_TEST

static const char *json_of(double number) {
    Buffer json = {.arena = &arena};
    json_number(&json, number);
    return buffer_text(&json, &err);
}

START_TEST(json_numbers_are_short_and_read_back_the_same) {
    static const struct {
        double number;
        const char *json;
    } cases[] = {{0.1, "0.1"},
                 {0, "0"},
                 {-3, "-3"},
                 {1e-5, "1e-05"},
                 {1.6666666667, "1.6666666667"},
                 {(double)NAN, "null"},
                 {(double)INFINITY, "null"}};
    Rng rng;
    rng_seed(&rng, 1);
    for (size_t i = 0; i < COUNT(cases); i++) ck_assert_str_eq(json_of(cases[i].number), cases[i].json);
    for (int i = 0; i < 2000; i++) {
        uint64_t bits = rng_u64(&rng);
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        back = strtod(json_of(number), NULL);
        ck_assert_mem_eq(&back, &number, sizeof back);
    }
}
END_TEST

// The published digests, and those of sha256sum around the ends of blocks of the alphabet repeated.
START_TEST(sha256_gives_the_published_digests) {
    static const struct {
        size_t n;
        const char *text, *digest;
    } cases[] = {
        {0, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {3, "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {56, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {55, NULL, "595615dbe4f0f407ae397d08b4c2cb870cb9b0e11937416f950c5160acf9c005"},
        {56, NULL, "784f623b787495078e93ff28a25b581df0584055a7e71d8cd90c454716b92f51"},
        {63, NULL, "5ca3e1ef5207490eac01a795e5cc94d59582a5118bf9534665c8668d87aa647c"},
        {64, NULL, "2fcd5a0d60e4c941381fcc4e00a4bf8be422c3ddfafb93c809e8d1e2bfffae8e"},
        {65, NULL, "1b3cd1877ab2f2f19f7be001722554f336cb799df0329de0bb4c118dc6abc06d"},
    };
    char alphabet[65], hex[SHA256_HEX_BYTES];
    unsigned char bytes[256], digest[SHA256_BYTES], plain[SHA256_BYTES];
    for (size_t i = 0; i < sizeof alphabet; i++) alphabet[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)i;
    for (size_t i = 0; i < COUNT(cases); i++) {
        sha256_hex(cases[i].text ? cases[i].text : alphabet, cases[i].n, hex);
        ck_assert_str_eq(hex, cases[i].digest);
    }
    sha256_hex(bytes, sizeof bytes, hex);
    ck_assert_str_eq(hex, "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
    for (size_t n = 0; n <= sizeof bytes; n++) {
        sha256(bytes, n, digest);
        sha256_plain(bytes, n, plain);
        ck_assert_mem_eq(digest, plain, sizeof digest);
    }
}
END_TEST

SUITE(base, NEEDS_NOTHING) {
    ADD(errors_say_where_and_why);
    ADD(a_long_error_keeps_its_reason);
    ADD(sizes_stay_at_the_maximum_instead_of_wrapping);
    ADD(memory_beyond_the_machines_is_refused);
    ADD(memory_is_aligned_zeroed_and_separate);
    ADD(a_buffer_keeps_every_byte);
    ADD(json_has_commas_and_escapes);
    ADD(json_is_indented_if_it_fills_a_line);
    ADD(json_numbers_are_short_and_read_back_the_same);
    ADD(sha256_gives_the_published_digests);
}
