// What the fuzz targets share (make fuzz; LLVM's libFuzzer). A target is a LLVMFuzzerTestOneInput: any bytes may end in
// an error value and nothing else; what a promise of nomen's forbids ends the process through fuzz_expect.
#ifndef NOMEN_TESTS_FUZZ_H
#define NOMEN_TESTS_FUZZ_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

// libFuzzer's interface, for which it has no header in C.
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t n, size_t max);

// The path of a file in memory that holds these bytes until the next call.
const char *fuzz_file(const uint8_t *data, size_t n);

// The same as standard input, from its beginning.
void fuzz_input(const uint8_t *data, size_t n);

// Ends the process, with what was expected, where it does not hold.
void fuzz_expect(bool holds, const char *what, const Error *err);

#endif
