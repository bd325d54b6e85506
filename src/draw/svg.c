#include "draw/svg.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// The family that every text of the pictures has: said once, at the root.
#define FAMILY " font-family=\"sans-serif\""

// Where in the copy we are.
typedef struct Cleaner {
    Buffer *out, tag; // the tag at hand
    const char *at, *end;
    const char *name;
} Cleaner;

static bool begins(const char *at, const char *end, const char *with) {
    size_t n = strlen(with);
    return (size_t)(end - at) >= n && memcmp(at, with, n) == 0;
}

static const char *find(const char *at, const char *end, const char *what) {
    for (; at < end; at++)
        if (begins(at, end, what)) return at;
    return NULL;
}

static const char *skip_space(const char *at, const char *end) {
    while (at < end && isspace((unsigned char)*at)) at++;
    return at;
}

// Text between tags, in which gnuplot escapes all but ">".
static void add_text(Buffer *out, const char *at, const char *end) {
    for (; at < end; at++) {
        if (*at == '<')
            buffer_print(out, "&lt;");
        else if (*at == '>')
            buffer_print(out, "&gt;");
        else
            buffer_add(out, at, 1);
    }
}

// A title of our own has "&" as it stands.
static void add_title(Buffer *out, const char *title) {
    buffer_print(out, "<title>");
    for (const char *at = title; *at; at++) {
        if (*at == '&')
            buffer_print(out, "&amp;");
        else
            add_text(out, at, at + 1);
    }
    buffer_print(out, "</title>\n");
}

// What a tag can do without, from `at` on; 0 where it must stay. A tenth of a pixel is as much as one sees.
static size_t needless(const char *at, const char *end) {
    static const char *const attributes[] = {FAMILY, " stroke-linecap=\"butt\"", " stroke-linejoin=\"miter\""};
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (begins(at, end, attributes[i])) return strlen(attributes[i]);
    const char *quote = begins(at, end, " id=\"gnuplot_") ? find(at + strlen(" id=\""), end, "\"") : NULL;
    if (quote) return (size_t)(quote + 1 - at);
    if (begins(at, end, ".00") && !isdigit((unsigned char)at[3])) return 3;
    bool is_second = isdigit((unsigned char)at[0]) && isdigit((unsigned char)at[-1]) && at[-2] == '.';
    return is_second && !isdigit((unsigned char)at[1]) ? 1 : 0;
}

// rgb(0, 114, 178) as #0072b2. Returns how much of the tag it took; 0 where there is no colour.
static size_t add_colour(Buffer *out, const char *at, const char *end) {
    unsigned red, green, blue;
    int n = 0;
    // Three digits fit into any number. NOLINTNEXTLINE(cert-err34-c)
    if (!begins(at, end, "rgb(") || sscanf(at, "rgb(%3u,%3u,%3u)%n", &red, &green, &blue, &n) < 3 || n == 0) return 0;
    buffer_print(out, "#%02x%02x%02x", red, green, blue);
    return (size_t)n;
}

// One space for any white space, and none before what ends a value or the tag.
static void tidy_tag(Buffer *tag, const char *at, const char *end) {
    tag->n = 0;
    while (at < end) {
        const char *next = skip_space(at, end);
        if (next == end) return;
        if (next > at && !strchr(">/'", *next)) buffer_add(tag, " ", 1);
        buffer_add(tag, next, 1);
        at = next + 1;
    }
}

// A tag from its "<" to behind its ">". No text of the data's is in any.
static void add_tag(Cleaner *c, const char *at, const char *end) {
    static const char *const references[] = {"id='gp", "href='#gp"};
    tidy_tag(&c->tag, at, end);
    c->out->failed = c->out->failed || c->tag.failed;
    if (c->out->failed) return;
    buffer_add(c->out, c->tag.bytes, c->tag.n < 2 ? c->tag.n : 2); // the name's first letter, and never in the way
    at = c->tag.bytes + 2;
    end = c->tag.bytes + c->tag.n;
    while (at < end) {
        size_t n = needless(at, end);
        if (n == 0) n = add_colour(c->out, at, end);
        for (size_t i = 0; n == 0 && i < sizeof references / sizeof *references; i++) {
            if (!begins(at, end, references[i])) continue;
            size_t length = strlen(references[i]) - strlen("gp");
            buffer_add(c->out, at, length);
            buffer_print(c->out, "%s-", c->name);
            n = length + strlen("gp");
        }
        if (n == 0) buffer_add(c->out, at, 1);
        at += n > 0 ? n : 1;
    }
}

