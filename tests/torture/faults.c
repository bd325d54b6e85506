// What stands between nomen and the system in the build for torture: every call of the program's own code that is named
// in the Makefile's `faulty_calls` comes here (the linker's --wrap), and so do cJSON's allocations. The environment
// says what is to go wrong:
//
//   NOMEN_FAULT=fail:N     the N-th call fails, as it might on a bad day
//   NOMEN_FAULT=kill:N     the process is killed instead of the N-th call that changes a file or directory
//   NOMEN_FAULT=torn:N     the same, but where it is a write, half of it is written first
//   NOMEN_FAULT=bits       every read and write moves a few bytes only, and about every second one is interrupted first
//   NOMEN_FAULT=late:F     between opening the first lock's file and locking it F is made, and its end waited for
//   NOMEN_FAULT=note       nothing; noted is each call that comes on another way from main than all before it
//   NOMEN_FAULT_KNOWN=F    instead, each call on whose way a place is that is not in the file F, which then has them
//   all NOMEN_FAULT_REPORT=F   at its end the process writes to F how many calls it made, how many of them changed
//                          something, how many pieces of memory and descriptors it has not given back, how often a sync
//                          was missing, and whether a call failed that nobody may pass over; then the calls that were
//                          noted
#include <cJSON.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

enum { FEW_BYTES = 7 };

static struct {
    bool bits, tears;
    unsigned long fail, kill; // the number of the call, or 0
    const char *known_path, *late_path;
    atomic_ulong calls, changes, live;
    atomic_bool is_grave; // what failed leaves a file, or a lock, other than it seems
} plan;

int __real_open(const char *path, int flags, mode_t mode);
ssize_t __real_read(int descriptor, void *bytes, size_t n);
ssize_t __real_write(int descriptor, const void *bytes, size_t n);
int __real_close(int descriptor);
int __real_fsync(int descriptor);
int __real_fchmod(int descriptor, mode_t mode);
int __real_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_mkdir(const char *path, mode_t mode);
int __real_fstat(int descriptor, struct stat *info);
int __real_stat(const char *path, struct stat *info);
int __real_lstat(const char *path, struct stat *info);
int __real_ftruncate(int descriptor, off_t length);
ssize_t __real_pread(int descriptor, void *bytes, size_t n, off_t at);
ssize_t __real_pwrite(int descriptor, const void *bytes, size_t n, off_t at);
int __real_flock(int descriptor, int operation);
int __real_rmdir(const char *path);
char *__real_realpath(const char *path, char *resolved);
DIR *__real_opendir(const char *path);
struct dirent *__real_readdir(DIR *dir);
int __real_pipe(int ends[2]);
int __real_poll(struct pollfd *polled, nfds_t n, int timeout_ms);
pid_t __real_fork(void);
int __real_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int __real_getentropy(void *bytes, size_t n);
void *__real_calloc(size_t n, size_t size);
void __real_free(void *memory);

int __wrap_open(const char *path, int flags, mode_t mode);
ssize_t __wrap_read(int descriptor, void *bytes, size_t n);
ssize_t __wrap_write(int descriptor, const void *bytes, size_t n);
int __wrap_close(int descriptor);
int __wrap_fsync(int descriptor);
int __wrap_fchmod(int descriptor, mode_t mode);
int __wrap_rename(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_mkdir(const char *path, mode_t mode);
int __wrap_fstat(int descriptor, struct stat *info);
int __wrap_stat(const char *path, struct stat *info);
int __wrap_lstat(const char *path, struct stat *info);
int __wrap_ftruncate(int descriptor, off_t length);
ssize_t __wrap_pread(int descriptor, void *bytes, size_t n, off_t at);
ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t n, off_t at);
int __wrap_flock(int descriptor, int operation);
int __wrap_rmdir(const char *path);
char *__wrap_realpath(const char *path, char *resolved);
DIR *__wrap_opendir(const char *path);
struct dirent *__wrap_readdir(DIR *dir);
int __wrap_pipe(int ends[2]);
int __wrap_poll(struct pollfd *polled, nfds_t n, int timeout_ms);
pid_t __wrap_fork(void);
int __wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument);
int __wrap_getentropy(void *bytes, size_t n);
void *__wrap_calloc(size_t n, size_t size);
void __wrap_free(void *memory);

// What calls have been made from, shared with the processes that are forked, whose calls are counted on from their
// parent's: ways from main, told by all their return addresses at once, or the return addresses one by one.
enum { MOST_KNOWN = 1 << 16, MOST_FRAMES = 64 };

typedef struct Noted {
    _Atomic(uint64_t) known[MOST_KNOWN]; // 0 is none
    atomic_ulong calls[MOST_KNOWN], n_calls;
} Noted;

