#include "testing.h"

#include "base/process.h"

#include <stdlib.h>

enum { LARGE = 3000000 };

static Arena arena;
static Error err;

static Process run(const char *const *argv, const char *input, size_t n) {
    Process process;
    ck_assert_msg(process_run(&process, argv, input, n, &arena, &err), "%s", err.text);
    return process;
}

START_TEST(large_input_and_output_pass_whole) {
    static const char *const copy[] = {"sh", "-c", "tee /dev/stderr", NULL}, *const ignore[] = {"true", NULL};
    char *input = malloc(LARGE);
    for (size_t i = 0; i < LARGE; i++) input[i] = (char)(i * 7 + i / 251);
    Process process = run(copy, input, LARGE);
    ck_assert_int_eq(process.status, 0);
    ck_assert_uint_eq(process.out.n, LARGE);
    ck_assert_mem_eq(process.out.bytes, input, LARGE);
    ck_assert_uint_eq(process.err.n, LARGE);
    ck_assert_int_eq(run(ignore, input, LARGE).status, 0);
    free(input);
}
END_TEST

START_TEST(arguments_outputs_and_status_pass) {
    static const struct {
        const char *argv[6], *out, *err;
        int status;
    } cases[] = {
        {{"sh", "-c", "echo out; echo err >&2; exit 3"}, "out\n", "err\n", 3},
        {{"sh", "-c", "kill -9 $$"}, "", "", 137},
        {{"printf", "%s|", "$(echo x)", "`echo y`", "'\"\\;*"}, "$(echo x)|`echo y`|'\"\\;*|", "", 0},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Process process = run(cases[i].argv, "", 0);
        ck_assert_str_eq(process.out.bytes, cases[i].out);
        ck_assert_str_eq(process.err.bytes, cases[i].err);
        ck_assert_int_eq(process.status, cases[i].status);
    }
}
END_TEST

SUITE(process, NEEDS_NOTHING) {
    ADD(large_input_and_output_pass_whole);
    ADD(arguments_outputs_and_status_pass);
}
