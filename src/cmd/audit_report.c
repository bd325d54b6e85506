#include "cmd/audit_report.h"

#include "base/text.h"
#include "cmd/share/bar.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INDENT = 2, MOST_SYMBOLS = 60, WIDEST_BAR = 40, NAME_COLUMNS = 30, SHOWN_BYTES = 400 };

size_t report_bins(const AuditLengths *lengths, LengthBin bins[REPORT_MOST_BINS]) {
    size_t all = 0, below = 0, width = 1, n = 0, last = lengths->shortest;
    for (size_t i = lengths->shortest; i <= lengths->longest; i++) all += lengths->counts[i];
    while (last < lengths->longest && below * 100 < all * 99) below += lengths->counts[last++];
    while (width * (REPORT_MOST_BINS - 1) < last - lengths->shortest) width++;
    for (size_t i = lengths->shortest; i <= lengths->longest; i++) {
        if (n == 0 || (i > bins[n - 1].to && n < REPORT_MOST_BINS)) {
            bins[n] = (LengthBin){i, i + width - 1, 0};
            n++;
        }
        bins[n - 1].names += lengths->counts[i];
    }
    bins[n - 1].to = lengths->longest;
    return n;
}

// A name in quotes, what would not show as <U+XXXX>, and cut where it is long.
static const char *name_text(Bytes name, char text[SHOWN_BYTES]) {
    size_t n = 0, columns = 0;
    n += (size_t)snprintf(text, SHOWN_BYTES, "\"");
    for (size_t at = 0; at < name.n;) {
        uint32_t c = 0;
        char symbol[DESCRIBE_SYMBOL_BYTES];
        at += utf8_decode(name.at + at, name.n - at, &c);
        bool shows = c == ' ' || !audit_is_invisible(c);
        columns += c == ' ' ? 1 : describe_symbol_columns(c) + (shows ? 0 : 2);
        if (columns > NAME_COLUMNS) {
            n += (size_t)snprintf(text + n, SHOWN_BYTES - n, "...");
            break;
        }
        const char *format = shows ? "%s" : "<%s>";
        n += (size_t)snprintf(text + n, SHOWN_BYTES - n, format, c == ' ' ? " " : describe_symbol(c, symbol));
    }
    snprintf(text + n, SHOWN_BYTES - n, "\"");
    return text;
}

static bool print_words(Buffer *buffer, Error *err) {
    const char *text = buffer_text(buffer, err);
    if (text) terminal_wrap(text, INDENT, 2 * INDENT);
    return text != NULL;
}

static bool print_names(const Audit *audit, Arena *arena, Error *err) {
    const AuditNames *names = &audit->names;
    Buffer out = {.arena = arena};
    printf("  lines %8zu, %zu blank\n  names %8zu, %zu different\n", names->lines, names->blank, names->names,
           names->distinct);
    if (names->repeated == 0) {
        puts("  no name stands twice");
        return true;
    }
    size_t later = names->names - names->distinct;
    buffer_print(&out, "%zu %s more than once; \"unique\": true %s %zu later %s", names->repeated,
                 names->repeated == 1 ? "name stands" : "names stand", audit->config.unique ? "drops" : "would drop",
                 later, later == 1 ? "line" : "lines");
    if (!print_words(&out, err)) return false;
    Buffer most = {.arena = arena};
    for (size_t i = 0; i < names->n_examples; i++) {
        char text[SHOWN_BYTES];
        buffer_print(&most, "%s%s (%zu)", i > 0 ? ", " : "most often ", name_text(names->examples[i].name, text),
                     names->examples[i].count);
    }
    return print_words(&most, err);
}

static bool print_split(const Audit *audit, Arena *arena, Error *err) {
    const AuditSplit *split = &audit->split;
    Buffer out = {.arena = arena};
    char text[DESCRIBE_SPLIT_BYTES];
    printf("\n%s\n          names  examples  in train too\n", describe_split(&audit->config, text));
    for (size_t p = 0; p < N_PARTS; p++) {
        const AuditPart *part = &split->parts[p];
        printf("  %-5s %7zu %9zu", PART_NAMES[p], part->names, part->examples);
        if (p != PART_TRAIN && part->names > 0)
            printf(" %6zu %4.1f %%", part->in_train, 100 * (double)part->in_train / (double)part->names);
        putchar('\n');
    }
    if (audit->names.repeated == 0) return true;
    buffer_print(&out, "different names that stand in two: train and dev %zu, train and test %zu, dev and test %zu",
                 split->shared[TRAIN_DEV], split->shared[TRAIN_TEST], split->shared[DEV_TEST]);
    return print_words(&out, err);
}

