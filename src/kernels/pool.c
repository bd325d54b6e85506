#include "kernels/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

// How often a thread polls for the next range before it sleeps: tens of microseconds, about as long as the stretches of
// a training step that run on one thread.
enum { POLLS = 3000 };

// If other programs use the cores, a thread loses its core in the middle of a piece and the caller waits, or the caller
// loses its core to a thread that only polls. So after every WINDOW ranges the pool compares the caller's working time
// with the time that passed. Below LEAST_SHARE the caller computes the next ranges alone: FIRST_ALONE of them at first,
// twice as many after each further bad window, half as many after each good one.
enum { WINDOW = 32, FIRST_ALONE = 64, MOST_ALONE = 4096 };
static const double LEAST_SHARE = 0.75;
static size_t n_alone, alone_limit;

static struct {
    size_t n; // ranges so far
    double began, cpu_began, waited;
} window;

// The current range in one word, so that one compare-and-swap takes a piece: the number of pieces, and the numbers
// taken from the front and from the back. The caller takes from the front and the others from the back, so that each
// core finds rows of the last range in its cache.
static _Atomic uint64_t range;
static _Atomic size_t n_done; // finished pieces of the range
static _Atomic bool stopping;

// Set before `range` and constant until all pieces are done.
static struct {
    PoolWork *work;
    void *context;
    size_t n, unit;
} job;

static pthread_t threads[POOL_MAX_THREADS];
static size_t n_started;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

enum { FRONT_BIT = 16, PARTS_BIT = 32, COUNT_MASK = 0xFFFF };

typedef enum End { FRONT, BACK } End;

static size_t pieces_in(uint64_t word) { return word >> PARTS_BIT; }
static size_t pieces_taken(uint64_t word, End from) { return word >> (from == FRONT ? FRONT_BIT : 0) & COUNT_MASK; }
static bool has_pieces(uint64_t word) { return pieces_taken(word, FRONT) + pieces_taken(word, BACK) < pieces_in(word); }

static void do_piece(size_t piece, size_t parts) {
    size_t units = (job.n + job.unit - 1) / job.unit;
    size_t begin = units * piece / parts * job.unit, end = units * (piece + 1) / parts * job.unit;
    if (end > job.n) end = job.n;
    if (end > begin) job.work(job.context, begin, end);
    atomic_fetch_add_explicit(&n_done, 1, memory_order_release);
}

// Takes and computes one piece. Returns false if none is left.
static bool take_piece(End from) {
    const uint64_t one = from == FRONT ? 1 << FRONT_BIT : 1;
    uint64_t word = atomic_load_explicit(&range, memory_order_acquire);
    while (has_pieces(word)) {
        if (!atomic_compare_exchange_weak_explicit(&range, &word, word + one, memory_order_acquire,
                                                   memory_order_acquire))
            continue;
        size_t taken = pieces_taken(word, from), parts = pieces_in(word);
        do_piece(from == FRONT ? taken : parts - 1 - taken, parts);
        return true;
    }
    return false;
}

static void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

static void *serve(void *unused) {
    (void)unused;
    size_t polls = 0;
    while (!atomic_load_explicit(&stopping, memory_order_acquire)) {
        if (take_piece(BACK)) {
            polls = 0;
        } else if (++polls < POLLS) {
            pause_briefly();
        } else {
            pthread_mutex_lock(&mutex);
            while (!has_pieces(atomic_load(&range)) && !atomic_load(&stopping)) pthread_cond_wait(&wake, &mutex);
            pthread_mutex_unlock(&mutex);
            polls = 0;
        }
    }
    return NULL;
}

// Makes do with fewer threads if one cannot start.
static void start_threads(size_t n) {
    while (n_started < n && pthread_create(&threads[n_started], NULL, serve, NULL) == 0) n_started++;
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

bool pool_is_free(void) {
    if (n_alone == alone_limit) return true;
    n_alone++;
    return false;
}

static void open_window(void) {
    window.n = 0;
    window.waited = 0;
    window.began = seconds_of(CLOCK_MONOTONIC);
    window.cpu_began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

static void judge_window(void) {
    double passed = seconds_of(CLOCK_MONOTONIC) - window.began;
    double worked = seconds_of(CLOCK_THREAD_CPUTIME_ID) - window.cpu_began - window.waited;
    bool is_good = worked > LEAST_SHARE * passed;
    alone_limit = is_good ? alone_limit / 2 : 2 * alone_limit + FIRST_ALONE;
    if (alone_limit > MOST_ALONE) alone_limit = MOST_ALONE;
    n_alone = is_good ? alone_limit : 0; // a good window only remembers the limit
    window.n = 0;
}

void pool_run(size_t n_threads, size_t n, size_t unit, size_t parts, PoolWork *work, void *context) {
    if (n_threads > POOL_MAX_THREADS) n_threads = POOL_MAX_THREADS;
    if (parts > COUNT_MASK) parts = COUNT_MASK;
    if (n_started + 1 < n_threads) start_threads(n_threads - 1);
    if (window.n == 0) open_window();
    job.work = work;
    job.context = context;
    job.n = n;
    job.unit = unit;
    atomic_store_explicit(&n_done, 0, memory_order_relaxed);
    pthread_mutex_lock(&mutex);
    atomic_store_explicit(&range, (uint64_t)parts << PARTS_BIT, memory_order_release);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&mutex);
    while (take_piece(FRONT)) {}
    double wait_began = seconds_of(CLOCK_MONOTONIC);
    for (size_t polls = 0; atomic_load_explicit(&n_done, memory_order_acquire) < parts; polls++)
        if (polls < POLLS)
            pause_briefly();
        else
            sched_yield();
    window.waited += seconds_of(CLOCK_MONOTONIC) - wait_began;
    if (++window.n == WINDOW) judge_window();
}

void pool_stop(void) {
    pthread_mutex_lock(&mutex);
    atomic_store(&stopping, true);
    pthread_cond_broadcast(&wake);
    pthread_mutex_unlock(&mutex);
    for (size_t i = 0; i < n_started; i++) pthread_join(threads[i], NULL);
    n_started = 0;
    atomic_store(&stopping, false);
}
