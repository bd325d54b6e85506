// Path utilities. None of them modifies the file system.
#pragma once

#include "base/arena.h"

// The kind of file at a path, after symbolic links. PATH_OTHER is a pipe, a socket, a device or a broken link.
typedef enum PathKind { PATH_NOTHING, PATH_FILE, PATH_DIR, PATH_OTHER } PathKind;

// Returns PATH_FILE for a path that cannot be examined, so that opening the file reports the reason.
PathKind path_kind(const char *path);

// Returns true if the path is of this kind, PATH_FILE or PATH_DIR, or does not exist.
bool path_check(const char *path, PathKind kind, Error *err);

bool path_is_link(const char *path);

// Returns true if both paths lead to the same file or directory, through links too.
bool path_same(const char *a, const char *b);

// Returns true if the path leads to the file with this open descriptor.
bool path_leads_to(const char *path, int descriptor);

// Returns DIR/NAME, or NAME alone if it is absolute or the directory is "".
char *path_join(Arena *arena, const char *dir, const char *name, Error *err);

// Returns the directory part of a path, or "" if it has none.
char *path_dir(Arena *arena, const char *path, Error *err);

// Returns the name without directory and last suffix: "mlp" for "configs/mlp.json".
char *path_stem(Arena *arena, const char *path, Error *err);

// Returns the path as one word of a shell command, quoted if necessary, that nomen does not take for an option.
const char *path_quote(const char *path, Arena *arena, Error *err);

// Returns the path from the root on. "." and ".." and links are resolved as far as the path exists.
char *path_absolute(Arena *arena, const char *path, Error *err);

// Returns the directory of the running program, or "" on a system other than Linux and macOS.
char *program_dir(Arena *arena, Error *err);
