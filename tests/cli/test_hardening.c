// What the compiler and the linker were told to guard, read off the built program; nothing where the Makefile was told
// HARDENING=no or to sanitize, or where there is no readelf.
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *built_program(void) {
    const char *program = getenv("NOMEN");
    static char path[4096];
    snprintf(path, sizeof path, "%s", program ? program : "build/nomen");
    char *wrapper = strstr(path, ".sh"); // beside a program that an emulator runs
    if (wrapper && wrapper[3] == '\0') *wrapper = '\0';
    return path;
}

// What readelf says of the program, or NULL where it cannot say anything.
static const char *elf_of_program(const char *what) {
#ifdef NOMEN_HARDENED
    char command[8192];
    const char *out = scratch("elf");
    snprintf(command, sizeof command, "readelf -W %s '%s' >'%s' 2>/dev/null", what, built_program(), out);
    if (system(command) == 0) return read_text(out, NULL);
    testing_skipped("the program's hardening, which takes readelf to see");
#else
    (void)what, (void)built_program;
#endif
    return NULL;
}

static void expect_word(const char *text, const char *word) {
    ck_assert_msg(strstr(text, word) != NULL, "%s has no %s", built_program(), word);
}

START_TEST(the_program_lies_at_no_fixed_place) {
    const char *header = elf_of_program("-h");
    if (header) expect_word(header, "DYN (");
}
END_TEST

START_TEST(what_the_loader_writes_is_read_only_when_the_program_starts) {
    const char *segments = elf_of_program("-ld");
    if (!segments) return;
    expect_word(segments, "GNU_RELRO");
    expect_word(segments, "BIND_NOW");
    const char *stack = strstr(segments, "GNU_STACK");
    ck_assert_ptr_nonnull(stack);
    const char *end = strchr(stack, '\n'), *flags = strstr(stack, " RW ");
    ck_assert_msg(flags && end && flags < end, "the stack can be executed");
}
END_TEST

START_TEST(buffers_on_the_stack_are_guarded) {
    const char *symbols = elf_of_program("-s");
    if (!symbols) return;
    expect_word(symbols, "__stack_chk_fail");
#ifdef __GLIBC__
    expect_word(symbols, "__snprintf_chk");
    expect_word(symbols, "__vsnprintf_chk");
#endif
}
END_TEST

SUITE(hardening, NEEDS_NOTHING) {
    ADD(the_program_lies_at_no_fixed_place);
    ADD(what_the_loader_writes_is_read_only_when_the_program_starts);
    ADD(buffers_on_the_stack_are_guarded);
}
