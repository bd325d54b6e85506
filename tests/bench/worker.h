// What the measuring programs share: a clock, and answers to requests. A worker stays alive while the driver (bench.py)
// asks, so that loading is never measured and two workers can take turns.
#ifndef NOMEN_BENCH_WORKER_H
#define NOMEN_BENCH_WORKER_H

#include <stdbool.h>
#include <stddef.h>

// The processor's time for this process, which does its work on one thread: what other programs take is left out.
double processor_seconds(void);

// Seconds of the processor that one call of `work` takes: the mean of as many calls, 1, 2, 4, ..., as together last at
// least_s. The rounds before the last are the warm-up.
double seconds_each(void (*work)(void *context), void *context, double at_least_s);

// What the words of a request ask for, done and printed as one line, without the newline. Where false, nothing was
// printed and `why` (of WHY_BYTES) says why.
typedef bool (*Answer)(size_t n, char **words, char *why);

enum { WHY_BYTES = 1024 };

// Answers one request made of the n words, or, where n is 0, each line of standard input. A request that fails answers
// "error WHY". The exit status: 1 where the one request failed.
int serve(size_t n, char **words, Answer answer);

// A gemm request's words, "nn M N K": the matrices, filled with numbers in [-1, 1). False where they are not such.
typedef struct Product {
    char first, second; // 'n' or 't': is A, is B taken transposed
    size_t m, n, k;
    float *a, *b, *c;
} Product;

bool product_create(Product *product, size_t n_words, char **words);
void product_free(Product *product);

#endif
