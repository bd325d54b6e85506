#include "data/audit.h"

#include "base/json.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "cmd/share/terminal.h"
#include "config/config.h"
#include "study/describe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct AuditOptions {
    bool json;
} AuditOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(AuditOptions, json), NULL, "one JSON object instead of a report"},
};

static const Usage USAGE = {
    .command = "audit",
    .brief = "check a names file before training",
    .summary =
        "Reports what to know about a names file before training: repeated names, names in several splits, lengths, "
        "symbols, order, odd characters. A CONFIG (.json) sets the split; a FILE is split as nomen init splits it.",
    .operand = "FILE|CONFIG",
    OPTION_TABLE(OPTIONS, AuditOptions),
    .examples = "  nomen audit data/names.txt\n"
                "  nomen audit mlp --json\n",
};

enum { INDENT = 2, MOST_SYMBOLS = 40 };

#define TABLE(out, format, columns) ((Table){out, format, INDENT, sizeof(columns) / sizeof *(columns), columns})

// Begins a member of the report: a key and a list or object in JSON, an empty line in text.
static void begin_section(Buffer *out, TableFormat format, const char *key, char open) {
    if (format == TABLE_JSON)
        json_add_open(out, key, open);
    else
        buffer_print(out, "\n");
}

static void end_section(Buffer *out, TableFormat format, char close) {
    if (format == TABLE_JSON) json_close(out, close);
}

// Returns the name with invisible characters, and a mark that follows no letter, as <U+XXXX>.
static Bytes visible(Buffer *out, Bytes name) {
    Buffer text = {.arena = out->arena};
    for (size_t at = 0; at < name.n;) {
        uint32_t c = 0;
        const size_t begin = at;
        char symbol[DESCRIBE_SYMBOL_BYTES];
        at += utf8_decode(name.at + at, name.n - at, &c);
        if (c == ' ' || (utf8_is_mark(c) && begin > 0) || !audit_is_invisible(c))
            buffer_add(&text, name.at + begin, at - begin);
        else
            buffer_print(&text, "<%s>", describe_symbol(c, symbol));
    }
    out->failed = out->failed || text.failed;
    return (Bytes){text.bytes, text.n};
}

enum { COLUMN_TEXT_BYTES = 256 };

// Writes the value of data.column, or nothing if none is given.
static const char *column_words(ColumnName column, char text[COLUMN_TEXT_BYTES]) {
    text[0] = '\0';
    if (column.name)
        snprintf(text, COLUMN_TEXT_BYTES, "\"%s\"", column.name);
    else if (column.number > 0)
        snprintf(text, COLUMN_TEXT_BYTES, "%llu", (unsigned long long)column.number);
    text_sanitize(text);
    return text;
}

static void add_column(Buffer *out, const char *key, ColumnName column) {
    if (column.name) {
        json_add_text(out, key, column.name);
    } else if (column.number > 0) {
        json_add_whole(out, key, column.number);
    } else {
        json_key(out, key);
        json_word(out, "null");
    }
}

static void write_format(Buffer *out, const Audit *audit, TableFormat format) {
    const NameFormat *names = &audit->config.format;
    char words[COLUMN_TEXT_BYTES];
    if (format == TABLE_JSON) {
        add_column(out, "column", names->column);
        add_column(out, "weight", names->weight);
        json_add_bool(out, "normalized", names->normalize != NULL);
        json_add_whole(out, "lines_not_nfc", audit->nfc.lines);
        return;
    }
    if (column_is_given(names->column)) {
        buffer_print(out, "  column %s of a table", column_words(names->column, words));
        if (column_is_given(names->weight))
            buffer_print(out, ", weighted by column %s", column_words(names->weight, words));
        if (column_is_given(audit->table.weight))
            buffer_print(out, "; data.weight can count each row by column %s",
                         column_words(audit->table.weight, words));
        buffer_print(out, "\n");
    }
    if (names->normalize && audit->nfc.lines > 0)
        buffer_print(out, "  lines not in NFC: %zu, the first is line %zu; \"normalize\": \"NFC\" changes them\n",
                     audit->nfc.lines, audit->nfc.first_line);
}