static void print_lengths(const AuditLengths *lengths) {
    LengthBin bins[REPORT_MOST_BINS];
    size_t n = report_bins(lengths, bins), most = 1, label = 0, columns = terminal_text_columns();
    char labels[REPORT_MOST_BINS][48];
    for (size_t i = 0; i < n; i++) {
        if (bins[i].names > most) most = bins[i].names;
        if (bins[i].from == bins[i].to)
            snprintf(labels[i], sizeof *labels, "%zu", bins[i].from);
        else
            snprintf(labels[i], sizeof *labels, "%zu-%zu", bins[i].from, bins[i].to);
        if (strlen(labels[i]) > label) label = strlen(labels[i]);
    }
    printf("\nlengths from %zu to %zu, mean %.2f\n", lengths->shortest, lengths->longest, lengths->mean);
    size_t fixed = INDENT + label + 10, room = columns > fixed + 1 ? columns - fixed - 1 : 1;
    for (size_t i = 0; i < n; i++) {
        size_t widest = room < WIDEST_BAR ? room : WIDEST_BAR;
        double share = (double)bins[i].names / (double)most;
        printf("  %*s %8zu%s", (int)label, labels[i], bins[i].names, bar_shows(share, widest) ? " " : "");
        bar_print(share, widest, false);
        putchar('\n');
    }
}

static void print_symbols(const AuditSymbols *symbols) {
    size_t shown = symbols->n < MOST_SYMBOLS ? symbols->n : MOST_SYMBOLS, label = 1, digits = 1;
    for (size_t i = 0; i < shown; i++)
        if (describe_symbol_columns(symbols->items[i].code_point) > label)
            label = describe_symbol_columns(symbols->items[i].code_point);
    for (size_t most = symbols->items[0].count; most >= 10; most /= 10) digits++;
    size_t each = INDENT + label + 1 + digits, fit = terminal_text_columns() / each, n = fit > 0 ? fit : 1;
    printf("\n%zu %s and the boundary; how often each occurs\n", symbols->n, symbols->n == 1 ? "symbol" : "symbols");
    for (size_t i = 0; i < shown; i++) {
        uint32_t c = symbols->items[i].code_point;
        char text[DESCRIBE_SYMBOL_BYTES];
        printf("  %s%*s %*zu%s", describe_symbol(c, text), (int)(label - describe_symbol_columns(c)), "", (int)digits,
               symbols->items[i].count, i % n == n - 1 || i + 1 == shown ? "\n" : "");
    }
    if (shown < symbols->n) printf("  and %zu more\n", symbols->n - shown);
}

static bool print_order(const Audit *audit, Arena *arena, Error *err) {
    const AuditOrder *order = &audit->order;
    static const char *const words[] = {[ORDER_FEW] = "too few different names to tell",
                                        [ORDER_SORTED] = "sorted by code point",
                                        [ORDER_NEARLY_SORTED] = "nearly sorted by code point",
                                        [ORDER_REVERSED] = "sorted by code point, backwards",
                                        [ORDER_NEARLY_REVERSED] = "nearly sorted by code point, backwards",
                                        [ORDER_RUNS] = "sorted in pieces",
                                        [ORDER_NONE] = "not sorted"};
    Buffer out = {.arena = arena};
    buffer_print(&out, "%s", words[order->kind]);
    if (order->kind == ORDER_RUNS)
        buffer_print(&out, ": %zu of them, the longest of %zu names from line %zu on", order->runs, order->longest,
                     order->longest_line);
    if (order->displaced > 0)
        buffer_print(&out, ": %zu %s out of place", order->displaced, order->displaced == 1 ? "name is" : "names are");
    if (audit->config.shuffle_seed.given) buffer_print(&out, "; the split is shuffled, so that it does not matter");
    puts("\norder of the file");
    return print_words(&out, err);
}

// The value whose share differs most, as "a" or as 5 characters.
static void print_value(const AuditSkew *skew, Trait trait) {
    char text[DESCRIBE_SYMBOL_BYTES];
    if (trait == TRAIT_LENGTH)
        printf("length %u", (unsigned)skew->value);
    else
        printf("\"%s\"", describe_symbol(skew->value, text));
}

static void print_skews(const Audit *audit) {
    static const char *const traits[N_TRAITS] = {"first letter", "last letter", "length"};
    const AuditPart *parts = audit->split.parts;
    if (parts[PART_TRAIN].names == 0 || parts[PART_DEV].names + parts[PART_TEST].names == 0) return;
    puts("  cut in file order, train beside dev and test:\n"
         "                   chi2    df        z   limit  most different");
    for (size_t t = 0; t < N_TRAITS; t++) {
        const AuditSkew *skew = &audit->skews[t];
        if (skew->df == 0) {
            printf("  %-12s  too few names, or too much alike, to compare\n", traits[t]);
            continue;
        }
        printf("  %-12s %8.1f %5zu %8.1f %7.1f  ", traits[t], skew->chi2, skew->df, skew->z, skew->limit);
        print_value(skew, (Trait)t);
        printf(" %.1f %%, %.1f %%\n", 100 * skew->train, 100 * skew->rest);
    }
}

