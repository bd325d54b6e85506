// Safetensors files (huggingface/safetensors, "Format"): 8 bytes with the header's length, a JSON header, the numbers,
// all little-endian; and a SHA-256 of the whole file in the header's __metadata__, taken with its 64 digits as zeros.
#ifndef NOMEN_TRAIN_SAFETENSORS_H
#define NOMEN_TRAIN_SAFETENSORS_H

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
    FileTensor *tensors; // their data points into the file's bytes and need not be aligned
    FileText *texts;     // of __metadata__, without the checksum
} SafeTensors;

// The whole file of these tensors and texts, in memory of `arena`; numbers of 8 bytes must come before those of 4.
bool safetensors_bytes(const SafeTensors *content, Bytes *bytes, Arena *arena, Error *err);

// Replaces `path` by that file (file_replace).
bool safetensors_write(const char *path, const SafeTensors *content, Error *err);

// Reads and checks a whole file: the checksum first, then every name, type, shape and place. Errors name the file.
bool safetensors_read(const char *path, SafeTensors *content, Arena *arena, Error *err);

// Whether a file has the beginning that safetensors files have, and no JSON text has. False for what cannot be read,
// and for what is no regular file, which is not opened.
bool safetensors_is_file(const char *path);

// The value of a key of __metadata__, or NULL with the key in `err`.
const char *safetensors_text(const SafeTensors *content, const char *key, Error *err);

// Copies a tensor of just this name, type and shape to `out`; false, with what is wrong in `err`, otherwise.
bool safetensors_copy(const SafeTensors *content, const FileTensor *wanted, void *out, Error *err);

// Whether all numbers of an F32 tensor are finite and, with `at_least_0`, none is below 0; otherwise `err` names the
// first that is not.
bool safetensors_check(const FileTensor *tensor, bool at_least_0, Error *err);

// The tensor of that name, or NULL.
const FileTensor *safetensors_find(const SafeTensors *content, const char *name);

// How many numbers a tensor has.
size_t file_tensor_count(const FileTensor *tensor);

#endif
