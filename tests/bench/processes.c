// Measures a training step of several processes and its parts. Usage: mpirun nomen-bench-mpi CONFIG [KEY=VALUE...]
// Rank 0 prints seconds: of a step, of drawing and fetching its examples, of adding up the gradients, of the update,
// and of the smallest message to all; then the parameters and the bytes fetched.
#include "kernels/threads.h"
#include "train/trainer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOWS = 40, MOST_CHANGES = 16 };

static const double WINDOW_SECONDS = 0.02;

typedef struct Bench {
    Config config;
    Dataset dataset;
    Trainer trainer;
    Error err;
} Bench;

static double now_seconds(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void do_step(Bench *bench) {
    trainer_backward(&bench->trainer);
    trainer_update(&bench->trainer, 1e-9);
}
static void do_draw(Bench *bench) { examples_draw(&bench->trainer.examples, &bench->trainer.state.rng); }
static void do_add(Bench *bench) { shard_sum_add(&bench->trainer.lanes.sum, bench->trainer.lanes.grads); }
static void do_update(Bench *bench) { trainer_update(&bench->trainer, 0); }
static void do_message(Bench *bench) {
    uint64_t number = 0;
    world_fill(bench->dataset.world, &number, sizeof number);
}

// Returns the seconds of a call in the fastest of several windows, each of the same number of calls in all processes.
static double measure(Bench *bench, void (*work)(Bench *bench)) {
    const World world = bench->dataset.world;
    double fastest = 1e9, begun = now_seconds();
    work(bench);
    uint64_t n = 1 + (uint64_t)(WINDOW_SECONDS / (now_seconds() - begun));
    world_hand_out(world, &n, sizeof n);
    for (int w = 0; w < WINDOWS; w++) {
        do_message(bench);
        begun = now_seconds();
        for (uint64_t i = 0; i < n; i++) work(bench);
        double seconds = (now_seconds() - begun) / (double)n;
        if (seconds < fastest) fastest = seconds;
    }
    return fastest;
}

static bool create(Bench *bench, int argc, char **argv, Arena *arena) {
    const char *set[MOST_CHANGES];
    ConfigChanges changes = {.n = (size_t)argc - 2, .set = set};
    Error *err = &bench->err;
    for (int i = 2; i < argc; i++) set[i - 2] = argv[i];
    return config_open(&bench->config, argv[1], &changes, arena, err) &&
           dataset_load(&bench->dataset, &bench->config.data, world_here(), NULL, arena, err) &&
           trainer_create(&bench->trainer, &bench->config, &bench->dataset, false, arena, err);
}

int main(int argc, char **argv) {
    static Bench bench;
    Arena arena = {0};
    world_begin();
    const char *threads = getenv("THREADS");
    bool ok = argc >= 2 && argc - 2 <= MOST_CHANGES && kernels_select(getenv("NOMEN_ISA"), &bench.err);
    if (ok) kernels_use_threads(threads ? (size_t)atoi(threads) : 1);
    ok = ok && create(&bench, argc, argv, &arena);
    if (ok) {
        const Trainer *trainer = &bench.trainer;
        const double step = measure(&bench, do_step), draw = measure(&bench, do_draw), add = measure(&bench, do_add),
                     update = measure(&bench, do_update), message = measure(&bench, do_message);
        printf("%.9g %.9g %.9g %.9g %.9g %zu %zu\n", step, draw, add, update, message, trainer->model.network.n_slab,
               trainer->examples.n * trainer->examples.width * sizeof *trainer->examples.fetched);
    } else {
        fprintf(stderr, "nomen-bench-mpi: %s\n", bench.err.text);
    }
    kernels_use_threads(1);
    arena_free(&arena);
    world_end();
    return !ok;
}
