// Wraps the system calls of the program (`faulty_calls` in tests/tests.mk, by the linker's --wrap) and cJSON's
// allocations, so that tests can make each call fail, or kill the process at it. NOMEN_FAULT selects the fault:
//
//   fail:N   the N-th call fails
//   kill:N   the process is killed before the N-th call that changes a file or directory
//   torn:N   likewise, but if the call is a write, half of the bytes are written first
//   bits     each read and write moves a few bytes only
//   late:F   before the first lock is taken the process creates the file F and waits until another process removes it
//   note     nothing fails; the report lists each call whose stack of callers is new, or, with NOMEN_FAULT_KNOWN=F,
//            each call with a caller that is not in the file F, and then adds these callers to F
//
// With NOMEN_FAULT_REPORT=F the process writes a report to F when it ends: the number of calls, of calls that change
// something, of allocations and descriptors still held, of missing syncs, whether a call failed whose failure must be
// reported, and the numbers of the noted calls.
#include <cJSON.h>
#include <dirent.h>
#include <errno.h>
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
    atomic_bool is_grave; // a call failed whose failure must be reported
} plan;

#define WRAPPED(type, name, parameters) \
    type __real_##name parameters;      \
    type __wrap_##name parameters

// A wrapper that does nothing but fail: returns `error` if `failing` is true.
#define CAN_FAIL(type, name, parameters, arguments, failing, error) \
    WRAPPED(type, name, parameters);                                \
    type __wrap_##name parameters { return failing ? error : __real_##name arguments; }

WRAPPED(int, open, (const char *path, int flags, mode_t mode));
WRAPPED(ssize_t, read, (int descriptor, void *bytes, size_t n));
WRAPPED(ssize_t, write, (int descriptor, const void *bytes, size_t n));
WRAPPED(int, close, (int descriptor));
WRAPPED(int, fsync, (int descriptor));
WRAPPED(int, fstat, (int descriptor, struct stat *info));
WRAPPED(int, stat, (const char *path, struct stat *info));
WRAPPED(int, rename, (const char *from, const char *to));
WRAPPED(int, mkdir, (const char *path, mode_t mode));
WRAPPED(int, flock, (int descriptor, int operation));
WRAPPED(void *, calloc, (size_t n, size_t size));
WRAPPED(void, free, (void *memory));

// The callers that were met, shared with forked processes: hashes of whole stacks, or with NOMEN_FAULT_KNOWN single
// return addresses.
enum { MOST_KNOWN = 1 << 16, MOST_FRAMES = 64 };

typedef struct Noted {
    _Atomic(uint64_t) known[MOST_KNOWN]; // a hash table; 0 is an empty slot
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
    uint64_t hash = 0xCBF29CE484222325; // FNV-1a, one frame at a time
    bool notes = false;
    _Unwind_Backtrace(add_frame, &stack);
    for (size_t i = 0; i < stack.n; i++) {
        hash = (hash ^ stack.frames[i]) * 0x100000001B3;
        if (plan.known_path) notes = is_new(stack.frames[i]) || notes;
    }
    if (!plan.known_path) notes = is_new(hash);
    if (notes) atomic_store(&noted->calls[atomic_fetch_add(&noted->n_calls, 1)], call);
}

// Counts a call. Returns true and sets errno if it must fail.
static bool fails(int number) {
    unsigned long call = atomic_fetch_add(&plan.calls, 1) + 1;
    if (noted) note(call);
    if (call != plan.fail) return false;
    errno = number;
    return true;
}

// Likewise for a call that changes something. May kill the process.
static bool change_fails(int number) {
    if (atomic_fetch_add(&plan.changes, 1) + 1 == plan.kill) raise(SIGKILL);
    return fails(number);
}

// Likewise for a call whose failure the program must report, because a file or lock is not what it seems.
static bool grave_call_fails(int number) {
    if (!change_fails(number)) return false;
    atomic_store(&plan.is_grave, true);
    return true;
}

// What a power cut would lose, though a kill would not: a file closed without a sync; a model renamed into place before
// metrics.csv is synced; a new name or directory whose parent directory is not synced after it.
enum { MOST_DESCRIPTORS = 64, MOST_DIRS = 16 };
static atomic_bool unsynced[MOST_DESCRIPTORS]; // written to since its last sync
static atomic_ulong n_unsynced;
static struct {
    dev_t device;
    ino_t number; // 0: the slot is free
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
    if (fails(EMFILE)) return -1;
    int descriptor = __real_open(path, flags, mode);
    if (descriptor >= 0) atomic_fetch_add(&plan.live, 1);
    return descriptor;
}

ssize_t __wrap_read(int descriptor, void *bytes, size_t n) {
    if (fails(EIO)) return -1;
    return __real_read(descriptor, bytes, plan.bits && n > FEW_BYTES ? FEW_BYTES : n);
}

