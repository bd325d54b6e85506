// Runs of every kind, made once and put back before each trial of a command; what a trial comes to is compared with
// what the command comes to undisturbed.
#ifndef NOMEN_TESTS_KEPT_RUNS_H
#define NOMEN_TESTS_KEPT_RUNS_H

#include "torture/faulty.h"

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

// What each trial begins with, in the directory of the test, beside the configs and their names.
static const struct {
    const char *run, *options;
} KEPT[] = {{"run", "c.json"},
            {"other", "c.json --seed 2"},
            {"group", "c.json --seeds 2"},
            {"sgd", "s.json --set train.early_stop.patience=90"},
            {"extra", "s.json --steps 23"},
            {"counts", "n.json"}};

// In the directory of the test, with files that an earlier command wrote gone.
static inline void put_runs(void) {
    nomen("--version; cd '%s' && rm -rf new run other group sgd extra counts dump.safetensors first.json plots "
          "page.html && "
          "cp -r kept/. .",
          scratch("."));
}

static inline void make_kept_runs(void) {
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

static const char *const RUNS[] = {"run",
                                   "other",
                                   "sgd",
                                   "extra",
                                   "counts",
                                   "new",
                                   "new/seed-2147483647",
                                   "new/seed-2147483648",
                                   "group/seed-2147483647",
                                   "group/seed-2147483648",
                                   "group/seed-2147483649",
                                   "group/seed-9",
                                   "group/seed-10"};

// Every model file is whole, and none that the trial began with is lost, unless the command replaces runs.
static inline void expect_runs_are_whole(const char *fault, const char *words) {
    for (size_t i = 0; i < COUNT(RUNS); i++) {
        expect_model_is_whole(scratch(RUNS[i]));
        if (strstr(words, "--force") || !exists(inside(inside(scratch("kept"), RUNS[i]), "model.safetensors")))
            continue;
        ck_assert_msg(exists(inside(scratch(RUNS[i]), "model.safetensors")), "%s, %s: %s has lost its model", fault,
                      words, RUNS[i]);
    }
}

// Keeps what a command left behind that nothing failed for, to be what it leaves where it says that all went well.
static inline void keep_results(void) {
    nomen("--version; cd '%s' && rm -rf whole && mkdir whole && for f in run other new group sgd counts first.json "
          "dump.safetensors page.html plots; do [ ! -e $f ] || cp -r $f whole; done",
          scratch("."));
}

static inline void expect_same_results(const char *fault, const char *words) {
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
}

// The same of pages and pictures, which may go without what could not be read, where they say so. What a kill left of
// a picture has a name with the process's number.
static inline void expect_same_pictures(const char *fault, const char *words) {
    Output output = nomen("--version >/dev/null; cd '%s'; for f in page.html run/report.html plots run/plots; do "
                          "[ ! -e whole/$f ] || diff -r -x '*.[0-9]*.tmp' whole/$f $f || exit; done",
                          scratch("."));
    ck_assert_msg(output.status == 0, "%s, %s: %s%s", fault, words, output.out, output.err);
}

#endif