static void write_names(Buffer *out, const Audit *audit, TableFormat format) {
    static const Column columns[] = {{"times", "count", 7}, {"  most repeated", "name"}};
    const Table table = TABLE(out, format, columns);
    size_t later = audit->names - audit->distinct;
    if (format == TABLE_JSON)
        json_format(out,
                    "'lines':%zu,'blank_lines':%zu,'names':%zu,'distinct_names':%zu,'repeated_names':%zu,"
                    "'lines_unique_drops':%zu",
                    audit->lines, audit->blank, audit->names, audit->distinct, audit->repeated, later);
    else
        buffer_print(out,
                     "  lines %8zu, %zu blank\n  names %8zu, %zu distinct, %zu of them repeated\n"
                     "  \"unique\": true drops %zu repeated lines\n",
                     audit->lines, audit->blank, audit->names, audit->distinct, audit->repeated, later);
    if (format == TABLE_TEXT && later == 0) return;
    begin_section(out, format, "most_repeated", '[');
    table_head(&table);
    for (size_t i = 0; i < audit->n_most_repeated; i++) {
        AuditRepeat repeat = audit->most_repeated[i];
        Bytes name = format == TABLE_TEXT ? visible(out, repeat.name) : repeat.name;
        table_row(&table, (Cell[]){cell_count(repeat.count), cell_bytes(name.at, name.n)});
    }
    end_section(out, format, ']');
}

static void write_split(Buffer *out, const Audit *audit, TableFormat format) {
    static const Column columns[] = {{"", NULL, -5},
                                     {"names", "names", 7},
                                     {"examples", "examples", 9},
                                     {"also in train", "names_in_train", 14},
                                     {"%", NULL, 5, 'f', 1}};
    Table table = TABLE(out, format, columns);
    const DataConfig *config = &audit->config;
    char text[DESCRIBE_SPLIT_BYTES];
    begin_section(out, format, "split", '{');
    if (format == TABLE_JSON) {
        json_add_numbers(out, "shares", N_PARTS, config->split.parts);
        json_add_number(out, "shuffle_seed", config->shuffle_seed.given ? (double)config->shuffle_seed.value : NAN);
        json_add_bool(out, "unique", config->unique);
    } else {
        buffer_print(out, "%s\n", describe_split(config, text));
    }
    table_head(&table);
    for (size_t p = 0; p < N_PARTS; p++) {
        const AuditPart *part = &audit->parts[p];
        double percent = 100 * (double)part->in_train / (double)part->names;
        if (format == TABLE_JSON) json_key(out, PART_NAMES[p]);
        table.n_columns = p == PART_TRAIN ? 3 : sizeof columns / sizeof *columns;
        table_row(&table, (Cell[]){cell_text(PART_NAMES[p]), cell_count(part->names), cell_count(part->examples),
                                   cell_count(part->in_train), cell_known(percent)});
    }
    end_section(out, format, '}');
}

static void write_lengths(Buffer *out, const Audit *audit, TableFormat format) {
    const Column columns[] = {{"length", "length", 7}, {"names", "names", 8}, {"", NULL, bar_width(INDENT + 17)}};
    const Table table = TABLE(out, format, columns);
    double mean = (double)audit->n_chars / (double)audit->names;
    size_t shortest = 1, most = 0;
    while (audit->lengths[shortest] == 0) shortest++;
    for (size_t n = shortest; n <= audit->longest; n++)
        if (audit->lengths[n] > most) most = audit->lengths[n];
    begin_section(out, format, "lengths", '{');
    if (format == TABLE_JSON) {
        json_format(out, "'shortest':%zu,'longest':%zu", shortest, audit->longest);
        json_add_number(out, "mean", mean);
        json_add_open(out, "histogram", '[');
    } else {
        buffer_print(out, "lengths from %zu to %zu characters, mean %.2f\n", shortest, audit->longest, mean);
    }
    table_head(&table);
    for (size_t n = shortest; n <= audit->longest; n++)
        if (audit->lengths[n] > 0)
            table_row(&table, (Cell[]){cell_count(n), cell_count(audit->lengths[n]),
                                       cell_bar((double)audit->lengths[n] / (double)most)});
    end_section(out, format, ']');
    end_section(out, format, '}');
}

