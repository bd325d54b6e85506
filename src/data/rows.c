#include "data/rows.h"

#include "base/buffer.h"
#include "base/text.h"
#include "data/encoding.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_blank(Bytes field) {
    for (size_t i = 0; i < field.n; i++)
        if (field.at[i] != ' ' && field.at[i] != '\t') return false;
    return true;
}

// Returns the separator that occurs most often in the row at `at`.
static char find_separator(const char *at, const char *end) {
    static const char separators[] = {'\t', ';', ','};
    size_t counts[sizeof separators] = {0}, most = 0;
    bool is_quoted = false;
    while (at < end && text_is_line_end(*at)) at++;
    for (; at < end && (is_quoted || !text_is_line_end(*at)); at++) {
        if (*at == '"') is_quoted = !is_quoted;
        for (size_t s = 0; s < sizeof separators && !is_quoted; s++) counts[s] += *at == separators[s];
    }
    for (size_t s = 1; s < sizeof separators; s++)
        if (counts[s] > counts[most]) most = s;
    return separators[most];
}

Rows rows_begin(Bytes text) {
    Rows rows = {.text = text, .at = text.at, .end = text.at + text.n, .next_line = 1};
    if (text.n >= 3 && memcmp(text.at, "\xEF\xBB\xBF", 3) == 0) rows.at += 3;
    rows.separator = find_separator(rows.at, rows.end);
    return rows;
}

// Moves to the end of a quoted field.
static bool skip_quoted(Rows *rows, Error *err) {
    const char *at = rows->at + 1;
    for (; at < rows->end && !(at[0] == '"' && at[1] != '"'); at++) {
        if (text_is_line_end(*at) && !(at[0] == '\r' && at[1] == '\n')) rows->next_line++;
        at += *at == '"';
    }
    if (at >= rows->end) return error_set(err, "line %zu: a quote without an end", rows->line);
    for (at++; *at == ' '; at++) continue;
    rows->at = at;
    if (at == rows->end || *at == rows->separator || text_is_line_end(*at)) return true;
    return error_set(err, "line %zu: text after a closing quote; a quote inside a quoted field is written twice",
                     rows->line);
}

bool rows_next(Rows *rows, size_t room, Bytes *fields, Error *err) {
    bool has_text = false;
    do {
        rows->n_fields = 0;
        rows->line = rows->next_line;
        if (rows->at >= rows->end) return true;
        for (bool more = true; more; rows->at += more) {
            const char *begin = rows->at, *quote = begin + strspn(begin, " ");
            if (*quote == '"') rows->at = begin = quote;
            if (*begin == '"' && !skip_quoted(rows, err)) return false;
            while (rows->at < rows->end && *rows->at != rows->separator && !text_is_line_end(*rows->at)) rows->at++;
            Bytes field = {(char *)begin, (size_t)(rows->at - begin)};
            if (rows->n_fields < room) fields[rows->n_fields] = field;
            more = rows->at < rows->end && *rows->at == rows->separator;
            has_text = rows->n_fields++ > 0 || more || !is_blank(field);
        }
        if (rows->at < rows->end) rows->at = text_next_line(rows->at);
        rows->next_line++;
    } while (!has_text);
    return true;
}

size_t rows_unquote(Bytes field, char *out) {
    size_t n = 0;
    if (field.n == 0 || field.at[0] != '"') {
        memmove(out, field.at, field.n);
        return field.n;
    }
    for (size_t i = 1; i < field.n; i++) {
        bool is_quote = field.at[i] == '"';
        if (is_quote && (i + 1 == field.n || field.at[i + 1] != '"')) break;
        i += is_quote;
        out[n++] = field.at[i];
    }
    return n;
}

static Bytes trim(Bytes text) {
    while (text.n > 0 && is_blank((Bytes){text.at, 1})) text = (Bytes){text.at + 1, text.n - 1};
    while (text.n > 0 && is_blank((Bytes){text.at + text.n - 1, 1})) text.n--;
    return text;
}

// Returns the text of a field, trimmed, in memory of its own; NULL if there is none.
static char *copy_field(Bytes field, Arena *arena, Error *err) {
    char *copy = arena_alloc(arena, field.n + 1, 1, err);
    if (!copy) return NULL;
    Bytes text = trim((Bytes){copy, rows_unquote(field, copy)});
    text.at[text.n] = '\0';
    return text.at;
}

