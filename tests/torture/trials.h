// Trials of a command under a fault (torture/faults.c): each trial starts from the same kept runs, and its results are
// compared with those of the command without a fault.
#pragma once

#include "cli/run.h"

#include <sys/stat.h>

static inline bool is_torture(void) { return getenv("NOMEN_TORTURE") != NULL; }

// `make check` tries about FEW of n things, `make torture` all.
enum { FEW = 5 };

static inline unsigned long stride(unsigned long n) { return is_torture() ? 1 : n / FEW + 1; }

enum { MAX_NOTED = 8192 };

// The report of a process: see torture/faults.c.
typedef struct Calls {
    unsigned long all, changes, live, unsynced, is_grave;
    unsigned long noted[MAX_NOTED]; // sorted
    size_t n_noted;
} Calls;

static inline int by_number(const void *a, const void *b) {
    unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
    return (x > y) - (x < y);
}

static inline Calls read_calls(const char *report) {
    Calls calls = {0};
    char *at = read_text(report, NULL), *after;
    unsigned long *const heads[] = {&calls.all, &calls.changes, &calls.live, &calls.unsynced, &calls.is_grave};
    for (size_t i = 0; i < COUNT(heads); i++, at = after) {
        *heads[i] = strtoul(at, &after, 10);
        ck_assert_ptr_ne(at, after);
    }
    for (; calls.n_noted < MAX_NOTED; at = after) {
        calls.noted[calls.n_noted] = strtoul(at, &after, 10);
        if (after == at) break;
        calls.n_noted++;
    }
    ck_assert_uint_lt(calls.n_noted, MAX_NOTED);
    qsort(calls.noted, calls.n_noted, sizeof *calls.noted, by_number);
    return calls;
}

// Runs `nomen WORDS` in the scratch directory under a fault, which may be "". The calls are 0 if the process was
// killed.
static inline Output faulty(const char *fault, Calls *calls, const char *words) {
    const char *report = scratch("report");
    write_text(report, "0 0 0 0 0");
    Output output = shell("cd '%s' && PATH=.:$PATH %s%s NOMEN_FAULT_REPORT='%s' \"$NOMEN_FAULTY\" %s", scratch("."),
                          fault[0] ? "NOMEN_FAULT=" : "", fault, report, words);
    if (calls) *calls = read_calls(report);
    return output;
}

// The configs have each kind of layer, each optimizer with a state, counts, and each kind of statistic to verify.
#define SMALL_DATA "'data': {'path': 'names.txt', 'shuffle_seed': 1, 'split': [0.7, 0.2, 0.1]}"
#define SMALL_TRAIN "'steps': 24, 'batch_size': 8, 'log_every': 3, 'eval_every': 4, 'checkpoint_every': 5"

static inline void write_configs(void) {
    write_json(scratch("c.json"),
               "{" SMALL_DATA
               ", 'model': {'context': 2, 'layers': [{'type': 'embedding', 'dim': 3}, {'type': 'flatten'}, "
               "{'type': 'linear', 'out': 4}, {'type': 'batchnorm'}, {'type': 'tanh'}, {'type': 'linear', 'out': "
               "'vocab'}]}, 'train': {" SMALL_TRAIN ", 'optimizer': {'type': 'adamw'}, 'lr': 0.01}, 'expect': "
               "{'parameters': '196'}}");
    write_json(
        scratch("s.json"),
        "{" SMALL_DATA ", 'model': {'context': 2, 'layers': [{'type': 'embedding', 'dim': 3}, {'type': 'flatten'}, "
        "{'type': 'relu'}, {'type': 'linear', 'out': 'vocab'}]}, 'train': {" SMALL_TRAIN ", 'optimizer': {'type': "
        "'sgd', 'momentum': 0.9}, 'lr': [[0, 0.1], [9, 0.01]]}, 'expect': {'unmet': {'why': 'made up', 'data': "
        "{'names': '1'}, 'untrained': {'ada': '1'}, 'loss': {'3': '1'}, 'test_loss': '1', 'diagnostics': "
        "{'layers.2.std': '1'}, 'samples': {'race': ['ada'], 'inverse': ['bob']}}}}");
    write_json(scratch("n.json"),
               "{" SMALL_DATA ", 'model': {'ngram': 3, 'smoothing': 1}, 'expect': {'unmet': {'why': "
               "'made up', 'counts': {'.ad': '9'}, 'dev_loss': '1', 'samples': {'inverse': ['bob']}}}}");
    write_json(scratch("configs/small.json"), "{'data': {'path': '../names.txt'}, 'model': {'ngram': 2}}");
}

