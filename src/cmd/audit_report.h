// What nomen audit prints.
#ifndef NOMEN_CMD_AUDIT_REPORT_H
#define NOMEN_CMD_AUDIT_REPORT_H

#include "base/buffer.h"
#include "data/audit.h"

// Writes the audit of the names file at `path`, and warnings, each a line: a report as wide as the terminal, at
// most 80 columns, or one JSON object.
void audit_report(Buffer *out, const Audit *audit, const char *warnings, const char *path, bool json);

#endif
