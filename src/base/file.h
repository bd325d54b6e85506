// Files: read, written, made and removed. Every failure names the file; no file is ever left half-written under its own
// name.
#ifndef NOMEN_BASE_FILE_H
#define NOMEN_BASE_FILE_H

#include "base/path.h"

#include <stdint.h>

// n bytes, with a NUL behind them that is not counted.
typedef struct Bytes {
    char *at;
    size_t n;
} Bytes;

// The bytes that a file holds, 0 for what is no regular file. A path that nothing can be told of is an error.
bool file_size(const char *path, uint64_t *n_bytes, Error *err);

// A whole file into memory of `arena`. A directory, a missing file or one beyond the machine's memory is an error.
bool file_read(const char *path, Arena *arena, Bytes *bytes, Error *err);

// What errors call it, where a path would stand.
#define STANDARD_INPUT "standard input"

// Standard input to its end, a terminal's too, into memory of `arena`.
bool file_read_input(Arena *arena, Bytes *bytes, Error *err);

// Replaces `path` by these bytes, its permissions kept: written to PATH.tmp, synced, renamed, and the directory synced.
// At any moment `path` is the old file or the new one, whole; on an error the old one stays and PATH.tmp is removed,
// unless it is the last sync that fails, after the rename. Of a symbolic link the file that it leads to is replaced.
// What is there and is no file (a device, a pipe, a link that leads nowhere) is an error. PATH.tmp is always a new
// file: one that stands there is removed, and a link not followed; where it is gone, or another, before the rename,
// that is an error, and the other stays. For a file that one process at a time writes, such as those of a locked
// directory: what a kill leaves has a name that the next can tell.
bool file_replace(const char *path, const void *bytes, size_t n, Error *err);

// The same for a file that others may be replacing at this moment: PATH.PROCESS.tmp, with the process's number, stands
// in for PATH.tmp, and that of the last rename is what stays. A kill leaves it, until a process of that number writes.
bool file_replace_shared(const char *path, const void *bytes, size_t n, Error *err);

// Replaces `path` by what the file `from` holds, as file_replace does; both pass file_check.
bool file_copy(const char *path, const char *from, Error *err);

// Makes `path` with these bytes, synced; it is whole as soon as it has its name. Whatever stands there already, a link
// that leads nowhere too, is an error, and stays as it is, also where several try at once; on any other error nothing
// is left.
bool file_create(const char *path, const void *bytes, size_t n, Error *err);

// A file that only grows. `file_append` writes all n bytes, or fails and takes back those it wrote; `file_sync` has
// them on the disk.
typedef struct AppendFile {
    int descriptor; // -1 when closed
    const char *path;
} AppendFile;

bool file_open_append(AppendFile *file, const char *path, Error *err);
bool file_append(AppendFile *file, const void *bytes, size_t n, Error *err);
bool file_sync(AppendFile *file, Error *err);
void file_close(AppendFile *file);

// Removes a file; none there is no error.
bool file_remove(const char *path, Error *err);

// *is_regular is true for a file that can be read again from its start: neither a pipe nor a device. A path that
// nothing can be told of is an error.
bool file_is_regular(const char *path, bool *is_regular, Error *err);

// False where a pipe, a socket or a device stands at `path`, where nobody but a file has any business: to open one may
// mean to wait for ever.
bool file_check(const char *path, Error *err);

// Removes a directory that holds nothing; any other stays as it is.
bool dir_remove_empty(const char *path, Error *err);

// Makes a directory and those above it, synced; one that exists is no error. *n_there is the length of the part of
// `path` that was there before. On an error nothing that it made is left.
bool dir_make(const char *path, size_t *n_there, Error *err);

// Removes what dir_make made, as far as it is empty.
void dir_take_back(const char *path, size_t n_there);

#endif
