// The processes that work on one command together, in MPI's terms: each has a rank below the size of their world. This
// is all that nomen knows of MPI. nomen contains alone.c, a world of one process; nomen-mpi contains mpi.c instead, the
// processes that mpirun started.
#pragma once

#include "base/error.h"

#include <stdint.h>

typedef struct World {
    size_t rank, size;
} World;

// A process that works by itself, such as on a run of its own. Functions below do nothing in such a world.
#define WORLD_ALONE ((World){.size = 1})

// Joins the world; call it first. Standard output of every process but rank 0 goes nowhere from then on.
void world_begin(void);

// Leaves the world, once all processes do.
void world_end(void);

// Returns the world that this process is in.
World world_here(void);

// Returns true if a process of this world may fork. Those that MPI connects must not.
bool world_may_fork(void);

// Makes every byte the bits that any process has set. So it fills in an array if all processes but one have 0 there.
void world_fill(World world, void *bytes, size_t size_bytes);

// Adds up n numbers of all processes, each by itself.
void world_add(World world, uint64_t *numbers, size_t n);

// Copies the bytes of rank 0 to all processes.
void world_hand_out(World world, void *bytes, size_t size_bytes);

// Deals out an array of size * n floats: each process receives its n, at index rank * n, from the arrays of all:
// received (size, n).
void world_deal(World world, size_t n, const float *array, float *received);

// Collects an array of size * n floats, of which each process has its n in place.
void world_collect(World world, size_t n, float *array);

// Sends a message to another process, or receives the next one from any process, whose rank becomes *from. Unless it
// `waits`, world_receive returns false if there is no message. A process that waits uses hardly any processor time. A
// message has at most size_bytes.
void world_send(World world, size_t to, const void *message, size_t size_bytes);
bool world_receive(World world, bool waits, void *message, size_t size_bytes, size_t *from);

// Returns true if all processes are ok. Otherwise sets err, in those that are ok themselves, to ERROR_ELSEWHERE.
bool world_agree(World world, bool ok, Error *err);

// Returns true if the bytes are those of rank 0. `what` names them for errors.
bool world_agree_on(World world, const char *what, const void *bytes, size_t size_bytes, Error *err);

// Makes ok and its error those of rank 0, for which the others wait as for a message. Returns that ok.
bool world_follow(World world, bool ok, Error *err);

// Waits up to two seconds for all processes to call this. Returns false if they do not. *number becomes the lowest of
// all.
bool world_meet(World world, size_t *number);

// Ends all processes at once.
void world_end_all(int status);
