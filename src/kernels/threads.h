// Threads for the kernel table: they share the rows, columns or elements of large outputs, never the terms of a sum, so
// any number of threads gives the bits of one.
#pragma once

#include "kernels/kernels.h"
#include "kernels/pool.h"

// Returns the number of online processors, or 1 if the system does not say.
size_t kernels_processors(void);

// Makes `kernels` use up to n threads, or as many as there are processors if n is 0. Call it after kernels_select.
// Small work stays on the calling thread; no thread starts before there is large work.
void kernels_use_threads(size_t n);

// Returns the n of kernels_use_threads.
size_t kernels_threads(void);

// Calls work(context, i, i + 1) for each i < n, side by side on the threads. Then `work` uses kernels on one thread
// each; a single piece uses them on all.
void kernels_run(size_t n, PoolWork *work, void *context);
