#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_WORDS = 64, LINE_BYTES = 8192, MATRIX_ALIGN = 64 };

double processor_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

double seconds_each(void (*work)(void *context), void *context, double at_least_s) {
    for (size_t n = 1;; n *= 2) {
        double begin = processor_seconds();
        for (size_t i = 0; i < n; i++) work(context);
        double elapsed_s = processor_seconds() - begin;
        if (elapsed_s >= at_least_s) return elapsed_s / (double)n;
    }
}

static bool respond(size_t n, char **words, Answer answer) {
    char why[WHY_BYTES] = "";
    bool ok = answer(n, words, why);
    if (!ok) printf("error %s", why);
    putchar('\n');
    fflush(stdout);
    return ok;
}

int serve(size_t n, char **words, Answer answer) {
    if (n > 0) return respond(n, words, answer) ? 0 : 1;
    char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin)) {
        char *list[MAX_WORDS];
        size_t count = 0;
        for (char *word = strtok(line, " \n"); word && count < MAX_WORDS; word = strtok(NULL, " \n"))
            list[count++] = word;
        if (count > 0) respond(count, list, answer);
    }
    return 0;
}

static float *random_matrix(size_t n) {
    size_t bytes = (n * sizeof(float) + MATRIX_ALIGN - 1) / MATRIX_ALIGN * MATRIX_ALIGN;
    float *x = aligned_alloc(MATRIX_ALIGN, bytes);
    for (size_t i = 0; x && i < n; i++) x[i] = (float)rand() / (float)RAND_MAX * 2 - 1;
    return x;
}

bool product_create(Product *product, size_t n_words, char **words) {
    if (n_words != 4 || strlen(words[0]) != 2) return false;
    size_t size[3];
    for (size_t i = 0; i < 3; i++) {
        size[i] = (size_t)strtoul(words[i + 1], NULL, 10);
        if (size[i] == 0) return false;
    }
    *product = (Product){.first = words[0][0], .second = words[0][1], .m = size[0], .n = size[1], .k = size[2]};
    product->a = random_matrix(product->m * product->k);
    product->b = random_matrix(product->k * product->n);
    product->c = random_matrix(product->m * product->n);
    if (product->a && product->b && product->c) return true;
    product_free(product);
    return false;
}

void product_free(Product *product) {
    free(product->a);
    free(product->b);
    free(product->c);
}
