// The order of a names file, and its effect on a split in that order.
#include "data/audit.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

// Fewer than eight distinct names are sorted by chance at least once in 5,040 files.
enum { FEWEST_NAMES = 8, FEWEST_RISES = 7, LEAST_EXPECTED = 5 };

// The values of a trait are code points or lengths. Lengths from N_VALUES on share the last value.
enum { N_VALUES = UTF8_CODE_POINTS };

// The bytes of UTF-8 compare like its code points.
static int compare(Bytes a, Bytes b) {
    int sign = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    if (sign != 0) return sign < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

// A shuffled file rises as often as it falls.
void audit_order(AuditOrder *order, const NameList *list, size_t distinct) {
    size_t begin = 0, longest_begin = 0, rises = 0;
    *order = (AuditOrder){.kind = "not sorted"};
    for (size_t i = 1; i <= list->n; i++) {
        int step = i < list->n ? compare(names_at(list, i - 1), names_at(list, i)) : 1;
        rises += step < 0;
        if (step <= 0) continue;
        order->runs++;
        if (i - begin > order->longest) {
            order->longest = i - begin;
            longest_begin = begin;
        }
        begin = i;
    }
    order->longest_line = names_line(list, names_at(list, longest_begin));
    if (distinct < FEWEST_NAMES) {
        order->kind = "unknown";
    } else if (rises == 0) {
        order->kind = "reversed";
        order->is_sorted = true;
    } else if (rises >= FEWEST_RISES * (order->runs - 1)) {
        order->kind = order->runs == 1 ? "sorted" : "sorted in pieces";
        order->is_sorted = order->longest > list->n / 2 && longest_begin + order->longest == list->n;
    }
}

static uint32_t trait_value(Bytes name, Trait trait) {
    uint32_t c = 0;
    size_t at = trait == TRAIT_LAST ? utf8_whole(name.at, name.n - 1) : 0;
    size_t length = trait == TRAIT_LENGTH ? utf8_count(name.at, name.n) : 0;
    if (trait == TRAIT_LENGTH) return length < N_VALUES ? (uint32_t)length : N_VALUES - 1;
    utf8_decode(name.at + at, name.n - at, &c);
    return c;
}

// Occurrences of a value in train, and in dev and test.
typedef struct Cell {
    uint32_t train, rest;
} Cell;

// Adds the two terms of a value to Pearson's chi-square of rows of n_train and n_rest names. Returns false if fewer
// than LEAST_EXPECTED occurrences are expected in a row.
static bool add_cell(AuditSkew *skew, Cell cell, double n_train, double n_rest) {
    double all = (double)cell.train + (double)cell.rest, n = n_train + n_rest;
    double train = all * n_train / n, rest = all * n_rest / n, off = cell.train - train;
    if (fmin(train, rest) < LEAST_EXPECTED) return false;
    skew->chi2 += off * off / train + off * off / rest;
    skew->df++;
    return true;
}

// Values that are too rare are merged into one. If that is too rare as well, it is left out.
//
// If both rows have one distribution, chi-square exceeds df + 2 sqrt(df x) + 2 x with a probability of at most e^-x
// (Laurent and Massart 2000, lemma 1); x = 12 makes that 1 in 160,000. Of 2.8 million statistics of shuffled lists of
// 30 to 3,000 names from nomen's and the lectures' files, none exceeded it (one did with x = 10). Both files
// unshuffled, girls before boys, reach 36 times the limit by their last letters.
static void compare_rows(AuditSkew *skew, const Cell *cells, double n_train, double n_rest) {
    const double x = 12;
    Cell rare = {0, 0};
    for (uint32_t value = 0; value < N_VALUES; value++) {
        if (!add_cell(skew, cells[value], n_train, n_rest)) {
            rare = (Cell){rare.train + cells[value].train, rare.rest + cells[value].rest};
            continue;
        }
        double train = cells[value].train / n_train, rest = cells[value].rest / n_rest;
        if (skew->df > 1 && fabs(train - rest) <= fabs(skew->train - skew->rest)) continue;
        skew->value = value;
        skew->train = train;
        skew->rest = rest;
    }
    add_cell(skew, rare, n_train, n_rest);
    if (skew->df < 2) {
        *skew = (AuditSkew){0};
        return;
    }
    skew->df--;
    double df = (double)skew->df;
    skew->limit = df + 2 * sqrt(df * x) + 2 * x;
    skew->is_skewed = skew->chi2 > skew->limit;
}

bool audit_skews(AuditSkew skews[N_TRAITS], const NameList *list, size_t n_train, Error *err) {
    for (Trait t = 0; t < N_TRAITS; t++) skews[t] = (AuditSkew){0};
    if (n_train == 0 || n_train == list->n) return true;
    for (Trait t = 0; t < N_TRAITS; t++) {
        Arena scratch = {0};
        Cell *cells = arena_alloc(&scratch, N_VALUES, sizeof *cells, err);
        if (!cells) return false;
        for (size_t i = 0; i < list->n; i++) {
            Cell *cell = &cells[trait_value(names_at(list, i), t)];
            *(i < n_train ? &cell->train : &cell->rest) += 1;
        }
        compare_rows(&skews[t], cells, (double)n_train, (double)(list->n - n_train));
        arena_free(&scratch);
    }
    return true;
}