static Noted *noted;

typedef struct Stack {
    size_t n;
    uint64_t frames[MOST_FRAMES];
} Stack;

static _Unwind_Reason_Code add_frame(struct _Unwind_Context *context, void *out) {
    extern const char __executable_start[];
    Stack *stack = out;
    if (stack->n < MOST_FRAMES) stack->frames[stack->n++] = _Unwind_GetIP(context) - (uintptr_t)__executable_start;
    return _URC_NO_REASON;
}

static bool is_new(uint64_t item) {
    for (size_t at = item % MOST_KNOWN;; at = (at + 1) % MOST_KNOWN) {
        uint64_t none = 0;
        if (atomic_compare_exchange_strong(&noted->known[at], &none, item)) return true;
        if (none == item) return false;
    }
}

static void note(unsigned long call) {
    Stack stack = {0};
    uint64_t way = 0xCBF29CE484222325; // FNV-1a, a frame at a time
    bool notes = false;
    _Unwind_Backtrace(add_frame, &stack);
    for (size_t i = 0; i < stack.n; i++) {
        way = (way ^ stack.frames[i]) * 0x100000001B3;
        if (plan.known_path) notes = is_new(stack.frames[i]) || notes;
    }
    if (!plan.known_path) notes = is_new(way);
    if (notes) atomic_store(&noted->calls[atomic_fetch_add(&noted->n_calls, 1)], call);
}

// True where this call is to fail, with that errno.
static bool fails(int number) {
    unsigned long call = atomic_fetch_add(&plan.calls, 1) + 1;
    if (noted) note(call);
    if (call != plan.fail) return false;
    errno = number;
    return true;
}

// A call that changes something: as `fails`, but here the process may end.
static bool change_fails(int number) {
    if (atomic_fetch_add(&plan.changes, 1) + 1 == plan.kill) raise(SIGKILL);
    return fails(number);
}

// A call whose failure has to be told, whatever becomes of the rest.
static bool grave_call_fails(int number) {
    if (!change_fails(number)) return false;
    atomic_store(&plan.is_grave, true);
    return true;
}

// With NOMEN_FAULT=bits, about every second call is interrupted by a signal that did nothing else.
static bool is_interrupted(void) {
    static atomic_ulong turn;
    // By no period, or a program that does two things in turn would always be interrupted at the same one.
    if (!plan.bits || (atomic_fetch_add(&turn, 1) * 0x9E3779B97F4A7C15u) >> 63 == 0) return false;
    errno = EINTR;
    return true;
}

// What a power cut would take: a file that was written and closed without a sync, a model that has its name before the
// rows it covers are synced, a name given, or a directory made, without a sync after it of the directory that holds it.
// A kill shows none of them.
enum { MOST_DESCRIPTORS = 64, MOST_DIRS = 16 };
static atomic_bool unsynced[MOST_DESCRIPTORS]; // what has been written through it is on no disk yet
static atomic_ulong n_unsynced;
static struct {
    dev_t device;
    ino_t number; // 0: no directory
} unsynced_dirs[MOST_DIRS];

static void set_unsynced(int descriptor, bool value) {
    if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) atomic_store(&unsynced[descriptor], value);
}

static bool is_unsynced(int descriptor) {
    return descriptor >= 0 && descriptor < MOST_DESCRIPTORS && atomic_load(&unsynced[descriptor]);
}

static void count_unsynced_before_rename(const char *to) {
    size_t n = strlen(to), n_model = strlen("model.safetensors");
    bool is_model = n >= n_model && strcmp(to + n - n_model, "model.safetensors") == 0;
    for (int i = 0; is_model && i < MOST_DESCRIPTORS; i++) atomic_fetch_add(&n_unsynced, is_unsynced(i));
}

