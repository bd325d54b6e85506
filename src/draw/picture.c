#include "draw/picture.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 800, HEIGHT = 480, PNG_SCALE = 2, TAIL_CHARACTERS = 44, NOTE_LINES = 4 };
enum { TITLE_SIZE = 17, NOTE_SIZE = 12, NOTE_LINE = 16, TITLE_TOP = 28, BELOW_TITLE = 20, KEY_LINE = 20 };
static const double PNG_FONT = 0.75;   // PNG sizes are points: 72 to 96 pixels
static const double NOTE_COLUMN = 6.6; // pixels, an upper bound

const Style PICTURE_GREY_LINE = {PICTURE_GREY, "solid", 7}, PICTURE_FAINT_LINE = {PICTURE_FAINT, "solid", 0};
static const Style STYLES[PICTURE_STYLES] = {
    {"#0072b2", "solid", 7},      {"#d55e00", "(9,4)", 9},   {"#009e73", "(3,3)", 5},
    {"#cc79a7", "(9,3,3,3)", 13}, {"#e69f00", "(14,5)", 11}, {"#000000", "(6,2,2,2,2,2)", 15},
};

void picture_begin(Picture *picture, PlotFormat format, Arena *arena) {
    *picture = (Picture){.format = format, .script = {.arena = arena}, .curves = {.arena = arena}};
    picture_line(picture, "set border 3 linewidth 1 linecolor rgb '#555555'");
    picture_line(picture, "set tics nomirror out scale 0.6 textcolor rgb '" PICTURE_INK "'");
    picture_line(picture, "set grid linetype 1 linewidth 1 linecolor rgb '#e2e2e2'");
    picture_line(picture, "set key noenhanced Left reverse samplen 3 textcolor rgb '" PICTURE_INK "'");
    picture_line(picture, "set format '%%g'");
}

const char *picture_script(Picture *picture, Error *err) {
    const char *body = buffer_text(&picture->script, err);
    bool is_png = picture->format == PLOT_PNG;
    unsigned scale = is_png ? PNG_SCALE : 1;
    Buffer script = {.arena = picture->script.arena};
    if (!body) return NULL;
    buffer_print(&script,
                 "set encoding utf8\nset terminal %s noenhanced size %u,%u font 'sans-serif,13' background '#ffffff'",
                 is_png ? "pngcairo" : "svg", picture->width * scale, picture->height * scale);
    if (is_png) buffer_print(&script, " fontscale %g linewidth %u pointscale %u", PNG_FONT * scale, scale, scale);
    buffer_print(&script, "\n%s", body);
    return buffer_text(&script, err);
}

const char *picture_keep(Picture *picture, const char *text) {
    picture->script.failed |= !text;
    return text ? text : "";
}

// Letters, spaces and what is not ASCII stay as they are. Other ASCII becomes octal codes, which gnuplot decodes only
// after it has found the end of the string: digits too, because gnuplot would read one after a code as part of the
// code. (Single quotes would not do: gnuplot 5.4 reads a doubled quote at the beginning of a text as an empty text.)
static void quote(Buffer *out, const char *text) {
    buffer_print(out, "\"");
    for (size_t n = strlen(text), at = 0, length; at < n; at += length) {
        uint32_t c;
        length = utf8_decode(text + at, n - at, &c);
        if (length == 0 || utf8_is_control(c) || (c & 0xFFFE) == 0xFFFE) c = '?'; // XML forbids U+FFFE and the like
        if (length == 0) length = 1;
        if (c >= 0x80 || isalpha((int)c) || c == ' ')
            buffer_add(out, text + at, length);
        else
            buffer_print(out, "\\%03o", (unsigned)c);
    }
    buffer_print(out, "\"");
}

void picture_quote(Picture *picture, const char *text) { quote(&picture->script, text); }

const char *picture_boundary(const Vocab *vocab) { return vocab_find(vocab, '.') == BOUNDARY ? "." : "END"; }

const char *picture_symbol(const Vocab *vocab, uint16_t id, char text[DESCRIBE_SYMBOL_BYTES]) {
    if (id == BOUNDARY) return picture_boundary(vocab);
    return vocab->code_points[id] == ' ' ? "\u2423" : describe_symbol(vocab->code_points[id], text);
}

void picture_label(Picture *picture, const Label *label) {
    static const char *const aligns[] = {"left", "center", "right", "center rotate by 90"};
    const char *system = label->system ? label->system : "screen";
    double x = label->system ? label->x : label->x / picture->width;
    double y = label->system ? label->y : 1 - label->y / picture->height;
    picture_add(picture, "set label ");
    picture_quote(picture, label->text);
    picture_line(picture, " at %s %.9g,%s %.9g %s noenhanced font ',%g' textcolor rgb '%s' front", system, x, system, y,
                 aligns[label->align], label->size, label->colour);
}

// Breaks a note of ASCII into lines, at spaces unless a word is longer than a line. Returns how many.
static size_t break_note(Picture *picture, const char *note, const char *lines[NOTE_LINES]) {
    size_t columns = (size_t)((picture->width - 2 * PICTURE_EDGE) / NOTE_COLUMN), n_lines = 0;
    while (*note && n_lines < NOTE_LINES) {
        size_t n = strlen(note), end = n < columns ? n : columns;
        while (n > columns && end > 0 && note[end] != ' ') end--;
        if (end == 0) end = columns;
        lines[n_lines++] = picture_text(picture, "%.*s", (int)end, note);
        note += end + strspn(note + end, " ");
    }
    return n_lines;
}

