// Numbers from metrics.csv and from model files.
#pragma once

#include "testing.h"

#include "train/safetensors.h"

#include <stdlib.h>
#include <string.h>

// Returns a field of a row of metrics.csv, both counted from 0; row 0 is the header.
static inline double metric(const char *csv, unsigned row, int field) {
    for (; row > 0; row--) csv = strchr(csv, '\n') + 1;
    for (; field > 0; field--) csv = strchr(csv, ',') + 1;
    return strtod(csv, NULL);
}

// Returns a copy of a tensor's *n numbers, to be freed.
static inline float *tensor_floats(const SafeTensors *model, const char *name, size_t *n) {
    const FileTensor *tensor = safetensors_find(model, name);
    ck_assert_msg(tensor != NULL && tensor->type == NUMBER_F32, "no %s", name);
    *n = file_tensor_count(tensor);
    float *values = malloc(*n * sizeof *values);
    ck_assert_ptr_nonnull(values);
    memcpy(values, tensor->data, *n * sizeof *values);
    return values;
}
