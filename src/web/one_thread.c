// kernels/threads.h for a program without threads.
#include "kernels/threads.h"

size_t kernels_threads(void) { return 1; }

void kernels_run(size_t n, PoolWork *work, void *context) {
    for (size_t i = 0; i < n; i++) work(context, i, i + 1);
}
