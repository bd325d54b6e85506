#include "cmd/share/table.h"

#include "base/format.h"
#include "base/json.h"
#include "base/text.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Cell cell_none(void) { return (Cell){.kind = CELL_NONE}; }
Cell cell_text(const char *text) { return cell_bytes(text, strlen(text)); }
Cell cell_bytes(const char *bytes, size_t n) { return (Cell){.kind = CELL_TEXT, .text = bytes, .count = n}; }
Cell cell_count(uint64_t count) { return (Cell){.kind = CELL_COUNT, .count = count}; }
Cell cell_number(double number) { return (Cell){.kind = CELL_NUMBER, .number = number}; }
Cell cell_known(double number) { return isnan(number) ? cell_none() : cell_number(number); }
Cell cell_flag(bool flag) { return (Cell){.kind = CELL_FLAG, .count = flag}; }
Cell cell_shape(size_t n, const size_t dims[]) { return (Cell){.kind = CELL_SHAPE, .count = n, .dims = dims}; }
Cell cell_symbol(uint32_t code_point) { return (Cell){.kind = CELL_SYMBOL, .count = code_point}; }
Cell cell_bar(double share) { return (Cell){.kind = CELL_BAR, .number = share}; }

int bar_width(size_t fixed) {
    size_t columns = terminal_text_columns(), room = columns > fixed ? columns - fixed : 1;
    return -(int)(room < BAR_COLUMNS ? room : BAR_COLUMNS);
}

enum { BLOCK_BYTES = 3, CELL_BYTES = BAR_COLUMNS * BLOCK_BYTES + 1 };
_Static_assert((int)CELL_BYTES >= FORMAT_BYTES && (int)CELL_BYTES >= DESCRIBE_SHAPE_BYTES, "a cell holds any text");

static void draw_bar(double share, size_t columns, char text[CELL_BYTES]) {
    static const char *const eighths[] = {"", "\u258F", "\u258E", "\u258D", "\u258C", "\u258B", "\u258A", "\u2589"};
    bool blocks = terminal_is_utf8();
    double width = (double)(columns < BAR_COLUMNS ? columns : BAR_COLUMNS);
    size_t n = share > 0 ? (size_t)(fmin(share, 1) * width * 8 + 0.5) : 0; // eighths of a column
    for (size_t whole = (blocks ? n : n + 4) / 8; whole > 0; whole--) text = stpcpy(text, blocks ? "\u2588" : "#");
    stpcpy(text, blocks ? eighths[n % 8] : "");
}

static const char *number_text(const Column *column, double number, char text[CELL_BYTES]) {
    if (isnan(number)) number = fabs(number); // the sign of NaN means nothing
    if (column->style == 'f') return format_fitted(number, column->digits, (size_t)abs(column->width), text);
    snprintf(text, CELL_BYTES, column->style == 'e' ? "%.*e" : "%.*g", column->digits, number);
    return text;
}

// The words of a cell; `text` is room for those that the cell does not hold itself.
static Cell words_of(const Column *column, const Cell *cell, char text[CELL_BYTES]) {
    switch (cell->kind) {
    case CELL_NONE: return cell_text("-");
    case CELL_TEXT: return *cell;
    case CELL_COUNT: snprintf(text, CELL_BYTES, "%llu", (unsigned long long)cell->count); break;
    case CELL_NUMBER: return cell_text(number_text(column, cell->number, text));
    case CELL_FLAG: return cell_text(cell->count ? "yes" : "no");
    case CELL_SHAPE: describe_shape((size_t)cell->count, cell->dims, text); break;
    case CELL_SYMBOL: describe_symbol((uint32_t)cell->count, text); break;
    case CELL_BAR: draw_bar(cell->number, (size_t)abs(column->width), text);
    }
    return cell_text(text);
}

static void add_spaces(Buffer *out, int n) { buffer_print(out, "%*s", n > 0 ? n : 0, ""); }

