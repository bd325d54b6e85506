#include "base/lock.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

enum { NUMBER_BYTES = 24 };

static bool held_by_another(int descriptor, const char *dir, Error *err) {
    char number[NUMBER_BYTES] = "";
    ssize_t n = pread(descriptor, number, sizeof number - 1, 0);
    long process = n > 0 ? strtol(number, NULL, 10) : 0;
    // A number may be left from one that crashed, where the holder may not write.
    if (process > 0 && (kill((pid_t)process, 0) == 0 || errno == EPERM))
        return error_set(err, "%s: process %ld is at work in it; wait for its end, or end it", dir, process);
    return error_set(err, "%s: another process is at work in it; wait for its end, or end it", dir);
}

// For the person who meets the lock; that it could not be written is no reason to fail.
static void write_process(int descriptor) {
    char number[NUMBER_BYTES];
    int n = snprintf(number, sizeof number, "%ld\n", (long)getpid());
    if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, number, (size_t)n, 0) != n) return;
}

typedef enum Attempt { TAKEN, HELD_ELSEWHERE, FAILED, REMOVED_MEANWHILE } Attempt;

static Attempt attempt(int descriptor, const char *path) {
    int result;
    do result = flock(descriptor, LOCK_EX | LOCK_NB);
    while (result != 0 && errno == EINTR);
    if (result != 0) return errno == EWOULDBLOCK ? HELD_ELSEWHERE : FAILED;
    // The file may have been removed, and made anew by another, since it was opened.
    return path_leads_to(path, descriptor) ? TAKEN : REMOVED_MEANWHILE;
}

// Another user's lock can be read and held, but not written.
static int open_lock(const char *path, bool *is_none) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
    *is_none = false;
    if (descriptor >= 0 || (errno != EACCES && errno != EROFS)) return descriptor;
    descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    *is_none = descriptor < 0 && errno == ENOENT;
    return descriptor;
}

bool dir_lock(DirLock *lock, const char *dir, Arena *arena, Error *err) {
    if (lock->is_held) return true;
    *lock = (DirLock){.path = path_join(arena, dir, LOCK_NAME, err)};
    if (!lock->path || !file_check(lock->path, err)) return false;
    for (;;) {
        bool is_none;
        int descriptor = open_lock(lock->path, &is_none);
        if (descriptor < 0 && errno == EINTR) continue;
        // No lock is there, and none can be made: nor can anything else be written here.
        if (descriptor < 0) return is_none || error_system(err, lock->path);
        Attempt result = attempt(descriptor, lock->path);
        if (result == TAKEN) {
            write_process(descriptor);
            lock->is_held = true;
            lock->descriptor = descriptor;
            return true;
        }
        if (result == FAILED) error_system(err, lock->path);
        if (result == HELD_ELSEWHERE) held_by_another(descriptor, dir, err);
        close(descriptor);
        if (result != REMOVED_MEANWHILE) return false;
    }
}

bool dir_take(DirLock *lock, const char *dir, size_t *n_there, Arena *arena, Error *err) {
    size_t least = SIZE_MAX;
    for (;;) {
        if (!dir_make(dir, n_there, err)) return false;
        least = *n_there = *n_there < least ? *n_there : least;
        if (dir_lock(lock, dir, arena, err)) return true;
        if (path_kind(dir) != PATH_NOTHING) return false;
    }
}

bool dir_lock_holds(const DirLock *lock, const char *dir, Error *err) {
    return !lock->is_held || path_leads_to(lock->path, lock->descriptor) ||
           error_set(
               err,
               "%s: the directory was moved, removed or begun anew while a process was at work in it; what it had "
               "written until then is in the one that was there",
               dir);
}

void dir_unlock(DirLock *lock) {
    if (!lock->is_held) return;
    // Before the lock goes, lest another's file be removed.
    if (path_leads_to(lock->path, lock->descriptor)) unlink(lock->path);
    close(lock->descriptor);
    lock->is_held = false;
}
