// Every call to the system may fail, and the process may be killed before, in the middle of and after each one that
// changes a file: see torture/faults.c. A bounded form runs with `make check`, the whole with `make torture`.
#include "cli_run.h"

#include <sys/stat.h>
#include <unistd.h>

enum { FEW = 23 };

static const char SMALL[] = "--steps 24 --quiet --set train.checkpoint_every=5 --set train.log_every=3 "
                            "--set train.eval_every=4 --set 'data.split=[0.7,0.2,0.1]'";

// In the bounded form some FEW of n things are tried, else each NOMEN_TORTURE-th.
static unsigned long stride(unsigned long n) {
    const char *each = getenv("NOMEN_TORTURE");
    unsigned long step = each ? strtoul(each, NULL, 10) : n / FEW + 1;
    return step > 0 ? step : 1;
}

typedef struct Calls {
    unsigned long all, changes, live;
} Calls;

// Runs the program of faults; `fault` may be "". The calls are those its end reports, or 0 where it was killed.
static Output faulty(const char *fault, Calls *calls, const char *words) {
    const char *report = scratch("report");
    write_text(report, "0 0 0");
    const char *program = getenv("NOMEN_FAULTY");
    char *path = realpath(program ? program : "build/torture/nomen", NULL);
    Output output = nomen("--version >/dev/null; cd '%s' || exit; PATH=.:$PATH %s%s NOMEN_FAULT_REPORT='%s' '%s' %s",
                          scratch("."), fault[0] ? "NOMEN_FAULT=" : "", fault, report, path, words);
    free(path);
    Calls found = {0};
    ck_assert_int_eq(sscanf(read_text(report, NULL), "%lu %lu %lu", &found.all, &found.changes, &found.live), 3);
    if (calls) *calls = found;
    return output;
}

static char *train_words(const char *run, const char *options) {
    static char words[3 * PATH_MAX];
    snprintf(words, sizeof words, "train '%s' --run '%s' %s %s", scratch("c.json"), run, SMALL, options);
    return words;
}

static void expect_model_is_whole(const char *run) {
    static const char *const files[] = {"model.safetensors", "best.safetensors"};
    for (size_t i = 0; i < COUNT(files); i++)
        if (exists(inside(run, files[i]))) read_model(run, files[i]);
}

// One line of words, whatever went wrong, and nothing that stays behind.
static void expect_one_line(const Output *output, const Calls *calls, const char *fault, const char *words) {
    const char *newline = strchr(output->err, '\n');
    ck_assert_msg(output->status == 1, "%s, %s: status %d: %s", fault, words, output->status, output->err);
    ck_assert_msg(strncmp(output->err, "nomen: ", 7) == 0 && newline && newline[1] == '\0', "%s, %s: %s", fault, words,
                  output->err);
    // What is there and right is not blamed for memory that ran out.
    bool blames = strstr(output->err, "JSON") || strstr(output->err, "is missing") || strstr(output->err, "damaged");
    ck_assert_msg(!blames, "%s, %s: %s", fault, words, output->err);
    ck_assert_msg(calls->live == 0, "%s, %s: %lu pieces of memory are not freed", fault, words, calls->live);
}

// Each kind of layer, an optimizer with a state, every kind of file, a figure to verify.
static const char SMALL_CONFIG[] =
    "{\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 1, \"split\": [0.7, 0.2, 0.1]}, \"model\": {\"context\": "
    "2, "
    "\"layers\": [{\"type\": \"embedding\", \"dim\": 3}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 4}, "
    "{\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\"}]}, "
    "\"train\": {\"optimizer\": {\"type\": \"adamw\"}, \"lr\": 0.01, \"steps\": 24, \"batch_size\": 8, \"log_every\": "
    "3, "
    "\"eval_every\": 4, \"checkpoint_every\": 5}, \"expect\": {\"parameters\": \"196\"}}";

// In the folder of the test: two finished runs that each trial begins with, a config and its names.
static const char *const COMMANDS[] = {
    "train c.json --run new --quiet",
    "train c.json --run run --quiet --resume --steps 40",
    "train c.json --run run --quiet --force",
    "train c.json --run new --quiet --seeds 2",
    "train c.json --run new --quiet --steps 3 --threads 2 --set train.batch_size=512",
    "eval run",
    "sample run -n 20",
    "sample run -n 20 --report",
    "sample run -n 3 --json",
    "info run",
    "next run",
    "diagnose run",
    "calibrate run",
    "score run names.txt",
    "score run names.txt --per-char --json",
    "compare run other",
    "compare run other --json",
    "report run --no-plots",
    "report run",
    "plot run",
    "lr-find c.json --steps 30",
    "gradcheck c.json --batch 2",
    "gradcheck c.json --batch 2 --dump dump.safetensors",
    "verify c.json",
    "audit names.txt",
    "audit names.txt --json",
    "init mlp-bn --data names.txt -o first.json",
    "softmax 1 2 3",
    "schema",
};

