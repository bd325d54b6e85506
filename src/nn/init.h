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
} InitKind;

typedef struct Init {
    InitKind kind;
    double value;
    double mean; // INIT_NORMAL
} Init;

// Fills n floats as one torch.randn or torch.rand of n draws them. A constant draws nothing; a normal with deviation 0
// still draws. Factors are rounded to float before they multiply.
void init_fill(Init init, size_t fan_in, Rng *rng, size_t n, float *out);
