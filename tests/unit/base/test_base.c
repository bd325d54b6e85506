// The small modules that everything stands on: error, arena, buffer (and JSON), sha256.
#include "testing.h"

#include "base/json.h"
#include "base/rng.h"
#include "base/sha256.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(context_goes_before_the_text) {
    Error err;
    ck_assert(!error_set(&err, "expected %d, found \"%s\"", 3, "x"));
    ck_assert_int_eq(err.kind, ERROR_FAILURE);
    ck_assert(!error_context(&err, "lr[%d]", 2));
    ck_assert(!error_context(&err, "train"));
    ck_assert_str_eq(err.text, "train: lr[2]: expected 3, found \"x\"");
}
END_TEST

START_TEST(wrong_usage_stays_so_under_context) {
    Error err;
    ck_assert(!error_usage(&err, "what"));
    ck_assert(!error_context(&err, "where"));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_str_eq(err.text, "where: what");
}
END_TEST

START_TEST(a_long_error_keeps_its_reason) {
    char text[2 * ERROR_TEXT_BYTES], expected[ERROR_TEXT_BYTES];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    Error err;
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

START_TEST(the_systems_reason_is_in_lower_case) {
    Error err;
    errno = ENOENT;
    ck_assert(!error_system(&err, "a.txt"));
    ck_assert_str_eq(err.text, "a.txt: no such file or directory");
}
END_TEST

START_TEST(sizes_stay_at_the_most_instead_of_wrapping) {
    ck_assert_uint_eq(size_mul(6, 7), 42);
    ck_assert_uint_eq(size_mul(SIZE_MAX, 0), 0);
    ck_assert_uint_eq(size_mul(SIZE_MAX, 1), SIZE_MAX);
    ck_assert_uint_eq(size_mul(SIZE_MAX / 2 + 1, 2), SIZE_MAX);
    ck_assert_uint_eq(size_mul(SIZE_MAX / 2, 2), SIZE_MAX - 1);
    ck_assert_uint_eq(size_add(6, 7), 13);
    ck_assert_uint_eq(size_add(SIZE_MAX - 1, 1), SIZE_MAX);
    ck_assert_uint_eq(size_add(SIZE_MAX - 1, 2), SIZE_MAX);
    ck_assert_uint_eq(size_add(SIZE_MAX, SIZE_MAX), SIZE_MAX);
}
END_TEST

START_TEST(memory_beyond_the_machines_is_refused_in_words) {
    const double gib = 1024.0 * 1024.0 * 1024.0;
    size_t machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
    char expected[128];
    Error err;
    ck_assert(memory_fits(0, &err) && memory_fits(machine, &err));
    ck_assert(!memory_fits(machine + 1, &err));
    ck_assert(!memory_fits(machine * 8, &err));
    snprintf(expected, sizeof expected, "needs %.1f GiB of memory, this machine has %.1f GiB",
             8 * (double)machine / gib, (double)machine / gib);
    ck_assert_str_eq(err.text, expected);
    ck_assert(!memory_fits(SIZE_MAX, &err));
    ck_assert_ptr_null(strstr(err.text, "17179869184"));
    ck_assert_ptr_nonnull(strstr(err.text, "this machine has"));
}
END_TEST

static bool all_equal(const unsigned char *bytes, size_t n, unsigned char byte) {
    size_t i = 0;
    while (i < n && bytes[i] == byte) i++;
    return i == n;
}

START_TEST(memory_is_aligned_zeroed_and_ones_own) {
    static const size_t sizes[] = {1, 63, 64, 65, 1000, 16384, 16385, 65536, 100000, 3};
    enum { N = 200 };
    unsigned char *at[N];
    Arena arena = {0};
    Error err;
    for (size_t i = 0; i < N; i++) {
        size_t n = sizes[i % 10];
        at[i] = arena_alloc(&arena, n, 1, &err);
        ck_assert_ptr_nonnull(at[i]);
        ck_assert_uint_eq((uintptr_t)at[i] % ARENA_ALIGN_BYTES, 0);
        ck_assert(all_equal(at[i], n, 0));
        memset(at[i], (int)i, n);
    }
    for (size_t i = 0; i < N; i++) ck_assert(all_equal(at[i], sizes[i % 10], (unsigned char)i));
    arena_free(&arena);
    ck_assert_ptr_null(arena.newest);
}
END_TEST

START_TEST(no_memory_at_all_is_a_valid_pointer) {
    Arena arena = {0};
    Error err;
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0, 8, &err));
    ck_assert_ptr_nonnull(arena_alloc(&arena, SIZE_MAX, 0, &err));
    for (int i = 0; i < 1024; i++) ck_assert_ptr_nonnull(arena_alloc(&arena, 64, 1, &err)); // the block is now full
    ck_assert_ptr_nonnull(arena_alloc(&arena, 0, 0, &err));
    arena_free(&arena);
    arena_free(&arena);
}
END_TEST

