// Threads that share out a range: POSIX threads, started when the first range is worth it, that wait for the next range
// awake for a moment and then asleep. There is one pool, part of the kernel table in use.
#ifndef NOMEN_KERNELS_POOL_H
#define NOMEN_KERNELS_POOL_H

#include <stdbool.h>
#include <stddef.h>

enum { POOL_MAX_THREADS = 1024 };

// Does the items [begin, end) of a range.
typedef void PoolWork(void *context, size_t begin, size_t end);

// Does all n items, in `parts` pieces whose borders are multiples of `unit`: the caller and up to n_threads - 1 threads
// of the pool take one piece after another. Returns when all are done. Which thread did which item must not matter.
void pool_run(size_t n_threads, size_t n, size_t unit, size_t parts, PoolWork *work, void *context);

// False where the pool's threads have lately kept a caller waiting, because other programs have their cores: then it is
// better to do the next range alone. It is asked once for each range.
bool pool_is_free(void);

// Ends the pool's threads; the next pool_run starts new ones.
void pool_stop(void);

#endif
