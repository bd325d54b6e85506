#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

static int open_retrying(const char *path, int flags) {
    int descriptor;
    do descriptor = open(path, flags | O_CLOEXEC, 0666);
    while (descriptor < 0 && errno == EINTR);
    return descriptor;
}

static bool write_all(int descriptor, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(descriptor, bytes, n);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

// Reads to the end of the file, whatever size it had when it was opened. There is room for one byte more than
// that and a NUL, so that a file that has not grown is seen to end without being copied.
static bool read_all(int descriptor, size_t size, Arena *arena, Bytes *bytes, Error *err) {
    size_t capacity = size + 2, n = 0;
    char *at = arena_alloc(arena, capacity, 1, err);
    while (at) {
        ssize_t got = read(descriptor, at + n, capacity - n - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return error_system(err, "cannot be read");
        if (got == 0) break;
        n += (size_t)got;
        if (n + 1 < capacity) continue;
        char *larger = arena_alloc(arena, capacity * 2, 1, err);
        if (larger) memcpy(larger, at, n);
        at = larger;
        capacity *= 2;
    }
    if (!at) return false;
    at[n] = '\0';
    *bytes = (Bytes){at, n};
    return true;
}

bool file_size(const char *path, uint64_t *n_bytes, Error *err) {
    struct stat info;
    if (stat(path, &info) != 0) return error_system(err, path);
    *n_bytes = S_ISREG(info.st_mode) ? (uint64_t)info.st_size : 0;
    return true;
}

bool file_is_regular(const char *path, bool *is_regular, Error *err) {
    struct stat info;
    if (stat(path, &info) != 0) return error_system(err, path);
    *is_regular = S_ISREG(info.st_mode);
    return true;
}

bool file_check(const char *path, Error *err) {
    struct stat info;
    if (stat(path, &info) != 0 || S_ISREG(info.st_mode) || S_ISDIR(info.st_mode)) return true;
    return error_set(err, "%s: expected a file, found a %s", path,
                     S_ISFIFO(info.st_mode)   ? "pipe"
                     : S_ISSOCK(info.st_mode) ? "socket"
                                              : "device");
}

static bool read_open(int descriptor, const char *name, bool may_be_device, Arena *arena, Bytes *bytes, Error *err) {
    struct stat info;
    if (fstat(descriptor, &info) != 0) return error_system(err, name);
    if (S_ISDIR(info.st_mode)) return error_set(err, "%s: expected a file, found a folder", name);
    if (!may_be_device && (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode)))
        return error_set(err, "%s: expected a file, found a device", name);
    return read_all(descriptor, info.st_size > 0 ? (size_t)info.st_size : 4096, arena, bytes, err) ||
           error_context(err, "%s", name);
}

bool file_read(const char *path, Arena *arena, Bytes *bytes, Error *err) {
    int descriptor = open_retrying(path, O_RDONLY);
    if (descriptor < 0) return error_system(err, path);
    bool ok = read_open(descriptor, path, false, arena, bytes, err);
    close(descriptor);
    return ok;
}

bool file_read_input(Arena *arena, Bytes *bytes, Error *err) {
    return read_open(STDIN_FILENO, STANDARD_INPUT, true, arena, bytes, err);
}

// The rename is only as durable as the folder that records it.
static bool sync_folder(const char *path, Error *err) {
    Arena arena = {0};
    char *folder = path_folder(&arena, path, err);
    bool ok = folder != NULL;
    if (ok) {
        int descriptor = open_retrying(folder[0] ? folder : ".", O_RDONLY);
        ok = descriptor >= 0 && fsync(descriptor) == 0;
        // Some file systems cannot sync a folder and say so; there is nothing more to do on those.
        if (!ok && descriptor >= 0 && (errno == EINVAL || errno == ENOTSUP)) ok = true;
        if (!ok) error_system(err, path);
        if (descriptor >= 0) close(descriptor);
    }
    arena_free(&arena);
    return ok;
}

// Gives the new file the permissions of the one it will replace, where there is one.
static bool keep_mode(int descriptor, const char *path) {
    struct stat info;
    return stat(path, &info) != 0 || !S_ISREG(info.st_mode) || fchmod(descriptor, info.st_mode & 0777) == 0;
}

// A file that no one else has named: what stands there, such as what a crash left or a link that somebody planted, is
// removed, never followed or written into.
static int open_new(const char *path) {
    int descriptor = open_retrying(path, O_WRONLY | O_CREAT | O_EXCL);
    if (descriptor >= 0 || errno != EEXIST || unlink(path) != 0) return descriptor;
    return open_retrying(path, O_WRONLY | O_CREAT | O_EXCL);
}

// Gives a whole file its name: in another's place, or only where none is.
static bool name_file(const char *temporary, const char *path, bool may_replace) {
    if (!may_replace && link(temporary, path) == 0) {
        unlink(temporary);
        return true;
    }
    // Some file systems have no links.
    if (!may_replace && (errno == EEXIST || access(path, F_OK) == 0)) {
        errno = EEXIST;
        return false;
    }
    return rename(temporary, path) == 0;
}

static bool stands_there(const char *path, Error *err) {
    return error_set(err, "%s: exists, and is not overwritten; give another name", path);
}

static bool put(const char *path, const void *bytes, size_t n, bool may_replace, Error *err) {
    Arena arena = {0};
    // Of several that create at once each has its own.
    char *temporary = may_replace ? arena_format(&arena, err, "%s.tmp", path)
                                  : arena_format(&arena, err, "%s.%ld.tmp", path, (long)getpid());
    if (!temporary) return false;
    int descriptor = open_new(temporary);
    bool ok =
        descriptor >= 0 && keep_mode(descriptor, path) && write_all(descriptor, bytes, n) && fsync(descriptor) == 0;
    if (!ok) error_system(err, path);
    if (descriptor >= 0 && close(descriptor) != 0 && ok) ok = error_system(err, path);
    if (ok && !name_file(temporary, path, may_replace))
        ok = errno == EEXIST && !may_replace ? stands_there(path, err) : error_system(err, path);
    if (!ok && descriptor >= 0) unlink(temporary);
    arena_free(&arena);
    return ok && sync_folder(path, err);
}

bool path_is_lost_link(const char *path) {
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode) && stat(path, &info) != 0;
}

