// Asks the engine whether this build's multiply-add rounds once.
#include "kernels/simd.h"
#include "web/answer.h"

EXPORT(page_fuses) bool page_fuses(float almost) {
    // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24, whose last term a product rounded to float loses.
    const float a = 1 + almost, c = -(1 + 2 * almost);
    return v16_fold_max(v16_fma(v16_set1(a), v16_set1(a), v16_set1(c))) > 0;
}
