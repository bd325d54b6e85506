// Tables: rows of fields that a comma, semicolon or tab separates, quoted as in RFC 4180.
#pragma once

#include "base/file.h"
#include "data/table.h"

typedef struct Rows {
    Bytes text;
    const char *at, *end; // what is not read yet
    char separator;
    size_t next_line;
    size_t line;     // of the last row, counted from 1
    size_t n_fields; // of the last row; 0: there are no more rows
} Rows;

// Begins before the first row of a text, which a NUL follows. The separator is the one that occurs most often in the
// first row.
Rows rows_begin(Bytes text);

// Reads the next row that is not blank, and the first `room` of its fields with their quotes. Errors name the line: a
// quote without an end, and text after a closing quote.
bool rows_next(Rows *rows, size_t room, Bytes *fields, Error *err);

// Writes a field without its quotes to `out`, which may be the field itself. Returns its length.
size_t rows_unquote(Bytes field, char *out);

typedef struct Columns {
    size_t column, weight; // fields of the names and their weights, counted from 0
    size_t n;              // of the fields that must be read
    Bytes *fields;         // (n)
} Columns;

// Finds the columns of names and weights; weight may be {0}. If either has a name, reads the first row, which has the
// names of the columns. An unknown name, and a number beyond the first row's fields, are errors.
bool rows_find_columns(Rows *rows, ColumnName column, ColumnName weight, Columns *out, Arena *arena, Error *err);

// Guesses whether a text is a table by its first 1,000 rows: nine of ten have as many fields, two or more, as the first
// or the second line. One column is a table if every field is quoted, or if the first is "name".
bool rows_guess_table(Bytes text, TableGuess *table, Arena *arena, Error *err);
