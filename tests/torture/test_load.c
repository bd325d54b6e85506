// Long runs, many names and long records in flat memory. `make torture` takes the whole load, `make check` a part of
// it.
#include "cli/run.h"

#include <stdarg.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Memory that may come and go with the time a program takes: buffers of the C library. The address sanitizer keeps 256
// MiB of what was freed, and an eighth of all addresses touched beside that.
#ifdef NOMEN_SANITIZED
enum { SLACK_KIB = 600000 };
#else
enum { SLACK_KIB = 2048 };
#endif

static bool is_whole(void) { return getenv("NOMEN_TORTURE") != NULL; }

// Runs the program, its output thrown away, and returns the most memory that it held.
static long most_kib(const char *format, ...) {
    char words[4 * PATH_MAX], command[5 * PATH_MAX];
    const char *program = getenv("NOMEN");
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    snprintf(command, sizeof command, "%s %s >/dev/null", program ? program : "build/nomen", words);
    // In a process of its own, since what is told is the most of all that it waited for.
    const char *told = scratch("kib");
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct rusage used;
#ifdef PR_SET_THP_DISABLE
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // where a system hands out huge pages, some MiB come and go by chance
#endif
        int result = system(command);
        FILE *file = getrusage(RUSAGE_CHILDREN, &used) == 0 ? fopen(told, "w") : NULL;
        if (file) fprintf(file, "%ld", (long)used.ru_maxrss);
        _exit(file && fclose(file) == 0 && result == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", words);
    return strtol(read_text(told, NULL), NULL, 10);
}

static void expect_flat(const char *what, long little_kib, long much_kib) {
    printf("%s: %ld KiB, %ld KiB for little\n", what, much_kib, little_kib);
    ck_assert_msg(much_kib <= little_kib + SLACK_KIB, "%s: %ld KiB, not %ld", what, much_kib, little_kib);
}

START_TEST(steps_and_names_take_no_more_memory) {
    const char *config = "configs/mlp.json", *run = scratch("run");
    long steps = is_whole() ? 1000000 : 20000, names = is_whole() ? 10000000 : 100000;
    char what[64];
    long little = most_kib("train %s --run '%s' --quiet --steps 1000", config, run);
    long much = most_kib("train %s --run '%s' --quiet --force --steps %ld", config, run, steps);
    snprintf(what, sizeof what, "%ld steps", steps);
    expect_flat(what, little, much);
    little = most_kib("sample '%s' -n 10000", run);
    much = most_kib("sample '%s' -n %ld", run, names);
    snprintf(what, sizeof what, "%ld names", names);
    expect_flat(what, little, much);
}
END_TEST

// Lines of letters that a small generator draws, none of which is worth keeping in the tree.
static void write_many_names(const char *path, size_t n) {
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (uint64_t i = 0, state = 1; i < n; i++) {
        for (size_t k = 0, length = 3 + i % 7; k < length; k++) {
            state = state * 6364136223846793005 + 1442695040888963407;
            fputc('a' + (int)(state >> 33) % 26, file);
        }
        fputc('\n', file);
    }
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(a_long_names_file_trains) {
    size_t n = is_whole() ? 10000000 : 200000;
    write_many_names(scratch("names.txt"), n);
    long kib = most_kib("train configs/mlp.json --data '%s' --run '%s' --quiet --steps 100 --set train.eval_every=1000",
                        scratch("names.txt"), scratch("run"));
    printf("%zu lines: %ld KiB\n", n, kib);
    // The text, the stream of ids, and places in it for the distinct contexts.
    ck_assert_int_le(kib, (long)(n * 50 / 1024) + 20000 + SLACK_KIB);
}
END_TEST

// A week at a row a second.
START_TEST(a_week_of_metrics_is_drawn) {
    const char *run = make_run();
    size_t rows = is_whole() ? 604800 : 30000, n;
    FILE *file = fopen(inside(run, "metrics.csv"), "w");
    ck_assert_ptr_nonnull(file);
    fputs("step,lr,loss,train_loss,dev_loss,seconds\n", file);
    for (size_t i = 0; i < rows; i++)
        fprintf(file, "%zu,0.1,%.9g,%s,%zu\n", i * 1000, 2 + 1.0 / (double)(1 + i), i % 20 == 0 ? "2.1,2.2" : ",", i);
    ck_assert_int_eq(fclose(file), 0);
    Output output = nomen("plot '%s' loss --out '%s'", run, scratch("plots"));
    ck_assert_msg(output.status == 0, "%s", output.err);
    read_text(scratch("plots/loss.svg"), &n);
    printf("%zu rows of metrics: a picture of %zu bytes\n", rows, n);
    ck_assert_uint_lt(n, 300000);
    output = nomen("report '%s'", run);
    ck_assert_msg(output.status == 0, "%s", output.err);
}
END_TEST

SUITE(load, NEEDS_NOTHING) {
    ADD(steps_and_names_take_no_more_memory);
    ADD(a_long_names_file_trains);
    ADD(a_week_of_metrics_is_drawn);
}
