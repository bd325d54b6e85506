#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool write_all(int descriptor, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t written = write(descriptor, bytes, n);
        if (written < 0) return false;
        bytes += written;
        n -= (size_t)written;
    }
    return true;
}

// Reads to the end even if the file grows. Room for one more byte than `size` and a NUL lets a file of that size end
// without a copy.
static bool read_all(int descriptor, size_t size, Arena *arena, Bytes *bytes, Error *err) {
    size_t capacity = size + 2, n = 0;
    char *at = arena_alloc(arena, capacity, 1, err);
    while (at) {
        ssize_t got = read(descriptor, at + n, capacity - n - 1);
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
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return error_system(err, path);
    bool ok = read_open(descriptor, path, false, arena, bytes, err);
    close(descriptor);
    return ok;
}

bool file_read_input(Arena *arena, Bytes *bytes, Error *err) {
    return read_open(STDIN_FILENO, STANDARD_INPUT, true, arena, bytes, err);
}

bool file_sync_dir(const char *path, Error *err) {
    Arena arena = {0};
    const char *dir = path_dir(&arena, path, err);
    int descriptor = dir ? open(dir[0] ? dir : ".", O_RDONLY | O_CLOEXEC) : -1;
    bool ok = descriptor >= 0 && fsync(descriptor) == 0;
    // Some file systems cannot sync a directory.
    if (!ok && descriptor >= 0 && (errno == EINVAL || errno == ENOTSUP)) ok = true;
    if (!ok && dir) error_system(err, path);
    if (descriptor >= 0) close(descriptor);
    arena_free(&arena);
    return ok;
}

// Gives the temporary file the permissions of the file that it replaces.
static bool keep_mode(int descriptor, const char *path) {
    struct stat info;
    return stat(path, &info) != 0 || fchmod(descriptor, info.st_mode & 0777) == 0;
}

static bool write_and_rename(int descriptor, const char *temporary, const char *path, const void *bytes, size_t n,
                             Error *err) {
    bool ok = keep_mode(descriptor, path) && write_all(descriptor, bytes, n) && fsync(descriptor) == 0;
    if (!ok) error_system(err, path);
    if (close(descriptor) != 0 && ok) ok = error_system(err, path);
    if (ok && rename(temporary, path) != 0) ok = error_system(err, path);
    if (!ok) unlink(temporary);
    return ok && file_sync_dir(path, err);
}

bool file_replace(const char *path, const void *bytes, size_t n, Error *err) {
    Arena arena = {0};
    if (!path_check(path, PATH_FILE, err)) return false;
    const char *target = path_is_link(path) ? path_absolute(&arena, path, err) : path;
    const char *temporary = target ? arena_format(&arena, err, "%s.tmp", target) : NULL;
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, descriptor = temporary ? open(temporary, flags, 0666) : -1;
    if (temporary && descriptor < 0 && errno == EEXIST && unlink(temporary) == 0)
        descriptor = open(temporary, flags, 0666);
    if (temporary && descriptor < 0) error_system(err, path);
    bool ok = descriptor >= 0 && write_and_rename(descriptor, temporary, target, bytes, n, err);
    arena_free(&arena);
    return ok;
}

bool file_open_append(AppendFile *file, const char *path, Error *err) {
    file->path = path;
    file->descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    return file->descriptor >= 0 || error_system(err, path);
}

bool file_append(AppendFile *file, const void *bytes, size_t n, Error *err) {
    off_t end = lseek(file->descriptor, 0, SEEK_END);
    if (write_all(file->descriptor, bytes, n)) return true;
    error_system(err, file->path);
    if (end >= 0) (void)!ftruncate(file->descriptor, end); // a reader skips a cut line
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