// <text x="1" y="2" ...> for <g transform="translate(1,2)" ...>, where that is all of the transform.
static void add_place(Cleaner *c, const char *end) {
    static const char move[] = "<g transform=\"translate(";
    const char *x = c->at + strlen(move), *comma = find(x, end, ","), *stop = find(x, end, ")\"");
    if (!begins(c->at, end, move) || !comma || !stop || comma > stop || find(x, stop, ")")) {
        buffer_print(c->out, "<text");
        add_tag(c, c->at + strlen("<g"), end);
        return;
    }
    Buffer tag = {.arena = c->out->arena};
    buffer_print(&tag, "<text x=\"%.*s\" y=\"%.*s\"", (int)(comma - x), x, (int)(stop - comma - 1), comma + 1);
    buffer_add(&tag, stop + 2, (size_t)(end - stop - 2));
    c->out->failed = c->out->failed || tag.failed;
    if (!tag.failed) add_tag(c, tag.bytes, tag.bytes + tag.n);
}

// gnuplot puts each label into a group that places it; a text can be placed itself. Returns what is behind the group,
// or NULL where it is none of that kind.
static const char *add_label(Cleaner *c) {
    const char *close = begins(c->at, c->end, "<g transform=") ? find(c->at, c->end, ">") : NULL;
    const char *text = close ? skip_space(close + 1, c->end) : c->end;
    const char *stop = begins(text, c->end, "<text>") ? find(text, c->end, "</text>") : NULL;
    const char *behind = stop ? skip_space(stop + strlen("</text>"), c->end) : c->end;
    if (!begins(behind, c->end, "</g>")) return NULL;
    add_place(c, close + 1);
    add_text(c->out, text + strlen("<text>"), stop);
    buffer_print(c->out, "</text>");
    return behind + strlen("</g>");
}

// Where an element begins that is left out whole: behind its end. NULL where it stays.
static const char *skip_element(const char *at, const char *end) {
    static const char *const elements[][2] = {
        {"<title", "</title>"}, {"<desc", "</desc>"}, {"<filter", "</filter>"}, {"<?", "?>"}};
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++) {
        if (!begins(at, end, elements[i][0])) continue;
        const char *close = find(at, end, elements[i][1]);
        return close ? close + strlen(elements[i][1]) : end;
    }
    if (!begins(at, end, "<g")) return NULL;
    const char *close = find(at, end, ">");
    const char *next = close ? skip_space(close + 1, end) : end;
    return begins(next, end, "</g>") ? next + strlen("</g>") : NULL;
}

// White space between elements, or a tag without an end, to the next tag: line ends keep the file readable.
static void add_between(Cleaner *c) {
    const char *next = find(c->at + 1, c->end, "<");
    if (!next) next = c->end;
    if (memchr(c->at, '\n', (size_t)(next - c->at)) && c->out->n > 0 && c->out->bytes[c->out->n - 1] != '\n')
        buffer_add(c->out, "\n", 1);
    c->at = next;
}

bool svg_clean(Buffer *out, const char *svg, size_t n, const char *name, const char *title, Error *err) {
    const char *end = svg + n, *begin = find(svg, end, "<svg");
    Cleaner c = {.out = out, .tag = {.arena = out->arena}, .at = begin, .end = end, .name = name};
    if (!begin || !find(begin, end, "</svg>")) return error_set(err, "gnuplot: what it drew is no SVG");
    if (find(begin, end, "<script")) return error_set(err, "gnuplot: what it drew holds a script");
    while (c.at < end) {
        const char *behind = skip_element(c.at, end), *close = *c.at == '<' ? find(c.at, end, ">") : NULL;
        if (!behind) behind = add_label(&c);
        if (behind) {
            c.at = behind;
        } else if (close) {
            add_tag(&c, c.at, c.at == begin ? close : close + 1);
            if (c.at == begin) {
                buffer_print(out, " role=\"img\"" FAMILY ">\n");
                add_title(out, title);
            }
            c.at = close + 1;
        } else {
            add_between(&c);
        }
    }
    return buffer_text(out, err) != NULL;
}
