// Long runs, many names and long records need no more memory than short ones. `make torture` tries the whole load,
// `make check` a part of it.
#include "cli/run.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif
#include <sys/resource.h>

// Buffers of the C library come and go. The address sanitizer keeps 256 MiB of freed memory, and an eighth of all
// touched memory beside it.
#ifdef NOMEN_SANITIZED
enum { SLACK_KIB = 600000 };
#else
enum { SLACK_KIB = 2048 };
#endif

static bool is_torture(void) { return getenv("NOMEN_TORTURE") != NULL; }

// Runs nomen and returns the peak memory of all processes of this test so far.
static long peak_kib(const char *words) {
    struct rusage used;
#ifdef PR_SET_THP_DISABLE
    prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); // huge pages add some MiB by chance
#endif
    Output output = nomen("%s >'%s'", words, scratch("out"));
    ck_assert_msg(output.status == 0, "%s: %s", words, output.err);
    ck_assert_int_eq(getrusage(RUSAGE_CHILDREN, &used), 0);
    return (long)used.ru_maxrss;
}

static void expect_flat(const char *words, long little, long much) {
    long little_kib = peak_kib(textf("%s %ld", words, little)), much_kib = peak_kib(textf("%s %ld", words, much));
    printf("%s %ld: %ld KiB, not %ld: %ld KiB\n", words, much, much_kib, little, little_kib);
    ck_assert_msg(much_kib <= little_kib + SLACK_KIB, "%s: %ld KiB, not %ld", words, much_kib, little_kib);
}

START_TEST(steps_take_no_more_memory) {
    expect_flat(textf("train mlp --run '%s' --quiet --force --set train.eval_every=3000 --steps", scratch("run")), 600,
                is_torture() ? 1000000 : 6000);
}
END_TEST

START_TEST(sampled_names_take_no_more_memory) {
    expect_flat("sample tests/fuzz/corpus/model/mlp.safetensors -n", 1000, is_torture() ? 10000000 : 60000);
}
END_TEST

START_TEST(a_long_names_file_trains) {
    int n = is_torture() ? 10000000 : 100000;
    shell("seq 123457 977 %lld | tr 0-9 a-j | head -n %d >'%s'", 123457 + 977LL * n, n, scratch("names.txt"));
    long kib = peak_kib(textf("train mlp --data '%s' --run '%s' --quiet --steps 10 --set train.eval_every=1000",
                              scratch("names.txt"), scratch("run")));
    printf("%d names: %ld KiB\n", n, kib);
    // The text, the stream of ids, and the positions of distinct contexts.
    ck_assert_int_le(kib, n * 50L / 1024 + 20000 + SLACK_KIB);
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
    ADD(steps_take_no_more_memory);
    ADD(sampled_names_take_no_more_memory);
    ADD(a_long_names_file_trains);
    ADD(a_week_of_metrics_is_drawn);
}
