// The test runner. Runs all suites, or those named on the command line, and prints a last line of counts. Each suite
// has a process of its own, and NOMEN_TEST_JOBS of them run at a time (default: one per processor). The first argument
// "long" selects the suites that take minutes.
#include "testing.h"

#include "kernels/kernels.h"

#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_SUITES = 128 };

static const double TEST_SECONDS = 240, LONG_TEST_SECONDS = 2400;

typedef struct TestSuite {
    const char *name;
    Needs needs;
    void (*add)(Group *group);
    pid_t pid; // of the process that runs the suite, or 0
    int n_run, n_failed;
    double seconds;
} TestSuite;

static TestSuite *suites; // shared with their processes
static size_t n_suites;
static char root[PATH_MAX - 64]; // holds all scratch files

enum { MAX_LINES = 1024 }; // of a test file

// Each test runs in a process of its own and starts with no line reached.
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
    if (!suites)
        suites = mmap(NULL, sizeof *suites * MAX_SUITES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (suites == MAP_FAILED || n_suites == MAX_SUITES) abort();
    suites[n_suites++] = (TestSuite){.name = name, .needs = needs, .add = add};
}

void testing_add(Group *group, const TTest *test) {
    if (group->tests) tcase_add_test(group->tests, test);
    group->n++;
}

// Strings given to a test live as long as the test. The list keeps them reachable, so that they are not leaks.
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

#define FORMAT(text, format)                \
    va_list args;                           \
    va_start(args, format);                 \
    char *text = format_text(format, args); \
    va_end(args)

char *textf(const char *format, ...) {
    FORMAT(text, format);
    return text;
}

// A process number would be no unique name: tests that start many programs see numbers again.
const char *scratch(const char *name) {
    static char dir[PATH_MAX + sizeof "/XXXXXX"];
    if (!dir[0]) {
        snprintf(dir, sizeof dir, "%s/XXXXXX", root);
        ck_assert_msg(mkdtemp(dir) != NULL, "cannot make %s", dir);
    }
    return inside(dir, name);
}

const char *inside(const char *dir, const char *name) { return textf("%s/%s", dir, name); }

