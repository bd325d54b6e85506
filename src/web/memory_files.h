// What the page reads and writes as files, in memory. base/file.h and base/path.h work on the same files.
#pragma once

#include <stddef.h>

// Returns the bytes of a file and sets *n to their number, or returns NULL. They stay valid until the file is replaced
// or removed.
const char *memory_file(const char *path, size_t *n);