// A name was given in the directory that holds `path`.
static void add_unsynced_dir(const char *path) {
    char dir[4096];
    struct stat info;
    const char *slash = strrchr(path, '/');
    snprintf(dir, sizeof dir, "%.*s/.", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (__real_stat(dir, &info) != 0) abort();
    size_t i = 0;
    while (i < MOST_DIRS && unsynced_dirs[i].number != 0) i++;
    if (i == MOST_DIRS) abort();
    unsynced_dirs[i].device = info.st_dev;
    unsynced_dirs[i].number = info.st_ino;
}

static void forget_unsynced_dir(const struct stat *info) {
    for (size_t i = 0; i < MOST_DIRS; i++)
        if (unsynced_dirs[i].device == info->st_dev && unsynced_dirs[i].number == info->st_ino)
            unsynced_dirs[i].number = 0;
}

static unsigned long count_unsynced_dirs(void) {
    unsigned long n = 0;
    for (size_t i = 0; i < MOST_DIRS; i++) n += unsynced_dirs[i].number != 0;
    return n;
}

int __wrap_open(const char *path, int flags, mode_t mode) {
    if (is_interrupted() || fails(EMFILE)) return -1;
    int descriptor = __real_open(path, flags, mode);
    if (descriptor >= 0) atomic_fetch_add(&plan.live, 1);
    return descriptor;
}

ssize_t __wrap_read(int descriptor, void *bytes, size_t n) {
    if (is_interrupted() || fails(EIO)) return -1;
    return __real_read(descriptor, bytes, plan.bits && n > FEW_BYTES ? FEW_BYTES : n);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t n) {
    if (is_interrupted()) return -1;
    if (plan.tears && atomic_load(&plan.changes) + 1 == plan.kill) {
        __real_write(descriptor, bytes, n / 2);
        raise(SIGKILL);
    }
    struct stat info;
    bool is_file = __real_fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
    if (is_file ? grave_call_fails(ENOSPC) : change_fails(ENOSPC)) return -1;
    if (is_file) set_unsynced(descriptor, true);
    return __real_write(descriptor, bytes, plan.bits && n > FEW_BYTES ? FEW_BYTES : n);
}

int __wrap_close(int descriptor) {
    if (is_unsynced(descriptor)) atomic_fetch_add(&n_unsynced, 1);
    set_unsynced(descriptor, false);
    int result = __real_close(descriptor);
    if (result == 0) atomic_fetch_sub(&plan.live, 1);
    return fails(EIO) ? -1 : result; // what was synced is safe, whatever close says
}

int __wrap_fsync(int descriptor) {
    struct stat info;
    if (grave_call_fails(EIO)) return -1;
    set_unsynced(descriptor, false);
    if (__real_fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) forget_unsynced_dir(&info);
    return __real_fsync(descriptor);
}

int __wrap_fchmod(int descriptor, mode_t mode) { return change_fails(EPERM) ? -1 : __real_fchmod(descriptor, mode); }

int __wrap_rename(const char *from, const char *to) {
    if (grave_call_fails(EIO)) return -1;
    count_unsynced_before_rename(to);
    int result = __real_rename(from, to);
    if (result == 0) add_unsynced_dir(to);
    return result;
}

int __wrap_link(const char *from, const char *to) {
    if (change_fails(EIO)) return -1; // a rename does instead
    count_unsynced_before_rename(to);
    int result = __real_link(from, to);
    if (result == 0) add_unsynced_dir(to);
    return result;
}

int __wrap_unlink(const char *path) { return change_fails(EIO) ? -1 : __real_unlink(path); }

int __wrap_mkdir(const char *path, mode_t mode) {
    int result = grave_call_fails(ENOSPC) ? -1 : __real_mkdir(path, mode);
    if (result == 0) add_unsynced_dir(path);
    return result;
}

int __wrap_fstat(int descriptor, struct stat *info) { return fails(EIO) ? -1 : __real_fstat(descriptor, info); }

int __wrap_stat(const char *path, struct stat *info) { return fails(EIO) ? -1 : __real_stat(path, info); }

int __wrap_lstat(const char *path, struct stat *info) { return fails(EIO) ? -1 : __real_lstat(path, info); }

int __wrap_ftruncate(int descriptor, off_t length) {
    return change_fails(EIO) ? -1 : __real_ftruncate(descriptor, length);
}

ssize_t __wrap_pread(int descriptor, void *bytes, size_t n, off_t at) {
    return fails(EIO) ? -1 : __real_pread(descriptor, bytes, n, at);
}

ssize_t __wrap_pwrite(int descriptor, const void *bytes, size_t n, off_t at) {
    return change_fails(ENOSPC) ? -1 : __real_pwrite(descriptor, bytes, n, at);
}

static void come_late(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file || fclose(file) != 0) abort();
    while (access(path, F_OK) == 0) nanosleep(&(struct timespec){0, 10000000}, NULL);
}

int __wrap_flock(int descriptor, int operation) {
    if (plan.late_path) come_late(plan.late_path);
    plan.late_path = NULL;
    if (is_interrupted()) return -1;
    if (fails(ENOLCK)) {
        atomic_store(&plan.is_grave, true);
        return -1;
    }
    return __real_flock(descriptor, operation);
}

int __wrap_rmdir(const char *path) { return change_fails(EIO) ? -1 : __real_rmdir(path); }

char *__wrap_realpath(const char *path, char *resolved) {
    return fails(ENOMEM) ? NULL : __real_realpath(path, resolved);
}