// The titles if `cells` is NULL.
static void write_line(const Table *table, const Cell *cells) {
    Buffer *out = table->out;
    const Column *before = NULL;
    add_spaces(out, table->indent);
    for (size_t i = 0; i < table->n_columns; i++) {
        const Column *column = &table->columns[i];
        char text[CELL_BYTES];
        if (!column->title) continue;
        Cell words = cells ? words_of(column, &cells[i], text) : cell_text(column->title);
        int width = !before && table->widest > abs(column->width) ? table->widest : abs(column->width);
        int columns = width == 0 ? 0 : (int)utf8_columns(words.text), room = width - columns;
        bool is_left = column->width <= 0;
        if (before) add_spaces(out, is_left && before->width > 0 && column->title[0] ? 2 : 1);
        if (!is_left) add_spaces(out, room);
        buffer_add(out, words.text, (size_t)words.count);
        if (is_left && room < 0 && !before) {
            buffer_print(out, "\n");
            add_spaces(out, table->indent + width);
        }
        if (is_left) add_spaces(out, room);
        before = column;
    }
    while (out->n > 0 && out->bytes[out->n - 1] == ' ') out->n--;
    buffer_print(out, "\n");
}

// A field of RFC 4180: in quotes if it holds a comma, a quote or a line end.
static void add_csv_text(Buffer *out, const char *bytes, size_t n) {
    bool quoted = false;
    for (size_t i = 0; i < n; i++) quoted = quoted || strchr(",\"\r\n", bytes[i]);
    if (quoted) buffer_add(out, "\"", 1);
    for (size_t i = 0; i < n; i++) buffer_add(out, bytes[i] == '"' ? "\"\"" : &bytes[i], bytes[i] == '"' ? 2 : 1);
    if (quoted) buffer_add(out, "\"", 1);
}

static void add_csv(Buffer *out, const Cell *cell) {
    if (cell->kind == CELL_TEXT) add_csv_text(out, cell->text, (size_t)cell->count);
    if (cell->kind == CELL_COUNT) buffer_print(out, "%llu", (unsigned long long)cell->count);
    if (cell->kind == CELL_NUMBER && !isnan(cell->number)) buffer_print(out, "%.9g", cell->number);
    if (cell->kind == CELL_SYMBOL && cell->count != BOUNDARY) {
        char bytes[UTF8_MAX_BYTES] = "";
        add_csv_text(out, bytes, utf8_encode((uint32_t)cell->count, bytes));
    }
    if (cell->kind == CELL_FLAG) buffer_print(out, "%s", cell->count ? "true" : "false");
}

static void write_csv(const Table *table, const Cell *cells) {
    const char *comma = "";
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!table->columns[i].key) continue;
        buffer_print(table->out, "%s", comma);
        const Cell heading = cells ? cells[i] : cell_text(table->columns[i].key);
        add_csv(table->out, &heading);
        comma = ",";
    }
    buffer_print(table->out, "\n");
}

static void add_json(Buffer *out, const Cell *cell) {
    switch (cell->kind) {
    case CELL_NONE:
    case CELL_BAR: json_word(out, "null"); break;
    case CELL_TEXT: json_bytes(out, cell->text, (size_t)cell->count); break;
    case CELL_COUNT: json_whole(out, cell->count); break;
    case CELL_NUMBER: json_number(out, cell->number); break;
    case CELL_FLAG: json_word(out, cell->count ? "true" : "false"); break;
    case CELL_SYMBOL: json_symbol(out, (uint32_t)cell->count); break;
    case CELL_SHAPE:
        json_open(out, '[');
        for (size_t d = 0; d < cell->count; d++) json_whole(out, cell->dims[d]);
        json_close(out, ']');
    }
}

void table_head(const Table *table) {
    if (table->format == TABLE_TEXT) write_line(table, NULL);
    if (table->format == TABLE_CSV) write_csv(table, NULL);
}

void table_row(const Table *table, const Cell *cells) {
    if (table->format == TABLE_TEXT) write_line(table, cells);
    if (table->format == TABLE_CSV) write_csv(table, cells);
    if (table->format != TABLE_JSON) return;
    json_open(table->out, '{');
    for (size_t i = 0; i < table->n_columns; i++) {
        if (!table->columns[i].key) continue;
        json_key(table->out, table->columns[i].key);
        add_json(table->out, &cells[i]);
    }
    json_close(table->out, '}');
}
