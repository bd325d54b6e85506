// The kinds of pictures of runs. Each can be drawn as the bytes of an SVG or PNG file, by gnuplot.
#pragma once

#include "draw/source.h"

typedef enum PlotFormat { PLOT_SVG, PLOT_PNG, N_PLOT_FORMATS } PlotFormat;

extern const char *const PLOT_FORMATS[]; // "svg", "png", NULL: names of the formats and file suffixes

typedef struct Picture Picture;

// Returns why this source has no such picture, a sentence without a full stop, or NULL.
typedef const char *PlotWhyNot(const PlotSource *source);

typedef bool PlotDraw(PlotSource *source, Picture *picture, Arena *arena, Error *err);

typedef struct PlotKind {
    const char *name;    // "loss"; also the name of the file
    const char *summary; // what the picture shows, in a few words
    const char *caption; // HTML for the report page: how to read the picture. NULL: it is not in the page
    PlotWhyNot *why_not; // NULL: every source has this picture
    PlotDraw *draw;
    bool takes_several; // compares runs; the other kinds draw one run
    bool is_rare;       // if all kinds are drawn, a run without this picture gets no message
} PlotKind;

enum { N_PLOT_KINDS = 11 };
extern const PlotKind PLOT_KINDS[N_PLOT_KINDS]; // in the order of display

// Returns the kind with this name, or NULL.
const PlotKind *plot_find(const char *name);

// Returns why this source has no picture of the kind, or NULL if plot_image can draw it.
const char *plot_why_not(const PlotKind *kind, const PlotSource *source);

// Draws a kind that plot_why_not allows. The same source gives the same bytes. An SVG begins with <svg, contains no
// script and no outside reference, and prefixes its ids with the kind's name, so that a page may contain one SVG of
// each kind.
bool plot_image(const PlotKind *kind, PlotSource *source, PlotFormat format, Buffer *image, Arena *arena, Error *err);
