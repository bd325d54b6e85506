#include "draw/report/report.h"

#include "base/format.h"
#include "base/text.h"
#include "study/sample_report.h"

#include <math.h>

enum { NAMES_SHOWN = 12, NAMES_DRAWN = 100 };

static const double TEMPERATURES[] = {0.5, 1, 1.5};
static const char *const MOODS[] = {"careful", "as learned", "adventurous"};

static void add_name(Buffer *out, const char *text, size_t n, bool is_cut, const NameReport *found, bool has_data) {
    buffer_print(out, "<tr><td>");
    if (n == 0) buffer_print(out, "(empty)");
    html_name(out, text, n);
    char nll[FORMAT_BYTES];
    buffer_print(out, "%s</td><td>%s</td>", is_cut ? "&hellip;" : "",
                 isfinite(found->nll) ? format_fitted(found->nll, 2, 7, nll) : "&infin;");
    if (has_data)
        buffer_print(out, "<td class=\"%s\">%s</td>", found->kind < N_PARTS ? "known" : "where",
                     sample_kind_name(found->kind));
    buffer_print(out, "</tr>\n");
}

// Adds a line such as "Of 100 such names, 12 are in train, 88 are new."
static void add_shares(Buffer *out, const SampleReport *drawn) {
    buffer_print(out, "<p class=\"quiet\">Of %llu such names", (unsigned long long)drawn->names);
    for (size_t k = 0; k < N_SAMPLE_KINDS; k++)
        if (drawn->kinds[k] > 0)
            buffer_print(out, ", %llu %s %s%s", (unsigned long long)drawn->kinds[k],
                         drawn->kinds[k] == 1 ? "is" : "are", k < N_PARTS ? "in " : "", sample_kind_name(k));
    buffer_print(out, ".</p>\n");
}

static bool add_table(Buffer *out, const Report *report, const NameParts *parts, size_t t, Error *err) {
    SavedModel *saved = report->saved;
    const SampleSettings settings = {
        .temperature = TEMPERATURES[t], .method = sample_method(saved->config.sample.method), .group = NAMES_DRAWN};
    Rng rng = train_state_sample_rng(&saved->file.state, &saved->config, (MaybeWhole){0});
    Arena scratch = {0};
    Sampler sampler;
    SampledName name;
    SampleReport drawn = {0};
    buffer_print(out,
                 "<div><h3>T = %g, %s</h3>\n<table><thead><tr><th scope=\"col\">Name</th>"
                 "<th scope=\"col\">&minus;log&nbsp;p</th>%s</tr></thead><tbody>\n",
                 TEMPERATURES[t], MOODS[t], parts ? "<th scope=\"col\">Is</th>" : "");
    bool ok = sampler_create(&sampler, &saved->model, &settings, &rng, &scratch, err);
    for (size_t i = 0; ok && i < NAMES_DRAWN && (ok = sampler_next(&sampler, &name, err)); i++) {
        char text[SAMPLE_MAX_BYTES];
        size_t n = sample_text(&name, saved, text);
        NameReport found = sample_report_add(&drawn, &saved->model, parts, &name, text, n);
        if (i < NAMES_SHOWN) add_name(out, text, n, name.is_cut, &found, parts != NULL);
    }
    buffer_print(out, "</tbody></table>\n");
    if (ok && parts) add_shares(out, &drawn);
    buffer_print(out, "</div>\n");
    arena_free(&scratch);
    return ok;
}

bool report_names(Buffer *out, Report *report, Error *err) {
    NameParts parts = {0};
    bool has_changed, has_data = !report->source.no_data;
    const SavedModel *saved = report->saved;
    if (has_data && !sample_parts_load(&parts, &has_changed, saved, report->arena, err)) return false;
    buffer_print(out,
                 "<p>The model draws names character by character from its own distribution. A temperature below 1 "
                 "makes likely characters likelier still, a temperature above 1 gives unlikely characters a chance. "
                 "Beside each name is "
                 "its mean &minus;log p over its characters and its end%s.</p>\n<div class=\"samples\">\n",
                 has_data ? ", and the split that contains it, or &ldquo;new&rdquo;" : "");
    for (size_t t = 0; t < sizeof TEMPERATURES / sizeof *TEMPERATURES; t++)
        if (!add_table(out, report, has_data ? &parts : NULL, t, err)) return false;
    buffer_print(out, "</div>\n");
    return true;
}
