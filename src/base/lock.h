// A folder in which one process at a time may work. The lock is the system's, on the file FOLDER/.nomen-lock: it ends
// with the process that holds it, and those it forked, however they end.
#ifndef NOMEN_BASE_LOCK_H
#define NOMEN_BASE_LOCK_H

#include "base/arena.h"

#define LOCK_NAME ".nomen-lock"

// {0} holds nothing.
typedef struct FolderLock {
    bool is_held;
    int descriptor;
    const char *path;
} FolderLock;

// Takes the lock of a folder that exists, an error where it does not; one that is held already by `lock` is no error,
// nor is a folder in which this process may not write, and where it holds nothing then. Where another process has it,
// the error names the folder and that process. The path is in memory of `arena`.
bool folder_lock(FolderLock *lock, const char *folder, Arena *arena, Error *err);

// Makes the folder where it is not there, as folder_make, and takes its lock; once more where another, which had made
// it too and gave it up, took it away between the two. Errors as of both.
bool folder_take(FolderLock *lock, const char *folder, size_t *n_there, Arena *arena, Error *err);

// An error where what `lock` holds is no longer the lock of `folder`: it was moved or removed, and another process may
// be at work in what is there now.
bool folder_lock_holds(const FolderLock *lock, const char *folder, Error *err);

// Gives back what is held, and removes the file.
void folder_unlock(FolderLock *lock);

#endif
