#include "draw/report/report.h"

#include "base/base64.h"
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
static const unsigned char PAGE_JS[] = {
#include "page.js.inc"
    0};

bool report_open(Report *report, const char *run, const char *data, Arena *arena, Error *err) {
    PlotSource *source = &report->source;
    *report = (Report){.arena = arena};
    if (!plot_source_open(source, 1, &run, data, arena, err)) return false;
    report->run = source->run;
    report->saved = &source->run->saved;
    if (!checkpoint_read_state(&report->saved->file, &report->state, err)) return false;
    const Metrics *metrics = &source->run->metrics;
    for (size_t i = 0; i < metrics->n; i++)
        if (!isnan(metrics->rows[i].train_loss)) report->measured = &metrics->rows[i];
    for (size_t p = 0; !source->no_data && p < N_PARTS; p++) {
        Span span = source->dataset.parts[p];
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

static bool add_style(Buffer *out, Report *report, Error *err) {
    (void)report, (void)err;
    buffer_print(out, "%s", (const char *)CSS);
    return true;
}

static bool add_script(Buffer *out, Report *report, Error *err) {
    (void)report, (void)err;
    buffer_print(out, "\n%s\n%s", (const char *)MODEL_JS, (const char *)PAGE_JS);
    return true;
}

// Adds the script's hash for the page's security policy: no other script runs, even if data contained one.
static bool add_script_hash(Buffer *out, Report *report, Error *err) {
    unsigned char digest[SHA256_BYTES];
    Buffer script = {.arena = report->arena};
    add_script(&script, report, err);
    if (!buffer_text(&script, err)) return false;
    sha256(script.bytes, script.n, digest);
    buffer_print(out, "sha256-");
    base64_add(out, digest, sizeof digest);
    return true;
}

static const struct {
    const char *name;
    bool (*add)(Buffer *out, Report *report, Error *err);
} SECTIONS[] = {
    {"title", add_title},      {"style", add_style},    {"script-hash", add_script_hash}, {"summary", report_summary},
    {"losses", report_losses}, {"names", report_names}, {"pictures", report_pictures},    {"step", report_step},
    {"config", report_config}, {"model", report_model}, {"script", add_script},
};

bool report_page(Buffer *page, Report *report, Error *err) {
    const char *at = (const char *)HTML;
    for (const char *open; (open = strstr(at, "{{")); at = strstr(open, "}}") + strlen("}}")) {
        buffer_add(page, at, (size_t)(open - at));
        for (size_t i = 0; i < sizeof SECTIONS / sizeof *SECTIONS; i++) {
            size_t n = strlen(SECTIONS[i].name);
            bool is_here = strncmp(open + 2, SECTIONS[i].name, n) == 0 && strncmp(open + 2 + n, "}}", 2) == 0;
            if (is_here && !SECTIONS[i].add(page, report, err)) return false;
        }
    }
    buffer_print(page, "%s", at);
    return buffer_text(page, err) != NULL;
}
