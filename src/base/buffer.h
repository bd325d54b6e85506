// A growing string. It remembers if memory ran out, so that only buffer_text has to be checked.
#pragma once

#include "base/arena.h"

#include <stdint.h>

// {.arena = a} is an empty buffer whose memory belongs to `a`.
typedef struct Buffer {
    Arena *arena;
    char *bytes;
    size_t n, capacity;
    bool failed;
    bool json_comma; // the next JSON value or key needs a comma before it
} Buffer;

void buffer_add(Buffer *buffer, const void *bytes, size_t n);
void buffer_print(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Adds the words as lines of at most `width` columns, unless a word is wider. The first line goes on at `column`, the
// current column; the others begin with `indent` spaces. Spaces and line ends separate words, empty lines are kept.
// Ends the last line.
void buffer_wrap(Buffer *buffer, const char *words, size_t column, size_t indent, size_t width);

// Adds the content of another buffer, and its failure.
void buffer_join(Buffer *buffer, const Buffer *other);

// Returns the bytes with a NUL after them, or NULL if memory ran out.
const char *buffer_text(Buffer *buffer, Error *err);
