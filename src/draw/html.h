// Writes HTML from text that may contain anything. Text from data, configs and file names goes through here.
#pragma once

#include "base/buffer.h"

// Adds text for an element or a quoted attribute: & < > " ' become references. Valid in XML, too.
void html_text(Buffer *out, const char *text);

// Adds n bytes of text in an element that isolates their direction, so that right-to-left letters and marks of
// direction reorder nothing around it.
void html_name(Buffer *out, const char *bytes, size_t n);

// Adds JSON for a script element: < becomes \u003c, which can neither end a script nor open a comment.
void html_json(Buffer *out, const char *json);

// Adds n bytes in base64 (RFC 4648, section 4), padded with '='.
void html_base64(Buffer *out, const void *bytes, size_t n);

enum { HTML_NUMBER_BYTES = 32 };

// Write a number into `text` and return it: a whole number as "11,897"; a loss or perplexity as format_loss does, but
// with the infinity sign, and a dash for NaN. The macros bring a text that lives as long as the enclosing block.
const char *html_whole(uint64_t number, char text[HTML_NUMBER_BYTES]);
const char *html_loss(double number, char text[HTML_NUMBER_BYTES]);
#define HTML_WHOLE(number) html_whole(number, (char[HTML_NUMBER_BYTES]){0})
#define HTML_LOSS(number) html_loss(number, (char[HTML_NUMBER_BYTES]){0})

// Opens a table that scrolls sideways in narrow windows. `caption` may be NULL; NULL ends the columns.
void html_open_table(Buffer *out, const char *label, const char *caption, const char *const *columns);
void html_close_table(Buffer *out);

// Opens an entry of a description list. html_fact adds a whole one with HTML, printf-like.
void html_open_fact(Buffer *out, const char *term);
void html_close_fact(Buffer *out);
#define html_fact(out, term, ...) (html_open_fact(out, term), buffer_print(out, __VA_ARGS__), html_close_fact(out))
