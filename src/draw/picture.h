// Writes a picture as a gnuplot script, all pictures in one style. Text from data goes through picture_quote, which
// leaves gnuplot nothing to interpret. If memory runs out, picture_script reports it.
#pragma once

#include "draw/plot.h"
#include "study/describe.h"

enum { PICTURE_EDGE = 22, PICTURE_RIGHT = 30 }; // pixels
#define PICTURE_GREY "#767676"
#define PICTURE_FAINT "#c4c4c4"
#define PICTURE_INK "#222222"
#define PICTURE_STEPS "step (updates made)"

struct Picture {
    PlotFormat format;
    const char *title;
    Buffer script;
    unsigned width, height; // pixels
    unsigned top;           // pixels above the plot, for title, note and key
    Buffer curves;          // for the next picture_plot
};

// Makes the picture empty. All its memory is in `arena`.
void picture_begin(Picture *picture, PlotFormat format, Arena *arena);

// Returns the whole script.
const char *picture_script(Picture *picture, Error *err);

// Returns a printf-like text in the picture's memory; "" if memory runs out.
#define picture_text(picture, ...) \
    picture_keep(picture, arena_format((picture)->script.arena, &(Error){0}, __VA_ARGS__))
const char *picture_keep(Picture *picture, const char *text);

// Adds a line, or part of one, in gnuplot's language, printf-like. It must contain no text from data.
#define picture_line(picture, ...) \
    (buffer_print(&(picture)->script, __VA_ARGS__), buffer_add(&(picture)->script, "\n", 1))
#define picture_add(picture, ...) buffer_print(&(picture)->script, __VA_ARGS__)

// Adds text as a quoted string that gnuplot shows literally. Control characters and bytes that are not UTF-8 become
// "?".
void picture_quote(Picture *picture, const char *text);

// Returns ".", or "END" if names contain full stops.
const char *picture_boundary(const Vocab *vocab);

// Returns how pictures show a symbol, perhaps in `text`: as describe_symbol does, but the boundary as picture_boundary
// and a space as U+2423.
const char *picture_symbol(const Vocab *vocab, uint16_t id, char text[DESCRIBE_SYMBOL_BYTES]);

typedef struct Layout {
    const char *title;
    const char *x, *y;           // names of the axes with their units, or NULL
    unsigned key_rows;           // lines for the key, between title and plot
    unsigned width, plot_height; // pixels; 0 for 800, and for a picture of 800 x 480
    unsigned left, bottom;       // pixels between picture and plot; 0 lets gnuplot fit the axes' labels
} Layout;

// Returns a text that may be long, or its last characters after an ellipsis.
const char *picture_tail(Picture *picture, const char *text);

// Lays the picture out and adds the title, "title: run" unless `run` is NULL, and below it a grey note in
// ASCII.
void picture_layout(Picture *picture, const Layout *layout, const char *run, const char *note);

// Puts the plots that follow into a rectangle, in pixels from the left and from above.
void picture_area(Picture *picture, double left, double right, double top, double bottom);

typedef enum LabelAlign { LABEL_LEFT, LABEL_CENTER, LABEL_RIGHT, LABEL_UPWARDS } LabelAlign; // the last is centered

typedef struct Label {
    const char *text, *colour;
    double x, y;
    const char *system; // of coordinates: "first", "graph"; NULL for pixels from the left and from above
    LabelAlign align;
    double size; // of the font, in pixels
} Label;

void picture_label(Picture *picture, const Label *label);

// Adds a block of rows of numbers, whose name is printf-like: picture_data, picture_row for each row, picture_data_end.
// A number that is not finite leaves a gap.
#define picture_data(picture, ...) (picture_add(picture, "$" __VA_ARGS__), picture_add(picture, " << END\n"))
void picture_row(Picture *picture, size_t n, const double *numbers);
void picture_data_end(Picture *picture);

typedef struct Style {
    const char *colour, *dash;
    int point; // gnuplot's number for the shape
} Style;

enum { PICTURE_STYLES = 6 };
extern const Style PICTURE_GREY_LINE, PICTURE_FAINT_LINE;

// Returns the i-th style: the colours of Okabe and Ito (2008), which colour-blind readers can tell apart, each with its
// own dash and point for grey print. After six the colours repeat with other dashes.
Style picture_style(size_t i);

typedef struct Curve {
    const char *with;  // "lines", "linespoints", "points", ...
    const char *title; // in the key, or NULL
    Style style;
    double width, point_size; // of lines; of points, or 0 without points
} Curve;

// Adds a curve of data such as "$train using 1:2". picture_plot draws the curves added since the last plot, in order.
void picture_curve(Picture *picture, const Curve *curve, const char *data);
void picture_plot(Picture *picture);

// Sets the x axis from 0 to the last step of a training, at least 1. Its tics are whole numbers.
void picture_steps(Picture *picture, double last_step);

// Returns the distance of two to four tics on an axis of this width > 0: 1, 2 or 5 times a power of ten.
double picture_tics(double width);
