// The kinds of pictures. Near kinds share a file.
#ifndef NOMEN_DRAW_KINDS_H
#define NOMEN_DRAW_KINDS_H

#include "draw/picture.h"

extern const PlotKind loss_plot, compare_plot;                                      // loss.c, compare.c
extern const PlotKind bigrams_plot, predictions_plot;                               // bigrams.c
extern const PlotKind embedding_plot, next_plot;                                    // embedding.c, next.c
extern const PlotKind activations_plot, gradients_plot, updates_plot, lr_find_plot; // training.c

// Returns the loss of the dev or the train split, NaN if the row has none.
double split_loss(const MetricsRow *row, bool is_dev);

// Adds rows of step and split loss to the open data block, thinned out if there are too many to see. Returns how many
// rows of `metrics` have the loss.
size_t split_losses_add(Picture *picture, const Metrics *metrics, bool is_dev);

#endif
