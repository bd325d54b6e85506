// A directory in which one process at a time may work. The lock is the system's, on the file DIR/.nomen-lock: it ends
// with the process that holds it, and those it forked, however they end.
#ifndef NOMEN_BASE_LOCK_H
#define NOMEN_BASE_LOCK_H

#include "base/arena.h"

#define LOCK_NAME ".nomen-lock"

// {0} holds nothing.
typedef struct DirLock {
    bool is_held;
    int descriptor;
    const char *path;
} DirLock;

// Takes the lock of a directory that exists, an error where it does not; one that is held already by `lock` is no
// error, nor is a directory in which this process may not write, and where it holds nothing then. Where another process
// has it, the error names the directory and that process. The path is in memory of `arena`.
bool dir_lock(DirLock *lock, const char *dir, Arena *arena, Error *err);

// Makes the directory where it is not there, as dir_make, and takes its lock; once more where another, which had made
// it too and gave it up, took it away between the two. Errors as of both.
bool dir_take(DirLock *lock, const char *dir, size_t *n_there, Arena *arena, Error *err);

// An error where what `lock` holds is no longer the lock of `dir`: it was moved or removed, and another process may
// be at work in what is there now.
bool dir_lock_holds(const DirLock *lock, const char *dir, Error *err);

// Gives back what is held, and removes the file.
void dir_unlock(DirLock *lock);

#endif
