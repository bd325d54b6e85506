// Directories, and the lock that keeps two processes from writing to the same one.
#pragma once

#include "base/arena.h"

// Makes a directory and its missing parents, synced. An existing directory is no error.
bool dir_make(const char *path, Error *err);

// Lists the names in a directory, in no order; none if it does not exist.
bool dir_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err);

// Removes a directory if it is empty; leaves any other as it is.
bool dir_remove_empty(const char *path, Error *err);

// A lock on an existing directory (flock on the directory itself: no file is left, and the lock ends with the process
// and its children). {0} holds none. On a network file system it holds among the processes of one machine.
typedef struct DirLock {
    bool is_held;
    int descriptor;
} DirLock;

// Locks the directory unless `lock` holds it already. Another holder is an error.
bool dir_lock(DirLock *lock, const char *dir, Error *err);

// Returns false if `dir` is no longer the locked directory because it was moved or removed.
bool dir_lock_holds(const DirLock *lock, const char *dir, Error *err);

void dir_unlock(DirLock *lock);
