#include "cmd/audit_report.h"

#include "base/text.h"

#include <stdio.h>

static void add_symbol(Buffer *out, uint32_t c) {
    char bytes[UTF8_MAX_BYTES];
    json_bytes(out, bytes, utf8_encode(c, bytes));
}

static void add_names(Buffer *out, const AuditNames *names) {
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

static void add_split(Buffer *out, const AuditSplit *split, const DataConfig *config) {
    static const char *const pairs[N_PAIRS] = {"train_dev", "train_test", "dev_test"};
    json_add_open(out, "split", '{');
    json_add_open(out, "shares", '[');
    for (size_t p = 0; p < N_PARTS; p++) json_number(out, config->split.parts[p]);
    json_close(out, ']');
    json_key(out, "shuffle_seed");
    if (config->shuffle_seed.given)
        json_whole(out, config->shuffle_seed.value);
    else
        json_word(out, "null");
    json_add_bool(out, "unique", config->unique);
    for (size_t p = 0; p < N_PARTS; p++) {
        json_add_open(out, PART_NAMES[p], '{');
        json_add_whole(out, "names", split->parts[p].names);
        json_add_whole(out, "examples", split->parts[p].examples);
        if (p != PART_TRAIN) json_add_whole(out, "names_in_train", split->parts[p].in_train);
        json_close(out, '}');
    }
    json_add_open(out, "distinct_names_in_two", '{');
    for (size_t i = 0; i < N_PAIRS; i++) json_add_whole(out, pairs[i], split->shared[i]);
    json_close(out, '}');
    json_close(out, '}');
}

static void add_lengths(Buffer *out, const AuditLengths *lengths) {
    LengthBin bins[REPORT_MOST_BINS];
    size_t n = report_bins(lengths, bins);
    json_add_open(out, "lengths", '{');
    json_add_whole(out, "shortest", lengths->shortest);
    json_add_number(out, "mean", lengths->mean);
    json_add_whole(out, "longest", lengths->longest);
    json_add_open(out, "histogram", '[');
    for (size_t i = 0; i < n; i++) {
        json_open(out, '{');
        json_add_whole(out, "from", bins[i].from);
        json_add_whole(out, "to", bins[i].to);
        json_add_whole(out, "names", bins[i].names);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
}

static void add_symbols(Buffer *out, const AuditSymbols *symbols) {
    json_add_open(out, "symbols", '[');
    for (size_t i = 0; i < symbols->n; i++) {
        json_open(out, '{');
        json_key(out, "symbol");
        add_symbol(out, symbols->items[i].code_point);
        json_add_whole(out, "code_point", symbols->items[i].code_point);
        json_add_whole(out, "count", symbols->items[i].count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void add_order(Buffer *out, const AuditOrder *order) {
    json_add_open(out, "order", '{');
    json_add_text(out, "kind", ORDER_KINDS[order->kind]);
    json_add_whole(out, "out_of_place", order->displaced);
    json_add_whole(out, "sorted_pieces", order->runs);
    json_add_whole(out, "longest_piece", order->longest);
    json_add_whole(out, "longest_piece_line", order->longest_line);
    json_close(out, '}');
}

static void add_skew(Buffer *out, const AuditSkew *skew, Trait trait) {
    json_open(out, '{');
    json_add_number(out, "chi2", skew->chi2);
    json_add_whole(out, "df", skew->df);
    json_add_number(out, "z", skew->z);
    json_add_number(out, "limit", skew->limit);
    json_add_bool(out, "skewed", skew->is_skewed);
    json_key(out, "most_different");
    if (skew->df == 0)
        json_word(out, "null");
    else if (trait == TRAIT_LENGTH)
        json_whole(out, skew->value);
    else
        add_symbol(out, skew->value);
    json_add_number(out, "share_of_train", skew->train);
    json_add_number(out, "share_of_dev_and_test", skew->rest);
    json_close(out, '}');
}

static void add_odd(Buffer *out, const AuditOdd odd[N_ODD_KINDS]) {
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
    json_add_text(&out, "file", path);
    add_names(&out, &audit->names);
    add_split(&out, &audit->split, &audit->config);
    add_lengths(&out, &audit->lengths);
    add_symbols(&out, &audit->symbols);
    add_order(&out, &audit->order);
    json_add_open(&out, "file_order_split", '{');
    for (size_t t = 0; t < N_TRAITS; t++) {
        json_key(&out, traits[t]);
        add_skew(&out, &audit->skews[t], (Trait)t);
    }
    json_close(&out, '}');
    add_odd(&out, audit->odd);
    json_add_open(&out, "warnings", '[');
    for (size_t i = 0; i < n; i++) json_text(&out, warnings[i]);
    json_close(&out, ']');
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text) puts(text);
    return text != NULL;
}
