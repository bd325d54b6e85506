#include "base/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

// Without a look into a directory, which counts as empty.
static bool look_at(const char *path, PathKind *kind, Error *err) {
    struct stat info;
    bool is_there = stat(path, &info) == 0;
    *kind = !is_there ? PATH_NOTHING : S_ISDIR(info.st_mode) ? PATH_DIR : PATH_FILE;
    return is_there || errno == ENOENT || errno == ENOTDIR || error_system(err, path);
}

bool path_look(const char *path, PathKind *kind, Error *err) {
    bool is_empty = true;
    if (!look_at(path, kind, err)) return false;
    if (*kind == PATH_DIR && !dir_holds_only(path, NULL, 0, &is_empty, err)) return false;
    if (!is_empty) *kind = PATH_DIR_IN_USE;
    return true;
}

PathKind path_kind(const char *path) {
    PathKind kind;
    Error unsaid;
    if (path_look(path, &kind, &unsaid)) return kind;
    return kind == PATH_DIR ? PATH_DIR_IN_USE : PATH_FILE;
}

bool path_is_dir(PathKind kind) { return kind == PATH_DIR || kind == PATH_DIR_IN_USE; }

static bool is_listed(const char *name, const char *const *names, size_t n) {
    bool listed = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    for (size_t i = 0; i < n && !listed; i++) listed = strcmp(name, names[i]) == 0;
    return listed;
}

bool dir_holds_only(const char *path, const char *const *names, size_t n, bool *only, Error *err) {
    DIR *dir = opendir(path);
    if (!dir) return error_system(err, path);
    *only = true;
    errno = 0; // readdir says by it alone that it failed
    for (struct dirent *entry; *only && (entry = readdir(dir));) *only = is_listed(entry->d_name, names, n);
    bool ok = errno == 0 || error_system(err, path);
    closedir(dir);
    return ok;
}

bool dir_is_writable(const char *path, Error *err) {
    Arena arena = {0};
    const char *at = path[0] ? path : ".";
    PathKind kind;
    bool ok = look_at(at, &kind, err);
    // The nearest directory that is there is the one that others are made in.
    while (ok && kind == PATH_NOTHING && strcmp(at, ".") != 0) {
        at = path_dir(&arena, at, err);
        if (at && at[0] == '\0') at = ".";
        ok = at && look_at(at, &kind, err);
    }
    if (ok && kind == PATH_FILE) ok = error_set(err, "%s: expected a directory, found a file", at);
    if (ok && access(at, W_OK | X_OK) != 0) ok = error_system(err, at);
    arena_free(&arena);
    return ok;
}

// A name of the list that is built from its end; the directory may grow while it is read.
typedef struct Listed {
    struct Listed *older;
    const char *name;
} Listed;

bool dir_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err) {
    DIR *dir = opendir(path);
    Listed *newest = NULL;
    bool ok = dir || errno == ENOENT || errno == ENOTDIR || error_system(err, path);
    *n = 0;
    while (ok && dir) {
        errno = 0; // readdir says by it alone that it failed
        const struct dirent *entry = readdir(dir);
        if (!entry) ok = errno == 0 || error_system(err, path);
        if (!entry) break;
        if (is_listed(entry->d_name, NULL, 0)) continue;
        Listed *listed = arena_alloc(arena, 1, sizeof *listed, err);
        const char *name = arena_copy(arena, entry->d_name, strlen(entry->d_name), err);
        ok = listed && name;
        if (!ok) break;
        *listed = (Listed){newest, name};
        newest = listed;
        ++*n;
    }
    if (dir) closedir(dir);
    *names = ok ? arena_alloc(arena, *n, sizeof **names, err) : NULL;
    if (!*names) return false;
    for (size_t i = 0; newest; newest = newest->older) (*names)[i++] = newest->name;
    return true;
}

bool path_is_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

bool path_is_lost_link(const char *path) {
    struct stat info;
    return path_is_link(path) && stat(path, &info) != 0;
}

static bool is_one(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool path_same(const char *a, const char *b) {
    struct stat at_a, at_b;
    return stat(a, &at_a) == 0 && stat(b, &at_b) == 0 && is_one(&at_a, &at_b);
}

bool path_leads_to(const char *path, int descriptor) {
    struct stat there, opened;
    return stat(path, &there) == 0 && fstat(descriptor, &opened) == 0 && is_one(&there, &opened);
}

char *path_join(Arena *arena, const char *dir, const char *name, Error *err) {
    if (dir[0] == '\0' || name[0] == '/') return arena_copy(arena, name, strlen(name), err);
    bool has_slash = dir[strlen(dir) - 1] == '/';
    return arena_format(arena, err, has_slash ? "%s%s" : "%s/%s", dir, name);
}

char *path_dir(Arena *arena, const char *path, Error *err) {
    const char *slash = strrchr(path, '/');
    size_t n = !slash ? 0 : slash == path ? 1 : (size_t)(slash - path);
    return arena_copy(arena, path, n, err);
}

char *path_stem(Arena *arena, const char *path, Error *err) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');
    size_t n = dot && dot != name ? (size_t)(dot - name) : strlen(name);
    return arena_copy(arena, name, n, err);
}

char *path_absolute(Arena *arena, const char *path, Error *err) {
    char *resolved = realpath(path, NULL);
    char *absolute = NULL;
    if (!resolved && errno == ENOMEM) {
        error_memory(err, 0);
    } else if (resolved) {
        absolute = arena_copy(arena, resolved, strlen(resolved), err);
    } else if (path[0] == '/') {
        absolute = arena_copy(arena, path, strlen(path), err);
    } else {
        char *here = realpath(".", NULL);
        if (here)
            absolute = path_join(arena, here, path, err);
        else
            error_system(err, path);
        free(here);
    }
    free(resolved);
    return absolute;
}

char *program_dir(Arena *arena, Error *err) {
    const char *path = "/proc/self/exe";
#ifdef __APPLE__
    char place[4096];
    uint32_t n = sizeof place;
    if (_NSGetExecutablePath(place, &n) == 0) path = place;
#endif
    char *file = realpath(path, NULL);
    if (!file && errno == ENOMEM) {
        error_memory(err, 0);
        return NULL;
    }
    char *dir = path_dir(arena, file ? file : "", err);
    free(file);
    return dir;
}
