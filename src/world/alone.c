// A world of one process, in nomen.
#include "world/world.h"

void world_begin(void) {}
void world_end(void) {}
World world_here(void) { return WORLD_ALONE; }
bool world_may_fork(void) { return true; }

void world_fill(World world, void *bytes, size_t size_bytes) {
    (void)world;
    (void)bytes;
    (void)size_bytes;
}

void world_add(World world, uint64_t *numbers, size_t n) { world_fill(world, numbers, n); }
void world_hand_out(World world, void *bytes, size_t size_bytes) { world_fill(world, bytes, size_bytes); }

void world_deal(World world, size_t n, const float *array, float *received) {
    (void)world;
    (void)n;
    (void)array;
    (void)received;
}

void world_collect(World world, size_t n, float *array) { world_fill(world, array, n); }

void world_send(World world, size_t to, const void *message, size_t size_bytes) {
    (void)world;
    (void)to;
    (void)message;
    (void)size_bytes;
}

bool world_receive(World world, bool waits, void *message, size_t size_bytes, size_t *from) {
    (void)waits;
    (void)from;
    world_fill(world, message, size_bytes);
    return false;
}

bool world_meet(World world, size_t *number) {
    world_fill(world, number, sizeof *number);
    return true;
}

void world_end_all(int status) { (void)status; }
