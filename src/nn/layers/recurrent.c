#include "nn/layers/recurrent.h"

#include "kernels/kernels.h"

#include <string.h>

const Field recurrent_fields[] = {
    FIELD(RecurrentConfig, out, FIELD_WHOLE, .min = 1, .max = 1e6, .help = "floats of the hidden state"),
    FIELD(RecurrentConfig, weight, FIELD_INIT, .preset = "{\"kaiming_normal\": 1}",
          .help = "initial values of the weights"),
    FIELD(RecurrentConfig, bias, FIELD_INIT, .preset = "\"zeros\"", .word = "false",
          .help = "initial values of the biases; false: no biases"),
    FIELD(RecurrentConfig, start, FIELD_INIT, .preset = "\"zeros\"",
          .help = "initial values of the learned state before the first position"),
    {0}};

Level level_at(const Rows *rows, size_t i) { return (Level){rows->levels[i], rows->levels[i + 1] - rows->levels[i]}; }

Level all_levels(const Rows *rows) { return (Level){0, rows->n}; }

void gather_rows(const Rows *rows, Level level, size_t c, const float *from, float *to) {
    for (size_t k = level.begin; k < level.begin + level.n; k++)
        memcpy(to + k * c, from + rows->order[k] * c, c * sizeof *to);
}

void scatter_rows(const Rows *rows, Level level, size_t c, const float *from, float *to) {
    for (size_t k = level.begin; k < level.begin + level.n; k++)
        memcpy(to + rows->order[k] * c, from + k * c, c * sizeof *to);
}

void gather_parents(const Rows *rows, Level level, size_t c, const float *state, const float *start, float *to) {
    for (size_t k = level.begin; k < level.begin + level.n; k++) {
        const uint32_t parent = rows->parents[rows->order[k]];
        memcpy(to + k * c, parent == ROW_NONE ? start : state + parent * c, c * sizeof *to);
    }
}

void add_to_parents(const Rows *rows, Level level, size_t c, const float *d, float *dstate, float *dstart) {
    for (size_t k = level.begin; k < level.begin + level.n; k++) {
        const uint32_t parent = rows->parents[rows->order[k]];
        float *to = parent == ROW_NONE ? dstart : dstate + parent * c;
        if (to) kernels->axpy(c, 1, d + k * c, to);
    }
}

Value recurrent_sum(Tape *tape, size_t in, size_t out, const Value *x, const Value *h, const Value *w,
                    const Value *bias, size_t j) {
    Value of_x = value_dot(tape, in, x, w + j, out), of_h = value_dot(tape, out, h, w + in * out + j, out);
    Value sum = value_add(tape, of_x, of_h);
    return bias ? value_add(tape, sum, bias[j]) : sum;
}
