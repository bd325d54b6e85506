// Reads, replaces, appends to and removes files. Every error names the file.
#pragma once

#include "base/path.h"

#include <stdint.h>

// n bytes, and a NUL after them that n does not count.
typedef struct Bytes {
    char *at;
    size_t n;
} Bytes;

// Reads a whole file or pipe. A directory, a device or a file larger than the machine's memory is an error.
bool file_read(const char *path, Arena *arena, Bytes *bytes, Error *err);

#define STANDARD_INPUT "standard input" // its name in errors

// Reads standard input to its end.
bool file_read_input(Arena *arena, Bytes *bytes, Error *err);

// Replaces a file atomically: writes PATH.tmp, syncs it, renames it, syncs the directory. On an error the old file
// stays. Permissions are kept. If `path` is a symbolic link, its target is replaced. An old PATH.tmp is removed, never
// followed.
bool file_replace(const char *path, const void *bytes, size_t n, Error *err);

// Syncs the directory that holds `path`, so that a file or directory created there survives a power cut.
bool file_sync_dir(const char *path, Error *err);

// A file that only grows.
typedef struct AppendFile {
    int descriptor; // -1 when closed
    const char *path;
} AppendFile;

bool file_open_append(AppendFile *file, const char *path, Error *err);

// Appends all n bytes. On an error the file is cut back to its old length.
bool file_append(AppendFile *file, const void *bytes, size_t n, Error *err);

bool file_sync(AppendFile *file, Error *err);
void file_close(AppendFile *file);

// Removes a file. A missing file is no error.
bool file_remove(const char *path, Error *err);
