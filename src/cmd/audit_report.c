#include "cmd/audit_report.h"

#include "base/json.h"
#include "base/text.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <stdio.h>
#include <string.h>

enum { INDENT = 2, MOST_BINS = 16, MOST_SYMBOLS = 60, NAME_COLUMNS = 30 };

static const char *plural(size_t n) { return n == 1 ? "" : "s"; }

// A name in quotes, invisible characters as <U+XXXX>, a long name cut short.
static void write_name(Buffer *out, Bytes name) {
    size_t columns = 0;
    buffer_print(out, "\"");
    for (size_t at = 0; at < name.n;) {
        uint32_t c = 0;
        char symbol[DESCRIBE_SYMBOL_BYTES];
        at += utf8_decode(name.at + at, name.n - at, &c);
        bool is_visible = c == ' ' || !audit_is_invisible(c);
        columns += c == ' ' ? 1 : describe_symbol_columns(c) + (is_visible ? 0 : 2);
        if (columns > NAME_COLUMNS) {
            buffer_print(out, "...");
            break;
        }
        buffer_print(out, is_visible ? "%s" : "<%s>", c == ' ' ? " " : describe_symbol(c, symbol));
    }
    buffer_print(out, "\"");
}

static void end_paragraph(Buffer *out, size_t begin) { terminal_wrap_tail(out, begin, INDENT, 2 * INDENT); }

static void write_names(Buffer *out, const Audit *audit) {
    const AuditNames *names = &audit->names;
    size_t begin, later = names->names - names->distinct;
    buffer_print(out, "  lines %8zu, %zu blank\n  names %8zu, %zu distinct\n", names->lines, names->blank, names->names,
                 names->distinct);
    if (names->repeated == 0) {
        buffer_print(out, "  no name occurs twice\n");
        return;
    }
    begin = out->n;
    buffer_print(out, "%zu name%s more than once; \"unique\": true %s %zu later line%s", names->repeated,
                 names->repeated == 1 ? " occurs" : "s occur", audit->config.unique ? "drops" : "would drop", later,
                 plural(later));
    end_paragraph(out, begin);
    begin = out->n;
    for (size_t i = 0; i < names->n_examples; i++) {
        buffer_print(out, i > 0 ? ", " : "most often ");
        write_name(out, names->examples[i].name);
        buffer_print(out, " (%zu)", names->examples[i].count);
    }
    end_paragraph(out, begin);
}

