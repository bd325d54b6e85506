// Threads for the kernel table: they share the rows, columns or elements of large outputs, never the terms of a sum, so
// any number of threads gives the bits of one.
#pragma once

#include "kernels/kernels.h"

// Returns the number of online processors, or 1 if the system does not say.
size_t kernels_processors(void);

// Makes `kernels` use up to n threads, or as many as there are processors if n is 0. Call it after kernels_select.
// Small work stays on the calling thread; no thread starts before there is large work.
void kernels_use_threads(size_t n);
