// Every call to the system and every allocation may fail: see torture/faults.c. A bounded form runs with `make check`,
// the whole with `make torture`.
#include "faulty.h"

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

// What each trial begins with, in the folder of the test, beside the configs and their names.
static const struct {
    const char *run, *options;
} KEPT[] = {{"run", "c.json"},
            {"other", "c.json --seed 2"},
            {"group", "c.json --seeds 2"},
            {"sgd", "s.json --set train.early_stop.patience=90"},
            {"extra", "s.json --steps 23"},
            {"counts", "n.json"}};

static const char *const COMMANDS[] = {
    "train c.json --run new --quiet",
    "train c.json --run run --quiet --resume --steps 40",
    "train c.json --run run --quiet --force",
    "train c.json --run new --quiet --seeds 2",
    "train c.json --run new --quiet --steps 3 --threads 2 --set train.batch_size=512",
    "train c.json --run group --quiet --seeds 3 --resume",
    "train c.json --run group --quiet --seeds 2 --force",
    "train s.json --run sgd --quiet --resume --steps 40 --set train.early_stop.patience=90",
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

static const char *const RUNS[] = {"run", "other", "new", "new/seed-1", "new/seed-2", "group/seed-1", "sgd", "counts"};

// Keeps what a command left behind that nothing failed for, to be what it leaves where it says that all went well.
static void keep_results(void) {
    nomen("--version; cd '%s' && rm -rf whole && mkdir whole && for f in run other new group sgd counts first.json "
          "dump.safetensors page.html plots; do [ ! -e $f ] || cp -r $f whole; done",
          scratch("."));
}

static void expect_same_results(const char *fault, const char *words) {
    static const char *const files[] = {"first.json", "dump.safetensors"};
    const char *whole = scratch("whole");
    for (size_t i = 0; i < COUNT(RUNS); i++) {
        const char *kept = inside(whole, RUNS[i]), *run = scratch(RUNS[i]);
        if (exists(inside(kept, "model.safetensors")))
            ck_assert_msg(exists(inside(run, "model.safetensors")), "%s, %s: no model in %s", fault, words, run);
        if (exists(inside(kept, "best.safetensors"))) expect_same_runs(run, kept);
    }
    for (size_t i = 0; i < COUNT(files); i++) {
        size_t n, n_kept;
        if (!exists(inside(whole, files[i]))) continue;
        char *kept = read_text(inside(whole, files[i]), &n_kept), *found = read_text(scratch(files[i]), &n);
        ck_assert_msg(n == n_kept && memcmp(found, kept, n) == 0, "%s, %s: %s differs", fault, words, files[i]);
    }
    ck_assert(exists(scratch("page.html")) == exists(inside(whole, "page.html")));
    ck_assert(exists(scratch("run/report.html")) == exists(inside(whole, "run/report.html")));
}

// Each call fails of those that are the first on their way from main: one line says so, or all goes well without it.
// With NOMEN_FAULT_KNOWN, as make coverage has it, as few of them as meet every place of the program that may fail.
static void expect_failures_are_told(const char *words) {
    static Calls all, calls;
    put_runs();
    Output whole = faulty("note", &all, words);
    calls = all;
    ck_assert_msg(whole.status == 0 && all.live == 0 && all.all > 0, "%s: %s, %lu", words, whole.err, all.live);
    if (all.changes > 0) keep_results();
    ck_assert_msg(all.unsynced == 0, "%s: %lu syncs are missing", words, all.unsynced);
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
        if (output.status == 0 && calls.changes > 0) expect_same_results(fault, words);
        for (size_t k = 0; k < COUNT(RUNS); k++) expect_model_is_whole(scratch(RUNS[k]));
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

SUITE(faults, NEEDS_NOTHING) { ADD(every_call_may_fail); }