START_TEST(a_product_that_overflows_is_refused_and_nothing_lost) {
    static const size_t pairs[][2] = {
        {SIZE_MAX, 2}, {SIZE_MAX / 2 + 2, 2}, {(size_t)1 << 33, (size_t)1 << 33}, {SIZE_MAX, 1}};
    Arena arena = {0};
    char *before = NULL;
    Error err;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        before = arena_copy(&arena, "kept", 4, &err);
        err.text[0] = '\0';
        ck_assert_ptr_null(arena_alloc(&arena, pairs[i][0], pairs[i][1], &err));
        ck_assert_ptr_nonnull(strstr(err.text, "needs more memory than can be counted"));
        ck_assert_int_eq(err.kind, ERROR_FAILURE);
        ck_assert_str_eq(before, "kept");
    }
    ck_assert_ptr_null(arena_alloc(&arena, SIZE_MAX - 10, 1, &err)); // its rounding up to the alignment overflows
    ck_assert_ptr_null(arena_copy(&arena, before, SIZE_MAX, &err));
    ck_assert_ptr_nonnull(arena_alloc(&arena, 10, 10, &err));
    arena_free(&arena);
}
END_TEST

START_TEST(copies_and_formats_end_with_a_nul) {
    Arena arena = {0};
    Error err;
    char *copy = arena_copy(&arena, "a\0bc", 3, &err);
    ck_assert_mem_eq(copy, "a\0b", 4);
    ck_assert_str_eq(arena_copy(&arena, NULL, 0, &err), "");
    ck_assert_str_eq(arena_format(&arena, &err, "%s-%05d", "x", 42), "x-00042");
    char *wide = arena_format(&arena, &err, "%100000d", 7);
    ck_assert_uint_eq(strlen(wide), 100000);
    ck_assert_str_eq(wide + 99998, " 7");
    arena_free(&arena);
}
END_TEST

START_TEST(a_buffer_keeps_every_byte_while_it_grows) {
    Arena arena = {0};
    Buffer buffer = {.arena = &arena};
    Error err;
    ck_assert_str_eq(buffer_text(&buffer, &err), "");
    for (int i = 0; i < 5000; i++) {
        buffer_print(&buffer, "%04d", i);
        buffer_add(&buffer, "\0;", 2);
    }
    const char *text = buffer_text(&buffer, &err);
    ck_assert_uint_eq(buffer.n, 30000);
    ck_assert_int_eq(text[30000], '\0');
    for (int i = 0; i < 5000; i++) {
        char expected[8];
        snprintf(expected, sizeof expected, "%04d", i);
        memcpy(expected + 4, "\0;", 2);
        ck_assert_mem_eq(text + 6 * i, expected, 6);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_buffer_remembers_that_memory_ran_out) {
    Arena arena = {0};
    Buffer buffer = {.arena = &arena};
    Error err;
    buffer_add(&buffer, "begin", 5);
    buffer_add(&buffer, "x", SIZE_MAX / 2); // refused before anything is read
    buffer_add(&buffer, "end", 3);
    buffer_print(&buffer, "%d", 1);
    err.text[0] = '\0';
    ck_assert_ptr_null(buffer_text(&buffer, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "memory"));
    arena_free(&arena);
}
END_TEST

START_TEST(json_commas_come_by_themselves) {
    Arena arena = {0};
    Buffer json = {.arena = &arena};
    Error err;
    json_open(&json, '{');
    json_key(&json, "a");
    json_open(&json, '[');
    json_whole(&json, 1);
    json_word(&json, "true");
    json_open(&json, '[');
    json_close(&json, ']');
    json_open(&json, '{');
    json_close(&json, '}');
    json_number(&json, 2.5);
    json_close(&json, ']');
    json_key(&json, "b");
    json_text(&json, "x");
    json_key(&json, "c");
    json_whole(&json, UINT64_MAX);
    json_close(&json, '}');
    ck_assert_str_eq(buffer_text(&json, &err), "{\"a\":[1,true,[],{},2.5],\"b\":\"x\",\"c\":18446744073709551615}");
    arena_free(&arena);
}
END_TEST

START_TEST(json_text_is_escaped) {
    Arena arena = {0};
    Buffer json = {.arena = &arena};
    Error err;
    json_open(&json, '[');
    json_text(&json, "\"\\/\n\t\x01\x1f\x7f");
    json_bytes(&json, "a\0b", 3);
    json_text(&json, "Zo\xC3\xAB \xE3\x81\x82 \xF0\x9F\x98\x80");
    json_text(&json, "");
    json_close(&json, ']');
    ck_assert_str_eq(buffer_text(&json, &err), "[\"\\\"\\\\/\\u000a\\u0009\\u0001\\u001f\x7f\",\"a\\u0000b\","
                                               "\"Zo\xC3\xAB \xE3\x81\x82 \xF0\x9F\x98\x80\",\"\"]");
    arena_free(&arena);
}
END_TEST

START_TEST(json_is_indented_where_it_fills_a_line) {
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
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Arena arena = {0};
        Buffer printed = {.arena = &arena};
        Error err;
        json_indent(&printed, cases[i].json);
        ck_assert_str_eq(buffer_text(&printed, &err), cases[i].printed);
        arena_free(&arena);
    }
}
END_TEST

