// Paths and directories: how names are put together, and what stands there. Nothing is changed.
#ifndef NOMEN_BASE_PATH_H
#define NOMEN_BASE_PATH_H

#include "base/arena.h"

// What stands at a path.
typedef enum PathKind { PATH_NOTHING, PATH_FILE, PATH_DIR, PATH_DIR_IN_USE } PathKind;

// A directory that holds anything is in use. What cannot be looked at is an error, which has the system's reason.
bool path_look(const char *path, PathKind *kind, Error *err);

// The same for those who will meet the reason themselves: what cannot be looked at counts as a file, and a directory
// that cannot be read as one in use.
PathKind path_kind(const char *path);

// True for a directory, in use or not.
bool path_is_dir(PathKind kind);

// True for a symbolic link, wherever it leads.
bool path_is_link(const char *path);

// True for a symbolic link that leads to nothing that can be looked at.
bool path_is_lost_link(const char *path);

// True where both paths lead to one file or directory, by links too.
bool path_same(const char *a, const char *b);

// True where the path leads to the open file, by links too: false where that was removed, or another stands there now.
bool path_leads_to(const char *path, int descriptor);

// *only is true where the directory holds nothing but files of these n names.
bool dir_holds_only(const char *path, const char *const *names, size_t n, bool *only, Error *err);

// Whether files can be made and removed in a directory, which may have to be made first: nothing is touched, and `err`
// says what is in the way.
bool dir_is_writable(const char *path, Error *err);

// The names of all that a directory holds, in no order; none where there is no directory. False, with
// `err`, where it cannot be read to its end or memory runs out.
bool dir_list(const char *path, const char ***names, size_t *n, Arena *arena, Error *err);

// DIR/NAME, or NAME alone where it is absolute or the directory is "". NULL as arena_alloc.
char *path_join(Arena *arena, const char *dir, const char *name, Error *err);

// The directory part of a path: "" where there is none. NULL as arena_alloc.
char *path_dir(Arena *arena, const char *path, Error *err);

// The name without directory and last suffix ("configs/mlp.json" gives "mlp"). NULL as arena_alloc.
char *path_stem(Arena *arena, const char *path, Error *err);

// The same place from the root on, "." and ".." resolved where the file exists. NULL, with `err`, on failure.
char *path_absolute(Arena *arena, const char *path, Error *err);

// The directory of the running program's file; "" where this system does not tell (it is asked on Linux and macOS).
// NULL as arena_alloc.
char *program_dir(Arena *arena, Error *err);

#endif
