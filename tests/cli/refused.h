// Keeps configs that must be refused for the test of the schema (tests/shell/schema). If REFUSED_CONFIGS names a
// directory, each becomes a file there: a line with the message, a line with the change (KEY=VALUE, or empty), and the
// config.
#pragma once

#include "testing.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void keep_refused(const char *path, const char *change, const char *message) {
    const char *dir = getenv("REFUSED_CONFIGS");
    if (!dir || !exists(path)) return;
    char kept[PATH_MAX];
    snprintf(kept, sizeof kept, "%s/XXXXXX.txt", dir);
    int descriptor = mkstemps(kept, (int)strlen(".txt"));
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "wb") : NULL;
    ck_assert_msg(file != NULL, "cannot write %s", kept);
    size_t n;
    const char *config = read_text(path, &n);
    fprintf(file, "%s\n%s\n", message, change);
    ck_assert_uint_eq(fwrite(config, 1, n, file), n);
    ck_assert_int_eq(fclose(file), 0);
}
