// One pool of POSIX threads that computes the pieces of a range in parallel. The threads start with the first range.
// Between ranges they spin briefly and then sleep.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { POOL_MAX_THREADS = 1024 };

// Computes the items [begin, end) of a range.
typedef void PoolWork(void *context, size_t begin, size_t end);

// Computes n items in `parts` pieces with borders at multiples of `unit`, and returns when all are done. The caller and
// up to n_threads - 1 threads of the pool take one piece after another; the result must not depend on who takes which.
void pool_run(size_t n_threads, size_t n, size_t unit, size_t parts, PoolWork *work, void *context);

// Returns false if the caller had better compute the next range alone, because other programs keep the pool's threads
// from their cores. Call it once per range.
bool pool_is_free(void);

// Ends the pool's threads; the next pool_run starts new ones.
void pool_stop(void);
