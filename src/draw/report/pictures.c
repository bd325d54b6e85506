#include "draw/plot.h"
#include "draw/report/report.h"

// Adds a picture, labelled for those who cannot see it.
static bool add_picture(Buffer *out, Report *report, const PlotKind *kind, Error *err) {
    static const char begin[] = "<svg";
    Buffer svg;
    if (!plot_image(kind, &report->source, PLOT_SVG, &svg, report->arena, err)) {
        Error why = *err;
        return error_set(err, "%s; --no-plots makes the page without pictures", why.text);
    }
    buffer_print(out,
                 "<figure class=\"%s\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">%s "
                 "aria-label=\"",
                 kind->name, kind->name, begin);
    html_text(out, kind->summary);
    buffer_print(out, "\"");
    buffer_add(out, svg.bytes + sizeof begin - 1, svg.n - (sizeof begin - 1));
    buffer_print(out, "</div><figcaption>%s</figcaption></figure>\n", kind->caption);
    return true;
}

bool report_pictures(Buffer *out, Report *report, Error *err) {
    Buffer missing = {.arena = report->arena};
    if (report->no_plots) buffer_print(out, "<p class=\"note\">Made with --no-plots: without pictures.</p>\n");
    for (size_t i = 0; !report->no_plots && i < N_PLOT_KINDS; i++) {
        const PlotKind *kind = &PLOT_KINDS[i];
        const char *why = plot_why_not(kind, &report->source);
        if (!kind->caption) continue;
        if (!why && !add_picture(out, report, kind, err)) return false;
        if (!why) continue;
        buffer_print(&missing, "<li>%s: ", kind->name);
        html_text(&missing, why);
        buffer_print(&missing, "</li>\n");
    }
    if (missing.n == 0 && !missing.failed) return true;
    buffer_print(out, "<details><summary>Pictures that this run does not have</summary>\n<ul>\n");
    buffer_join(out, &missing);
    buffer_print(out, "</ul></details>\n");
    return true;
}
