#include "base/buffer.h"

#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool reserve(Buffer *buffer, size_t more) {
    size_t needed = size_add(size_add(buffer->n, more), 1);
    if (buffer->failed) return false;
    if (needed <= buffer->capacity) return true;
    size_t capacity = size_add(needed, needed);
    Error ignored;
    char *bytes = arena_alloc(buffer->arena, capacity, 1, &ignored);
    if (!bytes) {
        buffer->failed = true;
        return false;
    }
    if (buffer->n > 0) memcpy(bytes, buffer->bytes, buffer->n);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

void buffer_add(Buffer *buffer, const void *bytes, size_t n) {
    if (!reserve(buffer, n)) return;
    if (n > 0) memcpy(buffer->bytes + buffer->n, bytes, n);
    buffer->n += n;
    buffer->bytes[buffer->n] = '\0';
}

void buffer_print(Buffer *buffer, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    buffer->failed = buffer->failed || n < 0;
    if (n > 0 && reserve(buffer, (size_t)n)) {
        vsnprintf(buffer->bytes + buffer->n, (size_t)n + 1, format, again);
        buffer->n += (size_t)n;
    }
    va_end(again);
}

void buffer_wrap(Buffer *buffer, const char *words, size_t column, size_t indent, size_t width) {
    for (bool is_start = true; *words;) {
        char word[1024];
        size_t n = strcspn(words, " \n"), gap = strspn(words + n, " \n");
        snprintf(word, sizeof word, "%.*s", (int)n, words);
        size_t columns = utf8_columns(word);
        if (!is_start && column + 1 + columns > width) {
            buffer_print(buffer, "\n%*s", (int)indent, "");
            column = indent;
            is_start = true;
        }
        if (!is_start) buffer_print(buffer, " ");
        buffer_add(buffer, words, n);
        column += columns + !is_start;
        words += n + gap;
        is_start = gap >= 2 && words[-1] == '\n' && words[-2] == '\n';
        if (is_start) buffer_print(buffer, "\n\n%*s", (int)indent, "");
        if (is_start) column = indent;
    }
    buffer_print(buffer, "\n");
}

void buffer_join(Buffer *buffer, const Buffer *other) {
    buffer->failed = buffer->failed || other->failed;
    buffer_add(buffer, other->bytes, other->n);
}

const char *buffer_text(Buffer *buffer, Error *err) {
    buffer_add(buffer, "", 0);
    if (!buffer->failed) return buffer->bytes;
    error_memory(err, 0);
    return NULL;
}