// In the folder of the test, with files that an earlier command wrote gone.
static void put_runs(void) {
    nomen(
        "--version; cd '%s' && rm -rf new run other dump.safetensors first.json && cp -r kept run && cp -r kept other",
        scratch("."));
}

// The same as ever; pages and pictures may go without what could not be read, and say so.
static void expect_all_is_well(const Output *output, const Output *whole, const char *fault, const char *words) {
    static const char *const reasons[] = {": input/output error", ": too many open files"};
    if (strcmp(output->err, whole->err) == 0 && strcmp(output->out, whole->out) == 0) return;
    bool is_said = false;
    for (size_t i = 0; i < COUNT(reasons); i++) is_said = is_said || strstr(output->err, reasons[i]);
    bool may_go_without = strncmp(words, "report", 6) == 0 || strncmp(words, "plot", 4) == 0;
    ck_assert_msg(is_said && may_go_without, "%s, %s: %s%s", fault, words, output->out, output->err);
}

// gnuplot takes a tenth of a second to start; here another draws one picture for all.
static void put_stand_in_for_gnuplot(void) {
    write_text(scratch("gnuplot"), "#!/bin/sh\ncat >/dev/null\n"
                                   "echo '<svg width=\"600\" height=\"480\" viewBox=\"0 0 600 480\" "
                                   "xmlns=\"http://www.w3.org/2000/svg\"><g></g></svg>'\n");
    ck_assert_int_eq(chmod(scratch("gnuplot"), 0755), 0);
}

// Every call of a command fails in turn: one line says so, or all goes well without it.
static void expect_failures_are_told(const char *words) {
    static const char *const runs[] = {"run", "other", "new", "new/1", "new/2"};
    Calls all, calls;
    put_runs();
    Output whole = faulty("", &all, words);
    calls = all;
    ck_assert_msg(whole.status == 0 && all.live == 0 && all.all > 0, "%s: %s, %lu", words, whole.err, all.live);
    unsigned long n_failed = 0;
    for (unsigned long n = 1; n <= all.all; n += stride(all.all)) {
        char fault[32];
        if (calls.changes > 0) put_runs();
        snprintf(fault, sizeof fault, "fail:%lu", n);
        Output output = faulty(fault, &calls, words);
        if (output.status == 0)
            expect_all_is_well(&output, &whole, fault, words);
        else
            expect_one_line(&output, &calls, fault, words);
        for (size_t i = 0; i < COUNT(runs); i++) expect_model_is_whole(scratch(runs[i]));
        n_failed += output.status != 0;
    }
    printf("%s: %lu calls, %lu failures told\n", words, all.all, n_failed);
}

START_TEST(every_call_may_fail) {
    const char *config = scratch("c.json");
    write_text(scratch("names.txt"), NAMES);
    write_text(config, SMALL_CONFIG);
    put_stand_in_for_gnuplot();
    ck_assert_int_eq(nomen("train '%s' --run '%s'", config, scratch("kept")).status, 0);
    for (size_t i = 0; i < COUNT(COMMANDS); i++) expect_failures_are_told(COMMANDS[i]);
}
END_TEST

// At each change of a file in turn: killed, gone on, and in the end the same run.
static void expect_goes_on_after(const char *how) {
    const char *run = scratch("run"), *whole = scratch("whole");
    write_config();
    Calls all;
    ck_assert_int_eq(faulty("", &all, train_words(whole, "")).status, 0);
    ck_assert_uint_gt(all.changes, 20);
    const char *words = train_words(run, "--resume");
    for (unsigned long n = 1; n <= all.changes; n += stride(all.changes)) {
        char fault[32];
        nomen("--version; rm -rf '%s'", run);
        snprintf(fault, sizeof fault, "%s:%lu", how, n);
        ck_assert_int_eq(faulty(fault, NULL, words).status, 128 + 9);
        expect_model_is_whole(run);
        Output output = nomen("%s", words);
        ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %s", fault, output.err);
        expect_same_runs(run, whole);
    }
}

START_TEST(killed_at_any_change_it_goes_on_the_same) { expect_goes_on_after("kill"); }
END_TEST

START_TEST(killed_in_the_middle_of_any_write_it_goes_on_the_same) { expect_goes_on_after("torn"); }
END_TEST

START_TEST(a_few_bytes_at_a_time_and_interruptions_change_nothing) {
    const char *run = scratch("run"), *whole = scratch("whole");
    write_config();
    ck_assert_int_eq(nomen("%s", train_words(whole, "")).status, 0);
    Output output = faulty("bits", NULL, train_words(run, ""));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
    expect_same_runs(run, whole);
    char words[PATH_MAX];
    snprintf(words, sizeof words, "eval '%s'", run);
    ck_assert_str_eq(faulty("bits", NULL, words).out, nomen("eval '%s'", whole).out);
}
END_TEST

