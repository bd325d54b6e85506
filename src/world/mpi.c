// The processes that mpirun started, in nomen-mpi. MPI itself ends all processes if one of its calls fails.
#include "world/world.h"

#include <mpi.h>
#include <stdio.h>
#include <time.h>

enum { TAG_MESSAGE, TAG_MET, TAG_ALL_MET };

// MPI counts in ints.
static const size_t MOST_BYTES = (size_t)1 << 30;

static const double MEETING_SECONDS = 2;

void world_begin(void) {
    int level; // only one thread calls MPI, which every MPI allows
    MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &level);
    if (world_here().rank > 0 && !freopen("/dev/null", "w", stdout)) world_end_all(1);
}

void world_end(void) { MPI_Finalize(); }

World world_here(void) {
    int rank, size;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    return (World){(size_t)rank, (size_t)size};
}

bool world_may_fork(void) { return false; }

void world_fill(World world, void *bytes, size_t size_bytes) {
    unsigned char *at = bytes;
    for (size_t n; world.size > 1 && size_bytes > 0; at += n, size_bytes -= n) {
        n = size_bytes < MOST_BYTES ? size_bytes : MOST_BYTES;
        const size_t word = sizeof(uint64_t), n_words = n / word; // MPI takes as long per byte as per word
        if (n_words > 0) n = n_words * word;
        MPI_Allreduce(MPI_IN_PLACE, at, (int)(n_words > 0 ? n_words : n), n_words > 0 ? MPI_UINT64_T : MPI_BYTE,
                      MPI_BOR, MPI_COMM_WORLD);
    }
}

void world_add(World world, uint64_t *numbers, size_t n) {
    if (world.size > 1) MPI_Allreduce(MPI_IN_PLACE, numbers, (int)n, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
}

void world_hand_out(World world, void *bytes, size_t size_bytes) {
    unsigned char *at = bytes;
    for (size_t n; world.size > 1 && size_bytes > 0; at += n, size_bytes -= n) {
        n = size_bytes < MOST_BYTES ? size_bytes : MOST_BYTES;
        MPI_Bcast(at, (int)n, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
}

void world_deal(World world, size_t n, const float *array, float *received) {
    if (world.size > 1) MPI_Alltoall(array, (int)n, MPI_FLOAT, received, (int)n, MPI_FLOAT, MPI_COMM_WORLD);
}

void world_collect(World world, size_t n, float *array) {
    if (world.size > 1) MPI_Allgather(MPI_IN_PLACE, 0, MPI_FLOAT, array, (int)n, MPI_FLOAT, MPI_COMM_WORLD);
}

void world_send(World world, size_t to, const void *message, size_t size_bytes) {
    if (world.size > 1) MPI_Send(message, (int)size_bytes, MPI_BYTE, (int)to, TAG_MESSAGE, MPI_COMM_WORLD);
}

// MPI's own way of waiting keeps a processor busy.
static void rest(void) { nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); }

bool world_receive(World world, bool waits, void *message, size_t size_bytes, size_t *from) {
    int is_there = 0;
    MPI_Status status;
    if (world.size == 1) return false;
    while (MPI_Iprobe(MPI_ANY_SOURCE, TAG_MESSAGE, MPI_COMM_WORLD, &is_there, &status), !is_there) {
        if (!waits) return false;
        rest();
    }
    MPI_Recv(message, (int)size_bytes, MPI_BYTE, status.MPI_SOURCE, TAG_MESSAGE, MPI_COMM_WORLD, &status);
    *from = (size_t)status.MPI_SOURCE;
    return true;
}

static void send_number(size_t number, size_t to, int tag) {
    MPI_Send(&number, sizeof number, MPI_BYTE, (int)to, tag, MPI_COMM_WORLD);
}

// Receives numbers until there were n or the time is over. *lowest becomes the lowest of them, unless it is lower.
// Returns true if there were n.
static bool await(size_t n, int tag, size_t *lowest, double until) {
    while (n > 0 && MPI_Wtime() < until) {
        int is_there = 0;
        size_t number;
        MPI_Iprobe(MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, &is_there, MPI_STATUS_IGNORE);
        if (!is_there) {
            rest();
            continue;
        }
        MPI_Recv(&number, sizeof number, MPI_BYTE, MPI_ANY_SOURCE, tag, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        if (number < *lowest) *lowest = number;
        n--;
    }
    return n == 0;
}

bool world_meet(World world, size_t *number) {
    const double until = MPI_Wtime() + MEETING_SECONDS;
    if (world.size == 1) return true;
    if (world.rank > 0) {
        send_number(*number, 0, TAG_MET);
        return await(1, TAG_ALL_MET, number, until);
    }
    if (!await(world.size - 1, TAG_MET, number, until)) return false;
    for (size_t rank = 1; rank < world.size; rank++) send_number(*number, rank, TAG_ALL_MET);
    return true;
}

void world_end_all(int status) { MPI_Abort(MPI_COMM_WORLD, status); }
