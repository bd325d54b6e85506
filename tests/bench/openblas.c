// OpenBLAS on one thread, the peer of nomen-bench's "gemm". Built if the library is found; declares its functions
// itself, so that the headers are not needed.
#include "worker.h"

#include <stdio.h>
#include <string.h>

enum { ROW_MAJOR = 101, NOT_TRANSPOSED = 111, TRANSPOSED = 112 }; // numbered by the CBLAS standard

extern void cblas_sgemm(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                        int a_row, const float *b, int b_row, float beta, float *c, int c_row);
extern void openblas_set_num_threads(int threads);
extern char *openblas_get_config(void);

static void multiply(void *context) {
    const Product *p = context;
    bool turn_a = p->first == 't', turn_b = p->second == 't';
    int m = (int)p->m, n = (int)p->n, k = (int)p->k;
    // As in training, a weight's gradient (A transposed) is added to C.
    cblas_sgemm(ROW_MAJOR, turn_a ? TRANSPOSED : NOT_TRANSPOSED, turn_b ? TRANSPOSED : NOT_TRANSPOSED, m, n, k, 1, p->a,
                turn_a ? m : k, p->b, turn_b ? k : n, turn_a ? 1 : 0, p->c, n);
}

static bool answer(size_t n, char **words, char *why) {
    Product product;
    if (strcmp(words[0], "version") == 0) return fputs(openblas_get_config(), stdout) >= 0;
    if (strcmp(words[0], "gemm") != 0 || !product_create(&product, n - 1, words + 1)) {
        snprintf(why, WHY_BYTES, "expected version, or gemm nn|tn|nt M N K");
        return false;
    }
    printf("%.9g %zu", seconds_each(multiply, &product, 0.01), 2 * product.m * product.n * product.k);
    product_free(&product);
    return true;
}

int main(int argc, char **argv) {
    openblas_set_num_threads(1);
    return serve((size_t)argc - 1, argv + 1, answer);
}