static void write_symbols(Buffer *out, const Audit *audit, TableFormat format) {
    const Column columns[] = {
        {"symbol", "symbol", -7}, {NULL, "code_point"}, {"count", "count", 8}, {"", NULL, bar_width(INDENT + 17)}};
    const Table table = TABLE(out, format, columns);
    size_t shown = format == TABLE_TEXT && audit->n_symbols > MOST_SYMBOLS ? MOST_SYMBOLS : audit->n_symbols;
    begin_section(out, format, "symbols", '[');
    table_head(&table);
    for (size_t i = 0; i < shown; i++) {
        AuditSymbol symbol = audit->symbols[i];
        table_row(&table,
                  (Cell[]){cell_symbol(symbol.code_point), cell_count(symbol.code_point), cell_count(symbol.count),
                           cell_bar((double)symbol.count / (double)audit->symbols[0].count)});
    }
    if (shown < audit->n_symbols) buffer_print(out, "  and %zu more\n", audit->n_symbols - shown);
    end_section(out, format, ']');
}

static const struct {
    const char *title, *key;
} TRAITS[N_TRAITS] = {{"first letter", "first_letter"}, {"last letter", "last_letter"}, {"length", "length"}};

static void write_skews(Buffer *out, const Audit *audit, TableFormat format) {
    static const Column columns[] = {{"", NULL, -12},
                                     {"chi2", "chi2", 8, 'f', 1},
                                     {"df", "df", 5},
                                     {"limit", "limit", 8, 'f', 1},
                                     {NULL, "skewed"},
                                     {"most different", "most_different", -14},
                                     {"train", "share_of_train", 6, 'f', 3},
                                     {"rest", "share_of_dev_and_test", 6, 'f', 3}};
    const Table table = TABLE(out, format, columns);
    begin_section(out, format, "file_order_split", '{');
    if (format == TABLE_TEXT)
        buffer_print(out, "in file order: train and the rest differ if chi2 > limit (df 0: too few names)\n");
    table_head(&table);
    for (size_t t = 0; t < N_TRAITS; t++) {
        const AuditSkew *skew = &audit->skews[t];
        Cell value = t == TRAIT_LENGTH ? cell_count(skew->value) : cell_symbol(skew->value);
        if (format == TABLE_JSON) json_key(out, TRAITS[t].key);
        table_row(&table,
                  (Cell[]){cell_text(TRAITS[t].title), cell_number(skew->chi2), cell_count(skew->df),
                           cell_number(skew->limit), cell_flag(skew->is_skewed), skew->df > 0 ? value : cell_none(),
                           cell_number(skew->train), cell_number(skew->rest)});
    }
    end_section(out, format, '}');
}

static void write_order(Buffer *out, const Audit *audit, TableFormat format) {
    const AuditOrder *order = &audit->order;
    if (format == TABLE_JSON)
        json_format(out, "'order':{'kind':'%s','sorted_pieces':%zu,'longest_piece':%zu,'longest_piece_line':%zu}",
                    order->kind, order->runs, order->longest, order->longest_line);
    else
        buffer_print(out,
                     "\norder of the file: %s\n"
                     "  sorted pieces: %zu, the longest of %zu names from line %zu on\n",
                     order->kind, order->runs, order->longest, order->longest_line);
}

static void write_odd(Buffer *out, const Audit *audit, TableFormat format) {
    static const Column columns[] = {{"odd characters", NULL, -20},
                                     {"names", NULL, 7},
                                     {"line", NULL, 8},
                                     {"symbols", NULL, -11},
                                     {"first name", NULL}};
    const Table table = TABLE(out, format, columns);
    size_t n_kinds = 0;
    for (size_t k = 0; k < N_ODD_KINDS; k++) n_kinds += audit->odd[k].names > 0;
    begin_section(out, format, "odd_characters", '{');
    if (n_kinds > 0)
        table_head(&table);
    else if (format == TABLE_TEXT)
        buffer_print(out, "odd characters: none\n");
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        const AuditOdd *odd = &audit->odd[k];
        size_t n = odd->n_symbols < AUDIT_ODD_SYMBOLS ? odd->n_symbols : AUDIT_ODD_SYMBOLS;
        char symbols[AUDIT_ODD_SYMBOLS * DESCRIBE_SYMBOL_BYTES] = "", symbol[DESCRIBE_SYMBOL_BYTES], *end = symbols;
        if (odd->names == 0) continue;
        for (size_t i = 0; i < n; i++)
            end = stpcpy(stpcpy(end, i > 0 ? " " : ""), describe_symbol(odd->symbols[i], symbol));
        if (format == TABLE_TEXT) {
            Bytes first = visible(out, odd->first);
            table_row(&table, (Cell[]){cell_text(ODD_TYPES[k].name), cell_count(odd->names), cell_count(odd->line),
                                       cell_text(symbols), cell_bytes(first.at, first.n)});
            continue;
        }
        json_add_open(out, ODD_TYPES[k].key, '{');
        json_format(out, "'names':%zu,'first_line':%zu,'different':%zu", odd->names, odd->line, odd->n_symbols);
        json_key(out, "first_name");
        json_bytes(out, odd->first.at, odd->first.n);
        json_add_open(out, "symbols", '[');
        for (size_t i = 0; i < n; i++) json_symbol(out, odd->symbols[i]);
        json_close(out, ']');
        json_close(out, '}');
    }
    end_section(out, format, '}');
}

