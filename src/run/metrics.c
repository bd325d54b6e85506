#include "run/metrics.h"

#include "base/buffer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char HEADER[] = "step,lr,loss,train_loss,dev_loss,seconds\n";

// Adds the whole rows of `old` whose step is before `step`.
static void keep_rows(Buffer *out, Bytes old, uint64_t step) {
    if (old.n == 0) return;
    const char *at = old.at, *end = old.at + old.n, *stop;
    for (; at < end && (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1)
        if (*at >= '0' && *at <= '9' && strtoull(at, NULL, 10) < step) buffer_add(out, at, (size_t)(stop + 1 - at));
}

bool metrics_open(AppendFile *file, const char *path, uint64_t step, Error *err) {
    Arena arena = {0};
    Buffer kept = {.arena = &arena};
    Bytes old = {0};
    buffer_add(&kept, HEADER, sizeof HEADER - 1);
    bool ok = path_kind(path) != PATH_FILE || file_read(path, &arena, &old, err);
    if (ok) keep_rows(&kept, old, step);
    ok = ok && buffer_text(&kept, err) && file_replace(path, kept.bytes, kept.n, err);
    arena_free(&arena);
    return ok && file_open_append(file, path, err);
}

bool metrics_add(AppendFile *file, const MetricsRow *row, Error *err) {
    const double fields[] = {row->lr, row->loss, row->train_loss, row->dev_loss, row->seconds};
    char text[256];
    int n = snprintf(text, sizeof text, "%llu", (unsigned long long)row->step);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t room = sizeof text - (size_t)n;
        n += isnan(fields[i]) ? snprintf(text + n, room, ",") : snprintf(text + n, room, ",%.9g", fields[i]);
    }
    n += snprintf(text + n, sizeof text - (size_t)n, "\n");
    return file_append(file, text, (size_t)n, err);
}
