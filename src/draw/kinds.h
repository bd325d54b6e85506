// Declares the functions of each kind of picture, for the table in plot.c, and what two of them share.
#pragma once

#include "draw/picture.h"

extern PlotWhyNot loss_why_not, compare_why_not, bigrams_why_not, predictions_why_not, embedding_why_not,
    training_why_not, histogram_why_not, attention_why_not;
extern PlotDraw loss_draw, compare_draw, bigrams_draw, predictions_draw, embedding_draw, next_draw, activations_draw,
    gradients_draw, updates_draw, lr_find_draw, attention_draw;

// Returns the loss of the dev or the train split, NaN if the row has none.
double split_loss(const MetricsRow *row, bool is_dev);

// Adds rows of step and split loss to the open data block, thinned out if there are too many to see. Returns how many
// rows of `metrics` have the loss.
size_t split_losses_add(Picture *picture, const Metrics *metrics, bool is_dev);
