#include "kernels/pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

// How often a thread looks for the next range before it goes to sleep: some tens of microseconds, about as long as the
// stretches of a training step that one thread does alone.
enum { LOOKS = 3000 };

// Where other programs want the cores, a thread loses its own in the middle of a piece and the caller waits, or the
// caller itself is put aside for a thread that does nothing but look for work. So of every WINDOW ranges it is asked
// how much of the time the caller was at work: below this share the cores are not ours alone.
enum { WINDOW = 32 };
static const double LEAST_SHARE = 0.75;

// After each such window twice as many ranges as before are left to the caller alone, after each good one half as many.
enum { FIRST_PASS = 64, MOST_PASSES = 4096 };
static size_t n_passed, n_to_pass;

static struct {
    size_t n; // ranges so far
    double began, cpu_began, waited;
} window;

// The range in work is one word, so that a piece is taken by one exchange, which fails where anything has changed: how
// many pieces it has, and how many are taken from its front and from its back. The caller takes from the front and the
// others from the back, so that a core meets the rows it has in its cache again in the next range.
static _Atomic uint64_t range;
static _Atomic size_t n_done; // pieces of the range that are finished
static _Atomic bool stopping;

// Written by the caller before `range` names them, and left alone until all pieces are done.
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

// Takes and does one piece; false where there is none.
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
    size_t looks = 0;
    while (!atomic_load_explicit(&stopping, memory_order_acquire)) {
        if (take_piece(BACK)) {
            looks = 0;
        } else if (++looks < LOOKS) {
            pause_briefly();
        } else {
            pthread_mutex_lock(&mutex);
            while (!has_pieces(atomic_load(&range)) && !atomic_load(&stopping)) pthread_cond_wait(&wake, &mutex);
            pthread_mutex_unlock(&mutex);
            looks = 0;
        }
    }
    return NULL;
}

// A thread that cannot be started is done without.
static void start_threads(size_t n) {
    while (n_started < n && pthread_create(&threads[n_started], NULL, serve, NULL) == 0) n_started++;
}

static double seconds_of(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

bool pool_is_free(void) {
    if (n_passed == n_to_pass) return true;
    n_passed++;
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
    bool is_ours = worked > LEAST_SHARE * passed;
    n_to_pass = is_ours ? n_to_pass / 2 : 2 * n_to_pass + FIRST_PASS;
    if (n_to_pass > MOST_PASSES) n_to_pass = MOST_PASSES;
    n_passed = is_ours ? n_to_pass : 0; // good: remembered, but not served once more
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
    double done_alone = seconds_of(CLOCK_MONOTONIC);
    for (size_t looks = 0; atomic_load_explicit(&n_done, memory_order_acquire) < parts; looks++)
        if (looks < LOOKS)
            pause_briefly();
        else
            sched_yield();
    window.waited += seconds_of(CLOCK_MONOTONIC) - done_alone;
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
