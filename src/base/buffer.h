// A growing string, and JSON written into it. A failed allocation is remembered; buffer_text reports it once.
#ifndef NOMEN_BASE_BUFFER_H
#define NOMEN_BASE_BUFFER_H

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

// What another buffer holds; where that failed, so has this one.
void buffer_join(Buffer *buffer, const Buffer *other);

// The bytes with a NUL behind them; NULL, with the reason in `err`, where memory ran out on the way.
const char *buffer_text(Buffer *buffer, Error *err);

// JSON, compact: commas come by themselves. `open` is '{' or '[', `close` its partner.
void json_open(Buffer *buffer, char open);
void json_close(Buffer *buffer, char close);
void json_key(Buffer *buffer, const char *key);
void json_text(Buffer *buffer, const char *text);             // escaped, quoted
void json_bytes(Buffer *buffer, const char *bytes, size_t n); // the same for n bytes of UTF-8
void json_number(Buffer *buffer, double number); // fewest digits that read back the same; null if not finite
void json_whole(Buffer *buffer, uint64_t number);
void json_word(Buffer *buffer, const char *word); // true, false, null

// Adds JSON values or members as they stand, printf-like, with ' for ".
void json_format(Buffer *buffer, const char *json, ...) __attribute__((format(printf, 2, 3)));

// A key and its value; json_add_open a key and the value's opening.
void json_add_text(Buffer *buffer, const char *key, const char *text);
void json_add_number(Buffer *buffer, const char *key, double number);
void json_add_whole(Buffer *buffer, const char *key, uint64_t number);
void json_add_bool(Buffer *buffer, const char *key, bool value);
void json_add_open(Buffer *buffer, const char *key, char open);

// Valid JSON without line ends for a person to read, with a newline at the end: what fits a line of 100 columns stays
// on one, the rest is indented by two spaces a level. Numbers and strings are copied as they stand.
void json_indent(Buffer *out, const char *json);

#endif
