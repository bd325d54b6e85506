// The order of a names file, and its effect on a split in that order.
#include "data/audit.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

// Fewer than eight distinct names are sorted by chance at least once in 5,040 files.
enum { FEWEST_NAMES = 8, FEWEST_RISES = 7, MOST_DISPLACED = 10 };

// The values of a trait are code points or lengths. Lengths from N_VALUES on share the last value.
enum { N_VALUES = 0x110000, LEAST_EXPECTED = 5 };

const char *const ORDER_KINDS[] = {"few", "sorted", "nearly_sorted", "reversed", "nearly_reversed", "runs", "none"};

// The bytes of UTF-8 compare like its code points.
static int compare(Bytes a, Bytes b) {
    int sign = memcmp(a.at, b.at, a.n < b.n ? a.n : b.n);
    if (sign != 0) return sign < 0 ? -1 : 1;
    return a.n < b.n ? -1 : a.n > b.n;
}

// Finds the length of the longest sorted (sign 1) or reversed (-1) subsequence, from the smallest last name of a
// subsequence of each length (Fredman 1975).
static bool count_ordered(const NameList *list, int sign, size_t *n_ordered, Error *err) {
    Arena scratch = {0};
    uint32_t *tails = arena_alloc(&scratch, list->n, sizeof *tails, err);
    size_t n = 0;
    for (size_t i = 0; tails && i < list->n; i++) {
        size_t low = 0, high = n;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (sign * compare(names_at(list, tails[middle]), names_at(list, i)) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        tails[low] = (uint32_t)i;
        n += low == n;
    }
    *n_ordered = n;
    arena_free(&scratch);
    return tails != NULL;
}

static void find_runs(AuditOrder *order, const NameList *list, size_t *rises, size_t *falls) {
    size_t begin = 0, longest_begin = 0;
    *order = (AuditOrder){0};
    *rises = *falls = 0;
    for (size_t i = 1; i <= list->n; i++) {
        int step = i < list->n ? compare(names_at(list, i - 1), names_at(list, i)) : 1;
        *rises += step < 0;
        *falls += step > 0 && i < list->n;
        if (step <= 0) continue;
        order->runs++;
        if (i - begin > order->longest) {
            order->longest = i - begin;
            longest_begin = begin;
        }
        begin = i;
    }
    order->longest_line = names_line(list, names_at(list, longest_begin));
}

// A shuffled file rises as often as it falls.
bool audit_order(AuditOrder *order, const NameList *list, size_t distinct, Error *err) {
    size_t rises, falls, n_ordered;
    find_runs(order, list, &rises, &falls);
    order->kind = ORDER_NONE;
    if (distinct < FEWEST_NAMES)
        order->kind = ORDER_FEW;
    else if (falls == 0)
        order->kind = ORDER_SORTED;
    else if (rises == 0)
        order->kind = ORDER_REVERSED;
    else if (rises >= FEWEST_RISES * falls)
        order->kind = ORDER_RUNS;
    bool mostly_rises = rises >= 4 * falls, mostly_falls = falls >= 4 * rises;
    if (distinct < FEWEST_NAMES || rises == 0 || falls == 0 || (!mostly_rises && !mostly_falls)) return true;
    if (!count_ordered(list, mostly_rises ? 1 : -1, &n_ordered, err)) return false;
    if (list->n - n_ordered > list->n / MOST_DISPLACED) return true;
    order->displaced = list->n - n_ordered;
    order->kind = mostly_rises ? ORDER_NEARLY_SORTED : ORDER_NEARLY_REVERSED;
    return true;
}

static uint32_t trait_value(Bytes name, Trait trait) {
    uint32_t c = 0;
    size_t at = 0;
    if (trait == TRAIT_LENGTH) {
        size_t n = utf8_count(name.at, name.n);
        return n < N_VALUES ? (uint32_t)n : N_VALUES - 1;
    }
    if (trait == TRAIT_LAST) at = utf8_whole(name.at, name.n - 1);
    utf8_decode(name.at + at, name.n - at, &c);
    return c;
}

// Occurrences of a value in train, and in dev and test.
typedef struct Cell {
    uint32_t train, rest;
} Cell;

static double sum_of(Cell cell) { return (double)cell.train + (double)cell.rest; }

static Cell join(Cell a, Cell b) { return (Cell){a.train + b.train, a.rest + b.rest}; }

// The two terms of a value in Pearson's chi-square; `share` is that of train in all names.
static double cell_chi2(Cell cell, double share) {
    double train = sum_of(cell) * share, rest = sum_of(cell) * (1 - share), off = (double)cell.train - train;
    return off * off / train + off * off / rest;
}

// Returns true if the value is expected rarely in the row of `fewer` names, of n in both rows.
static bool is_rare(Cell cell, double fewer, double n) { return sum_of(cell) * fewer / n < LEAST_EXPECTED; }

// Values expected fewer than LEAST_EXPECTED times in the smaller row are merged into one. If that is too rare as well,
// it joins the rarest of the others.
static void compare_rows(AuditSkew *skew, const Cell *cells, double n_train, double n_rest) {
    double all = n_train + n_rest, share = n_train / all, fewer = fmin(n_train, n_rest), chi2 = 0, largest = 0;
    size_t n = 0;
    Cell merged = {0, 0}, least = {UINT32_MAX, 0};
    for (uint32_t value = 0; value < N_VALUES; value++) {
        Cell cell = cells[value];
        if (is_rare(cell, fewer, all)) {
            merged = join(merged, cell);
            continue;
        }
        n++;
        chi2 += cell_chi2(cell, share);
        if (sum_of(cell) < sum_of(least)) least = cell;
        double train = cell.train / n_train, rest = cell.rest / n_rest;
        if (n > 1 && fabs(train - rest) <= largest) continue;
        largest = fabs(train - rest);
        skew->value = value;
        skew->train = train;
        skew->rest = rest;
    }
    if (!is_rare(merged, fewer, all)) {
        chi2 += cell_chi2(merged, share);
        n++;
    } else if (n > 0 && sum_of(merged) > 0) {
        chi2 += cell_chi2(join(least, merged), share) - cell_chi2(least, share);
    }
    skew->df = n > 1 ? n - 1 : 0;
    skew->chi2 = n > 1 ? chi2 : 0;
}

// If both rows have one distribution, chi-square exceeds df + 2 sqrt(df x) + 2 x with a probability of at most e^-x
// (Laurent and Massart 2000, lemma 1); x = 12 makes that 1 in 160,000. In units of sqrt(2 df) above df that is sqrt(2
// x) + x sqrt(2 / df): 21.9 for one degree of freedom, 8.3 for 25. Of 2.8 million statistics of shuffled lists of 30 to
// 3,000 names from nomen's and the lectures' files, none exceeded it (one did with x = 10). Both files unshuffled,
// girls before boys, reach 418 by their last letters.
static void judge(AuditSkew *skew) {
    double df = (double)skew->df, x = 12;
    if (skew->df == 0) return;
    skew->z = (skew->chi2 - df) / sqrt(2 * df);
    skew->limit = sqrt(2 * x) + x * sqrt(2 / df);
    skew->is_skewed = skew->z > skew->limit;
}

bool audit_skews(AuditSkew skews[N_TRAITS], const NameList *list, size_t n_train, Error *err) {
    for (size_t t = 0; t < N_TRAITS; t++) skews[t] = (AuditSkew){0};
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
        judge(&skews[t]);
        arena_free(&scratch);
    }
    return true;
}