// gnuplot takes a tenth of a second to start; this stand-in draws the same picture each time.
static const char GNUPLOT[] =
    "#!/bin/sh\ncat >/dev/null\necho '<svg width=\"600\" height=\"480\" viewBox=\"0 0 600 480\" "
    "xmlns=\"http://www.w3.org/2000/svg\"><g></g></svg>'\n";

// Trains the runs that each trial starts from, in the directory kept.
static inline void make_kept_runs(void) {
    static const char *const runs[] = {"run c.json",
                                       "other c.json --seed 2",
                                       "group c.json --seeds 2",
                                       "sgd s.json --set train.early_stop.patience=90",
                                       "extra s.json --steps 23",
                                       "counts n.json"};
    shell("mkdir -p '%s'", scratch("configs/lectures"));
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("more.txt"), "adam\nneda\n");
    write_text(scratch("table.csv"), "name,n\nzoe\u0301,2\nada,1\n\"bob\",0\ncid,3\nzo\u00e9,1\n");
    write_text(scratch("near.txt"), "bob\nada\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\nkim\nlea\n");
    write_text(scratch("gnuplot"), GNUPLOT);
    ck_assert_int_eq(chmod(scratch("gnuplot"), 0755), 0);
    write_configs();
    for (size_t i = 0; i < COUNT(runs); i++) {
        Output output = shell("cd '%s' && \"$NOMEN\" train --quiet --run kept/%s", scratch("."), runs[i]);
        ck_assert_msg(output.status == 0, "%s: %s", runs[i], output.err);
    }
}

#define RESULTS "run other new group sgd extra counts first.json dump.safetensors page.html plots"

// Restores the kept runs and removes what an earlier command wrote.
static inline void put_runs(void) { shell("cd '%s' && rm -rf " RESULTS " && cp -r kept/. .", scratch(".")); }

// Keeps the results of a command without a fault, in the directory whole.
static inline void keep_results(void) {
    shell("cd '%s' && rm -rf whole && mkdir whole && for f in " RESULTS "; do [ ! -e $f ] || cp -r $f whole; done",
          scratch("."));
}

static const char *const RUNS[] = {"run",
                                   "other",
                                   "sgd",
                                   "extra",
                                   "counts",
                                   "new",
                                   "new/seed-2147483647",
                                   "new/seed-2147483648",
                                   "new/lr=0.1/seed-2147483647",
                                   "new/lr=0.2/seed-2147483648",
                                   "group/seed-2147483647",
                                   "group/seed-2147483648",
                                   "group/seed-2147483649",
                                   "group/seed-9",
                                   "group/seed-10"};

static inline void expect_model_is_whole(const char *run) {
    static const char *const files[] = {"model.safetensors", "best.safetensors"};
    for (size_t i = 0; i < COUNT(files); i++) {
        Arena arena = {0}; // read_model would keep every model of every trial
        SafeTensors content;
        Error err;
        if (!exists(inside(run, files[i]))) continue;
        ck_assert_msg(safetensors_read(inside(run, files[i]), &content, &arena, &err), "%s", err.text);
        arena_free(&arena);
    }
}

// Each model file is whole, and no kept model is lost, unless the command replaces runs.
static inline void expect_runs_are_whole(const char *fault, const char *words) {
    for (size_t i = 0; i < COUNT(RUNS); i++) {
        const char *run = scratch(RUNS[i]), *kept = inside(scratch("kept"), RUNS[i]);
        expect_model_is_whole(run);
        if (strstr(words, "--force") || !exists(inside(kept, "model.safetensors"))) continue;
        ck_assert_msg(exists(inside(run, "model.safetensors")), "%s, %s: %s has lost its model", fault, words, run);
    }
}

static inline void expect_same_results(const char *fault, const char *words) {
    static const char *const files[] = {"first.json", "dump.safetensors", "run/folded.safetensors"};
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

// Compares pages and pictures. A kill may leave a temporary file, named by the process number.
static inline void expect_same_pictures(const char *fault, const char *words) {
    Output output = shell("cd '%s'; for f in page.html run/report.html plots run/plots; do "
                          "[ ! -e whole/$f ] || diff -r -x '*.[0-9]*.tmp' whole/$f $f || exit; done",
                          scratch("."));
    ck_assert_msg(output.status == 0, "%s, %s: %s%s", fault, words, output.out, output.err);
}
