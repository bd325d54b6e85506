// Initial values of parameters, as a config gives them.
#pragma once

#include "base/rng.h"

typedef enum InitKind {
    INIT_NONE,            // no such parameter ("bias": false)
    INIT_CONSTANT,        // value
    INIT_NORMAL,          // mean + value * randn
    INIT_UNIFORM,         // uniform in [-value, value)
    INIT_KAIMING_NORMAL,  // normal with deviation value / sqrt(fan in) (He et al. 2015; lectures part 3)
    INIT_KAIMING_UNIFORM, // uniform with bound value * sqrt(3 / fan in)
    INIT_TORCH,           // nn.Linear's default: uniform with bound 1 / sqrt(fan in), drawn output by output
} InitKind;

typedef struct Init {
    InitKind kind;
    double value;
    double mean; // INIT_NORMAL
} Init;

// The array that is filled, row-major. A vector is a column.
typedef struct InitShape {
    size_t rows, cols;
    bool cols_are_outputs; // drawn column by column if values are drawn output by output, else row by row
    bool has_boundary;     // rows, or outputs, are symbols; microgpt draws those of symbol 0, the boundary, last
} InitShape;

// Fills an array with the initial values. With RANDOM_MICROGPT all values are drawn output by output, by random.gauss
// or random.random in double. Else normals are one torch.randn in the order of memory, uniforms torch.rand, and factors
// are rounded to float before they multiply. A constant draws nothing; a normal with deviation 0 still draws.
void init_fill(Init init, size_t fan_in, InitShape shape, RandomUse use, Rng *rng, float *out);
