// gnuplot, started directly, with a picture's script on its standard input.
#ifndef NOMEN_DRAW_GNUPLOT_H
#define NOMEN_DRAW_GNUPLOT_H

#include "draw/picture.h"

// The file that gnuplot makes of the picture. An error where it is missing, with how to install it, or fails, with its
// own words.
bool gnuplot_draw(Picture *picture, Buffer *image, Arena *arena, Error *err);

#endif
