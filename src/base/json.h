// Writes compact JSON into a buffer. Commas are added automatically.
#pragma once

#include "base/buffer.h"

// `open` is '{' or '[', `close` its partner.
void json_open(Buffer *buffer, char open);
void json_close(Buffer *buffer, char close);
void json_key(Buffer *buffer, const char *key);
void json_text(Buffer *buffer, const char *text);             // escaped and quoted
void json_bytes(Buffer *buffer, const char *bytes, size_t n); // n bytes of UTF-8, escaped and quoted
void json_number(Buffer *buffer, double number); // the fewest digits that read back the same; null if not finite
void json_whole(Buffer *buffer, uint64_t number);
void json_word(Buffer *buffer, const char *word); // true, false, null

// Adds JSON values or members as they are, printf-like, with ' for ".
void json_format(Buffer *buffer, const char *json, ...) __attribute__((format(printf, 2, 3)));

// Adds a key and its value. json_add_open adds the key and opens the value, json_add_numbers adds a list.
#define json_add_text(buffer, key, text) (json_key(buffer, key), json_text(buffer, text))
#define json_add_number(buffer, key, number) (json_key(buffer, key), json_number(buffer, number))
#define json_add_whole(buffer, key, number) (json_key(buffer, key), json_whole(buffer, number))
#define json_add_bool(buffer, key, value) (json_key(buffer, key), json_word(buffer, (value) ? "true" : "false"))
#define json_add_open(buffer, key, open) (json_key(buffer, key), json_open(buffer, open))
void json_add_numbers(Buffer *buffer, const char *key, size_t n, const double *numbers);

// Adds valid JSON without line ends in a readable layout: a value that fits a line of 100 columns stays on one line,
// others are indented by two spaces per level. Numbers and strings are unchanged.
void json_indent(Buffer *out, const char *json);
