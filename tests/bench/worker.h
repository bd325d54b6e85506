// Shared by the measuring programs: a clock, answers to requests, matrices. A worker stays alive between requests, so
// that loading is not measured and two workers can take turns.
#pragma once

#include <stdbool.h>
#include <stddef.h>

// Processor time of this process, which works on one thread: other programs do not count.
double processor_seconds(void);

// Seconds of the processor per call of `work`. Rounds of 1, 2, 4, ... calls run until one takes at_least_s; that round
// counts, the earlier ones are the warm-up.
double seconds_each(void (*work)(void *context), void *context, double at_least_s);

// Does what the n words of a request ask and prints one line, without the newline. Returns false, with the reason in
// `why` (WHY_BYTES), if nothing was printed.
typedef bool (*Answer)(size_t n, char **words, char *why);

enum { WHY_BYTES = 1024 };

// Answers one request of n words or, if n is 0, each line of standard input. A request that fails answers "error WHY".
// Returns the exit status: 1 if the one request failed.
int serve(size_t n, char **words, Answer answer);

// The matrices of a request "gemm nn M N K", filled with numbers in [-1, 1).
typedef struct Product {
    char first, second; // 't' if A, if B is taken transposed, else 'n'
    size_t m, n, k;
    float *a, *b, *c;
} Product;

bool product_create(Product *product, size_t n_words, char **words);
void product_free(Product *product);

// Floating-point operations per second of one core, by independent fused multiply-adds on vectors as wide as those of
// the named kernel table. "scalar" measures fmaf of the C library.
double fma_peak(const char *table);