// A folder is left for the rename to refuse.
bool file_replace(const char *path, const void *bytes, size_t n, Error *err) {
    struct stat info;
    if (!file_check(path, err)) return false;
    if (path_is_lost_link(path))
        return error_set(err, "%s: expected a file, found a symbolic link that leads to none", path);
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return put(path, bytes, n, true, err);
    Arena arena = {0};
    const char *target = path_absolute(&arena, path, err);
    bool ok = target && put(target, bytes, n, true, err);
    arena_free(&arena);
    return ok;
}

bool file_copy(const char *path, const char *from, Error *err) {
    Arena arena = {0};
    Bytes bytes;
    bool ok =
        file_check(from, err) && file_read(from, &arena, &bytes, err) && file_replace(path, bytes.at, bytes.n, err);
    arena_free(&arena);
    return ok;
}

bool file_create(const char *path, const void *bytes, size_t n, Error *err) {
    struct stat info;
    return lstat(path, &info) == 0 ? stands_there(path, err) : put(path, bytes, n, false, err);
}

bool file_open_append(AppendFile *file, const char *path, Error *err) {
    file->path = path;
    file->descriptor = open_retrying(path, O_WRONLY | O_CREAT | O_APPEND);
    return file->descriptor >= 0 || error_system(err, path);
}

bool file_append(AppendFile *file, const void *bytes, size_t n, Error *err) {
    return write_all(file->descriptor, bytes, n) || error_system(err, file->path);
}

bool file_sync(AppendFile *file, Error *err) { return fsync(file->descriptor) == 0 || error_system(err, file->path); }

void file_close(AppendFile *file) {
    if (file->descriptor >= 0) close(file->descriptor);
    file->descriptor = -1;
}

bool file_remove(const char *path, Error *err) {
    return unlink(path) == 0 || errno == ENOENT || error_system(err, path);
}

// Without a look into a folder, which counts as empty.
static bool look_at(const char *path, PathKind *kind, Error *err) {
    struct stat info;
    bool is_there = stat(path, &info) == 0;
    *kind = !is_there ? PATH_NOTHING : S_ISDIR(info.st_mode) ? PATH_FOLDER : PATH_FILE;
    return is_there || errno == ENOENT || errno == ENOTDIR || error_system(err, path);
}

