// The kinds of pictures; each file has one or two near ones.
#ifndef NOMEN_PLOT_KINDS_H
#define NOMEN_PLOT_KINDS_H

#include "plot/picture.h"

extern const PlotKind loss_plot;

#endif
