// HTML out of text that may hold anything. Whatever comes from data, a config or a file's name goes through here.
#ifndef NOMEN_DRAW_REPORT_HTML_H
#define NOMEN_DRAW_REPORT_HTML_H

#include "base/buffer.h"

// Adds text as text, in an element or in a quoted attribute: & < > " ' become references.
void html_text(Buffer *out, const char *text);
void html_bytes(Buffer *out, const char *bytes, size_t n);

// The same text in an element that keeps its direction to itself, so that right-to-left letters and marks of direction
// turn nothing around them.
void html_name(Buffer *out, const char *bytes, size_t n);

// Adds JSON for a script element: < becomes \u003c, which ends no script and opens no comment.
void html_json(Buffer *out, const char *json);

// A number that a person reads: "11,897"; a loss or a perplexity as format_loss, but the sign of infinity, and an en
// dash for no number.
void html_whole(Buffer *out, uint64_t number);
void html_loss(Buffer *out, double number);

// A place in a template, {{name}}, and what goes there.
typedef struct HtmlSlot {
    const char *name;
    const Buffer *content;
} HtmlSlot;

// Adds the template with its slots filled; what is filled in is not searched again.
void html_fill(Buffer *out, const char *template, const HtmlSlot *slots, size_t n);

#endif
