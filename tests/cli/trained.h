// What the tests of trained networks share: figures out of metrics.csv and numbers out of a model file.
#ifndef NOMEN_TESTS_TRAINED_H
#define NOMEN_TESTS_TRAINED_H

#include "testing.h"

#include "train/safetensors.h"

#include <stdlib.h>
#include <string.h>

// A comma-separated field, from 0 on, of row `row` of metrics.csv; the first row is the header, the next step 0.
static inline double metric(const char *csv, unsigned row, int field) {
    for (; row > 0; row--) csv = strchr(csv, '\n') + 1;
    for (; field > 0; field--) csv = strchr(csv, ',') + 1;
    return strtod(csv, NULL);
}

// A copy of the model's tensor of that name, to be freed; *n numbers.
static inline float *tensor_floats(const SafeTensors *model, const char *name, size_t *n) {
    const FileTensor *tensor = safetensors_find(model, name);
    ck_assert_msg(tensor != NULL && tensor->type == NUMBER_F32, "no %s", name);
    *n = file_tensor_count(tensor);
    float *values = malloc(*n * sizeof *values);
    ck_assert_ptr_nonnull(values);
    memcpy(values, tensor->data, *n * sizeof *values);
    return values;
}

#endif
