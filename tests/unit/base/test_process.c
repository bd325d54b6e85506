// Another program: what it is given, what it writes, how it ends.
#include "testing.h"

#include "base/process.h"

#include <stdlib.h>
#include <string.h>

enum { LARGE = 3000000 }; // more than pipes hold

static Process run(const char *const *argv, const char *input, size_t n) {
    static Arena arena; // as long as the test
    Process process;
    Error err = {0};
    ck_assert_msg(process_run(&process, argv, input, n, &arena, &err), "%s", err.text);
    return process;
}

START_TEST(both_ways_at_once) {
    static const char *const argv[] = {"cat", NULL};
    char *input = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++) input[i] = (char)(i * 7 + i / 251);
    Process process = run(argv, input, LARGE);
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(process.out.n, LARGE);
    ck_assert_mem_eq(process.out.bytes, input, LARGE);
    ck_assert_uint_eq(process.err.n, 0);
    free(input);
}
END_TEST

START_TEST(much_on_both_outputs_does_not_stop_it) {
    static const char *const argv[] = {"sh", "-c", "head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero", NULL};
    Process process = run(argv, "", 0);
    ck_assert_uint_eq(process.out.n, 1000000);
    ck_assert_uint_eq(process.err.n, 1000000);
}
END_TEST

START_TEST(input_that_is_not_read_is_no_error) {
    static const char *const argv[] = {"true", NULL};
    char *input = calloc(LARGE, 1);
    ck_assert_int_eq(run(argv, input, LARGE).status, 0);
    free(input);
}
END_TEST

START_TEST(its_words_and_its_end_are_told) {
    static const char *const argv[] = {"sh", "-c", "echo out; echo err >&2; exit 3", NULL};
    Process process = run(argv, "", 0);
    ck_assert_str_eq(process.out.bytes, "out\n");
    ck_assert_str_eq(process.err.bytes, "err\n");
    ck_assert_int_eq(process.status, 3);
    ck_assert(!process.is_missing);
    static const char *const killed[] = {"sh", "-c", "kill -9 $$", NULL};
    ck_assert_int_eq(run(killed, "", 0).status, 137);
    // What we ignore while we write is the program's own again: a reader that goes away ends it.
    static const char *const pipe[] = {"sh", "-c", "(yes; echo $? >&2) | true", NULL};
    ck_assert_str_eq(run(pipe, "", 0).err.bytes, "141\n");
}
END_TEST

START_TEST(a_missing_program_is_told_apart) {
    static const char *const argv[] = {"no-such-program-here", NULL};
    Arena arena = {0};
    Process process;
    Error err = {0};
    ck_assert(!process_run(&process, argv, "x", 1, &arena, &err));
    ck_assert(process.is_missing);
    ck_assert_str_eq(err.text, "no-such-program-here: no such file or directory");
    arena_free(&arena);
}
END_TEST

START_TEST(no_shell_reads_its_arguments) {
    static const char *const argv[] = {"printf", "%s|", "$(echo x)", "`echo y`", "a b", "'\"\\;*", NULL};
    ck_assert_str_eq(run(argv, "", 0).out.bytes, "$(echo x)|`echo y`|a b|'\"\\;*|");
}
END_TEST

SUITE(process, NEEDS_NOTHING) {
    ADD(both_ways_at_once);
    ADD(much_on_both_outputs_does_not_stop_it);
    ADD(input_that_is_not_read_is_no_error);
    ADD(its_words_and_its_end_are_told);
    ADD(a_missing_program_is_told_apart);
    ADD(no_shell_reads_its_arguments);
}
