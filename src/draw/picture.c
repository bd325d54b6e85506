#include "draw/picture.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 800, HEIGHT = 480, PNG_SCALE = 2, RUN_COLUMNS = 44, NOTE_LINES = 4 };
enum { TITLE_SIZE = 17, NOTE_SIZE = 12, NOTE_LINE = 16, TITLE_TOP = 28, BELOW_TITLE = 20, KEY_LINE = 20, RIGHT = 30 };
static const double PNG_FONT = 0.75;   // its sizes are points of 96 to 72 pixels
static const double NOTE_COLUMN = 6.6; // pixels that a column of the note takes, at the most

static const Style STYLES[PICTURE_STYLES] = {
    {"#0072b2", "solid", 7},      {"#d55e00", "(9,4)", 9},   {"#009e73", "(3,3)", 5},
    {"#cc79a7", "(9,3,3,3)", 13}, {"#e69f00", "(14,5)", 11}, {"#000000", "(6,2,2,2,2,2)", 15},
};

void picture_begin(Picture *picture, PlotFormat format, Arena *arena) {
    *picture = (Picture){.format = format, .width = WIDTH, .height = HEIGHT, .key_rows = 1, .script = {.arena = arena}};
    picture_line(picture, "set border 3 linewidth 1 linecolor rgb '#555555'");
    picture_line(picture, "set tics nomirror out scale 0.6 textcolor rgb '" PICTURE_INK "'");
    picture_line(picture, "set grid linetype 1 linewidth 1 linecolor rgb '#e2e2e2'");
    picture_line(picture, "set key noenhanced Left reverse samplen 3 textcolor rgb '" PICTURE_INK "'");
    picture_line(picture, "set format '%%g'");
}

const char *picture_script(Picture *picture, Arena *arena, Error *err) {
    const char *body = buffer_text(&picture->script, err);
    bool is_png = picture->format == PLOT_PNG;
    unsigned scale = is_png ? PNG_SCALE : 1;
    Buffer script = {.arena = arena};
    if (!body) return NULL;
    buffer_print(&script,
                 "set encoding utf8\nset terminal %s noenhanced size %u,%u font 'sans-serif,13' background '#ffffff'",
                 is_png ? "pngcairo" : "svg", picture->width * scale, picture->height * scale);
    if (is_png) buffer_print(&script, " fontscale %g linewidth %u pointscale %u", PNG_FONT * scale, scale, scale);
    buffer_print(&script, "\n%s", body);
    return buffer_text(&script, err);
}

bool picture_shows(const Picture *picture, uint32_t c) {
    static const uint32_t ranges[][2] = {{0x20, 0x2E9},    {0x300, 0x34F},   {0x384, 0x38A},
                                         {0x38C, 0x38C},   {0x38E, 0x3A1},   {0x3A3, 0x525},
                                         {0x1E00, 0x1EF9}, {0x2010, 0x2027}, {0x2423, 0x2423}};
    if (picture->format == PLOT_SVG) return true;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (c >= ranges[i][0] && c <= ranges[i][1]) return true;
    return false;
}

// How many bytes the next symbol takes, and whether it can be shown: no control character, nothing that is no UTF-8 or
// in no XML.
static size_t next_shown(const char *text, size_t n, uint32_t *c, bool *shows) {
    size_t length = utf8_decode(text, n, c);
    *shows = length > 0 && !utf8_is_control(*c) && (*c & 0xFFFE) != 0xFFFE;
    return length > 0 ? length : 1;
}

// Letters, digits and spaces stand as they are, and so does all beyond ASCII; every other character is written by its
// octal code, which gnuplot reads in double quotes only after it has found where they end. A digit behind such a code,
// which gnuplot would take for more of it, is written so too. (Single quotes would not do: where a text begins with
// one, gnuplot 5.4 takes its doubled form for an empty text.)
static void quote_ascii(Picture *picture, char c, bool *is_code) {
    bool is_plain = c == ' ' || (isalnum((unsigned char)c) && !(*is_code && isdigit((unsigned char)c)));
    *is_code = !is_plain;
    picture_add(picture, is_plain ? "%c" : "\\%03o", (unsigned char)c);
}