ssize_t __wrap_write(int descriptor, const void *bytes, size_t n) {
    if (plan.tears && atomic_load(&plan.changes) + 1 == plan.kill) {
        __real_write(descriptor, bytes, n / 2);
        raise(SIGKILL);
    }
    struct stat info;
    bool is_file = __real_fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode) && info.st_nlink > 0; // not temporary
    if (is_file ? grave_call_fails(ENOSPC) : change_fails(ENOSPC)) return -1;
    if (is_file) set_unsynced(descriptor, true);
    return __real_write(descriptor, bytes, plan.bits && n > FEW_BYTES ? FEW_BYTES : n);
}

int __wrap_close(int descriptor) {
    if (is_unsynced(descriptor)) atomic_fetch_add(&n_unsynced, 1);
    set_unsynced(descriptor, false);
    int result = __real_close(descriptor);
    if (result == 0) atomic_fetch_sub(&plan.live, 1);
    return fails(EIO) ? -1 : result;
}

int __wrap_fsync(int descriptor) {
    struct stat info;
    if (grave_call_fails(EIO)) return -1;
    set_unsynced(descriptor, false);
    if (__real_fstat(descriptor, &info) == 0 && S_ISDIR(info.st_mode)) forget_unsynced_dir(&info);
    return __real_fsync(descriptor);
}

int __wrap_rename(const char *from, const char *to) {
    if (grave_call_fails(EIO)) return -1;
    count_unsynced_before_rename(to);
    int result = __real_rename(from, to);
    if (result == 0) add_unsynced_dir(to);
    return result;
}

int __wrap_mkdir(const char *path, mode_t mode) {
    int result = grave_call_fails(ENOSPC) ? -1 : __real_mkdir(path, mode);
    if (result == 0) add_unsynced_dir(path);
    return result;
}

CAN_FAIL(int, lstat, (const char *path, struct stat *info), (path, info), fails(EIO), -1)
CAN_FAIL(char *, realpath, (const char *path, char *resolved), (path, resolved), fails(ENOMEM), NULL)
CAN_FAIL(DIR *, opendir, (const char *path), (path), fails(EMFILE), NULL)
CAN_FAIL(struct dirent *, readdir, (DIR * dir), (dir), fails(EIO), NULL)
CAN_FAIL(int, getentropy, (void *bytes, size_t n), (bytes, n), fails(ENOSYS), -1)
CAN_FAIL(pid_t, fork, (void), (), fails(EAGAIN), -1)
CAN_FAIL(FILE *, tmpfile, (void), (), fails(EMFILE), NULL)
CAN_FAIL(void *, mmap, (void *at, size_t n, int protection, int flags, int descriptor, off_t offset),
         (at, n, protection, flags, descriptor, offset), fails(ENOMEM), MAP_FAILED)
CAN_FAIL(int, posix_spawnp,
         (pid_t * pid, const char *file, const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
          char *const argv[], char *const environment[]),
         (pid, file, actions, attributes, argv, environment), fails(EAGAIN), EAGAIN)
CAN_FAIL(int, pthread_create,
         (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
         (thread, attributes, start, argument), fails(EAGAIN), EAGAIN)
CAN_FAIL(int, unlink, (const char *path), (path), change_fails(EIO), -1)
CAN_FAIL(int, rmdir, (const char *path), (path), change_fails(EIO), -1)
CAN_FAIL(int, fchmod, (int descriptor, mode_t mode), (descriptor, mode), change_fails(EPERM), -1)
CAN_FAIL(int, ftruncate, (int descriptor, off_t length), (descriptor, length), change_fails(EIO), -1)

int __wrap_fstat(int descriptor, struct stat *info) { return fails(EIO) ? -1 : __real_fstat(descriptor, info); }

int __wrap_stat(const char *path, struct stat *info) { return fails(EIO) ? -1 : __real_stat(path, info); }

static void come_late(const char *path) {
    FILE *file = fopen(path, "w");
    if (!file || fclose(file) != 0) abort();
    while (access(path, F_OK) == 0) nanosleep(&(struct timespec){0, 10000000}, NULL);
}

int __wrap_flock(int descriptor, int operation) {
    if (plan.late_path) come_late(plan.late_path);
    plan.late_path = NULL;
    if (fails(ENOLCK)) {
        atomic_store(&plan.is_grave, true);
        return -1;
    }
    return __real_flock(descriptor, operation);
}

// The allocations made here, so that freeing memory of the C library, such as realpath's, is not counted.
enum { MOST_PIECES = 1 << 16 };
static _Atomic(void *) pieces[MOST_PIECES]; // a hash table

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
    // The whole table is searched, because free slots may lie between a piece and its first place.
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
    noted = __real_mmap(NULL, sizeof *noted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
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