// Sets `err` to the columns' names, or to why they cannot be read.
static bool unknown_column(Bytes text, const Columns *header, const char *name, Arena *arena, Error *err) {
    Buffer list = {.arena = arena};
    for (size_t i = 0; i < header->n; i++) {
        Bytes field = header->fields[i];
        for (size_t at = 0, length; at < field.n; at += length) {
            uint32_t c = 0;
            length = utf8_decode(field.at + at, field.n - at, &c);
            if (length == 0 || c == 0) return encoding_error(text, field.at + at, err);
        }
        const char *other = copy_field(field, arena, err);
        if (!other) return false;
        if (list.n < ERROR_TEXT_BYTES / 4) buffer_print(&list, "%s\"%s\"", i > 0 ? ", " : "", other);
    }
    const char *names = buffer_text(&list, err);
    return names && error_set(err, "no column \"%s\"; the header has %s", name, names);
}

static bool find_column(Bytes text, const Columns *header, const ColumnName *column, size_t *found, Arena *arena,
                        Error *err) {
    *found = (size_t)column->number - 1;
    if (!column->name)
        return *found < header->n || error_set(err, "expected at least %zu columns, found %zu", *found + 1, header->n);
    for (*found = 0; *found < header->n; ++*found) {
        const char *name = copy_field(header->fields[*found], arena, err);
        if (!name) return false;
        if (strcmp(name, column->name) == 0) return true;
    }
    return unknown_column(text, header, column->name, arena, err);
}

bool rows_find_columns(Rows *rows, ColumnName column, ColumnName weight, Columns *out, Arena *arena, Error *err) {
    Rows first = *rows, second = *rows;
    Arena scratch = {0};
    *out = (Columns){0};
    if (!rows_next(&first, 0, NULL, err)) return false;
    out->n = first.n_fields;
    out->fields = arena_alloc(arena, out->n, sizeof *out->fields, err);
    if (!out->fields || !rows_next(&second, out->n, out->fields, err)) return false;
    if (out->n == 0) return true;
    bool has_weight = column_is_given(weight);
    bool ok =
        (find_column(rows->text, out, &column, &out->column, &scratch, err) || error_context(err, "data.column")) &&
        (!has_weight || find_column(rows->text, out, &weight, &out->weight, &scratch, err) ||
         error_context(err, "data.weight"));
    arena_free(&scratch);
    if (!ok) return error_context(err, "line %zu", first.line);
    if (column.name || weight.name) *rows = first;
    out->n = 1 + (has_weight && out->weight > out->column ? out->weight : out->column);
    return true;
}

enum { GUESS_ROWS = 1000, GUESS_COLUMNS = 64, ODD_SHARE = 10 };

typedef struct Sample {
    size_t n_rows, n_columns;
    const Bytes *cells; // (n_rows, n_columns)
} Sample;

static Bytes cell_at(const Sample *sample, size_t row, size_t column) {
    Bytes cell = sample->cells[row * sample->n_columns + column];
    if (cell.n >= 2 && cell.at[0] == '"') cell = (Bytes){cell.at + 1, cell.n - 2};
    return trim(cell);
}

static bool is_number(Bytes cell) {
    for (size_t i = 0; i < cell.n; i++)
        if (cell.at[i] < '0' || cell.at[i] > '9') return false;
    return cell.n > 0;
}

static size_t count_numbers(const Sample *sample, size_t column) {
    size_t n = 0;
    for (size_t row = 1; row < sample->n_rows; row++) n += is_number(cell_at(sample, row, column));
    return n;
}

static bool says_name(Bytes cell) {
    if (cell.n == 5 && strncasecmp(cell.at, "first", 5) == 0) return true;
    for (size_t i = 0; i + 4 <= cell.n; i++)
        if (strncasecmp(cell.at + i, "name", 4) == 0) return true;
    return false;
}

// Looks for what says "name" in the first row, and for a word above a column of numbers. Sets *named to the first
// column that says it, if there is one.
static bool has_header(const Sample *sample, size_t *named) {
    bool found = false;
    *named = sample->n_columns;
    for (size_t c = sample->n_columns; c-- > 0;) {
        Bytes cell = cell_at(sample, 0, c);
        if (says_name(cell)) *named = c;
        found |= says_name(cell) || (cell.n > 0 && !is_number(cell) && count_numbers(sample, c) + 1 == sample->n_rows);
    }
    return found;
}

static int by_bytes(const void *a, const void *b) {
    const Bytes *x = a, *y = b;
    int sign = memcmp(x->at, y->at, x->n < y->n ? x->n : y->n);
    return sign != 0 ? sign : (x->n > y->n) - (x->n < y->n);
}

static size_t count_distinct(const Sample *sample, size_t column, Bytes *sorted) {
    size_t n = 0;
    for (size_t row = 0; row < sample->n_rows; row++) sorted[row] = cell_at(sample, row, column);
    qsort(sorted, sample->n_rows, sizeof *sorted, by_bytes);
    for (size_t row = 0; row < sample->n_rows; row++) n += row == 0 || by_bytes(&sorted[row - 1], &sorted[row]) != 0;
    return n;
}