static void name_axis(Picture *picture, char axis, const char *name) {
    picture_add(picture, "set %clabel ", axis);
    picture_quote(picture, name);
    picture_line(picture, " noenhanced textcolor rgb '" PICTURE_INK "'");
}

const char *picture_tail(Picture *picture, const char *text) {
    const char *at = text + strlen(text);
    for (size_t n = 0; at > text && n < TAIL_CHARACTERS;) n += ((unsigned char)*--at & 0xC0) != 0x80;
    return at == text ? text : picture_text(picture, "\u2026%s", at);
}

void picture_layout(Picture *picture, const Layout *layout, const char *run, const char *note) {
    const char *lines[NOTE_LINES];
    picture->width = layout->width > 0 ? layout->width : WIDTH;
    size_t n_lines = break_note(picture, note, lines);
    picture->title = layout->title;
    const char *title =
        run ? picture_text(picture, "%s: %s", layout->title, picture_tail(picture, run)) : layout->title;
    unsigned above = TITLE_TOP + BELOW_TITLE + NOTE_LINE * (unsigned)n_lines;
    picture->top = above + KEY_LINE * layout->key_rows;
    picture->height = layout->plot_height > 0 ? picture->top + layout->plot_height + PICTURE_EDGE : HEIGHT;
    picture_label(picture, &(Label){title, PICTURE_INK, PICTURE_EDGE, TITLE_TOP, .size = TITLE_SIZE});
    for (size_t i = 0; i < n_lines; i++)
        picture_label(picture, &(Label){lines[i], PICTURE_GREY, PICTURE_EDGE,
                                        TITLE_TOP + BELOW_TITLE + NOTE_LINE * (double)i, .size = NOTE_SIZE});
    picture_line(picture, "set tmargin at screen %.6g\nset rmargin at screen %.6g",
                 1 - (double)picture->top / picture->height, 1 - (double)PICTURE_RIGHT / picture->width);
    if (layout->left > 0) picture_line(picture, "set lmargin at screen %.6g", (double)layout->left / picture->width);
    if (layout->bottom > 0)
        picture_line(picture, "set bmargin at screen %.6g", (double)layout->bottom / picture->height);
    if (layout->key_rows > 0)
        picture_line(picture, "set key at screen %.6g,%.6g left top vertical maxrows %u",
                     (double)PICTURE_EDGE / picture->width, 1 - (above - 5.0) / picture->height, layout->key_rows);
    else
        picture_line(picture, "unset key");
    if (layout->x) name_axis(picture, 'x', layout->x);
    if (layout->y) name_axis(picture, 'y', layout->y);
}

void picture_area(Picture *picture, double left, double right, double top, double bottom) {
    picture_line(picture, "set lmargin at screen %.6g\nset rmargin at screen %.6g", left / picture->width,
                 right / picture->width);
    picture_line(picture, "set tmargin at screen %.6g\nset bmargin at screen %.6g", 1 - top / picture->height,
                 1 - bottom / picture->height);
}

void picture_row(Picture *picture, size_t n, const double *numbers) {
    for (size_t i = 0; i < n; i++) {
        if (i > 0) picture_add(picture, " ");
        if (isfinite(numbers[i]))
            picture_add(picture, "%.9g", numbers[i]);
        else
            picture_add(picture, "NaN");
    }
    picture_add(picture, "\n");
}

void picture_data_end(Picture *picture) { picture_line(picture, "END"); }

Style picture_style(size_t i) {
    Style style = STYLES[i % PICTURE_STYLES], other = STYLES[(i + i / PICTURE_STYLES) % PICTURE_STYLES];
    return (Style){style.colour, other.dash, other.point};
}

void picture_steps(Picture *picture, double last_step) {
    static const double few = 10; // gnuplot would set tics between steps, which round to the same numbers
    picture_line(picture, "set xrange [0:%.9g]\nset format x '%%.0f'", fmax(last_step, 1));
    if (last_step < few) picture_line(picture, "set xtics 1");
}

double picture_tics(double width) {
    double step = 1;
    while (step > width / 2) step /= 10;
    while (step * 10 <= width / 2) step *= 10;
    return step * 5 <= width / 2 ? step * 5 : step * 2 <= width / 2 ? step * 2 : step;
}

void picture_curve(Picture *picture, const Curve *curve, const char *data) {
    Buffer *out = &picture->curves;
    buffer_print(out, "%s %s with %s linecolor rgb '%s' linewidth %g dashtype %s", out->n == 0 ? "plot" : ",", data,
                 curve->with, curve->style.colour, curve->width, curve->style.dash);
    if (curve->point_size > 0) buffer_print(out, " pointtype %d pointsize %g", curve->style.point, curve->point_size);
    buffer_print(out, curve->title ? " title " : " notitle");
    if (curve->title) quote(out, curve->title);
}

void picture_plot(Picture *picture) {
    buffer_join(&picture->script, &picture->curves);
    picture_add(picture, "\n");
    picture->curves.n = 0;
}