static void write_warning(Buffer *out, TableFormat format, const char *warning) {
    if (format == TABLE_JSON) {
        json_text(out, warning);
        return;
    }
    size_t begin = out->n + 1;
    buffer_print(out, "\nwarning: %s", warning);
    terminal_wrap_tail(out, begin, 0, INDENT);
}

static void write_format_warnings(Buffer *out, const Audit *audit, TableFormat format) {
    char text[ERROR_TEXT_BYTES], column[COLUMN_TEXT_BYTES];
    if (audit->table.odd.text[0] != '\0') {
        snprintf(text, sizeof text, "the file seems to be a table, but %.200s; each row is read as one name",
                 audit->table.odd.text);
        write_warning(out, format, text);
    } else if (column_is_given(audit->table.column) && !column_is_given(audit->config.format.column)) {
        snprintf(text, sizeof text,
                 "the file seems to be a table, and each row is read as one name; \"column\": %s in the config's "
                 "\"data\" takes the names from a column",
                 column_words(audit->table.column, column));
        write_warning(out, format, text);
    }
    if (!audit->config.format.normalize && audit->nfc.lines > 0) {
        snprintf(text, sizeof text,
                 "lines not in NFC: %zu, the first is line %zu; a letter and its mark are two symbols there, and "
                 "\"normalize\": \"NFC\" in the config's \"data\" makes them one",
                 audit->nfc.lines, audit->nfc.first_line);
        write_warning(out, format, text);
    }
}

static void write_warnings(Buffer *out, const Audit *audit, TableFormat format) {
    char refused[ERROR_TEXT_BYTES + 32];
    snprintf(refused, sizeof refused, "training is impossible: %s", audit->refusal.text);
    if (format == TABLE_JSON) json_add_open(out, "warnings", '[');
    if (audit->refusal.text[0] != '\0') write_warning(out, format, refused);
    if (audit_is_skewed(audit))
        write_warning(out, format,
                      "the split is in file order, and dev and test differ from train; \"shuffle_seed\": 42 in the "
                      "config's \"data\" shuffles the names first");
    write_format_warnings(out, audit, format);
    end_section(out, format, ']');
}

static void (*const SECTIONS[])(Buffer *out, const Audit *audit, TableFormat format) = {
    write_format, write_names, write_split, write_lengths,  write_symbols,
    write_order,  write_skews, write_odd,   write_warnings,
};

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const AuditOptions *o = options;
    const char *operand = config_find(operands->items[0], arena, err);
    if (!operand) return false;
    Config config = {0};
    Audit audit;
    Buffer out = {.arena = arena};
    config.data = (DataConfig){.path = operand};
    if (text_ends_with(operand, ".json") &&
        (!config_load(&config, operand, NULL, arena, err) || !config_check_names(&config, false, err)))
        return false;
    if (!audit_load(&audit, &config.data, arena, err)) return false;
    command_note_config(operands->items[0], operand);
    if (o->json) {
        json_open(&out, '{');
        json_add_text(&out, "file", config.data.path);
    } else {
        buffer_print(&out, "%s\n", config.data.path);
    }
    for (size_t i = 0; i < sizeof SECTIONS / sizeof *SECTIONS; i++)
        SECTIONS[i](&out, &audit, o->json ? TABLE_JSON : TABLE_TEXT);
    if (o->json) json_close(&out, '}');
    return command_print(&out, err);
}

const Command audit_command = {COMMANDS_LOOK, &USAGE, run};