// Names differ more than what else is text.
static size_t most_distinct(const Sample *sample, Bytes *sorted) {
    size_t best = 0, most = 0;
    for (size_t c = 0; c < sample->n_columns; c++) {
        size_t n = 2 * count_numbers(sample, c) >= sample->n_rows ? 0 : count_distinct(sample, c, sorted);
        if (n > most) best = c;
        if (n > most) most = n;
    }
    return best;
}

// Leaves the row that is begun, and moves to the next line.
static void skip_line(Rows *rows) {
    while (rows->at < rows->end && !text_is_line_end(*rows->at)) rows->at++;
    if (rows->at < rows->end) rows->at = text_next_line(rows->at);
    rows->next_line = rows->line + 1;
}

// Returns true if each field of a single column is quoted, or if the first is "name".
static bool is_column(const Sample *sample) {
    const Bytes head = cell_at(sample, 0, 0);
    if (head.n == 4 && says_name(head)) return true;
    for (size_t row = 0; row < sample->n_rows; row++)
        if (sample->cells[row].n < 2 || sample->cells[row].at[0] != '"') return false;
    return true;
}

// Reads the rows that have as many fields as the row at `like`, and sets `odd` to the first that has not. Returns false
// if they are no table, or if memory runs out, which sets err.
static bool read_sample(Sample *sample, Rows rows, const char *like, Error *odd, Arena *arena, Error *err) {
    Error broken;
    size_t n_odd = 0;
    rows.separator = find_separator(like, rows.end);
    Rows first = rows;
    first.at = like;
    if (!rows_next(&first, 0, NULL, &broken) || first.n_fields == 0 || first.n_fields > GUESS_COLUMNS) return false;
    const size_t n = first.n_fields;
    Bytes *cells = arena_alloc(arena, GUESS_ROWS * n, sizeof *cells, err);
    *sample = (Sample){0, n, cells};
    *odd = (Error){0};
    while (cells && sample->n_rows + n_odd < GUESS_ROWS) {
        const bool is_whole = rows_next(&rows, n, cells + sample->n_rows * n, &broken);
        if (is_whole && rows.n_fields == 0) break;
        if (is_whole && rows.n_fields == n) {
            sample->n_rows++;
            continue;
        }
        if (is_whole)
            error_set(&broken, "line %zu has %zu column%s, not %zu", rows.line, rows.n_fields,
                      rows.n_fields == 1 ? "" : "s", n);
        else
            skip_line(&rows);
        if (n_odd++ == 0) *odd = broken;
    }
    return cells && sample->n_rows >= 2 && ODD_SHARE * n_odd <= sample->n_rows + n_odd &&
           (n > 1 || (n_odd == 0 && is_column(sample)));
}

static bool name_column(ColumnName *column, const Sample *sample, size_t c, bool is_header, Arena *arena, Error *err) {
    *column = (ColumnName){0};
    if (is_header) return (column->name = copy_field(sample->cells[c], arena, err)) != NULL;
    column->number = c + 1;
    return true;
}

static bool choose_columns(TableGuess *table, const Sample *sample, Arena *arena, Error *err) {
    Arena scratch = {0};
    size_t named, weight = sample->n_columns;
    const bool is_header = has_header(sample, &named);
    Bytes *sorted = arena_alloc(&scratch, sample->n_rows, sizeof *sorted, err);
    const size_t chosen = !sorted || named < sample->n_columns ? named : most_distinct(sample, sorted);
    arena_free(&scratch);
    if (!sorted || !name_column(&table->column, sample, chosen, is_header, arena, err)) return false;
    while (--weight > chosen)
        if (count_numbers(sample, weight) + 1 == sample->n_rows)
            return name_column(&table->weight, sample, weight, is_header, arena, err);
    return true;
}

bool rows_guess_table(Bytes text, TableGuess *table, Arena *arena, Error *err) {
    Arena scratch = {0};
    Sample sample;
    const Rows first = rows_begin(text);
    Rows second = first;
    skip_line(&second);
    *table = (TableGuess){0};
    *err = (Error){0};
    const bool is_table = read_sample(&sample, first, first.at, &table->odd, &scratch, err) ||
                          read_sample(&sample, first, second.at, &table->odd, &scratch, err);
    if (!is_table) table->odd = (Error){0};
    if (is_table && table->odd.text[0] == '\0') choose_columns(table, &sample, arena, err);
    arena_free(&scratch);
    return err->text[0] == '\0';
}
