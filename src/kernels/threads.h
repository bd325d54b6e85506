// Several threads behind the kernel table: the entries whose work is worth it are shared out by rows, by columns or by
// elements of what they write, never by terms of a sum, so the bits are those of one thread.
#ifndef NOMEN_KERNELS_THREADS_H
#define NOMEN_KERNELS_THREADS_H

#include "kernels/kernels.h"

// The processors that are online, 1 where the system does not say.
size_t kernels_processors(void);

// From now on `kernels` uses at most n threads, as many as there are processors where n is 0. Called after
// kernels_select. Small work stays with the calling thread alone, and no thread is started before there is large work.
void kernels_use_threads(size_t n);

#endif
