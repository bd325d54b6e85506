#include "draw/report/report.h"

#include "base/sha256.h"
#include "train/evaluate.h"

#include <math.h>
#include <string.h>

// The page's files as bytes, which make writes to the build directory.
static const unsigned char HTML[] = {
#include "page.html.inc"
    0};
static const unsigned char CSS[] = {
#include "page.css.inc"
    0};
static const unsigned char MODEL_JS[] = {
#include "model.js.inc"
    0};
static const unsigned char PARTS_JS[] = {
#include "parts.js.inc"
    0};
static const unsigned char PAGE_JS[] = {
#include "page.js.inc"
    0};

bool report_open(Report *report, const char *run, const char *data, Arena *arena, Error *err) {
    PlotSource *source = &report->source;
    *report = (Report){.arena = arena};
    if (!plot_source_open(source, 1, &run, data, arena, err)) return false;
    report->run = source->run;
    report->saved = &source->run->saved;
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = source->dataset.parts[p];
        report->losses[p] = NAN;
        if (span.end > span.begin &&
            !evaluate_part(&report->saved->model, &source->dataset, (Part)p, &report->losses[p], err))
            return false;
    }
    return true;
}

static bool add_title(Buffer *out, Report *report, Error *err) {
    (void)err;
    html_text(out, report->run->name);
    return true;
}

// Adds the hash of the page's script, which its security policy allows: no other script runs, even if data contained
// one.
static bool add_script_hash(Buffer *out, Report *report, Error *err) {
    unsigned char digest[SHA256_BYTES];
    Buffer script = {.arena = report->arena};
    buffer_print(&script, "%s%s%s", (const char *)MODEL_JS, (const char *)PARTS_JS, (const char *)PAGE_JS);
    if (!buffer_text(&script, err)) return false;
    sha256(script.bytes, script.n, digest);
    buffer_print(out, "sha256-");
    html_base64(out, digest, sizeof digest);
    return true;
}

// What fills a place of the template: a file or a function.
static const struct {
    const char *name;
    const unsigned char *file;
    bool (*add)(Buffer *out, Report *report, Error *err);
} PARTS[] = {
    {"title", NULL, add_title},
    {"style", CSS, NULL},
    {"script-hash", NULL, add_script_hash},
    {"summary", NULL, report_summary},
    {"losses", NULL, report_losses},
    {"names", NULL, report_names},
    {"pictures", NULL, report_pictures},
    {"step", NULL, report_step},
    {"config", NULL, report_config},
    {"model", NULL, report_model},
    {"model-script", MODEL_JS, NULL},
    {"parts-script", PARTS_JS, NULL},
    {"page-script", PAGE_JS, NULL},
};

bool report_page(Buffer *page, Report *report, Error *err) {
    const char *at = (const char *)HTML;
    for (const char *open; (open = strstr(at, "{{")); at = strstr(open, "}}") + strlen("}}")) {
        buffer_add(page, at, (size_t)(open - at));
        for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
            size_t n = strlen(PARTS[i].name);
            if (strncmp(open + 2, PARTS[i].name, n) != 0 || strncmp(open + 2 + n, "}}", 2) != 0) continue;
            if (PARTS[i].file) buffer_print(page, "%s", (const char *)PARTS[i].file);
            if (PARTS[i].add && !PARTS[i].add(page, report, err)) return false;
        }
    }
    buffer_print(page, "%s", at);
    return buffer_text(page, err) != NULL;
}
