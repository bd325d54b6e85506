#include "draw/html.h"

#include "base/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_bytes(Buffer *out, const char *bytes, size_t n) {
    static const char special[] = "&<>\"'";
    static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < n; i++) {
        const char *found = bytes[i] ? strchr(special, bytes[i]) : NULL;
        if (found)
            buffer_print(out, "%s", references[found - special]);
        else
            buffer_add(out, bytes + i, 1);
    }
}

void html_text(Buffer *out, const char *text) { add_bytes(out, text, strlen(text)); }

void html_name(Buffer *out, const char *bytes, size_t n) {
    buffer_print(out, "<bdi>");
    add_bytes(out, bytes, n);
    buffer_print(out, "</bdi>");
}

void html_json(Buffer *out, const char *json) {
    for (const char *stop; (stop = strchr(json, '<')); json = stop + 1) {
        buffer_add(out, json, (size_t)(stop - json));
        buffer_print(out, "\\u003c");
    }
    buffer_print(out, "%s", json);
}

void html_base64(Buffer *out, const void *bytes, size_t n) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *at = bytes;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t bits = (uint32_t)at[i] << 16;
        if (left > 1) bits |= (uint32_t)at[i + 1] << 8;
        if (left > 2) bits |= at[i + 2];
        char word[] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63], digits[bits & 63]};
        if (left < 2) word[2] = '=';
        if (left < 3) word[3] = '=';
        buffer_add(out, word, sizeof word);
    }
}

const char *html_whole(uint64_t number, char text[HTML_NUMBER_BYTES]) {
    char digits[HTML_NUMBER_BYTES], *out = text;
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) *out++ = ',';
        *out++ = digits[i];
    }
    *out = '\0';
    return text;
}

const char *html_loss(double number, char text[HTML_NUMBER_BYTES]) {
    if (isfinite(number)) return format_loss(number, text);
    return isinf(number) ? "&infin;" : "&ndash;";
}

void html_open_table(Buffer *out, const char *label, const char *caption, const char *const *columns) {
    buffer_print(out, "<div class=\"scroll\" role=\"region\" aria-label=\"%s\" tabindex=\"0\"><table>\n", label);
    if (caption) buffer_print(out, "<caption>%s</caption>\n", caption);
    buffer_print(out, "<thead><tr>");
    for (; *columns; columns++) buffer_print(out, "<th scope=\"col\">%s</th>", *columns);
    buffer_print(out, "</tr></thead>\n<tbody>\n");
}

void html_close_table(Buffer *out) { buffer_print(out, "</tbody></table></div>\n"); }

void html_open_fact(Buffer *out, const char *term) { buffer_print(out, "<div><dt>%s</dt><dd>", term); }

void html_close_fact(Buffer *out) { buffer_print(out, "</dd></div>\n"); }
