// What the recurrent layers share: sizes, the config of rnn and gru, rows by level, and a sum over Values.
//
// Arrays "by row" begin at row 0. Arrays "by place" have at place k the row order[k] of the pass, so that the rows of a
// level, which are computed together, are one matrix.
#pragma once

#include "nn/layer.h"

typedef struct RecurrentShape {
    size_t in, out;
} RecurrentShape;

typedef struct RecurrentConfig {
    uint64_t out;
    Init weight, bias, start;
} RecurrentConfig;

extern const Field recurrent_fields[]; // of a RecurrentConfig

// Places begin to begin + n - 1 of a pass.
typedef struct Level {
    size_t begin, n;
} Level;

Level level_at(const Rows *rows, size_t i);
Level all_levels(const Rows *rows);

// to_k = from_row at the places of `level`: from by row, to by place, c floats each.
void gather_rows(const Rows *rows, Level level, size_t c, const float *from, float *to);

// The opposite: from by place, to by row.
void scatter_rows(const Rows *rows, Level level, size_t c, const float *from, float *to);

// to_k = state of the row's parent, or `start` (c) if it has none: state by row, to by place.
void gather_parents(const Rows *rows, Level level, size_t c, const float *state, const float *start, float *to);

// dstate_parent += d_k, or dstart (c) += d_k if the row has no parent and dstart is not NULL, in the order of places: d
// by place, dstate by row.
void add_to_parents(const Rows *rows, Level level, size_t c, const float *d, float *dstate, float *dstart);

// (x, h) W_j + b_j for column j of w (in + out, out): x (in), h (out), bias (out) or NULL.
Value recurrent_sum(Tape *tape, size_t in, size_t out, const Value *x, const Value *h, const Value *w,
                    const Value *bias, size_t j);