void picture_quote(Picture *picture, const char *text) {
    bool shows, is_code = false;
    uint32_t c;
    picture_add(picture, "\"");
    for (size_t n = strlen(text), at = 0, length; at < n; at += length) {
        length = next_shown(text + at, n - at, &c, &shows);
        char code[16] = "?";
        if (shows && c < 0x80) code[0] = text[at];
        if (shows && c >= 0x80 && picture_shows(picture, c)) {
            buffer_add(&picture->script, text + at, length);
            is_code = false;
            continue;
        }
        if (shows && c >= 0x80) {
            snprintf(code, sizeof code, "U+%04X", (unsigned)c);
            picture->has_codes = true;
        }
        for (const char *digit = code; *digit; digit++) quote_ascii(picture, *digit, &is_code);
    }
    picture_add(picture, "\"");
}

// The same text with "?" for what cannot be shown; NULL where memory ran out.
static const char *shown_text(const char *text, Arena *arena) {
    Buffer out = {.arena = arena};
    Error err;
    bool shows;
    uint32_t c;
    for (size_t n = strlen(text), at = 0, length; at < n; at += length) {
        length = next_shown(text + at, n - at, &c, &shows);
        buffer_add(&out, shows ? text + at : "?", shows ? length : 1);
    }
    return buffer_text(&out, &err);
}

// How many bytes and columns the next symbol takes; a byte that is no UTF-8 is one of each.
static size_t next_symbol(const char *text, size_t n, size_t *columns) {
    uint32_t c;
    char one[UTF8_MAX_BYTES + 1] = {0};
    size_t length = utf8_decode(text, n, &c);
    memcpy(one, text, length);
    *columns = length > 0 ? utf8_columns(one) : 1;
    return length > 0 ? length : 1;
}

// How many of the first bytes of a text take at most so many columns.
static size_t fit(const char *text, size_t n, size_t columns) {
    for (size_t at = 0, wide, length; at < n; at += length, columns -= wide) {
        length = next_symbol(text + at, n - at, &wide);
        if (wide > columns) return at;
    }
    return n;
}

const char *picture_shorten(const char *text, size_t columns, Arena *arena, Error *err) {
    size_t n = strlen(text), head = fit(text, n, columns / 2), tail = head, wide;
    if (fit(text, n, columns) == n) return text;
    while (fit(text + tail, n - tail, columns - columns / 2 - 1) < n - tail)
        tail += next_symbol(text + tail, n - tail, &wide);
    return arena_format(arena, err, "%.*s\u2026%s", (int)head, text, text + tail);
}

void picture_label(Picture *picture, const Label *label) {
    static const char *const aligns[] = {"left", "center", "right", "center rotate by 90"};
    picture_add(picture, "set label ");
    picture_quote(picture, label->text);
    picture_line(picture, " at %s %.6g,%s %.6g %s noenhanced font ',%g' textcolor rgb '%s' front", label->system,
                 label->x, label->system, label->y, aligns[label->align], label->size, label->colour);
}

static void add_line(Picture *picture, const char *text, double top, double size, const char *colour) {
    picture_label(picture, &(Label){.text = text,
                                    .colour = colour,
                                    .x = (double)PICTURE_EDGE / picture->width,
                                    .y = 1 - top / picture->height,
                                    .system = "screen",
                                    .size = size});
}

// Breaks the note into lines no wider than the picture; returns how many.
static size_t break_note(Picture *picture, const char *note, const char *lines[NOTE_LINES]) {
    size_t columns = (size_t)((picture->width - 2 * PICTURE_EDGE) / NOTE_COLUMN), n_lines = 0;
    Error err;
    while (*note && n_lines < NOTE_LINES) {
        size_t n = strlen(note), fits = fit(note, n, columns), end = fits;
        while (fits < n && end > 0 && note[end] != ' ') end--;
        if (end == 0) end = fits;
        lines[n_lines] = arena_copy(picture->script.arena, note, end, &err);
        picture->script.failed = picture->script.failed || !lines[n_lines];
        if (!lines[n_lines++]) return 0;
        note += end + strspn(note + end, " ");
    }
    return n_lines;
}

