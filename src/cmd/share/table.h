// Writes rows of a table as aligned text for people, as CSV, or as JSON objects.
//
//     static const Column COLUMNS[] = {{"split", NULL, -6, 0, 0}, {"loss", "loss", 9, 'f', 4}};
//     const Table table = {&out, json ? TABLE_JSON : TABLE_TEXT, 0, 2, COLUMNS};
//     table_head(&table);
//     table_row(&table, (Cell[]){cell_text("train"), cell_number(2.0369)});
#pragma once

#include "base/buffer.h"

typedef enum TableFormat { TABLE_TEXT, TABLE_CSV, TABLE_JSON } TableFormat;

typedef struct Column {
    const char *title; // heading in text; NULL leaves the column out of text
    const char *key;   // CSV heading and JSON key; NULL leaves the column out of both
    int width;         // in text, without the gap before it; negative aligns left; 0 for a last column of any width
    char style;        // numbers in text: 'f' with `digits` decimals or as many as fit, 'e' and 'g' as printf
    int digits;
} Column;

typedef struct Table {
    Buffer *out;
    TableFormat format;
    int indent; // spaces before each line of text
    size_t n_columns;
    const Column *columns; // (n_columns)
    int widest;            // the first column is at least this wide
} Table;

typedef enum CellKind {
    CELL_NONE,
    CELL_TEXT,
    CELL_COUNT,
    CELL_NUMBER,
    CELL_FLAG,
    CELL_SHAPE,
    CELL_SYMBOL,
    CELL_BAR
} CellKind;

typedef struct Cell {
    CellKind kind;
    const char *text;
    uint64_t count; // CELL_COUNT; bytes of CELL_TEXT; dimensions; code point of CELL_SYMBOL; 0 or 1 of CELL_FLAG
    double number;  // CELL_NUMBER; the share of CELL_BAR
    const size_t *dims;
} Cell;

Cell cell_none(void);                           // "-" in text, empty in CSV, null in JSON
Cell cell_text(const char *text);               // UTF-8
Cell cell_bytes(const char *bytes, size_t n);   // n bytes of UTF-8; not padded: for a last column
Cell cell_count(uint64_t count);                // a whole number
Cell cell_number(double number);                // NaN is "nan" in text, empty in CSV, null in JSON
Cell cell_known(double number);                 // the same, but NaN is cell_none
Cell cell_flag(bool flag);                      // "yes" or "no" in text, true or false elsewhere
Cell cell_shape(size_t n, const size_t dims[]); // "20 x 4" in text, [20,4] in JSON
Cell cell_symbol(uint32_t code_point);          // as describe_symbol in text, itself elsewhere, "" for the boundary
Cell cell_bar(double share);                    // a bar of that share of its column, in text only

enum { BAR_COLUMNS = 40 }; // the widest bar

// The width of a column of bars in running text, after `fixed` other columns and gaps.
int bar_width(size_t fixed);

// Writes the headings: nothing in JSON.
void table_head(const Table *table);

// Writes a row of `n_columns` cells: a line, or an object in JSON. Bars are made of block characters in a UTF-8 locale,
// otherwise of #. Alignment counts terminal columns, not bytes. In text, a first cell that is wider than its column
// gets a line of its own.
void table_row(const Table *table, const Cell *cells);
