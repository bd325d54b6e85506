// Long runs, many names and long records need no more memory than short ones. `make torture` tries the whole load,
// `make check` a part of it.
#include "cli/run.h"

#include <stdarg.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Buffers of the C library come and go. The address sanitizer keeps 256 MiB of freed memory, and an eighth of all
// touched memory beside it.
#ifdef NOMEN_SANITIZED
enum { SLACK_KIB = 600000 };
#else
enum { SLACK_KIB = 2048 };
#endif

static bool is_torture(void) { return getenv("NOMEN_TORTURE") != NULL; }

// Runs `nomen WORDS` and returns its peak memory.
static long peak_kib(const char *format, ...) {
    char words[4 * PATH_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(words, sizeof words, format, args);
    va_end(args);
    // In a process of its own, because the system reports the peak of all children so far.
    const char *result = scratch("kib");
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        struct rusage used;
#ifdef PR_SET_THP_DISABLE
        prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // huge pages add some MiB by chance
#endif
        bool ok = system(textf("\"$NOMEN\" %s >/dev/null", words)) == 0 && getrusage(RUSAGE_CHILDREN, &used) == 0;
        FILE *file = ok ? fopen(result, "w") : NULL;
        if (file) fprintf(file, "%ld", (long)used.ru_maxrss);
        _exit(file && fclose(file) == 0 ? 0 : 1);
    }
    int status;
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%s", words);
    return strtol(read_text(result, NULL), NULL, 10);
}

static void expect_flat(const char *what, long little_kib, long much_kib) {
    printf("%s: %ld KiB, a tenth or less: %ld KiB\n", what, much_kib, little_kib);
    ck_assert_msg(much_kib <= little_kib + SLACK_KIB, "%s: %ld KiB, not %ld", what, much_kib, little_kib);
}

START_TEST(steps_and_names_take_no_more_memory) {
    const char *config = "configs/mlp.json", *run = scratch("run");
    long steps = is_torture() ? 1000000 : 6000, names = is_torture() ? 10000000 : 60000;
    long little = peak_kib("train %s --run '%s' --quiet --steps 600 --set train.eval_every=3000", config, run);
    expect_flat(
        "steps", little,
        peak_kib("train %s --run '%s' --quiet --force --steps %ld --set train.eval_every=3000", config, run, steps));
    little = peak_kib("sample '%s' -n 1000", run);
    expect_flat("sampled names", little, peak_kib("sample '%s' -n %ld", run, names));
}
END_TEST

// Writes names of random letters.
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
    size_t n = is_torture() ? 10000000 : 100000;
    write_many_names(scratch("names.txt"), n);
    long kib = peak_kib("train configs/mlp.json --data '%s' --run '%s' --quiet --steps 10 --set train.eval_every=1000",
                        scratch("names.txt"), scratch("run"));
    printf("%zu names: %ld KiB\n", n, kib);
    // The text, the stream of ids, and the positions of distinct contexts.
    ck_assert_int_le(kib, (long)(n * 50 / 1024) + 20000 + SLACK_KIB);
}
END_TEST

// One row per second for a week.
START_TEST(a_week_of_metrics_is_drawn) {
    const char *run = make_run();
    size_t rows = is_torture() ? 604800 : 30000, n;
    FILE *file = fopen(inside(run, "metrics.csv"), "w");
    ck_assert_ptr_nonnull(file);
    fputs("step,lr,loss,train_loss,dev_loss,seconds\n", file);
    for (size_t i = 0; i < rows; i++)
        fprintf(file, "%zu,0.1,%.9g,%s,%zu\n", i * 1000, 2 + 1.0 / (double)(1 + i), i % 20 == 0 ? "2.1,2.2" : ",", i);
    ck_assert_int_eq(fclose(file), 0);
    Output output = nomen("plot '%s' loss --out '%s'", run, scratch("plots"));
    ck_assert_msg(output.status == 0, "%s", output.err);
    read_text(scratch("plots/loss.svg"), &n);
    ck_assert_uint_lt(n, 300000);
    output = nomen("report '%s' --no-plots", run);
    ck_assert_msg(output.status == 0, "%s", output.err);
}
END_TEST

SUITE(load, NEEDS_NOTHING) {
    ADD(steps_and_names_take_no_more_memory);
    ADD(a_long_names_file_trains);
    ADD(a_week_of_metrics_is_drawn);
}
