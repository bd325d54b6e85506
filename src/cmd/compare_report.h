// What nomen compare prints: a table for a person, or the same as JSON.
#ifndef NOMEN_CMD_COMPARE_REPORT_H
#define NOMEN_CMD_COMPARE_REPORT_H

#include "base/buffer.h"
#include "study/compare.h"

// A group beside the first one.
typedef struct Beside {
    bool same_data; // measured on the same examples; otherwise nothing is called of the difference
    bool is_tested;
    Welch welch;  // of the losses of Comparison.part; without a test only its difference
    bool differs; // p is below Comparison.level
} Beside;

typedef struct Comparison {
    size_t n;
    const GroupFigures *groups; // (n)
    Part part;
    size_t n_tests;
    double level;   // 0.05 / n_tests (Bonferroni): that any of them calls chance a difference is as rare as 1 in 20
    Beside *beside; // (n); the first is unused
    size_t n_notes;
    const char **notes; // sentences that the reader must know
} Comparison;

// The tables on standard output, 80 columns wide.
void compare_print(const Comparison *comparison);

// One JSON object.
bool compare_json(const Comparison *comparison, Arena *arena, Error *err);

#endif