bool path_look(const char *path, PathKind *kind, Error *err) {
    bool is_empty = true;
    if (!look_at(path, kind, err)) return false;
    if (*kind == PATH_FOLDER && !folder_holds_only(path, NULL, 0, &is_empty, err)) return false;
    if (!is_empty) *kind = PATH_FOLDER_IN_USE;
    return true;
}

PathKind path_kind(const char *path) {
    PathKind kind;
    Error unsaid;
    if (path_look(path, &kind, &unsaid)) return kind;
    return kind == PATH_FOLDER ? PATH_FOLDER_IN_USE : PATH_FILE;
}

static bool is_listed(const char *name, const char *const *names, size_t n) {
    bool listed = strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
    for (size_t i = 0; i < n && !listed; i++) listed = strcmp(name, names[i]) == 0;
    return listed;
}

bool folder_holds_only(const char *path, const char *const *names, size_t n, bool *only, Error *err) {
    DIR *folder = opendir(path);
    if (!folder) return error_system(err, path);
    *only = true;
    errno = 0; // readdir says by it alone that it failed
    for (struct dirent *entry; *only && (entry = readdir(folder));) *only = is_listed(entry->d_name, names, n);
    bool ok = errno == 0 || error_system(err, path);
    closedir(folder);
    return ok;
}

bool folder_remove_empty(const char *path, Error *err) {
    if (rmdir(path) == 0) return true;
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR || errno == ENOENT || error_system(err, path);
}

bool folder_is_writable(const char *path, Error *err) {
    Arena arena = {0};
    const char *at = path[0] ? path : ".";
    PathKind kind;
    bool ok = look_at(at, &kind, err);
    // The nearest folder that is there is the one that others are made in.
    while (ok && kind == PATH_NOTHING && strcmp(at, ".") != 0) {
        at = path_folder(&arena, at, err);
        if (at && at[0] == '\0') at = ".";
        ok = at && look_at(at, &kind, err);
    }
    if (ok && kind == PATH_FILE) ok = error_set(err, "%s: expected a folder, found a file", at);
    if (ok && access(at, W_OK | X_OK) != 0) ok = error_system(err, at);
    arena_free(&arena);
    return ok;
}

// A name of the list that is built from its end; the folder may grow while it is read.
typedef struct Listed {
    struct Listed *older;
    const char *name;
} Listed;

bool folder_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err) {
    DIR *folder = opendir(path);
    Listed *newest = NULL;
    bool ok = folder || errno == ENOENT || errno == ENOTDIR || error_system(err, path);
    *n = 0;
    for (struct dirent *entry; ok && folder && (entry = readdir(folder));) {
        if (is_listed(entry->d_name, NULL, 0)) continue;
        Listed *listed = arena_alloc(arena, 1, sizeof *listed, err);
        const char *name = arena_copy(arena, entry->d_name, strlen(entry->d_name), err);
        ok = listed && name;
        if (!ok) break;
        *listed = (Listed){newest, name};
        newest = listed;
        ++*n;
    }
    if (folder) closedir(folder);
    *names = ok ? arena_alloc(arena, *n, sizeof **names, err) : NULL;
    if (!*names) return false;
    for (size_t i = 0; newest; newest = newest->older) (*names)[i++] = newest->name;
    return true;
}

bool path_make_folder(const char *path, Error *err) {
    Arena arena = {0};
    char *copy = arena_copy(&arena, path, strlen(path), err);
    if (!copy) return false;
    bool ok = true;
    for (char *at = copy; ok && *at;) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) ok = error_system(err, path);
        *at = kept;
    }
    PathKind kind;
    ok = ok && look_at(path, &kind, err);
    if (ok && kind != PATH_FOLDER) ok = error_set(err, "%s: expected a folder, found a file", path);
    arena_free(&arena);
    return ok;
}

char *path_join(Arena *arena, const char *folder, const char *name, Error *err) {
    if (folder[0] == '\0' || name[0] == '/') return arena_copy(arena, name, strlen(name), err);
    bool has_slash = folder[strlen(folder) - 1] == '/';
    return arena_format(arena, err, has_slash ? "%s%s" : "%s/%s", folder, name);
}

char *path_folder(Arena *arena, const char *path, Error *err) {
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

char *program_folder(Arena *arena, Error *err) {
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
    char *folder = path_folder(arena, file ? file : "", err);
    free(file);
    return folder;
}
