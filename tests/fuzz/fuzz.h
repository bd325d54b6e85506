// Shared by the fuzz targets (make fuzz; LLVM's libFuzzer). Any input may lead to an error value. A target ends the
// process through fuzz_expect if a promise of nomen is broken.
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

// The interface of libFuzzer, which has no C header for it.
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);

// Returns the path of a file in memory that holds these bytes until the next call.
const char *fuzz_file(const uint8_t *data, size_t n);

// Makes these bytes standard input.
void fuzz_input(const uint8_t *data, size_t n);

// Ends the process with a message unless `holds`. `err` may be NULL.
void fuzz_expect(bool holds, const char *what, const Error *err);
