#include "base/hash.h"

#include <sys/random.h>
#include <unistd.h>

bool hash_draw_base(uint64_t *base, Error *err) {
    if (getentropy(base, sizeof *base) != 0) return error_system(err, "random bytes for a hash table");
    *base = 1 + *base % (((uint64_t)1 << 60) - 1);
    return true;
}
