// A picture on its way to gnuplot: a script, written in one style. Every text that comes from data goes through
// picture_quote, which leaves gnuplot nothing to interpret.
#ifndef NOMEN_DRAW_PICTURE_H
#define NOMEN_DRAW_PICTURE_H

#include "draw/plot.h"

enum { PICTURE_EDGE = 22 }; // pixels that stay empty around what is drawn
#define PICTURE_GREY "#767676"
#define PICTURE_FAINT "#c4c4c4"
#define PICTURE_INK "#222222"

typedef struct Style {
    const char *colour, *dash;
    int point; // gnuplot's number of it
} Style;

// Okabe and Ito's colours (2008), which the colour-blind tell apart; a dash and a point of its own for each keep them
// apart in grey print.
enum { PICTURE_STYLES = 6 };

Style picture_style(size_t i); // any i: they come again with other dashes

struct Picture {
    PlotFormat format;
    bool has_codes;         // a character was written as picture_shows says
    unsigned width, height; // pixels; 800 x 480 unless a kind says otherwise before its title
    unsigned plot_height;   // not 0: of what is drawn below the title, and picture_title sets the height by it
    const char *title;
    Buffer script;
    unsigned key_rows; // lines of the key, between title and plot: 1 unless a kind says otherwise before its title
    size_t n_curves;   // of the plot at hand
    unsigned top;      // of what is drawn below the title, in pixels from above
};

// An empty picture; picture->script is in memory of `arena`.
void picture_begin(Picture *picture, PlotFormat format, Arena *arena);

// The whole script for gnuplot. NULL, with `err`, where memory ran out on the way.
const char *picture_script(Picture *picture, Arena *arena, Error *err);

// Whether a character can stand in the picture as it is; else it is written as U+ and its code point. An SVG takes all.
// A PNG takes Latin, Greek and Cyrillic letters, which every common font has: what no font has, gnuplot 5.4 with its
// library pango draws as a box so large that it covers the picture, and which fonts are here it does not tell.
bool picture_shows(const Picture *picture, uint32_t c);

// Adds a line of gnuplot's language, printf-like, with a newline behind it. No text of the data's may be in it.
#define picture_line(picture, ...) \
    (buffer_print(&(picture)->script, __VA_ARGS__), buffer_add(&(picture)->script, "\n", 1))

// A piece of a line.
#define picture_add(picture, ...) buffer_print(&(picture)->script, __VA_ARGS__)

// Adds a text as gnuplot's quoted string: what it says is shown as it stands, bytes that are no UTF-8 and control
// characters as "?"; see picture_shows.
void picture_quote(Picture *picture, const char *text);

// The picture's title, and below it in grey what else to know; `note` may be NULL. The run's path in the title is cut
// in its middle where it is long.
void picture_title(Picture *picture, const char *title, const char *run, const char *note);

// The names of the axes, with their units.
void picture_axes(Picture *picture, const char *x, const char *y);

// Where a label stands at its point.
typedef enum LabelAlign { LABEL_LEFT, LABEL_CENTER, LABEL_RIGHT, LABEL_UPWARDS } LabelAlign; // the last: its center

typedef struct Label {
    const char *text, *colour;
    double x, y;
    const char *system; // of coordinates: "first", "graph", "screen"
    LabelAlign align;
    double size; // of the font, in pixels
} Label;

void picture_label(Picture *picture, const Label *label);

// The number nearest to a finite x that gnuplot can still draw, with an axis around it.
double picture_limit(double x);

// A named block of rows of numbers; NaN leaves a gap.
void picture_data(Picture *picture, const char *name);
void picture_row(Picture *picture, size_t n, const double *numbers);
void picture_data_end(Picture *picture);

// One of the things that a plot shows.
typedef struct Curve {
    const char *data;  // "$train using 1:2"
    const char *with;  // "lines", "linespoints", "points", "steps", ...
    const char *title; // in the key; NULL for none
    Style style;
    double width, point_size; // of lines; of points, 0 where there are none
} Curve;

// Adds one to the plot at hand; picture_plot ends it, and gnuplot draws what was added since the last.
void picture_curve(Picture *picture, const Curve *curve);
void picture_plot(Picture *picture);

// Sets the x axis, from 0 to the last step of a training, 1 at the least: its tics are whole numbers.
void picture_steps(Picture *picture, double last_step);

// A step between tics, 1, 2 or 5 times a power of ten, for two to four of them on an axis that is `width` > 0 wide.
double picture_tics(double width);

// A text beside x at the foot of the plot or, with `is_line`, at the top of a line across it: a loss that has fallen
// lies below.
typedef struct Mark {
    const char *text;
    double x, share; // of the axis, from 0 to 1, that is left of x
    size_t level;    // lines of text between it and the foot or the top
    bool is_line;
} Mark;

void picture_mark(Picture *picture, const Mark *mark);

// A text of at most `columns` columns of a terminal, cut in its middle, in memory of `arena`; NULL as arena_alloc.
const char *picture_shorten(const char *text, size_t columns, Arena *arena, Error *err);

#endif