void write_bytes(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

void write_text(const char *path, const char *text) { write_bytes(path, text, strlen(text)); }

void write_json(const char *path, const char *format, ...) {
    FORMAT(text, format);
    for (char *at = text; (at = strchr(at, '\''));) *at = '"';
    write_text(path, text);
}

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

static Output run_command(const char *command) {
    const char *out = scratch("stdout"), *err = scratch("stderr");
    int result = system(textf("{ %s; } >'%s' 2>'%s' </dev/null", command, out, err));
    int status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return (Output){status, read_text(out, NULL), read_text(err, NULL)};
}

Output shell(const char *command, ...) {
    FORMAT(words, command);
    return run_command(words);
}

Output nomen(const char *arguments, ...) {
    FORMAT(words, arguments);
    return run_command(textf("\"$NOMEN\" %s", words));
}

void expect_refusal(Output output, int status, const char *line, ...) {
    FORMAT(text, line);
    ck_assert_str_eq(output.err, textf("%s\n", text));
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

// Returns NULL if the suite can run.
static const char *reason_to_skip(Needs needs, bool is_long) {
    if (needs == NEEDS_LONG && !is_long) return "takes minutes (make check-long)";
    if (needs == NEEDS_TORCH) return python_with_torch() ? NULL : "needs PyTorch and NumPy (Debian: python3-torch)";
    if (needs != NEEDS_NOTHING && !exists(LECTURE_NAMES)) return "needs " LECTURE_NAMES " (make lecture-data)";
    return NULL;
}

static bool is_suite(const char *name) {
    size_t i = 0;
    while (i < n_suites && strcmp(suites[i].name, name) != 0) i++;
    return i < n_suites;
}

static bool is_selected(const TestSuite *suite, bool is_long, char *const *names, int n_names) {
    bool is_named = n_names == 0;
    for (int i = 0; i < n_names; i++) is_named = is_named || strcmp(suite->name, names[i]) == 0;
    return is_named && is_long == (suite->needs == NEEDS_LONG);
}

static double now_s(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void output_path(const TestSuite *suite, char path[PATH_MAX]) {
    snprintf(path, PATH_MAX, "%s/%s.out", root, suite->name);
}

// Runs a suite in this process, which then ends.
static void run_suite(TestSuite *suite, bool is_long) {
    char output[PATH_MAX];
    double start_s = now_s();
    output_path(suite, output);
    if (!freopen(output, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) exit(EXIT_FAILURE);
    Group group = {.tests = tcase_create(suite->name)};
    tcase_set_timeout(group.tests, is_long ? LONG_TEST_SECONDS : TEST_SECONDS);
    suite->add(&group);
    Suite *checks = suite_create(suite->name);
    suite_add_tcase(checks, group.tests);
    SRunner *runner = srunner_create(checks);
    srunner_run_all(runner, CK_SILENT);
    suite->n_run = srunner_ntests_run(runner);
    suite->n_failed = srunner_ntests_failed(runner);
    suite->seconds = now_s() - start_s;
    if (suite->n_failed > 0) srunner_print(runner, CK_NORMAL);
    srunner_free(runner);
    exit(EXIT_SUCCESS);
}

static void start_suite(TestSuite *suite, bool is_long) {
    suite->n_run = suite->n_failed = 1; // unless the process comes to its end
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) run_suite(suite, is_long);
    if (pid < 0) perror("fork");
    suite->pid = pid;
}

// Waits for the end of a suite and prints its output. Returns false if none is running.
static bool finish_suite(void) {
    pid_t pid = wait(NULL);
    for (TestSuite *suite = suites; pid > 0 && suite < suites + n_suites; suite++) {
        char output[PATH_MAX];
        if (suite->pid != pid) continue;
        output_path(suite, output);
        FILE *file = fopen(output, "r");
        for (int c; file && (c = getc(file)) != EOF;) putchar(c);
        if (file) fclose(file);
        printf("%s: %d passed, %d failed in %.1f s\n", suite->name, suite->n_run - suite->n_failed, suite->n_failed,
               suite->seconds);
    }
    return pid > 0;
}

// Returns how many tests are skipped. Starts the last suites first: they take longest.
static int run_suites(bool is_long, char *const *names, int n_names) {
    const char *jobs = getenv("NOMEN_TEST_JOBS");
    long n_jobs = jobs ? strtol(jobs, NULL, 10) : sysconf(_SC_NPROCESSORS_ONLN), n_running = 0;
    int skipped = 0;
    for (size_t i = n_suites; i-- > 0;) {
        if (!is_selected(&suites[i], is_long, names, n_names)) continue;
        const char *reason = reason_to_skip(suites[i].needs, is_long);
        if (reason) {
            Group group = {.tests = NULL};
            suites[i].add(&group);
            printf("skipped: %d tests of %s, which %s\n", group.n, suites[i].name, reason);
            skipped += group.n;
            continue;
        }
        if (n_running > 0 && n_running >= n_jobs) n_running -= finish_suite();
        start_suite(&suites[i], is_long);
        n_running++;
    }
    while (finish_suite()) {}
    return skipped;
}

// Tests change to other directories.
static void set_program(const char *variable, const char *path) {
    char program[PATH_MAX];
    if (getenv(variable)) path = getenv(variable);
    setenv(variable, realpath(path, program) ? program : path, true);
}

int main(int argc, char **argv) {
    bool is_long = argc > 1 && strcmp(argv[1], "long") == 0;
    char *const *names = argv + 1 + is_long;
    int n_names = argc - 1 - is_long, run = 0, failed = 0;
    for (int i = 0; i < n_names; i++) {
        if (is_suite(names[i])) continue;
        fprintf(stderr, "there is no suite \"%s\"\n", names[i]);
        return EXIT_FAILURE;
    }
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
    set_program("NOMEN", "build/nomen");
    set_program("NOMEN_FAULTY", "build/torture/nomen");
    int skipped = run_suites(is_long, names, n_names);
    for (size_t i = 0; i < n_suites; i++) {
        run += suites[i].n_run;
        failed += suites[i].n_failed;
    }
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed, %d skipped\n", run - failed, failed, skipped);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
