#include "train/metrics.h"

#include "base/buffer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MOST_SHOWN = 60 };

#define OLD_COLUMNS "step,lr,loss,train_loss,dev_loss,seconds"
static const char HEADER[] = OLD_COLUMNS ",mean_loss\n", OLD_HEADER[] = OLD_COLUMNS "\n";

static bool begins_with(Bytes file, const char *header) {
    return file.n >= strlen(header) && memcmp(file.at, header, strlen(header)) == 0;
}

// Returns how many bytes the header and the rows before `step` take, 0 without this header.
static size_t bytes_before(Bytes file, const char *header, uint64_t step) {
    size_t n = strlen(header);
    if (!begins_with(file, header)) return 0;
    const char *end = file.at + file.n, *stop;
    for (const char *at = file.at + n; at < end && *at >= '0' && *at <= '9'; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop || strtoull(at, NULL, 10) >= step) break;
        n = (size_t)(stop + 1 - file.at);
    }
    return n;
}

// Replaces a file of an older version by its rows before `step` with an empty last column.
static bool add_column(const char *path, Bytes old, uint64_t step, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    const char *at = old.at + strlen(OLD_HEADER), *end = old.at + bytes_before(old, OLD_HEADER, step), *stop;
    buffer_print(&out, "%s", HEADER);
    for (; at < end; at = stop + 1) {
        stop = memchr(at, '\n', (size_t)(end - at));
        buffer_print(&out, "%.*s,\n", (int)(stop - at), at);
    }
    const char *text = buffer_text(&out, err);
    return text && file_replace(path, text, out.n, err);
}

bool metrics_open(AppendFile *file, const char *path, uint64_t step, Error *err) {
    Arena arena = {0};
    Bytes old = {0};
    bool is_new = path_kind(path) == PATH_NOTHING;
    bool ok = is_new || (path_check(path, PATH_FILE, err) && file_read(path, &arena, &old, err));
    bool is_old = ok && !is_new && begins_with(old, OLD_HEADER);
    size_t n = ok && !is_new ? bytes_before(old, HEADER, step) : 0;
    if (is_old) ok = add_column(path, old, step, &arena, err);
    arena_free(&arena);
    if (!ok || !file_open_append(file, path, err)) return false;
    if (!is_old && ftruncate(file->descriptor, (off_t)n) != 0) return error_system(err, path);
    return is_old || n > 0 || file_append(file, HEADER, sizeof HEADER - 1, err);
}

bool metrics_add(AppendFile *file, const MetricsRow *row, Error *err) {
    const double fields[] = {row->lr, row->loss, row->train_loss, row->dev_loss, row->seconds, row->mean_loss};
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

static const char *read_row(const char *at, bool is_old, MetricsRow *row) {
    char *after;
    double *const fields[] = {&row->lr, &row->loss, &row->train_loss, &row->dev_loss, &row->seconds, &row->mean_loss};
    const size_t n = sizeof fields / sizeof *fields - is_old;
    if (*at < '0' || *at > '9') return NULL;
    row->mean_loss = (double)NAN;
    row->step = strtoull(at, &after, 10);
    at = *after == ',' ? after + 1 : NULL;
    for (size_t i = 0; at && i < n; i++) at = read_field(at, i + 1 < n ? ',' : '\n', fields[i]);
    return at;
}

static bool set_line(Error *err, const char *header, size_t line, const char *found) {
    size_t n = strcspn(found, "\n");
    return error_set(err, "line %zu: expected \"%.*s\"%s, found \"%.*s\"", line, (int)strlen(header) - 1, header,
                     line > 1 ? " in numbers, with a step no smaller than before" : "",
                     (int)(n < MOST_SHOWN ? n : MOST_SHOWN), found);
}

// Leaves out a last row that is incomplete.
static bool read_rows(Metrics *metrics, Bytes text, Arena *arena, Error *err) {
    size_t lines = 0;
    bool is_old = begins_with(text, OLD_HEADER);
    const char *header = is_old ? OLD_HEADER : HEADER;
    if (!begins_with(text, header)) return set_line(err, header, 1, text.at);
    const char *at = text.at + strlen(header), *end = text.at + text.n;
    for (const char *stop = at; (stop = memchr(stop, '\n', (size_t)(end - stop))); stop++) lines++;
    metrics->rows = arena_alloc(arena, lines, sizeof *metrics->rows, err);
    if (!metrics->rows) return false;
    for (; metrics->n < lines; metrics->n++) {
        MetricsRow *row = &metrics->rows[metrics->n];
        const char *line = at;
        at = read_row(line, is_old, row);
        if (!at || (metrics->n > 0 && row->step < row[-1].step)) return set_line(err, header, metrics->n + 2, line);
    }
    return true;
}

bool metrics_read(Metrics *metrics, const char *path, Arena *arena, Error *err) {
    Bytes text;
    *metrics = (Metrics){0};
    return path_check(path, PATH_FILE, err) && file_read(path, arena, &text, err) &&
           (read_rows(metrics, text, arena, err) || error_context(err, "%s", path));
}

bool metrics_last_measured(const char *path, uint64_t step, MetricsRow *row, Error *err) {
    Arena arena = {0};
    Metrics metrics = {0};
    *row = (MetricsRow){.train_loss = NAN, .dev_loss = NAN};
    bool ok = path_kind(path) == PATH_NOTHING || metrics_read(&metrics, path, &arena, err);
    for (size_t i = 0; ok && i < metrics.n; i++)
        if (metrics.rows[i].step <= step && !isnan(metrics.rows[i].train_loss)) *row = metrics.rows[i];
    arena_free(&arena);
    return ok;
}
