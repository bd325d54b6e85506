// Every call to the system may fail, and the process may be killed before, in the middle of and after each one that
// changes a file: see torture/faults.c. A bounded form runs with `make check`, the whole with `make torture`.
#include "cli_run.h"

#include <sys/stat.h>
#include <unistd.h>

enum { FEW = 23 };

static const char SMALL[] = "--steps 24 --quiet --set train.checkpoint_every=5 --set train.log_every=3 "
                            "--set train.eval_every=4 --set 'data.split=[0.7,0.2,0.1]'";

// In the bounded form some FEW of n things are tried.
static unsigned long stride(unsigned long n) { return getenv("NOMEN_TORTURE") ? 1 : n / FEW + 1; }

enum { MOST_PLACES = 8192 };

typedef struct Calls {
    unsigned long all, changes, live;
    unsigned long noted[MOST_PLACES]; // in their order
    size_t n_noted;
} Calls;

static int by_number(const void *a, const void *b) {
    unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
    return (x > y) - (x < y);
}

// Reads what the program of faults reports at its end.
static Calls read_calls(const char *report) {
    Calls calls = {0};
    char *at = read_text(report, NULL), *after;
    unsigned long *const heads[] = {&calls.all, &calls.changes, &calls.live};
    for (size_t i = 0; i < COUNT(heads); i++, at = after) {
        *heads[i] = strtoul(at, &after, 10);
        ck_assert_ptr_ne(at, after);
    }
    for (; calls.n_noted < MOST_PLACES; at = after) {
        calls.noted[calls.n_noted] = strtoul(at, &after, 10);
        if (after == at) break;
        calls.n_noted++;
    }
    ck_assert_uint_lt(calls.n_noted, MOST_PLACES);
    qsort(calls.noted, calls.n_noted, sizeof *calls.noted, by_number);
    return calls;
}