void picture_title(Picture *picture, const char *title, const char *run, const char *note) {
    Error err;
    Arena *arena = picture->script.arena;
    const char *shown = run ? picture_shorten(run, RUN_COLUMNS, arena, &err) : "";
    if (shown) shown = shown_text(shown, arena);
    const char *whole = shown ? arena_format(arena, &err, run ? "%s: %s" : "%s%s", title, shown) : NULL;
    if (!whole) {
        picture->script.failed = true;
        return;
    }
    const char *lines[NOTE_LINES];
    size_t n_lines = note ? break_note(picture, note, lines) : 0;
    unsigned above = TITLE_TOP + BELOW_TITLE + NOTE_LINE * (unsigned)n_lines;
    picture->title = whole;
    picture->top = above + KEY_LINE * picture->key_rows;
    if (picture->plot_height > 0) picture->height = picture->top + picture->plot_height + PICTURE_EDGE;
    add_line(picture, whole, TITLE_TOP, TITLE_SIZE, PICTURE_INK);
    for (size_t i = 0; i < n_lines; i++)
        add_line(picture, lines[i], TITLE_TOP + BELOW_TITLE + NOTE_LINE * (double)i, NOTE_SIZE, PICTURE_GREY);
    picture_line(picture, "set tmargin at screen %.6g", 1 - (double)picture->top / picture->height);
    picture_line(picture, "set rmargin at screen %.6g", 1 - (double)RIGHT / picture->width);
    if (picture->key_rows > 0)
        picture_line(picture, "set key at screen %.6g,%.6g left top vertical maxrows %u",
                     (double)PICTURE_EDGE / picture->width, 1 - (above - 5.0) / picture->height, picture->key_rows);
    else
        picture_line(picture, "unset key");
}

void picture_axes(Picture *picture, const char *x, const char *y) {
    picture_add(picture, "set xlabel ");
    picture_quote(picture, x);
    picture_line(picture, " noenhanced textcolor rgb '" PICTURE_INK "'");
    picture_add(picture, "set ylabel ");
    picture_quote(picture, y);
    picture_line(picture, " noenhanced textcolor rgb '" PICTURE_INK "'");
}

double picture_limit(double x) {
    static const double most = 1e300;
    return fmax(-most, fmin(most, x));
}

void picture_data(Picture *picture, const char *name) { picture_line(picture, "$%s << END", name); }

void picture_row(Picture *picture, size_t n, const double *numbers) {
    for (size_t i = 0; i < n; i++) {
        if (i > 0) picture_add(picture, " ");
        if (isfinite(numbers[i]))
            picture_add(picture, "%.9g", picture_limit(numbers[i]));
        else
            picture_add(picture, "NaN");
    }
    picture_add(picture, "\n");
}

void picture_data_end(Picture *picture) { picture_line(picture, "END"); }

// Each round of the colours has them with other dashes and points.
Style picture_style(size_t i) {
    Style style = STYLES[i % PICTURE_STYLES], other = STYLES[(i + i / PICTURE_STYLES) % PICTURE_STYLES];
    return (Style){style.colour, other.dash, other.point};
}

void picture_steps(Picture *picture, double last_step) {
    static const double few = 10; // gnuplot would set tics between them, with the same numbers once rounded
    picture_line(picture, "set xrange [0:%.9g]\nset format x '%%.0f'", fmax(last_step, 1));
    if (last_step < few) picture_line(picture, "set xtics 1");
}

double picture_tics(double width) {
    double step = 1;
    while (step > width / 2) step /= 10;
    while (step * 10 <= width / 2) step *= 10;
    return step * 5 <= width / 2 ? step * 5 : step * 2 <= width / 2 ? step * 2 : step;
}

void picture_mark(Picture *picture, const Mark *mark) {
    static const char grey[] = "rgb '" PICTURE_GREY "'";
    bool is_left = mark->share > 0.9; // where there is no room to the right
    double below = 0.04 + 0.055 * (double)mark->level;
    if (mark->is_line)
        picture_line(picture,
                     "set arrow from first %.9g,graph 0 to first %.9g,graph 1 nohead linewidth 1.5 dashtype (2,3) "
                     "linecolor %s back",
                     mark->x, mark->x, grey);
    picture_add(picture, "set label ");
    picture_quote(picture, mark->text);
    picture_line(picture, " at first %.9g,graph %g %s offset character %g,0 noenhanced font ',12' textcolor %s front",
                 mark->x, mark->is_line ? 1 - below : below, is_left ? "right" : "left", is_left ? -0.6 : 0.6, grey);
}

void picture_curve(Picture *picture, const Curve *curve) {
    picture_add(picture, "%s %s with %s linecolor rgb '%s' linewidth %g dashtype %s",
                picture->n_curves++ == 0 ? "plot" : ",", curve->data, curve->with, curve->style.colour, curve->width,
                curve->style.dash);
    if (curve->point_size > 0)
        picture_add(picture, " pointtype %d pointsize %g", curve->style.point, curve->point_size);
    if (curve->title) {
        picture_add(picture, " title ");
        picture_quote(picture, curve->title);
    } else {
        picture_add(picture, " notitle");
    }
}

void picture_plot(Picture *picture) {
    picture_add(picture, "\n");
    picture->n_curves = 0;
}
