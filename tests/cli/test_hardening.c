// The compiler's and linker's guards in the built program. Not checked with HARDENING=no or SANITIZE.
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#ifdef NOMEN_HARDENED
static const struct {
    const char *option, *word;
} GUARDS[] = {
    {"-h", "DYN ("}, // a position-independent executable
    {"-l", "GNU_RELRO"},      {"-d", "BIND_NOW"},        {"-s", "__stack_chk_fail"},
#ifdef __GLIBC__
    {"-s", "__snprintf_chk"}, {"-s", "__vsnprintf_chk"},
#endif
};

START_TEST(the_program_is_hardened) {
    char *program = getenv("NOMEN"), *wrapper = strstr(program, ".sh"); // an emulator runs it through NOMEN.sh
    if (wrapper && wrapper[3] == '\0') *wrapper = '\0';
    if (shell("readelf -h '%s'", program).status != 0) {
        testing_skipped("the program's hardening, which takes readelf to see");
        return;
    }
    for (size_t i = 0; i < COUNT(GUARDS); i++) {
        Output output = shell("readelf -W %s '%s'", GUARDS[i].option, program);
        ck_assert_msg(strstr(output.out, GUARDS[i].word), "%s has no %s", program, GUARDS[i].word);
    }
    Output stack = shell("readelf -W -l '%s' | grep 'GNU_STACK.* RW '", program);
    ck_assert_msg(stack.status == 0, "the stack can be executed");
}
END_TEST
#endif

SUITE(hardening, NEEDS_NOTHING) {
#ifdef NOMEN_HARDENED
    ADD(the_program_is_hardened);
#else
    (void)group;
#endif
}
