// What processes agree on, by the calls that alone.c and mpi.c implement.
#include "base/sha256.h"
#include "world/world.h"

#include <string.h>

bool world_agree(World world, bool ok, Error *err) {
    uint64_t n_failed = !ok;
    world_add(world, &n_failed, 1);
    if (ok && n_failed > 0) error_fill(err, ERROR_ELSEWHERE, "another process failed");
    return n_failed == 0;
}

bool world_agree_on(World world, const char *what, const void *bytes, size_t size_bytes, Error *err) {
    char own[SHA256_HEX_BYTES], first[SHA256_HEX_BYTES];
    sha256_hex(bytes, size_bytes, own);
    memcpy(first, own, sizeof first);
    world_hand_out(world, first, sizeof first);
    bool ok = strcmp(own, first) == 0;
    if (!ok)
        error_set(err, "process %zu: its %s differs from that of process 0 (SHA-256 %.8s, not %.8s)", world.rank, what,
                  own, first);
    return world_agree(world, ok, err);
}

typedef struct Outcome {
    bool ok;
    Error error;
} Outcome;

bool world_follow(World world, bool ok, Error *err) {
    Outcome outcome = {ok, *err};
    size_t from;
    if (world.rank > 0) world_receive(world, true, &outcome, sizeof outcome, &from);
    for (size_t to = 1; world.rank == 0 && to < world.size; to++) world_send(world, to, &outcome, sizeof outcome);
    *err = outcome.error;
    return outcome.ok;
}
