// The program whose calls to the system fail at will, or in whose middle it is killed: see torture/faults.c.
#ifndef NOMEN_TESTS_FAULTY_H
#define NOMEN_TESTS_FAULTY_H

#include "cli/run.h"

#include <sys/stat.h>

enum { FEW = 23 };

// In the bounded form some FEW of n things are tried.
static inline unsigned long stride(unsigned long n) { return getenv("NOMEN_TORTURE") ? 1 : n / FEW + 1; }

enum { MOST_PLACES = 8192 };

typedef struct Calls {
    unsigned long all, changes, live, unsynced, is_grave;
    unsigned long noted[MOST_PLACES]; // in their order
    size_t n_noted;
} Calls;

static inline int by_number(const void *a, const void *b) {
    unsigned long x = *(const unsigned long *)a, y = *(const unsigned long *)b;
    return (x > y) - (x < y);
}

// Reads what the program of faults reports at its end.
static inline Calls read_calls(const char *report) {
    Calls calls = {0};
    char *at = read_text(report, NULL), *after;
    unsigned long *const heads[] = {&calls.all, &calls.changes, &calls.live, &calls.unsynced, &calls.is_grave};
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
static inline Output faulty(const char *fault, Calls *calls, const char *words) {
    const char *report = scratch("report");
    write_text(report, "0 0 0 0 0");
    const char *program = getenv("NOMEN_FAULTY");
    char *path = realpath(program ? program : "build/torture/nomen", NULL);
    Output output = nomen("--version >/dev/null; cd '%s' || exit; PATH=.:$PATH %s%s NOMEN_FAULT_REPORT='%s' '%s' %s",
                          scratch("."), fault[0] ? "NOMEN_FAULT=" : "", fault, report, path, words);
    free(path);
    Calls found = read_calls(report);
    if (calls) *calls = found;
    return output;
}

static inline void expect_model_is_whole(const char *run) {
    static const char *const files[] = {"model.safetensors", "best.safetensors"};
    for (size_t i = 0; i < COUNT(files); i++) {
        Arena arena = {0}; // not that of read_model, which would grow by every model of every trial
        SafeTensors content;
        Error err;
        if (!exists(inside(run, files[i]))) continue;
        ck_assert_msg(safetensors_read(inside(run, files[i]), &content, &arena, &err), "%s", err.text);
        arena_free(&arena);
    }
}

// gnuplot takes a tenth of a second to start; here another draws one picture for all.
static inline void put_stand_in_for_gnuplot(void) {
    write_text(scratch("gnuplot"), "#!/bin/sh\ncat >/dev/null\n"
                                   "echo '<svg width=\"600\" height=\"480\" viewBox=\"0 0 600 480\" "
                                   "xmlns=\"http://www.w3.org/2000/svg\"><g></g></svg>'\n");
    ck_assert_int_eq(chmod(scratch("gnuplot"), 0755), 0);
}

#endif
