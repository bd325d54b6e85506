#include "base/entropy.h"

#include <sys/random.h>
#include <unistd.h>

bool entropy_draw(uint64_t *bits, Error *err) {
    return getentropy(bits, sizeof *bits) == 0 || error_system(err, "random bytes");
}
