#include "base/hash.h"

#include "base/entropy.h"

bool hash_draw_base(uint64_t *base, Error *err) {
    if (!entropy_draw(base, err)) return false;
    *base = 1 + *base % (((uint64_t)1 << 60) - 1);
    return true;
}
