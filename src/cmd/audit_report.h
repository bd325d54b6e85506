// What nomen audit prints: a report for a person, or the same as JSON.
#ifndef NOMEN_CMD_AUDIT_REPORT_H
#define NOMEN_CMD_AUDIT_REPORT_H

#include "base/buffer.h"
#include "data/audit.h"

enum { REPORT_MOST_BINS = 16, REPORT_MOST_WARNINGS = 2 };

// The report on standard output, as wide as the terminal, 80 columns at most.
bool report_print(const Audit *audit, const char *path, Arena *arena, Error *err);

// One JSON object.
bool report_json(const Audit *audit, const char *path, Arena *arena, Error *err);

// What both say.

// Names of `from` to `to` characters.
typedef struct LengthBin {
    size_t from, to, names;
} LengthBin;

// At most REPORT_MOST_BINS bins of one width, wide enough that all but the last hold 99 names in 100; the last one
// holds the longest names. Returns how many there are.
size_t report_bins(const AuditLengths *lengths, LengthBin bins[REPORT_MOST_BINS]);

// The warnings, a sentence each, into `warnings`; false, with `err`, where memory runs out.
bool report_warnings(const Audit *audit, const char *warnings[REPORT_MOST_WARNINGS], size_t *n, Arena *arena,
                     Error *err);

#endif