static const char *json_of(Arena *arena, double number) {
    Buffer json = {.arena = arena};
    Error err;
    json_number(&json, number);
    return buffer_text(&json, &err);
}

START_TEST(json_numbers_are_short_and_read_back_the_same) {
    Arena arena = {0};
    Rng rng;
    rng_seed(&rng, 1);
    ck_assert_str_eq(json_of(&arena, 0.1), "0.1");
    ck_assert_str_eq(json_of(&arena, 0), "0");
    ck_assert_str_eq(json_of(&arena, -3), "-3");
    ck_assert_str_eq(json_of(&arena, 1e-5), "1e-05");
    ck_assert_str_eq(json_of(&arena, 1.6666666667), "1.6666666667");
    for (int i = 0; i < 5000; i++) {
        uint64_t bits = rng_u64(&rng);
        double number, back;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number)) continue;
        back = strtod(json_of(&arena, number), NULL);
        ck_assert_mem_eq(&back, &number, sizeof back);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(json_has_null_for_what_is_not_finite) {
    Arena arena = {0};
    ck_assert_str_eq(json_of(&arena, (double)NAN), "null");
    ck_assert_str_eq(json_of(&arena, (double)INFINITY), "null");
    ck_assert_str_eq(json_of(&arena, (double)-INFINITY), "null");
    arena_free(&arena);
}
END_TEST

static void expect_sha256(const void *bytes, size_t n, const char *expected) {
    char hex[SHA256_HEX_BYTES];
    sha256_hex(bytes, n, hex);
    ck_assert_str_eq(hex, expected);
}

START_TEST(sha256_gives_the_published_digests) {
    expect_sha256("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_sha256("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    char *million = malloc(1000000);
    ck_assert_ptr_nonnull(million);
    memset(million, 'a', 1000000);
    expect_sha256(million, 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(million);
}
END_TEST

START_TEST(sha256_holds_around_the_ends_of_blocks) {
    // sha256sum of the first 55, 56, ... 65 bytes of the alphabet over and over
    static const char *const expected[] = {
        "595615dbe4f0f407ae397d08b4c2cb870cb9b0e11937416f950c5160acf9c005",
        "784f623b787495078e93ff28a25b581df0584055a7e71d8cd90c454716b92f51",
        "808f0738aa4401bdee842e5a15a7baad5809f976d8eb6f9bd2683cebd2e8d671",
        "690c197164b3bafc3a2b94834a9607edbec7b32bb77e33c115f7a3e03fbc90a7",
        "5c23b54f1767aa26ae7678adaab68e4b843a21d0572cf1a45060bbf55a3907b7",
        "ebd1e8d5a162faa552fff8894f2b77001124b928d526a2d6b74f788658f63f1e",
        "050c761c092b0b58514e3b980f9eeabcff934921b9da20c89b67a1a5da84a083",
        "78a08480079addf8f63112aa195cbb6e940e3bf2efcd331920f0fda2a3556ac6",
        "5ca3e1ef5207490eac01a795e5cc94d59582a5118bf9534665c8668d87aa647c",
        "2fcd5a0d60e4c941381fcc4e00a4bf8be422c3ddfafb93c809e8d1e2bfffae8e",
        "1b3cd1877ab2f2f19f7be001722554f336cb799df0329de0bb4c118dc6abc06d",

    };
    char text[65];
    for (size_t i = 0; i < sizeof text; i++) text[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) expect_sha256(text, 55 + i, expected[i]);
}
END_TEST

START_TEST(sha256_takes_every_byte) {
    unsigned char bytes[256];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)i;
    expect_sha256(bytes, sizeof bytes, "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
}
END_TEST

SUITE(base, NEEDS_NOTHING) {
    ADD(context_goes_before_the_text);
    ADD(wrong_usage_stays_so_under_context);
    ADD(a_long_error_keeps_its_reason);
    ADD(the_systems_reason_is_in_lower_case);
    ADD(sizes_stay_at_the_most_instead_of_wrapping);
    ADD(memory_beyond_the_machines_is_refused_in_words);
    ADD(memory_is_aligned_zeroed_and_ones_own);
    ADD(no_memory_at_all_is_a_valid_pointer);
    ADD(a_product_that_overflows_is_refused_and_nothing_lost);
    ADD(copies_and_formats_end_with_a_nul);
    ADD(a_buffer_keeps_every_byte_while_it_grows);
    ADD(a_buffer_remembers_that_memory_ran_out);
    ADD(json_commas_come_by_themselves);
    ADD(json_text_is_escaped);
    ADD(json_numbers_are_short_and_read_back_the_same);
    ADD(json_has_null_for_what_is_not_finite);
    ADD(json_is_indented_where_it_fills_a_line);
    ADD(sha256_gives_the_published_digests);
    ADD(sha256_holds_around_the_ends_of_blocks);
    ADD(sha256_takes_every_byte);
}