static bool print_odd(const Audit *audit, Arena *arena, Error *err) {
    static const char *const words[N_ODD_KINDS] = {"white space inside",
                                                   "invisible characters",
                                                   "combining marks",
                                                   "full stops (not the boundary)",
                                                   "digits",
                                                   "punctuation",
                                                   "upper case beside lower",
                                                   "characters beyond ASCII",
                                                   "symbols that hardly occur"};
    size_t n_kinds = 0;
    for (size_t k = 0; k < N_ODD_KINDS; k++) n_kinds += audit->odd[k].names > 0;
    printf("\nodd characters%s\n", n_kinds == 0 ? ": none" : "");
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        const AuditOdd *odd = &audit->odd[k];
        char text[SHOWN_BYTES];
        if (odd->names == 0) continue;
        Buffer out = {.arena = arena};
        buffer_print(&out, "%s: %zu %s, first %s in line %zu;", words[k], odd->names,
                     odd->names == 1 ? "name" : "names", name_text(odd->first, text), odd->line);
        for (size_t i = 0; i < odd->n_symbols && i < AUDIT_ODD_SYMBOLS; i++)
            buffer_print(&out, " %s", describe_symbol(odd->symbols[i], text));
        if (odd->n_symbols > AUDIT_ODD_SYMBOLS) buffer_print(&out, " and %zu more", odd->n_symbols - AUDIT_ODD_SYMBOLS);
        if (!print_words(&out, err)) return false;
    }
    return true;
}

// The skewed trait whose value differs most; N_TRAITS where none is skewed.
static size_t most_skewed(const Audit *audit) {
    size_t most = N_TRAITS;
    for (size_t t = 0; t < N_TRAITS; t++) {
        const AuditSkew *skew = &audit->skews[t];
        if (!skew->is_skewed) continue;
        if (most == N_TRAITS ||
            fabs(skew->train - skew->rest) > fabs(audit->skews[most].train - audit->skews[most].rest))
            most = t;
    }
    return most;
}

static const char *skew_text(const Audit *audit, Arena *arena, Error *err) {
    static const char *const begins[] = {"begin with", "end in"};
    char text[DESCRIBE_SYMBOL_BYTES];
    size_t t = most_skewed(audit);
    Buffer out = {.arena = arena};
    buffer_print(&out, "the split is cut in file order, and dev and test are unlike train: ");
    if (t == N_TRAITS)
        buffer_print(&out, "the file is sorted, and they are its end");
    else if (t == TRAIT_LENGTH)
        buffer_print(&out, "names of %u %s: ", (unsigned)audit->skews[t].value,
                     audit->skews[t].value == 1 ? "character" : "characters");
    else
        buffer_print(&out, "names that %s \"%s\": ", begins[t], describe_symbol(audit->skews[t].value, text));
    if (t != N_TRAITS)
        buffer_print(&out, "%.1f %% of train, %.1f %% of dev and test", 100 * audit->skews[t].train,
                     100 * audit->skews[t].rest);
    buffer_print(&out, "; \"shuffle_seed\": 42 in the config's \"data\" shuffles the names first");
    return buffer_text(&out, err);
}

bool report_warnings(const Audit *audit, const char *warnings[REPORT_MOST_WARNINGS], size_t *n, Arena *arena,
                     Error *err) {
    *n = 0;
    if (audit->split.refusal)
        warnings[(*n)++] = arena_format(arena, err, "training on it is refused: %s", audit->split.refusal);
    if (audit_is_skewed(audit)) warnings[(*n)++] = skew_text(audit, arena, err);
    for (size_t i = 0; i < *n; i++)
        if (!warnings[i]) return false;
    return true;
}

bool report_print(const Audit *audit, const char *path, Arena *arena, Error *err) {
    const char *warnings[REPORT_MOST_WARNINGS];
    size_t n;
    if (!report_warnings(audit, warnings, &n, arena, err)) return false;
    printf("%s\n", path);
    if (!print_names(audit, arena, err) || !print_split(audit, arena, err)) return false;
    print_lengths(&audit->lengths);
    print_symbols(&audit->symbols);
    if (!print_order(audit, arena, err)) return false;
    print_skews(audit);
    if (!print_odd(audit, arena, err)) return false;
    for (size_t i = 0; i < n; i++) {
        Buffer out = {.arena = arena};
        buffer_print(&out, "warning: %s", warnings[i]);
        const char *text = buffer_text(&out, err);
        if (!text) return false;
        putchar('\n');
        terminal_wrap(text, 0, INDENT);
    }
    return true;
}