static void write_names_json(Buffer *out, const AuditNames *names) {
    json_add_whole(out, "lines", names->lines);
    json_add_whole(out, "blank_lines", names->blank);
    json_add_whole(out, "names", names->names);
    json_add_whole(out, "distinct_names", names->distinct);
    json_add_whole(out, "repeated_names", names->repeated);
    json_add_whole(out, "lines_unique_drops", names->names - names->distinct);
    json_add_open(out, "most_repeated", '[');
    for (size_t i = 0; i < names->n_examples; i++) {
        json_open(out, '{');
        json_key(out, "name");
        json_bytes(out, names->examples[i].name.at, names->examples[i].name.n);
        json_add_whole(out, "count", names->examples[i].count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void write_parts(Buffer *out, const AuditSplit *split, TableFormat format) {
    static const Column columns[] = {{"", NULL, -5},
                                     {"names", "names", 7},
                                     {"examples", "examples", 9},
                                     {NULL, "names_in_train"},
                                     {"also in train", NULL, 14}};
    Table table = {out, format, INDENT, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t p = 0; p < N_PARTS; p++) {
        const AuditPart *part = &split->parts[p];
        char in_train[48] = "";
        if (part->names > 0)
            snprintf(in_train, sizeof in_train, "%zu %5.1f %%", part->in_train,
                     100 * (double)part->in_train / (double)part->names);
        if (format == TABLE_JSON) json_key(out, PART_NAMES[p]);
        table.n_columns = p == PART_TRAIN ? 3 : sizeof columns / sizeof *columns;
        table_row(&table, (Cell[]){cell_text(PART_NAMES[p]), cell_count(part->names), cell_count(part->examples),
                                   cell_count(part->in_train), cell_text(in_train)});
    }
}

static void write_split(Buffer *out, const Audit *audit) {
    const AuditSplit *split = &audit->split;
    char text[DESCRIBE_SPLIT_BYTES];
    buffer_print(out, "\n%s\n", describe_split(&audit->config, text));
    write_parts(out, split, TABLE_TEXT);
    if (audit->names.repeated == 0) return;
    size_t begin = out->n;
    buffer_print(out, "distinct names in two parts: train and dev %zu, train and test %zu, dev and test %zu",
                 split->shared[TRAIN_DEV], split->shared[TRAIN_TEST], split->shared[DEV_TEST]);
    end_paragraph(out, begin);
}

static void write_split_json(Buffer *out, const Audit *audit) {
    static const char *const pairs[N_PAIRS] = {"train_dev", "train_test", "dev_test"};
    const DataConfig *config = &audit->config;
    json_add_open(out, "split", '{');
    json_add_numbers(out, "shares", N_PARTS, config->split.parts);
    json_key(out, "shuffle_seed");
    if (config->shuffle_seed.given)
        json_whole(out, config->shuffle_seed.value);
    else
        json_word(out, "null");
    json_add_bool(out, "unique", config->unique);
    write_parts(out, &audit->split, TABLE_JSON);
    json_add_open(out, "distinct_names_in_two", '{');
    for (size_t i = 0; i < N_PAIRS; i++) json_add_whole(out, pairs[i], audit->split.shared[i]);
    json_close(out, '}');
    json_close(out, '}');
}

// Names of `from` to `to` characters.
typedef struct LengthBin {
    size_t from, to, names;
} LengthBin;

// At most MOST_BINS bins of equal width, wide enough that all but the last hold 99 names in 100; the last one holds the
// longest names. Returns the number of bins.
static size_t bin_lengths(const AuditLengths *lengths, LengthBin bins[MOST_BINS]) {
    size_t all = 0, below = 0, width = 1, n = 0, last = lengths->shortest;
    for (size_t i = lengths->shortest; i <= lengths->longest; i++) all += lengths->counts[i];
    while (last < lengths->longest && below * 100 < all * 99) below += lengths->counts[last++];
    while (width * (MOST_BINS - 1) < last - lengths->shortest) width++;
    for (size_t i = lengths->shortest; i <= lengths->longest; i++) {
        if (n == 0 || (i > bins[n - 1].to && n < MOST_BINS)) {
            bins[n] = (LengthBin){i, i + width - 1, 0};
            n++;
        }
        bins[n - 1].names += lengths->counts[i];
    }
    bins[n - 1].to = lengths->longest;
    return n;
}

static void write_bins(Buffer *out, const AuditLengths *lengths, TableFormat format) {
    LengthBin bins[MOST_BINS];
    size_t n = bin_lengths(lengths, bins), most = 1;
    for (size_t i = 0; i < n; i++)
        if (bins[i].names > most) most = bins[i].names;
    const Column columns[] = {
        {"from", "from", 6}, {"to", "to", 6}, {"names", "names", 8}, {"", NULL, bar_width(INDENT + 23)}};
    const Table table = {out, format, INDENT, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t i = 0; i < n; i++)
        table_row(&table, (Cell[]){cell_count(bins[i].from), cell_count(bins[i].to), cell_count(bins[i].names),
                                   cell_bar((double)bins[i].names / (double)most)});
}

static void write_lengths_json(Buffer *out, const AuditLengths *lengths) {
    json_add_open(out, "lengths", '{');
    json_add_whole(out, "shortest", lengths->shortest);
    json_add_number(out, "mean", lengths->mean);
    json_add_whole(out, "longest", lengths->longest);
    json_add_open(out, "histogram", '[');
    write_bins(out, lengths, TABLE_JSON);
    json_close(out, ']');
    json_close(out, '}');
}

static void write_symbols(Buffer *out, const AuditSymbols *symbols) {
    size_t shown = symbols->n < MOST_SYMBOLS ? symbols->n : MOST_SYMBOLS, label = 1, digits = 1;
    for (size_t i = 0; i < shown; i++)
        if (describe_symbol_columns(symbols->items[i].code_point) > label)
            label = describe_symbol_columns(symbols->items[i].code_point);
    for (size_t most = symbols->items[0].count; most >= 10; most /= 10) digits++;
    size_t each = INDENT + label + 1 + digits, fit = terminal_text_columns() / each, n = fit > 0 ? fit : 1;
    buffer_print(out, "\n%zu symbol%s and the boundary; how often each occurs\n", symbols->n, plural(symbols->n));
    for (size_t i = 0; i < shown; i++) {
        uint32_t c = symbols->items[i].code_point;
        char text[DESCRIBE_SYMBOL_BYTES];
        buffer_print(out, "  %s%*s %*zu%s", describe_symbol(c, text), (int)(label - describe_symbol_columns(c)), "",
                     (int)digits, symbols->items[i].count, i % n == n - 1 || i + 1 == shown ? "\n" : "");
    }
    if (shown < symbols->n) buffer_print(out, "  and %zu more\n", symbols->n - shown);
}

static void write_symbols_json(Buffer *out, const AuditSymbols *symbols) {
    json_add_open(out, "symbols", '[');
    for (size_t i = 0; i < symbols->n; i++) {
        json_open(out, '{');
        json_key(out, "symbol");
        json_symbol(out, symbols->items[i].code_point);
        json_add_whole(out, "code_point", symbols->items[i].code_point);
        json_add_whole(out, "count", symbols->items[i].count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void write_order(Buffer *out, const Audit *audit) {
    const AuditOrder *order = &audit->order;
    static const char *const kinds[] = {[ORDER_FEW] = "too few distinct names to tell",
                                        [ORDER_SORTED] = "sorted by code point",
                                        [ORDER_NEARLY_SORTED] = "nearly sorted by code point",
                                        [ORDER_REVERSED] = "sorted by code point, backwards",
                                        [ORDER_NEARLY_REVERSED] = "nearly sorted by code point, backwards",
                                        [ORDER_RUNS] = "sorted in pieces",
                                        [ORDER_NONE] = "not sorted"};
    buffer_print(out, "\norder of the file\n");
    size_t begin = out->n;
    buffer_print(out, "%s", kinds[order->kind]);
    if (order->kind == ORDER_RUNS)
        buffer_print(out, ": %zu, the longest with %zu names from line %zu on", order->runs, order->longest,
                     order->longest_line);
    if (order->displaced > 0)
        buffer_print(out, ": %zu %s out of place", order->displaced, order->displaced == 1 ? "name is" : "names are");
    if (audit->config.shuffle_seed.given) buffer_print(out, "; the split is shuffled, so this does not matter");
    end_paragraph(out, begin);
}

static void write_order_json(Buffer *out, const AuditOrder *order) {
    json_add_open(out, "order", '{');
    json_add_text(out, "kind", ORDER_KINDS[order->kind]);
    json_add_whole(out, "out_of_place", order->displaced);
    json_add_whole(out, "sorted_pieces", order->runs);
    json_add_whole(out, "longest_piece", order->longest);
    json_add_whole(out, "longest_piece_line", order->longest_line);
    json_close(out, '}');
}

static void write_skews(Buffer *out, const AuditSkew skews[N_TRAITS], TableFormat format) {
    static const char *const names[N_TRAITS] = {"first letter", "last letter", "length"};
    static const char *const keys[N_TRAITS] = {"first_letter", "last_letter", "length"};
    static const Column columns[] = {{"", NULL, -12},
                                     {"chi2", "chi2", 8, 'f', 1},
                                     {"df", "df", 5},
                                     {"z", "z", 8, 'f', 1},
                                     {"limit", "limit", 7, 'f', 1},
                                     {NULL, "skewed"},
                                     {"most different", "most_different", -14},
                                     {"train", "share_of_train", 6, 'f', 3},
                                     {"rest", "share_of_dev_and_test", 6, 'f', 3}};
    const Table table = {out, format, INDENT, sizeof columns / sizeof *columns, columns};
    table_head(&table);
    for (size_t t = 0; t < N_TRAITS; t++) {
        const AuditSkew *skew = &skews[t];
        Cell value = t == TRAIT_LENGTH ? cell_count(skew->value) : cell_symbol(skew->value);
        if (skew->df == 0) value = cell_none();
        if (format == TABLE_JSON) json_key(out, keys[t]);
        if (format == TABLE_JSON || skew->df > 0)
            table_row(&table, (Cell[]){cell_text(names[t]), cell_number(skew->chi2), cell_count(skew->df),
                                       cell_number(skew->z), cell_number(skew->limit), cell_flag(skew->is_skewed),
                                       value, cell_number(skew->train), cell_number(skew->rest)});
        else
            buffer_print(out, "  %-12s  too few names, or too similar ones, to compare\n", names[t]);
    }
}

static void write_odd(Buffer *out, const AuditOdd odds[N_ODD_KINDS]) {
    static const char *const names[N_ODD_KINDS] = {"white space inside",
                                                   "invisible characters",
                                                   "combining marks",
                                                   "full stops (not the boundary)",
                                                   "digits",
                                                   "punctuation",
                                                   "upper case beside lower case",
                                                   "characters beyond ASCII",
                                                   "rare symbols"};
    size_t n_kinds = 0;
    for (size_t k = 0; k < N_ODD_KINDS; k++) n_kinds += odds[k].names > 0;
    buffer_print(out, "\nodd characters%s\n", n_kinds == 0 ? ": none" : "");
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        const AuditOdd *odd = &odds[k];
        char symbol[DESCRIBE_SYMBOL_BYTES];
        size_t begin = out->n;
        if (odd->names == 0) continue;
        buffer_print(out, "%s: %zu name%s, first ", names[k], odd->names, plural(odd->names));
        write_name(out, odd->first);
        buffer_print(out, " in line %zu;", odd->line);
        for (size_t i = 0; i < odd->n_symbols && i < AUDIT_ODD_SYMBOLS; i++)
            buffer_print(out, " %s", describe_symbol(odd->symbols[i], symbol));
        if (odd->n_symbols > AUDIT_ODD_SYMBOLS) buffer_print(out, " and %zu more", odd->n_symbols - AUDIT_ODD_SYMBOLS);
        end_paragraph(out, begin);
    }
}

static void write_odd_json(Buffer *out, const AuditOdd odd[N_ODD_KINDS]) {
    json_add_open(out, "odd_characters", '{');
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        if (odd[k].names == 0) continue;
        json_add_open(out, ODD_KINDS[k], '{');
        json_add_whole(out, "names", odd[k].names);
        json_add_whole(out, "first_line", odd[k].line);
        json_key(out, "first_name");
        json_bytes(out, odd[k].first.at, odd[k].first.n);
        json_add_whole(out, "different", odd[k].n_symbols);
        json_add_open(out, "symbols", '[');
        for (size_t i = 0; i < odd[k].n_symbols && i < AUDIT_ODD_SYMBOLS; i++) json_symbol(out, odd[k].symbols[i]);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, '}');
}

static void write_warnings(Buffer *out, const char *warnings) {
    for (size_t n; (n = strcspn(warnings, "\n")) > 0; warnings += n + 1) {
        size_t begin = out->n + 1;
        buffer_print(out, "\nwarning: %.*s", (int)n, warnings);
        terminal_wrap_tail(out, begin, 0, INDENT);
    }
}

static void write_warnings_json(Buffer *out, const char *warnings) {
    json_add_open(out, "warnings", '[');
    for (size_t n; (n = strcspn(warnings, "\n")) > 0; warnings += n + 1) json_bytes(out, warnings, n);
    json_close(out, ']');
}

static void write_text(Buffer *out, const Audit *audit, const char *warnings, const char *path) {
    const AuditPart *parts = audit->split.parts;
    buffer_print(out, "%s\n", path);
    write_names(out, audit);
    write_split(out, audit);
    buffer_print(out, "\nlengths from %zu to %zu characters, mean %.2f\n", audit->lengths.shortest,
                 audit->lengths.longest, audit->lengths.mean);
    write_bins(out, &audit->lengths, TABLE_TEXT);
    write_symbols(out, &audit->symbols);
    write_order(out, audit);
    if (parts[PART_TRAIN].names > 0 && parts[PART_DEV].names + parts[PART_TEST].names > 0) {
        buffer_print(out, "  shares in file order, train compared with the rest (dev and test):\n");
        write_skews(out, audit->skews, TABLE_TEXT);
    }
    write_odd(out, audit->odd);
    write_warnings(out, warnings);
}

static void write_json(Buffer *out, const Audit *audit, const char *warnings, const char *path) {
    json_open(out, '{');
    json_add_text(out, "file", path);
    write_names_json(out, &audit->names);
    write_split_json(out, audit);
    write_lengths_json(out, &audit->lengths);
    write_symbols_json(out, &audit->symbols);
    write_order_json(out, &audit->order);
    json_add_open(out, "file_order_split", '{');
    write_skews(out, audit->skews, TABLE_JSON);
    json_close(out, '}');
    write_odd_json(out, audit->odd);
    write_warnings_json(out, warnings);
    json_close(out, '}');
}

void audit_report(Buffer *out, const Audit *audit, const char *warnings, const char *path, bool json) {
    if (json)
        write_json(out, audit, warnings, path);
    else
        write_text(out, audit, warnings, path);
}
