// The test runner: every registered suite, or those whose names it is given, and a last line that counts. With "long"
// as the first argument, the suites that take minutes instead.
#include "testing.h"

#include "kernels/kernels.h"

#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_SUITES = 128, PATH_BYTES = 512 };

static const double TEST_SECONDS = 240, LONG_TEST_SECONDS = 2400;

typedef struct Registered {
    const char *name;
    Needs needs;
    void (*add)(Group *group);
} Registered;

static Registered suites[MAX_SUITES];
static size_t n_suites;
static char root[PATH_BYTES]; // of all scratch files

enum { MAX_LINES = 1024 }; // of a test file

// Each test runs in a process of its own, and so starts with none reached.
void testing_reach(const char *file, int line) {
    static bool reached[MAX_LINES];
    if (line < MAX_LINES && reached[line]) return;
    if (line < MAX_LINES) reached[line] = true;
    (_mark_point)(file, line);
}

void testing_skipped(const char *what) {
    printf("skipped: %s\n", what);
    fflush(stdout);
}

struct Group {
    TCase *tests; // NULL: only count
    int n;
};

void testing_register(const char *name, Needs needs, void (*add)(Group *group)) {
    if (n_suites == MAX_SUITES) abort();
    suites[n_suites++] = (Registered){name, needs, add};
}

void testing_add(Group *group, const TTest *test) {
    if (group->tests) tcase_add_test(group->tests, test);
    group->n++;
}

// Strings that tests are given live as long as the test, and are not leaks: they hang on this list.
typedef struct Kept {
    struct Kept *older;
    void *memory;
} Kept;

static Kept *newest_kept;

static void *keep(void *memory) {
    Kept *kept = malloc(sizeof *kept);
    ck_assert(memory && kept);
    *kept = (Kept){newest_kept, memory};
    newest_kept = kept;
    return memory;
}

static char *format_text(const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = keep(malloc((size_t)n + 1));
    vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    return text;
}

static char *join(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
    return text;
}

// Each test runs in a process of its own, and makes its directory there. The process's number would not do as a name:
// where the system counts to 32768, tests that start many programs see numbers come again.
const char *scratch(const char *name) {
    static char dir[PATH_BYTES + sizeof "/XXXXXX"];
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "%s/XXXXXX", root);
        ck_assert_msg(mkdtemp(dir) != NULL, "cannot make %s", dir);
    }
    return inside(dir, name);
}

const char *inside(const char *dir, const char *name) { return join("%s/%s", dir, name); }

void write_bytes(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

void write_text(const char *path, const char *text) { write_bytes(path, text, strlen(text)); }

char *read_text(const char *path, size_t *n) {
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "cannot read %s", path);
    size_t used = 0, room = 1 << 16;
    char *text = malloc(room + 1);
    for (size_t got; text && (got = fread(text + used, 1, room - used, file)) > 0;) {
        used += got;
        if (used == room) text = realloc(text, (room *= 2) + 1);
    }
    fclose(file);
    text = keep(realloc(text, used + 1)); // a test of many trials keeps many
    text[used] = '\0';
    if (n) *n = used;
    return text;
}

bool exists(const char *path) { return access(path, F_OK) == 0; }

Output nomen(const char *arguments, ...) {
    va_list args;
    va_start(args, arguments);
    char *words = format_text(arguments, args);
    va_end(args);
    const char *program = getenv("NOMEN"), *out = scratch("stdout"), *err = scratch("stderr");
    char *command = join("{ %s %s; } >'%s' 2>'%s' </dev/null", program ? program : "build/nomen", words, out, err);
    int result = system(command);
    int status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return (Output){status, read_text(out, NULL), read_text(err, NULL)};
}

void expect_refusal(Output output, int status, const char *line, ...) {
    va_list args;
    va_start(args, line);
    char *text = format_text(line, args), *expected = join("%s\n", text);
    va_end(args);
    ck_assert_str_eq(output.err, expected);
    ck_assert_int_eq(output.status, status);
    ck_assert_str_eq(output.out, "");
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *at) {
    (void)info, (void)type, (void)at;
    return remove(path);
}

#define HAS_TORCH                                                                                               \
    " -c 'import importlib.util as u, sys; sys.exit(not (u.find_spec(\"torch\") and u.find_spec(\"numpy\")))' " \
    "2>/dev/null"

const char *python_with_torch(void) {
    if (system("python3" HAS_TORCH) == 0) return "python3";
    return system("/usr/bin/python3" HAS_TORCH) == 0 ? "/usr/bin/python3" : NULL;
}

// Why a suite is not run, or NULL.
static const char *reason_to_skip(Needs needs, bool run_long) {
    if (needs == NEEDS_LONG && !run_long) return "takes minutes (make check-long)";
    if (needs == NEEDS_TORCH) return python_with_torch() ? NULL : "needs PyTorch and NumPy (Debian: python3-torch)";
    if (needs != NEEDS_NOTHING && !exists(LECTURE_NAMES)) return "needs " LECTURE_NAMES " (make lecture-data)";
    return NULL;
}

// True where no names are given, too.
static bool is_among(const char *name, char *const *names, int n) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return true;
    return n == 0;
}

// False, and said on standard error, where a name is no suite's.
static bool all_are_suites(char *const *names, int n) {
    for (int i = 0; i < n; i++) {
        bool found = false;
        for (size_t s = 0; s < n_suites; s++) found = found || strcmp(suites[s].name, names[i]) == 0;
        if (found) continue;
        fprintf(stderr, "there is no suite \"%s\"\n", names[i]);
        return false;
    }
    return true;
}

// Hands the runner the suites of these names, or all; returns how many tests are skipped.
static int add_suites(SRunner *runner, bool run_long, char *const *names, int n_names) {
    int skipped = 0;
    for (size_t i = 0; i < n_suites; i++) {
        const Registered *suite = &suites[i];
        if (run_long != (suite->needs == NEEDS_LONG) || !is_among(suite->name, names, n_names)) continue;
        const char *reason = reason_to_skip(suite->needs, run_long);
        Group group = {.tests = reason ? NULL : tcase_create(suite->name)};
        if (group.tests) tcase_set_timeout(group.tests, run_long ? LONG_TEST_SECONDS : TEST_SECONDS);
        suite->add(&group);
        if (reason) {
            printf("skipped: %d tests of %s, which %s\n", group.n, suite->name, reason);
            skipped += group.n;
            continue;
        }
        Suite *checks = suite_create(suite->name);
        suite_add_tcase(checks, group.tests);
        srunner_add_suite(runner, checks);
    }
    return skipped;
}

int main(int argc, char **argv) {
    bool run_long = argc > 1 && strcmp(argv[1], "long") == 0;
    char *const *names = argv + 1 + run_long;
    int n_names = argc - 1 - run_long;
    if (!all_are_suites(names, n_names)) return EXIT_FAILURE;
    const char *dir = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/nomen-tests-XXXXXX", dir ? dir : "/tmp");
    if (!mkdtemp(root)) {
        perror(root);
        return EXIT_FAILURE;
    }
    Error err;
    if (!kernels_select(getenv("NOMEN_ISA"), &err)) {
        fprintf(stderr, "%s\n", err.text);
        return EXIT_FAILURE;
    }
    SRunner *runner = srunner_create(NULL);
    int skipped = add_suites(runner, run_long, names, n_names);
    srunner_run_all(runner, CK_NORMAL);
    int run = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed, %d skipped\n", run - failed, failed, skipped);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
