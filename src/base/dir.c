#include "base/dir.h"

#include "base/buffer.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool dir_make(const char *path, Error *err) {
    Arena arena = {0};
    char *copy = arena_copy(&arena, path, strlen(path), err);
    bool ok = copy != NULL;
    for (char *at = copy; ok && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = '\0';
        bool is_made = mkdir(copy, 0777) == 0;
        ok = is_made ? file_sync_dir(copy, err) : errno == EEXIST || error_system(err, path);
        *at = kept;
    }
    arena_free(&arena);
    return ok && path_check(path, PATH_DIR, err);
}

bool dir_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err) {
    DIR *dir = opendir(path);
    Buffer all = {.arena = arena}; // each name with its NUL
    bool ok = dir || errno == ENOENT || errno == ENOTDIR || error_system(err, path);
    *n = 0;
    while (ok && dir) {
        errno = 0; // the only sign that readdir failed
        const struct dirent *entry = readdir(dir);
        if (!entry) ok = errno == 0 || error_system(err, path);
        if (!entry) break;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        buffer_add(&all, entry->d_name, strlen(entry->d_name) + 1);
        ++*n;
    }
    if (dir) closedir(dir);
    const char *name = ok ? buffer_text(&all, err) : NULL;
    *names = name ? arena_alloc(arena, *n, sizeof **names, err) : NULL;
    for (size_t i = 0; *names && i < *n; i++, name += strlen(name) + 1) (*names)[i] = name;
    return *names != NULL;
}

bool dir_remove_empty(const char *path, Error *err) {
    return rmdir(path) == 0 || errno == ENOTEMPTY || errno == EEXIST || error_system(err, path);
}

bool dir_lock(DirLock *lock, const char *dir, Error *err) {
    if (lock->is_held) return true;
    int descriptor = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return error_system(err, dir);
    *lock = (DirLock){flock(descriptor, LOCK_EX | LOCK_NB) == 0, descriptor};
    if (lock->is_held) return dir_lock_holds(lock, dir, err); // it may have been replaced since it was opened
    if (errno == EWOULDBLOCK)
        error_set(err, "%s: another nomen process is using the directory; wait until it ends", dir);
    else
        error_system(err, dir);
    close(descriptor);
    return false;
}

bool dir_lock_holds(const DirLock *lock, const char *dir, Error *err) {
    return !lock->is_held || path_leads_to(dir, lock->descriptor) ||
           error_set(err, "%s: the directory was moved or removed while it was in use", dir);
}

void dir_unlock(DirLock *lock) {
    if (lock->is_held) close(lock->descriptor);
    lock->is_held = false;
}
