// Files and paths. Every failure names the file; no file is ever left half-written under its own name.
#ifndef NOMEN_BASE_FILE_H
#define NOMEN_BASE_FILE_H

#include "base/arena.h"

#include <stdint.h>

// n bytes, with a NUL behind them that is not counted.
typedef struct Bytes {
    char *at;
    size_t n;
} Bytes;

// The bytes that a file holds, 0 for what is no regular file. A path that nothing can be told of is an error.
bool file_size(const char *path, uint64_t *n_bytes, Error *err);

// A whole file into memory of `arena`. A folder, a missing file or one beyond the machine's memory is an error.
bool file_read(const char *path, Arena *arena, Bytes *bytes, Error *err);

// What errors call it, where a path would stand.
#define STANDARD_INPUT "standard input"

// Standard input to its end, a terminal's too, into memory of `arena`.
bool file_read_input(Arena *arena, Bytes *bytes, Error *err);

// Replaces `path` by these bytes, its permissions kept: written to PATH.tmp, synced, renamed, and the folder synced. At
// any moment `path` is the old file or the new one, whole; on an error the old one stays and PATH.tmp is removed,
// unless it is the last sync that fails, after the rename. Of a symbolic link the file that it leads to is replaced.
// What is there and is no file (a device, a pipe, a link that leads nowhere) is an error. PATH.tmp is always a new
// file: one that stands there is removed, and a link not followed.
bool file_replace(const char *path, const void *bytes, size_t n, Error *err);

// Replaces `path` by what the file `from` holds, as file_replace does; both pass file_check.
bool file_copy(const char *path, const char *from, Error *err);

// Makes `path` with these bytes, synced; it is whole as soon as it has its name. Whatever stands there already, a link
// that leads nowhere too, is an error, and stays as it is, also where several try at once; on any other error nothing
// is left.
bool file_create(const char *path, const void *bytes, size_t n, Error *err);

// A file that only grows. `file_append` writes all n bytes or fails; `file_sync` has them on the disk.
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

// What stands at a path.
typedef enum PathKind { PATH_NOTHING, PATH_FILE, PATH_FOLDER, PATH_FOLDER_IN_USE } PathKind;

// *is_regular is true for a file that can be read again from its start: neither a pipe nor a device. A path that
// nothing can be told of is an error.
bool file_is_regular(const char *path, bool *is_regular, Error *err);

// A folder that holds anything is in use. What cannot be looked at is an error, which has the system's reason.
bool path_look(const char *path, PathKind *kind, Error *err);

// The same for those who will meet the reason themselves: what cannot be looked at counts as a file, and a folder that
// cannot be read as one in use.
PathKind path_kind(const char *path);

// False where a pipe, a socket or a device stands at `path`, where nobody but a file has any business: to open one may
// mean to wait for ever.
bool file_check(const char *path, Error *err);

// True for a symbolic link that leads to nothing that can be looked at.
bool path_is_lost_link(const char *path);

// *only is true where the folder holds nothing but files of these n names.
bool folder_holds_only(const char *path, const char *const *names, size_t n, bool *only, Error *err);

// Removes a folder that holds nothing; any other stays as it is.
bool folder_remove_empty(const char *path, Error *err);

// Whether files can be made and removed in a folder, which may have to be made first: nothing is touched, and `err`
// says what is in the way.
bool folder_is_writable(const char *path, Error *err);

// The names of all that a folder holds, in no order; none where there is no folder.
bool folder_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err);

// Makes a folder and those above it; one that exists is no error.
bool path_make_folder(const char *path, Error *err);

// FOLDER/NAME, or NAME alone where it is absolute or the folder is "". NULL as arena_alloc.
char *path_join(Arena *arena, const char *folder, const char *name, Error *err);

// The folder part of a path: "" where there is none. NULL as arena_alloc.
char *path_folder(Arena *arena, const char *path, Error *err);

// The name without folder and last suffix ("configs/mlp.json" gives "mlp"). NULL as arena_alloc.
char *path_stem(Arena *arena, const char *path, Error *err);

// The same place from the root on, "." and ".." resolved where the file exists. NULL, with `err`, on failure.
char *path_absolute(Arena *arena, const char *path, Error *err);

// The folder of the running program's file; "" where this system does not tell (it is asked on Linux and macOS). NULL
// as arena_alloc.
char *program_folder(Arena *arena, Error *err);

#endif