// Killed after a time that is another each time, gone on, killed again, until it ends.
START_TEST(killed_at_random_moments_it_ends_the_same) {
    static const char options[] = "--steps 60000 --quiet --set train.log_every=100 --set train.eval_every=700 "
                                  "--set train.checkpoint_every=500";
    const char *run = scratch("run");
    ck_assert_int_eq(train("whole", options).status, 0);
    unsigned long kills = 0, wanted = getenv("NOMEN_TORTURE") ? 200 : 10;
    for (unsigned seed = (unsigned)getpid(); kills < wanted;) {
        nomen("--version; rm -rf '%s'", run);
        for (int status = 137; status == 137; kills += status == 137) {
            seed = seed * 1103515245 + 12345;
            Output output =
                nomen("train '%s' --run '%s' %s --resume & p=$!; (sleep 0.%03u; kill -KILL $p) 2>/dev/null & "
                      "wait $p",
                      scratch("c.json"), run, options, 5 + (seed >> 16) % 150);
            status = output.status;
            ck_assert_msg(status == 137 || (status == 0 && output.err[0] == '\0'), "%d: %s", status, output.err);
            expect_model_is_whole(run);
        }
        expect_same_runs(run, scratch("whole"));
    }
    printf("killed %lu times at random moments\n", kills);
}
END_TEST

// A file system of 256 KiB, which fills up: in a mount namespace of its own, where that is allowed.
START_TEST(a_full_disk_keeps_the_last_checkpoint) {
    if (system("unshare -rm sh -c 'mount -t tmpfs -o size=256k none /mnt' 2>/dev/null") != 0) {
        printf("skipped: a full file system, which takes unshare and mount to make\n");
        return;
    }
    write_config();
    const char *small = scratch("small"), *kept = scratch("kept");
    nomen("--version; mkdir '%s' '%s'", small, kept);
    // The record grows by a row a step until nothing more fits.
    Output output = nomen("--version >/dev/null; N=$(realpath ${NOMEN:-build/nomen}); unshare -rm sh -c 'mount -t "
                          "tmpfs -o size=256k none "
                          "\"$2\"; \"$1\" train \"$3\" --run \"$2\"/run --quiet --set train.log_every=1 --set "
                          "train.checkpoint_every=100; "
                          "s=$?; ls \"$2\"/run >&2; cp \"$2\"/run/* \"$4\"; exit $s' sh $N '%s' '%s' '%s'",
                          small, scratch("c.json"), kept);
    char lines[2 * PATH_MAX];
    snprintf(lines, sizeof lines, "nomen: %s/run/metrics.csv: no space left on device\n", small);
    char model[2 * PATH_MAX];
    snprintf(model, sizeof model, "nomen: %s/run/model.safetensors: no space left on device\n", small);
    bool told = strncmp(output.err, lines, strlen(lines)) == 0 || strncmp(output.err, model, strlen(model)) == 0;
    ck_assert_msg(output.status == 1 && told && !strstr(output.err, ".tmp"), "%d: %s", output.status, output.err);
    ck_assert_uint_gt(step_of(kept), 0);
}
END_TEST

// Every bit of a small model file, one by one; in the bounded form each eleventh, which meets every byte's bits in
// turn.
START_TEST(any_flipped_bit_is_noticed) {
    size_t n, n_bits = 0, step = getenv("NOMEN_TORTURE") ? 1 : 11;
    char *bytes = read_text(inside(make_run(), "model.safetensors"), &n);
    const char *copy = scratch("copy.safetensors");
    for (size_t bit = 0; bit < 8 * n; bit += step, n_bits++) {
        Arena arena = {0};
        SafeTensors content;
        Error err = {0};
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        write_bytes(copy, bytes, n);
        ck_assert_msg(!safetensors_read(copy, &content, &arena, &err), "bit %zu of %zu", bit, 8 * n);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
        arena_free(&arena);
    }
    printf("flipped %zu bits of %zu, one by one\n", n_bits, 8 * n);
}
END_TEST

SUITE(faults, NEEDS_NOTHING) {
    ADD(every_call_may_fail);
    ADD(killed_at_any_change_it_goes_on_the_same);
    ADD(killed_in_the_middle_of_any_write_it_goes_on_the_same);
    ADD(a_few_bytes_at_a_time_and_interruptions_change_nothing);
    ADD(killed_at_random_moments_it_ends_the_same);
    ADD(a_full_disk_keeps_the_last_checkpoint);
    ADD(any_flipped_bit_is_noticed);
}
