#include "train/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SHOWN = 60 };

static const char HEADER[] = "step,lr,loss,train_loss,dev_loss,seconds\n";

// Returns how many bytes the header and the rows before `step` take, 0 without a header.
static size_t bytes_before(Bytes file, uint64_t step) {
    size_t n = sizeof HEADER - 1;
    if (file.n < n || memcmp(file.at, HEADER, n) != 0) return 0;
    const char *end = file.at + file.n, *stop;
    for (const char *at = file.at + n; at < end && *at >= '0' && *at <= '9'; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop || strtoull(at, NULL, 10) >= step) break;
        n = (size_t)(stop + 1 - file.at);
    }
    return n;
}

bool metrics_open(AppendFile *file, const char *path, uint64_t step, Error *err) {
    Arena arena = {0};
    Bytes old = {0};
    bool is_new = path_kind(path) == PATH_NOTHING;
    bool ok = is_new || (path_check(path, PATH_FILE, err) && file_read(path, &arena, &old, err));
    size_t n = ok && !is_new ? bytes_before(old, step) : 0;
    arena_free(&arena);
    if (!ok || !file_open_append(file, path, err)) return false;
    if (ftruncate(file->descriptor, (off_t)n) != 0) return error_system(err, path);
    return n > 0 || file_append(file, HEADER, sizeof HEADER - 1, err);
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

// Reads a number, or NaN for an empty field, up to `end`. Returns the text behind it, or NULL if it is neither.
static const char *read_field(const char *at, char end, double *number) {
    char *after;
    *number = (double)NAN;
    if (*at == end) return at + 1;
    if (strchr(" \t\r\n", *at)) return NULL; // strtod would skip it, into the next line
    *number = strtod(at, &after);
    return after > at && *after == end ? after + 1 : NULL;
}

static const char *read_row(const char *at, MetricsRow *row) {
    char *after;
    double *const fields[] = {&row->lr, &row->loss, &row->train_loss, &row->dev_loss, &row->seconds};
    enum { FIELDS = sizeof fields / sizeof *fields };
    if (*at < '0' || *at > '9') return NULL;
    row->step = strtoull(at, &after, 10);
    at = *after == ',' ? after + 1 : NULL;
    for (size_t i = 0; at && i < FIELDS; i++) at = read_field(at, i + 1 < FIELDS ? ',' : '\n', fields[i]);
    return at;
}

static bool set_line(Error *err, size_t line, const char *found) {
    size_t n = strcspn(found, "\n");
    return error_set(err, "line %zu: expected \"%.*s\"%s, found \"%.*s\"", line, (int)sizeof HEADER - 2, HEADER,
                     line > 1 ? " in numbers, with a step no smaller than before" : "",
                     (int)(n < MOST_SHOWN ? n : MOST_SHOWN), found);
}

// Leaves out a last row that is incomplete.
static bool read_rows(Metrics *metrics, Bytes text, Arena *arena, Error *err) {
    size_t head = sizeof HEADER - 1, lines = 0;
    if (text.n < head || memcmp(text.at, HEADER, head) != 0) return set_line(err, 1, text.at);
    const char *at = text.at + head, *end = text.at + text.n;
    for (const char *stop = at; (stop = memchr(stop, '\n', (size_t)(end - stop))); stop++) lines++;
    metrics->rows = arena_alloc(arena, lines, sizeof *metrics->rows, err);
    if (!metrics->rows) return false;
    for (; metrics->n < lines; metrics->n++) {
        MetricsRow *row = &metrics->rows[metrics->n];
        const char *line = at;
        at = read_row(line, row);
        if (!at || (metrics->n > 0 && row->step < row[-1].step)) return set_line(err, metrics->n + 2, line);
    }
    return true;
}

bool metrics_read(Metrics *metrics, const char *path, Arena *arena, Error *err) {
    Bytes text;
    *metrics = (Metrics){0};
    return path_check(path, PATH_FILE, err) && file_read(path, arena, &text, err) &&
           (read_rows(metrics, text, arena, err) || error_context(err, "%s", path));
}

bool metrics_last_measured(const char *path, MetricsRow *row, Error *err) {
    Arena arena = {0};
    Metrics metrics = {0};
    *row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    bool ok = path_kind(path) == PATH_NOTHING || metrics_read(&metrics, path, &arena, err);
    for (size_t i = 0; ok && i < metrics.n; i++)
        if (!isnan(metrics.rows[i].train_loss)) *row = metrics.rows[i];
    arena_free(&arena);
    return ok;
}
