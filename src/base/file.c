#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    if (S_ISDIR(info.st_mode)) return error_set(err, "%s: expected a file, found a directory", name);
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

// The rename is only as durable as the directory that records it.
static bool sync_dir(const char *path, Error *err) {
    Arena arena = {0};
    char *dir = path_dir(&arena, path, err);
    bool ok = dir != NULL;
    if (ok) {
        int descriptor = open_retrying(dir[0] ? dir : ".", O_RDONLY);
        ok = descriptor >= 0 && fsync(descriptor) == 0;
        // Some file systems cannot sync a directory and say so; there is nothing more to do on those.
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

// Of several that write at once each has a temporary file of its own, unless a lock makes this one the only.
typedef enum Put { PUT_NEW, PUT_SHARED, PUT_ALONE } Put;

static bool put(const char *path, const void *bytes, size_t n, Put how, Error *err) {
    Arena arena = {0};
    bool may_replace = how != PUT_NEW;
    char *temporary = how == PUT_ALONE ? arena_format(&arena, err, "%s.tmp", path)
                                       : arena_format(&arena, err, "%s.%ld.tmp", path, (long)getpid());
    if (!temporary) return false;
    int descriptor = open_new(temporary);
    bool ok =
        descriptor >= 0 && keep_mode(descriptor, path) && write_all(descriptor, bytes, n) && fsync(descriptor) == 0;
    if (!ok) error_system(err, path);
    // If the directory was moved away, another may be at work in the one at its place now.
    bool is_lost = ok && !path_leads_to(temporary, descriptor);
    if (descriptor >= 0 && close(descriptor) != 0 && ok) ok = error_system(err, path);
    if (ok && is_lost)
        ok = error_set(err, "%s: it was taken away while it was written", temporary);
    else if (ok && !name_file(temporary, path, may_replace))
        ok = errno == EEXIST && !may_replace ? stands_there(path, err) : error_system(err, path);
    if (!ok && !is_lost && descriptor >= 0) unlink(temporary);
    arena_free(&arena);
    return ok && sync_dir(path, err);
}

// A directory is left for the rename to refuse.
static bool replace(const char *path, const void *bytes, size_t n, Put how, Error *err) {
    struct stat info;
    if (!file_check(path, err)) return false;
    if (path_is_lost_link(path))
        return error_set(err, "%s: expected a file, found a symbolic link that leads to none", path);
    if (lstat(path, &info) != 0 || !S_ISLNK(info.st_mode)) return put(path, bytes, n, how, err);
    Arena arena = {0};
    const char *target = path_absolute(&arena, path, err);
    bool ok = target && put(target, bytes, n, how, err);
    arena_free(&arena);
    return ok;
}

bool file_replace(const char *path, const void *bytes, size_t n, Error *err) {
    return replace(path, bytes, n, PUT_ALONE, err);
}

bool file_replace_shared(const char *path, const void *bytes, size_t n, Error *err) {
    return replace(path, bytes, n, PUT_SHARED, err);
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
    return lstat(path, &info) == 0 ? stands_there(path, err) : put(path, bytes, n, PUT_NEW, err);
}

bool file_open_append(AppendFile *file, const char *path, Error *err) {
    file->path = path;
    file->descriptor = open_retrying(path, O_WRONLY | O_CREAT | O_APPEND);
    return file->descriptor >= 0 || error_system(err, path);
}

bool file_append(AppendFile *file, const void *bytes, size_t n, Error *err) {
    off_t end = lseek(file->descriptor, 0, SEEK_END);
    if (write_all(file->descriptor, bytes, n)) return true;
    error_system(err, file->path);
    if (end >= 0)
        (void)!ftruncate(file->descriptor, end); // what cannot be taken back is left out by who reads the file
    return false;
}

bool file_sync(AppendFile *file, Error *err) { return fsync(file->descriptor) == 0 || error_system(err, file->path); }

void file_close(AppendFile *file) {
    if (file->descriptor >= 0) close(file->descriptor);
    file->descriptor = -1;
}

bool file_remove(const char *path, Error *err) {
    return unlink(path) == 0 || errno == ENOENT || error_system(err, path);
}

bool dir_remove_empty(const char *path, Error *err) {
    if (rmdir(path) == 0) return true;
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR || errno == ENOENT || error_system(err, path);
}

void dir_take_back(const char *path, size_t n_there) {
    Arena arena = {0};
    Error unsaid;
    char *copy = arena_copy(&arena, path, strlen(path), &unsaid);
    for (size_t n = strlen(path); copy && n > n_there; n--) {
        if (copy[n] != '/' && copy[n] != '\0') continue;
        copy[n] = '\0';
        rmdir(copy);
    }
    arena_free(&arena);
}

bool dir_make(const char *path, size_t *n_there, Error *err) {
    Arena arena = {0};
    char *copy = arena_copy(&arena, path, strlen(path), err);
    *n_there = strlen(path);
    if (!copy) return false;
    bool ok = true, makes = false;
    for (char *at = copy; ok && *at;) {
        size_t n_above = (size_t)(at - copy);
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = '\0';
        bool is_made = mkdir(copy, 0777) == 0;
        if (is_made && !makes) *n_there = n_above;
        makes = makes || is_made;
        ok = is_made ? sync_dir(copy, err) : errno == EEXIST || error_system(err, path);
        *at = kept;
    }
    arena_free(&arena);
    struct stat info;
    if (ok && stat(path, &info) != 0) ok = error_system(err, path);
    if (ok && !S_ISDIR(info.st_mode)) ok = error_set(err, "%s: expected a directory, found a file", path);
    if (!ok) dir_take_back(path, *n_there);
    return ok;
}
