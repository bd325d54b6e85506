// Runs gnuplot on a picture's script and checks what it draws.
#pragma once

#include "draw/picture.h"

// Draws the picture into `image`, in the picture's memory. Ids of an SVG begin with `prefix`. Errors: gnuplot is not
// installed, fails, or draws no whole image.
bool gnuplot_draw(Picture *picture, const char *prefix, Buffer *image, Error *err);

// Copies an SVG of gnuplot from <svg on, fit for a page: with `title` in XML, with ids that begin with `prefix` instead
// of "gp", without unused filters and without attributes that repeat defaults.
bool svg_fit(Buffer *out, const char *svg, const char *prefix, const char *title, Error *err);
