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
    char output[PATH_MAX];
} TestSuite;

typedef struct Result {
    int run, failed;
    double seconds;
} Result;

static TestSuite suites[MAX_SUITES];
static size_t n_suites;
static Result *results;     // one per suite, shared with the suites' processes
static char root[PATH_MAX]; // holds all scratch files

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
    if (n_suites == MAX_SUITES) abort();
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

static char *join(const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
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

const char *inside(const char *dir, const char *name) { return join("%s/%s", dir, name); }

void write_bytes(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "cannot write %s", path);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}

void write_text(const char *path, const char *text) { write_bytes(path, text, strlen(text)); }

void write_json(const char *path, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *text = format_text(format, args);
    va_end(args);
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
    int result = system(join("{ %s; } >'%s' 2>'%s' </dev/null", command, out, err));
    int status = WIFEXITED(result) ? WEXITSTATUS(result) : 128 + WTERMSIG(result);
    return (Output){status, read_text(out, NULL), read_text(err, NULL)};
}

Output shell(const char *command, ...) {
    va_list args;
    va_start(args, command);
    char *words = format_text(command, args);
    va_end(args);
    return run_command(words);
}

Output nomen(const char *arguments, ...) {
    va_list args;
    va_start(args, arguments);
    char *words = format_text(arguments, args);
    va_end(args);
    return run_command(join("\"$NOMEN\" %s", words));
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

// Returns NULL if the suite can run.
static const char *reason_to_skip(Needs needs, bool is_long) {
    if (needs == NEEDS_LONG && !is_long) return "takes minutes (make check-long)";
    if (needs == NEEDS_TORCH) return python_with_torch() ? NULL : "needs PyTorch and NumPy (Debian: python3-torch)";
    if (needs != NEEDS_NOTHING && !exists(LECTURE_NAMES)) return "needs " LECTURE_NAMES " (make lecture-data)";
    return NULL;
}

static TestSuite *find_suite(const char *name) {
    for (size_t i = 0; i < n_suites; i++)
        if (strcmp(suites[i].name, name) == 0) return &suites[i];
    return NULL;
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

// Runs a suite in this process, which then ends.
static void run_suite(TestSuite *suite, bool is_long) {
    if (!freopen(suite->output, "w", stdout) || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) exit(EXIT_FAILURE);
    double start_s = now_s();
    Group group = {.tests = tcase_create(suite->name)};
    tcase_set_timeout(group.tests, is_long ? LONG_TEST_SECONDS : TEST_SECONDS);
    suite->add(&group);
    Suite *checks = suite_create(suite->name);
    suite_add_tcase(checks, group.tests);
    SRunner *runner = srunner_create(checks);
    srunner_run_all(runner, CK_SILENT);
    int run = srunner_ntests_run(runner), failed = srunner_ntests_failed(runner);
    if (failed > 0) srunner_print(runner, CK_NORMAL);
    results[suite - suites] = (Result){run, failed, now_s() - start_s};
    srunner_free(runner);
    exit(EXIT_SUCCESS);
}

static void start_suite(TestSuite *suite, bool is_long) {
    snprintf(suite->output, sizeof suite->output, "%.*s/%s.out", PATH_MAX - 64, root, suite->name);
    results[suite - suites] = (Result){.run = 1, .failed = 1}; // what a crash of the process leaves
    fflush(stdout);
    suite->pid = fork();
    if (suite->pid == 0) run_suite(suite, is_long);
    if (suite->pid < 0) perror("fork");
}

static void print_file(const char *path) {
    FILE *file = fopen(path, "r");
    for (int c; file && (c = getc(file)) != EOF;) putchar(c);
    if (file) fclose(file);
}

// Waits for the end of a suite and prints its output. Returns false if none is running.
static bool finish_suite(void) {
    pid_t pid = wait(NULL);
    for (size_t i = 0; i < n_suites; i++) {
        if (pid <= 0 || suites[i].pid != pid) continue;
        const Result *result = &results[i];
        print_file(suites[i].output);
        printf("%s: %d passed, %d failed in %.1f s\n", suites[i].name, result->run - result->failed, result->failed,
               result->seconds);
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
    int n_names = argc - 1 - is_long;
    for (int i = 0; i < n_names; i++) {
        if (find_suite(names[i])) continue;
        fprintf(stderr, "there is no suite \"%s\"\n", names[i]);
        return EXIT_FAILURE;
    }
    const char *dir = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/nomen-tests-XXXXXX", dir ? dir : "/tmp");
    results = mmap(NULL, sizeof *results * MAX_SUITES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (results == MAP_FAILED || !mkdtemp(root)) {
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
    int skipped = run_suites(is_long, names, n_names), run = 0, failed = 0;
    for (size_t i = 0; i < n_suites; i++) {
        run += results[i].run;
        failed += results[i].failed;
    }
    nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d passed, %d failed, %d skipped\n", run - failed, failed, skipped);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
