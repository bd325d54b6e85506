// Configs that tests expect to be refused, kept for the schema's test (tests/shell/schema): with REFUSED_CONFIGS=DIR,
// each becomes a file there of the message, the change to the config (KEY=VALUE, or nothing), and the config, the first
// two a line each.
#ifndef NOMEN_TESTS_REFUSED_H
#define NOMEN_TESTS_REFUSED_H

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

#endif