// Runs the program of faults; `fault` may be "". The calls are those its end reports, or 0 where it was killed.
static Output faulty(const char *fault, Calls *calls, const char *words) {
    const char *report = scratch("report");
    write_text(report, "0 0 0");
    const char *program = getenv("NOMEN_FAULTY");
    char *path = realpath(program ? program : "build/torture/nomen", NULL);
    Output output = nomen("--version >/dev/null; cd '%s' || exit; PATH=.:$PATH %s%s NOMEN_FAULT_REPORT='%s' '%s' %s",
                          scratch("."), fault[0] ? "NOMEN_FAULT=" : "", fault, report, path, words);
    free(path);
    Calls found = read_calls(report);
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

// Behind the notes that the command has made before, as it does where all goes well.
static const char *behind_notes(const char *words, const char *notes) {
    for (size_t n; *notes; words += n, notes += n) {
        n = strcspn(notes, "\n") + 1;
        if (strncmp(words, notes, n) != 0) break;
    }
    return words;
}

// One line of words, whatever went wrong, and nothing that stays behind.
static void expect_one_line(const Output *output, const Output *whole, const Calls *calls, const char *fault,
                            const char *words) {
    const char *line = behind_notes(output->err, whole->err), *newline = strchr(line, '\n');
    ck_assert_msg(output->status == 1, "%s, %s: status %d: %s", fault, words, output->status, output->err);
    ck_assert_msg(strncmp(line, "nomen: ", 7) == 0 && newline && newline[1] == '\0' && newline[-1] != ' ', "%s, %s: %s",
                  fault, words, output->err);
    // What is there and right is not blamed for memory that ran out.
    bool blames = strstr(output->err, "JSON") || strstr(output->err, "is missing") || strstr(output->err, "damaged");
    ck_assert_msg(!blames, "%s, %s: %s", fault, words, output->err);
    ck_assert_msg(calls->live == 0, "%s, %s: %lu pieces of memory are not freed", fault, words, calls->live);
}

// Each kind of layer, each optimizer with a state, counts, every kind of file, every kind of figure to verify.
#define SMALL_DATA "\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 1, \"split\": [0.7, 0.2, 0.1]}"
#define SMALL_TRAIN(more)                                                                                       \
    "\"train\": {\"steps\": 24, \"batch_size\": 8, \"log_every\": 3, \"eval_every\": 4, \"checkpoint_every\": " \
    "5, " more "}"
static const char SMALL_CONFIG[] =
    "{" SMALL_DATA ", \"model\": {\"context\": 2, \"layers\": [{\"type\": \"embedding\", \"dim\": 3}, "
    "{\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 4}, {\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, "
    "{\"type\": \"linear\", \"out\": \"vocab\"}]}, " SMALL_TRAIN(
        "\"optimizer\": {\"type\": \"adamw\"}, \"lr\": 0.01") ", \"expect\": {\"parameters\": \"196\"}}";
static const char SGD_CONFIG[] =
    "{" SMALL_DATA ", \"model\": {\"context\": 2, \"layers\": [{\"type\": \"embedding\", \"dim\": 3}, "
    "{\"type\": \"flatten\"}, {\"type\": \"relu\"}, {\"type\": \"linear\", \"out\": "
    "\"vocab\"}]}, " SMALL_TRAIN("\"optimizer\": {\"type\": \"sgd\", \"momentum\": 0.9}, \"lr\": [[0, 0.1], [9, "
                                 "0.01]]") ", "
                                           "\"expect\": {\"unmet\": {\"why\": \"made up\", \"data\": {\"names\": "
                                           "\"1\"}, \"untrained\": {\"ada\": \"1\"}, "
                                           "\"loss\": {\"3\": \"1\"}, \"test_loss\": \"1\", \"diagnostics\": "
                                           "{\"layers.2.std\": \"1\"}, \"samples\": "
                                           "{\"race\": [\"ada\"], \"inverse\": [\"bob\"]}}}}";
static const char COUNTS_CONFIG[] =
    "{" SMALL_DATA ", \"model\": {\"ngram\": 3, \"smoothing\": 1}, \"expect\": {\"unmet\": {\"why\": \"made up\", "
    "\"counts\": {\".ad\": \"9\"}, \"dev_loss\": \"1\", \"samples\": {\"inverse\": [\"bob\"]}}}}";
#define STOPS " --set train.early_stop.patience=90"

// What each trial begins with, in the folder of the test, beside the configs and their names.
static const struct {
    const char *run, *options;
} KEPT[] = {{"run", "c.json"},       {"other", "c.json --seed 2"},   {"group", "c.json --seeds 2"},
            {"sgd", "s.json" STOPS}, {"extra", "s.json --steps 23"}, {"counts", "n.json"}};

static const char *const COMMANDS[] = {
    "train c.json --run new --quiet",
    "train c.json --run run --quiet --resume --steps 40",
    "train c.json --run run --quiet --force",
    "train c.json --run new --quiet --seeds 2",
    "train c.json --run new --quiet --steps 3 --threads 2 --set train.batch_size=512",
    "train c.json --run group --quiet --seeds 3 --resume",
    "train c.json --run group --quiet --seeds 2 --force",
    "train s.json --run sgd --quiet --resume --steps 40" STOPS,
    "train s.json --run new --quiet --set train.clip_norm=1 --set train.l2_mean=0.1 --set data.unique=true",
    "train s.json --run new --quiet --steps 3 --set train.batch_size=2048",
    "train s.json --run new --quiet --steps 3 --set train.batch_size=all --data near.txt",
    "train s.json --run extra --quiet --resume --steps 30 --set 'train.lr[1]=[9,0.01]'",
    "train c.json --run group --quiet --seeds 1 --force",
    "train small --run new --quiet",
    "train n.json --run new --quiet",
    "train n.json --run counts --quiet --force",
    "eval run",
    "eval run --data more.txt --json",
    "eval counts",
    "sample run -n 20",
    "sample run -n 20 --report",
    "sample run -n 3 --json",
    "info run",
    "next run",
    "diagnose run",
    "diagnose s.json --steps 3 --csv",
    "calibrate run",
    "score run names.txt",
    "score counts names.txt --csv",
    "score run names.txt --per-char --json",
    "compare run other",
    "compare group counts",
    "compare group run/best.safetensors --best --json",
    "compare run other --json",
    "report run --no-plots",
    "report run",
    "plot run",
    "lr-find c.json --steps 30",
    "gradcheck c.json --batch 2",
    "gradcheck c.json --batch 2 --dump dump.safetensors",
    "verify c.json",
    "verify s.json n.json --json",
    "audit names.txt",
    "audit s.json",
    "audit more.txt",
    "audit near.txt",
    "audit names.txt --json",
    "init mlp-bn --data names.txt -o first.json",
    "softmax 1 2 3",
    "schema",
    "plot run other --out plots",
    "plot group counts --out plots",
    "plot counts --out plots",
    "plot run/best.safetensors --out plots",
    "report counts -o page.html",
    "report run/best.safetensors --no-plots -o page.html",
    "sample run -n 3 -p a --new -t 0.5,1",
    "sample counts -n 3 --new --report --json",
    "next run -p ad --json",
    "next counts -p a -t 0.5,2",
    "info run --json",
    "info counts",
    "init bigram --data names.txt -o first.json",
    "init wavenet --data names.txt -o first.json",
    "softmax 1 2 3 --target 1 --jacobian --json",
    "softmax 1 2 3 -t 0.5,1,2",
    "softmax <numbers.txt",
    "configs --json",
    "man",
    "man train",
    "man config",
    "completion bash",
    "completion zsh",
    "next --help",
    "train c.json --run new >/dev/null",
    "train c.json --run new --set train.lr=0 --set train.early_stop.patience=1 >/dev/null",
    "train c.json --run run --resume --steps 40 >/dev/null",
    "train c.json --run run --resume >/dev/null",
    "train c.json --run new --seeds 2 >/dev/null",
    "train c.json --run group --seeds 2 --force --seed 9 >/dev/null",
    "train n.json --run new >/dev/null",
};

// In the folder of the test, with files that an earlier command wrote gone.
static void put_runs(void) {
    nomen("--version; cd '%s' && rm -rf new run other group sgd extra counts dump.safetensors first.json plots "
          "page.html && "
          "cp -r kept/. .",
          scratch("."));
}

static void make_kept_runs(void) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("more.txt"), "adam\nneda\n");
    write_text(scratch("near.txt"), "bob\nada\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\nkim\nlea\n");
    nomen("--version; mkdir -p '%s'", scratch("configs/lectures"));
    write_text(scratch("configs/small.json"), "{\"data\": {\"path\": \"../names.txt\"}, \"model\": {\"ngram\": 2}}");
    write_text(scratch("numbers.txt"), "1, 2\n3\n");
    write_text(scratch("c.json"), SMALL_CONFIG);
    write_text(scratch("s.json"), SGD_CONFIG);
    write_text(scratch("n.json"), COUNTS_CONFIG);
    for (size_t i = 0; i < COUNT(KEPT); i++) {
        Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$N\" train "
                              "--quiet --run kept/%s %s",
                              scratch("."), KEPT[i].run, KEPT[i].options);
        ck_assert_msg(output.status == 0, "%s: %s", KEPT[i].run, output.err);
    }
}