int __wrap_pipe(int ends[2]) {
    int result = fails(EMFILE) ? -1 : __real_pipe(ends);
    if (result == 0) atomic_fetch_add(&plan.live, 2);
    return result;
}

int __wrap_poll(struct pollfd *polled, nfds_t n, int timeout_ms) {
    if (is_interrupted() || fails(ENOMEM)) return -1;
    return __real_poll(polled, n, timeout_ms);
}

pid_t __wrap_fork(void) { return fails(EAGAIN) ? -1 : __real_fork(); }

int __wrap_posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                        const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]) {
    return fails(EAGAIN) ? EAGAIN : __real_posix_spawnp(pid, file, actions, attributes, argv, environment);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    return fails(EAGAIN) ? EAGAIN : __real_pthread_create(thread, attributes, start, argument);
}

DIR *__wrap_opendir(const char *path) { return fails(EMFILE) ? NULL : __real_opendir(path); }

struct dirent *__wrap_readdir(DIR *dir) {
    return fails(EIO) ? NULL : __real_readdir(dir);
}

int __wrap_getentropy(void *bytes, size_t n) { return fails(ENOSYS) ? -1 : __real_getentropy(bytes, n); }

// Memory that is handed out here, so that what the C library gave, such as realpath's, is not counted when it is freed.
enum { MOST_PIECES = 1 << 16 };
static _Atomic(void *) pieces[MOST_PIECES];

static size_t place_of(const void *memory) { return (uintptr_t)memory / 16 % MOST_PIECES; }

static void *count_piece(void *memory) {
    size_t at = place_of(memory);
    if (!memory) return NULL;
    for (void *none = NULL; !atomic_compare_exchange_strong(&pieces[at], &none, memory); none = NULL)
        at = (at + 1) % MOST_PIECES;
    atomic_fetch_add(&plan.live, 1);
    return memory;
}

static void forget_piece(void *memory) {
    // Freed places may lie between a piece and where it belongs: all are looked at, which is fast enough for tests.
    for (size_t i = 0, at = place_of(memory); memory && i < MOST_PIECES; i++, at = (at + 1) % MOST_PIECES) {
        void *piece = memory;
        if (!atomic_compare_exchange_strong(&pieces[at], &piece, NULL)) continue;
        atomic_fetch_sub(&plan.live, 1);
        return;
    }
}

void *__wrap_calloc(size_t n, size_t size) { return fails(ENOMEM) ? NULL : count_piece(__real_calloc(n, size)); }

void __wrap_free(void *memory) {
    forget_piece(memory);
    __real_free(memory);
}

static void *cjson_malloc(size_t n) { return fails(ENOMEM) ? NULL : count_piece(malloc(n)); }

static void report(void) {
    const char *path = getenv("NOMEN_FAULT_REPORT");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%lu %lu %lu %lu %d\n", atomic_load(&plan.calls), atomic_load(&plan.changes), atomic_load(&plan.live),
            atomic_load(&n_unsynced) + count_unsynced_dirs(), atomic_load(&plan.is_grave));
    for (size_t i = 0; noted && i < noted->n_calls; i++) fprintf(file, "%lu\n", atomic_load(&noted->calls[i]));
    fclose(file);
    if (noted && plan.known_path && (file = fopen(plan.known_path, "w"))) {
        fwrite(noted->known, sizeof noted->known, 1, file);
        fclose(file);
    }
}

static void start_noting(void) {
    noted = mmap(NULL, sizeof *noted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (noted == MAP_FAILED) abort();
    plan.known_path = getenv("NOMEN_FAULT_KNOWN");
    FILE *file = plan.known_path ? fopen(plan.known_path, "r") : NULL;
    if (!file) return;
    if (fread(noted->known, sizeof noted->known, 1, file) != 1) abort();
    fclose(file);
}

__attribute__((constructor)) static void read_plan(void) {
    const char *fault = getenv("NOMEN_FAULT");
    cJSON_InitHooks(&(cJSON_Hooks){cjson_malloc, __wrap_free});
    atexit(report);
    if (!fault) return;
    if (strcmp(fault, "note") == 0) {
        start_noting();
        return;
    }
    plan.bits = strcmp(fault, "bits") == 0;
    if (strncmp(fault, "late:", 5) == 0) plan.late_path = fault + 5;
    plan.tears = strncmp(fault, "torn:", 5) == 0;
    if (plan.tears || strncmp(fault, "kill:", 5) == 0) plan.kill = strtoul(fault + 5, NULL, 10);
    if (strncmp(fault, "fail:", 5) == 0) plan.fail = strtoul(fault + 5, NULL, 10);
    if (!plan.bits && !plan.late_path && plan.kill == 0 && plan.fail == 0) abort();
}
