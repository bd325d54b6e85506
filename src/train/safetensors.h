// Safetensors files (huggingface/safetensors, "Format"): 8 bytes with the header's length, a JSON header and the
// numbers, all little-endian. The header's __metadata__ holds a SHA-256 of the whole file, computed with its 64 digits
// as zeros.
#pragma once

#include "base/file.h"

#include <stdint.h>

typedef enum NumberType { NUMBER_F32, NUMBER_F64, NUMBER_I64 } NumberType;

enum { FILE_TENSOR_DIMS = 3 };

typedef struct FileTensor {
    const char *name;
    NumberType type;
    size_t n_dims, dims[FILE_TENSOR_DIMS];
    const void *data;
} FileTensor;

typedef struct FileText {
    const char *key, *value;
} FileText;

typedef struct SafeTensors {
    size_t n_tensors, n_texts;
    FileTensor *tensors; // of a file that was read: data points into its bytes and need not be aligned
    FileText *texts;     // of __metadata__, without the checksum
} SafeTensors;

// Replaces the file at `path`.
bool safetensors_write(const char *path, const SafeTensors *content, Error *err);

// Reads a file and checks the checksum, then every name, type, shape and place.
bool safetensors_read(const char *path, SafeTensors *content, Arena *arena, Error *err);

// Returns the value of a key of __metadata__.
const char *safetensors_text(const SafeTensors *content, const char *key, Error *err);

// Returns the tensor with this name, or NULL.
const FileTensor *safetensors_find(const SafeTensors *content, const char *name);

// Copies the numbers of the tensor with the name, type and shape of `wanted` to `out`.
bool safetensors_copy(const SafeTensors *content, const FileTensor *wanted, void *out, Error *err);

// Does the same for F32, to wanted->data. Fails if a number is not finite or, with `at_least_0`, is below 0.
bool safetensors_copy_floats(const SafeTensors *content, const FileTensor *wanted, bool at_least_0, Error *err);

// Returns how many numbers a tensor has.
size_t file_tensor_count(const FileTensor *tensor);
