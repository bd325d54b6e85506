// gnuplot's SVG made fit to stand in a page, and smaller.
#ifndef NOMEN_DRAW_SVG_H
#define NOMEN_DRAW_SVG_H

#include "base/buffer.h"

// Copies an SVG that gnuplot wrote, of n bytes, to `out`: from <svg on, with `title` in place of gnuplot's own, ids
// that begin with `name` in place of "gp", and without what says nothing (groups with nothing in them, white space, the
// names of plots). What is drawn stays the same. False where it is no such SVG.
bool svg_clean(Buffer *out, const char *svg, size_t n, const char *name, const char *title, Error *err);

#endif
