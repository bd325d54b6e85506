// Pictures of runs: a table of kinds, and any of them as the bytes of an SVG or PNG file. gnuplot draws them.
#ifndef NOMEN_DRAW_PLOT_H
#define NOMEN_DRAW_PLOT_H

#include "draw/source.h"

typedef enum PlotFormat { PLOT_SVG, PLOT_PNG, N_PLOT_FORMATS } PlotFormat;

extern const char *const PLOT_FORMATS[]; // "svg", "png", NULL: names, and the suffixes of files

typedef struct Picture Picture;

// A kind of picture. One entry of the table each, in a file of its own or beside a near one.
typedef struct PlotKind {
    const char *name;                                 // "loss"; what the file is called, too
    const char *summary;                              // what it shows, in a few words
    bool takes_several;                               // runs side by side; the others are of one run
    const char *(*why_not)(const PlotSource *source); // NULL, or why there is no such picture of this source
    bool (*draw)(PlotSource *source, Picture *picture, Arena *arena, Error *err);
} PlotKind;

enum { N_PLOT_KINDS = 10 };
extern const PlotKind *const PLOT_KINDS[N_PLOT_KINDS]; // in the order in which they are shown

// The kind of that name, or NULL.
const PlotKind *plot_find(const char *name);

// NULL where the kind can be drawn of this source, else why not: a sentence without a full stop, for a person.
const char *plot_applies(const PlotKind *kind, const PlotSource *source);

// Draws a kind that can be: the bytes of the file in image->bytes and image->n, in memory of `arena`. An SVG begins
// with <svg, has its title in <title>, no script and no reference to anything outside, and ids of its own kind only, so
// that one of each may stand in the same page. In a PNG, some characters are shown by their codes, which sets
// source->has_codes. The same source gives the same picture. Errors: gnuplot missing or failing or drawing anything
// else, a loss that is not finite.
bool plot_image(const PlotKind *kind, PlotSource *source, PlotFormat format, Buffer *image, Arena *arena, Error *err);

#endif
