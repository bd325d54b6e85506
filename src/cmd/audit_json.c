#include "cmd/audit_report.h"

#include "base/text.h"

#include <stdio.h>

static void add_whole(Buffer *out, const char *key, size_t number) {
    json_key(out, key);
    json_whole(out, number);
}

static void add_number(Buffer *out, const char *key, double number) {
    json_key(out, key);
    json_number(out, number);
}

static void add_bool(Buffer *out, const char *key, bool value) {
    json_key(out, key);
    json_word(out, value ? "true" : "false");
}

static void add_text(Buffer *out, const char *key, const char *text) {
    json_key(out, key);
    json_text(out, text);
}

static void add_symbol(Buffer *out, uint32_t c) {
    char bytes[UTF8_MAX_BYTES];
    json_bytes(out, bytes, utf8_encode(c, bytes));
}

static void open_key(Buffer *out, const char *key, char open) {
    json_key(out, key);
    json_open(out, open);
}

static void add_names(Buffer *out, const AuditNames *names) {
    add_whole(out, "lines", names->lines);
    add_whole(out, "blank_lines", names->blank);
    add_whole(out, "names", names->names);
    add_whole(out, "distinct_names", names->distinct);
    add_whole(out, "repeated_names", names->repeated);
    add_whole(out, "lines_unique_drops", names->names - names->distinct);
    open_key(out, "most_repeated", '[');
    for (size_t i = 0; i < names->n_examples; i++) {
        json_open(out, '{');
        json_key(out, "name");
        json_bytes(out, names->examples[i].name.at, names->examples[i].name.n);
        add_whole(out, "count", names->examples[i].count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void add_split(Buffer *out, const AuditSplit *split, const DataConfig *config) {
    static const char *const pairs[N_PAIRS] = {"train_dev", "train_test", "dev_test"};
    open_key(out, "split", '{');
    open_key(out, "shares", '[');
    for (size_t p = 0; p < N_PARTS; p++) json_number(out, config->split.parts[p]);
    json_close(out, ']');
    json_key(out, "shuffle_seed");
    if (config->shuffle_seed.given)
        json_whole(out, config->shuffle_seed.value);
    else
        json_word(out, "null");
    add_bool(out, "unique", config->unique);
    for (size_t p = 0; p < N_PARTS; p++) {
        open_key(out, PART_NAMES[p], '{');
        add_whole(out, "names", split->parts[p].names);
        add_whole(out, "examples", split->parts[p].examples);
        if (p != PART_TRAIN) add_whole(out, "names_in_train", split->parts[p].in_train);
        json_close(out, '}');
    }
    open_key(out, "distinct_names_in_two", '{');
    for (size_t i = 0; i < N_PAIRS; i++) add_whole(out, pairs[i], split->shared[i]);
    json_close(out, '}');
    json_close(out, '}');
}

static void add_lengths(Buffer *out, const AuditLengths *lengths) {
    LengthBin bins[REPORT_MOST_BINS];
    size_t n = report_bins(lengths, bins);
    open_key(out, "lengths", '{');
    add_whole(out, "shortest", lengths->shortest);
    add_number(out, "mean", lengths->mean);
    add_whole(out, "longest", lengths->longest);
    open_key(out, "histogram", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(out, '{');
        add_whole(out, "from", bins[i].from);
        add_whole(out, "to", bins[i].to);
        add_whole(out, "names", bins[i].names);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void add_symbols(Buffer *out, const AuditSymbols *symbols) {
    open_key(out, "symbols", '[');
    for (size_t i = 0; i < symbols->n; i++) {
        json_open(out, '{');
        json_key(out, "symbol");
        add_symbol(out, symbols->items[i].code_point);
        add_whole(out, "code_point", symbols->items[i].code_point);
        add_whole(out, "count", symbols->items[i].count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void add_order(Buffer *out, const AuditOrder *order) {
    open_key(out, "order", '{');
    add_text(out, "kind", ORDER_KINDS[order->kind]);
    add_whole(out, "out_of_place", order->displaced);
    add_whole(out, "sorted_pieces", order->runs);
    add_whole(out, "longest_piece", order->longest);
    add_whole(out, "longest_piece_line", order->longest_line);
    json_close(out, '}');
}

static void add_skew(Buffer *out, const AuditSkew *skew, Trait trait) {
    json_open(out, '{');
    add_number(out, "chi2", skew->chi2);
    add_whole(out, "df", skew->df);
    add_number(out, "z", skew->z);
    add_number(out, "limit", skew->limit);
    add_bool(out, "skewed", skew->is_skewed);
    json_key(out, "most_different");
    if (skew->df == 0)
        json_word(out, "null");
    else if (trait == TRAIT_LENGTH)
        json_whole(out, skew->value);
    else
        add_symbol(out, skew->value);
    add_number(out, "share_of_train", skew->train);
    add_number(out, "share_of_dev_and_test", skew->rest);
    json_close(out, '}');
}

static void add_odd(Buffer *out, const AuditOdd odd[N_ODD_KINDS]) {
    open_key(out, "odd_characters", '{');
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        if (odd[k].names == 0) continue;
        open_key(out, ODD_KINDS[k], '{');
        add_whole(out, "names", odd[k].names);
        add_whole(out, "first_line", odd[k].line);
        json_key(out, "first_name");
        json_bytes(out, odd[k].first.at, odd[k].first.n);
        add_whole(out, "different", odd[k].n_symbols);
        open_key(out, "symbols", '[');
        for (size_t i = 0; i < odd[k].n_symbols && i < AUDIT_ODD_SYMBOLS; i++) add_symbol(out, odd[k].symbols[i]);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, '}');
}

bool report_json(const Audit *audit, const char *path, Arena *arena, Error *err) {
    static const char *const traits[N_TRAITS] = {"first_letter", "last_letter", "length"};
    const char *warnings[REPORT_MOST_WARNINGS];
    size_t n;
    Buffer out = {.arena = arena};
    if (!report_warnings(audit, warnings, &n, arena, err)) return false;
    json_open(&out, '{');
    add_text(&out, "file", path);
    add_names(&out, &audit->names);
    add_split(&out, &audit->split, &audit->config);
    add_lengths(&out, &audit->lengths);
    add_symbols(&out, &audit->symbols);
    add_order(&out, &audit->order);
    open_key(&out, "file_order_split", '{');
    for (size_t t = 0; t < N_TRAITS; t++) {
        json_key(&out, traits[t]);
        add_skew(&out, &audit->skews[t], (Trait)t);
    }
    json_close(&out, '}');
    add_odd(&out, audit->odd);
    open_key(&out, "warnings", '[');
    for (size_t i = 0; i < n; i++) json_text(&out, warnings[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text) puts(text);
    return text != NULL;
}
