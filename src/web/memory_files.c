// The files of base/file.h and base/path.h for a program without a file system: a few named byte arrays in memory.
#include "web/memory_files.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_FILES = 8, NAME_BYTES = 64 };

// A file system is global by nature.
static struct MemoryFile {
    char name[NAME_BYTES];
    char *bytes;
    size_t n;
} files[MOST_FILES];

static struct MemoryFile *find(const char *path) {
    for (size_t i = 0; i < MOST_FILES; i++)
        if (files[i].bytes && strcmp(files[i].name, path) == 0) return &files[i];
    return NULL;
}

const char *memory_file(const char *path, size_t *n) {
    const struct MemoryFile *file = find(path);
    *n = file ? file->n : 0;
    return file ? file->bytes : NULL;
}

bool file_replace(const char *path, const void *bytes, size_t n, Error *err) {
    struct MemoryFile *file = find(path);
    for (size_t i = 0; !file && i < MOST_FILES; i++)
        if (!files[i].bytes) file = &files[i];
    char *copy = malloc(size_add(n, 1));
    if (!copy) return error_memory(err, n);
    if (!file || strlen(path) >= NAME_BYTES) {
        free(copy);
        return error_set(err, "%s: no room for another file", path);
    }
    memcpy(copy, bytes, n);
    free(file->bytes);
    memcpy(file->name, path, strlen(path) + 1);
    file->bytes = copy;
    file->n = n;
    return true;
}

bool file_remove(const char *path, Error *err) {
    (void)err;
    struct MemoryFile *file = find(path);
    if (file) free(file->bytes);
    if (file) *file = (struct MemoryFile){.n = 0};
    return true;
}

bool file_read(const char *path, Arena *arena, Bytes *bytes, Error *err) {
    size_t n;
    const char *at = memory_file(path, &n);
    if (!at) return error_set(err, "%s: no such file", path);
    *bytes = (Bytes){arena_copy(arena, at, n, err), n};
    return bytes->at != NULL;
}

bool file_read_input(Arena *arena, Bytes *bytes, Error *err) {
    (void)arena, (void)bytes;
    return error_set(err, STANDARD_INPUT ": there is none in memory");
}

PathKind path_kind(const char *path) { return find(path) ? PATH_FILE : PATH_NOTHING; }

bool path_check(const char *path, PathKind kind, Error *err) {
    (void)path, (void)kind, (void)err;
    return true;
}

// The config names its file by a path; in memory only its last part counts.
char *path_absolute(Arena *arena, const char *path, Error *err) {
    const char *slash = strrchr(path, '/');
    return arena_copy(arena, slash ? slash + 1 : path, strlen(slash ? slash + 1 : path), err);
}