// The same as ever; pages and pictures may go without what could not be read, and say so.
static void expect_all_is_well(const Output *output, const Output *whole, const char *fault, const char *words) {
    static const char *const reasons[] = {": input/output error", ": too many open files",
                                          ": function not implemented"};
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

// Each call fails of those that are the first on their way from main: one line says so, or all goes well without it.
// With NOMEN_FAULT_KNOWN, as make coverage has it, as few of them as meet every place of the program that may fail.
static void expect_failures_are_told(const char *words) {
    static const char *const runs[] = {"run",        "other",        "new", "new/seed-1",
                                       "new/seed-2", "group/seed-1", "sgd", "counts"};
    static Calls all, calls;
    put_runs();
    Output whole = faulty("note", &all, words);
    calls = all;
    ck_assert_msg(whole.status == 0 && all.live == 0 && all.all > 0, "%s: %s, %lu", words, whole.err, all.live);
    unsigned long n_failed = 0, step = getenv("NOMEN_FAULT_KNOWN") ? 1 : stride(all.n_noted);
    for (size_t i = 0; i < all.n_noted; i += step) {
        char fault[32];
        if (calls.changes > 0) put_runs();
        snprintf(fault, sizeof fault, "fail:%lu", all.noted[i]);
        Output output = faulty(fault, &calls, words);
        if (output.status == 0)
            expect_all_is_well(&output, &whole, fault, words);
        else
            expect_one_line(&output, &whole, &calls, fault, words);
        for (size_t k = 0; k < COUNT(runs); k++) expect_model_is_whole(scratch(runs[k]));
        n_failed += output.status != 0;
    }
    printf("%s: %lu calls, %zu noted, %lu failures told\n", words, all.all, all.n_noted, n_failed);
}

START_TEST(every_call_may_fail) {
    make_kept_runs();
    put_stand_in_for_gnuplot();
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
    static const char *const commands[] = {"eval run", "sample run -n 3", "calibrate run",
                                           "info run", "plot run",        "report run -o -"};
    write_config();
    put_stand_in_for_gnuplot();
    ck_assert_int_eq(nomen("%s", train_words(whole, "")).status, 0);
    Output output = faulty("bits", NULL, train_words(run, ""));
    ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s", output.err);
    expect_same_runs(run, whole);
    for (size_t i = 0; i < COUNT(commands); i++) {
        Output expected = faulty("", NULL, commands[i]), found = faulty("bits", NULL, commands[i]);
        ck_assert_msg(expected.status == 0, "%s", expected.err);
        ck_assert_msg(found.status == 0, "%s: %s", commands[i], found.err);
        ck_assert_str_eq(found.out, expected.out);
    }
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
