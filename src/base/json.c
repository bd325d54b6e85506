#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void comma(Buffer *buffer) {
    if (buffer->json_comma) buffer_add(buffer, ",", 1);
    buffer->json_comma = true;
}

void json_open(Buffer *buffer, char open) {
    comma(buffer);
    buffer_add(buffer, &open, 1);
    buffer->json_comma = false;
}

void json_close(Buffer *buffer, char close) {
    buffer_add(buffer, &close, 1);
    buffer->json_comma = true;
}

void json_key(Buffer *buffer, const char *key) {
    json_text(buffer, key);
    buffer_add(buffer, ":", 1);
    buffer->json_comma = false;
}

void json_text(Buffer *buffer, const char *text) { json_bytes(buffer, text, strlen(text)); }

void json_bytes(Buffer *buffer, const char *bytes, size_t n) {
    comma(buffer);
    buffer_add(buffer, "\"", 1);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == '"' || c == '\\')
            buffer_print(buffer, "\\%c", c);
        else if (c < 0x20)
            buffer_print(buffer, "\\u%04x", (unsigned)c);
        else
            buffer_add(buffer, &bytes[i], 1);
    }
    buffer_add(buffer, "\"", 1);
}

void json_number(Buffer *buffer, double number) {
    if (!isfinite(number)) {
        json_word(buffer, "null");
        return;
    }
    char text[40];
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (!(strtod(text, NULL) < number) && !(strtod(text, NULL) > number)) break;
    }
    json_word(buffer, text);
}

void json_whole(Buffer *buffer, uint64_t number) {
    comma(buffer);
    buffer_print(buffer, "%llu", (unsigned long long)number);
}

void json_word(Buffer *buffer, const char *word) {
    comma(buffer);
    buffer_add(buffer, word, strlen(word));
}

void json_format(Buffer *buffer, const char *json, ...) {
    char text[1024];
    va_list args;
    va_start(args, json);
    vsnprintf(text, sizeof text, json, args);
    va_end(args);
    for (char *at = text; (at = strchr(at, '\'')); at++) *at = '"';
    json_word(buffer, text);
}

void json_add_numbers(Buffer *buffer, const char *key, size_t n, const double *numbers) {
    json_add_open(buffer, key, '[');
    for (size_t i = 0; i < n; i++) json_number(buffer, numbers[i]);
    json_close(buffer, ']');
}

// Returns the end of the string, number, word, mark or space at `at`.
static const char *token_end(const char *at) {
    if (strchr("[]{},: ", *at)) return at + 1;
    if (*at != '"') return at + strcspn(at, " ,]}");
    for (at++; *at != '"'; at++) at += *at == '\\';
    return at + 1;
}

static const char *value_end(const char *at) {
    size_t depth = 0;
    do {
        depth += *at == '[' || *at == '{';
        depth -= *at == ']' || *at == '}';
        at = token_end(at);
    } while (depth > 0);
    return at;
}

// Adds the value from `at` to `end` without a line break. Returns the columns of the line so far.
static size_t add_on_line(Buffer *out, const char *at, const char *end) {
    for (const char *next; at < end; at = next) {
        next = token_end(at);
        if (*at == ' ') continue;
        if (*at == '}' && at[-1] != '{') buffer_add(out, " ", 1);
        buffer_add(out, at, (size_t)(next - at));
        if (*at == ',' || *at == ':' || (*at == '{' && *next != '}')) buffer_add(out, " ", 1);
    }
    size_t columns = 0;
    while (columns < out->n && out->bytes[out->n - columns - 1] != '\n') columns++;
    return columns;
}

enum { JSON_COLUMNS = 100, JSON_INDENT = 2 };

static const char *indent_value(Buffer *out, const char *at, int level) {
    const char *end = value_end(at), *next;
    size_t before = out->n;
    if (add_on_line(out, at, end) <= JSON_COLUMNS || token_end(at) == end || out->failed) return end;
    out->n = before;
    buffer_add(out, at, 1);
    for (at++; at + 1 < end; at = next + strspn(next, ", ")) {
        buffer_print(out, "\n%*s", JSON_INDENT * (level + 1), "");
        next = token_end(at);
        if (*next == ':') {
            buffer_print(out, "%.*s: ", (int)(next - at), at);
            at = next + 1;
            at += strspn(at, " ");
        }
        next = indent_value(out, at, level + 1);
        if (*next == ',') buffer_add(out, ",", 1);
    }
    buffer_print(out, "\n%*s%c", JSON_INDENT * level, "", end[-1]);
    return end;
}

void json_indent(Buffer *out, const char *json) {
    indent_value(out, json, 0);
    buffer_add(out, "\n", 1);
}
