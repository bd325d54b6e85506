// The kinds of pictures; each file has one or two near ones.
#ifndef NOMEN_DRAW_KINDS_H
#define NOMEN_DRAW_KINDS_H

#include "draw/picture.h"

extern const PlotKind loss_plot, bigrams_plot, predictions_plot, embedding_plot, activations_plot, gradients_plot,
    updates_plot, lr_find_plot, next_plot, compare_plot;

#endif
