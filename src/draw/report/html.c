#include "draw/report/html.h"

#include "base/format.h"

#include <math.h>
#include <string.h>

static const char *reference(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

static void add_word(Buffer *out, const char *word) { buffer_add(out, word, strlen(word)); }

void html_bytes(Buffer *out, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const char *word = reference(bytes[i]);
        if (word)
            add_word(out, word);
        else
            buffer_add(out, bytes + i, 1);
    }
}

void html_text(Buffer *out, const char *text) { html_bytes(out, text, strlen(text)); }

void html_name(Buffer *out, const char *bytes, size_t n) {
    add_word(out, "<bdi>");
    html_bytes(out, bytes, n);
    add_word(out, "</bdi>");
}

void html_json(Buffer *out, const char *json) {
    for (const char *stop; (stop = strchr(json, '<')); json = stop + 1) {
        buffer_add(out, json, (size_t)(stop - json));
        add_word(out, "\\u003c");
    }
    add_word(out, json);
}

void html_whole(Buffer *out, uint64_t number) {
    char text[32];
    size_t n = sizeof text, digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0) text[--n] = ',';
        text[--n] = (char)('0' + number % 10);
        digits++;
    } while (number /= 10);
    buffer_add(out, text + n, sizeof text - n);
}

void html_loss(Buffer *out, double number) {
    char text[FORMAT_BYTES];
    add_word(out, isfinite(number) ? format_loss(number, text) : isinf(number) ? "&infin;" : "&ndash;");
}

void html_fill(Buffer *out, const char *template, const HtmlSlot *slots, size_t n) {
    for (const char *at = template; at;) {
        const char *open = strstr(at, "{{"), *close = open ? strstr(open, "}}") : NULL;
        buffer_add(out, at, open ? (size_t)(open - at) : strlen(at));
        at = close ? close + 2 : NULL;
        for (size_t i = 0; close && i < n; i++) {
            size_t length = strlen(slots[i].name);
            bool is_it = length == (size_t)(close - open) - 2 && memcmp(open + 2, slots[i].name, length) == 0;
            if (is_it) buffer_join(out, slots[i].content);
        }
    }
}
