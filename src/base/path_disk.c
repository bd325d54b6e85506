// What path.h asks the system.
#include "base/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

PathKind path_kind(const char *path) {
    struct stat info;
    if (stat(path, &info) == 0)
        return S_ISREG(info.st_mode) ? PATH_FILE : S_ISDIR(info.st_mode) ? PATH_DIR : PATH_OTHER;
    if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) return PATH_FILE;
    return path_is_link(path) ? PATH_OTHER : PATH_NOTHING;
}

bool path_check(const char *path, PathKind kind, Error *err) {
    static const char *const names[] = {
        [PATH_FILE] = "file", [PATH_DIR] = "directory", [PATH_OTHER] = "special file or broken link"};
    struct stat info;
    PathKind found = path_kind(path);
    if (found == kind || found == PATH_NOTHING) return true;
    if (found == PATH_FILE && stat(path, &info) != 0) return error_system(err, path); // it cannot be reached
    return error_set(err, "%s: expected a %s, found a %s", path, names[kind], names[found]);
}

bool path_is_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

static bool is_same(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev;
}

bool path_same(const char *a, const char *b) {
    struct stat at_a, at_b;
    return stat(a, &at_a) == 0 && stat(b, &at_b) == 0 && is_same(&at_a, &at_b);
}

bool path_leads_to(const char *path, int descriptor) {
    struct stat there, opened;
    return stat(path, &there) == 0 && fstat(descriptor, &opened) == 0 && is_same(&there, &opened);
}

// Returns "" if the path cannot be resolved, unless memory runs out.
static char *resolve(Arena *arena, const char *path, Error *err) {
    char *resolved = realpath(path, NULL);
    if (!resolved && errno == ENOMEM) {
        error_memory(err, 0);
        return NULL;
    }
    char *copy = arena_copy(arena, resolved ? resolved : "", resolved ? strlen(resolved) : 0, err);
    free(resolved);
    return copy;
}

char *path_absolute(Arena *arena, const char *path, Error *err) {
    char *resolved = resolve(arena, path, err);
    if (!resolved || resolved[0]) return resolved;
    const char *slash = strrchr(path, '/');
    if (slash == path) return arena_copy(arena, path, strlen(path), err);
    if (slash) {
        const char *dir = path_dir(arena, path, err), *above = dir ? path_absolute(arena, dir, err) : NULL;
        return above ? path_join(arena, above, slash + 1, err) : NULL;
    }
    char *here = resolve(arena, ".", err);
    if (here && here[0]) return path_join(arena, here, path, err);
    if (here) error_system(err, path);
    return NULL;
}

char *program_dir(Arena *arena, Error *err) {
    const char *path = "/proc/self/exe";
#ifdef __APPLE__
    char place[4096];
    uint32_t n = sizeof place;
    if (_NSGetExecutablePath(place, &n) == 0) path = place;
#endif
    char *file = resolve(arena, path, err);
    return file ? path_dir(arena, file, err) : NULL;
}
