#include "draw/plot.h"
#include "draw/report/report.h"

#include <string.h>

// What a picture says to who looks at it, in a sentence.
typedef struct Caption {
    const char *kind, *text;
} Caption;

static const Caption CAPTIONS[] = {
    {"loss", "Single minibatches say little, their smoothed curve more; a dev loss that rises while train falls means "
             "names learned by heart."},
    {"bigrams", "How often each pair of characters stands in the train names: the data behind every bigram."},
    {"predictions", "How likely the model finds each character after each. Where it sees more than one, the table "
                    "holds for a name's beginning only, and need not look like the counts above."},
    {"embedding", "Characters that lie close together are alike to the model; vowels often find each other."},
    {"activations", "Outputs piled up at the ends are where a nonlinear layer hardly learns any more."},
    {"gradients", "Spreads of about the same width in every layer let all of them learn at one pace."},
    {"updates",
     "A line near &minus;3 moves its weight by a thousandth a step, which is about right; far above is too fast."},
    {"lr-find", "A good learning rate lies where the loss still falls steeply, before it turns up."},
    {"next", "Divided by a small temperature, the likeliest first character takes all; by a large one, all come near "
             "to each other."},
};

// The sentence, or for a kind that has none what it shows.
static void add_caption(Buffer *out, const PlotKind *kind) {
    for (size_t i = 0; i < sizeof CAPTIONS / sizeof *CAPTIONS; i++) {
        if (strcmp(CAPTIONS[i].kind, kind->name) != 0) continue;
        buffer_print(out, "%s", CAPTIONS[i].text);
        return;
    }
    html_text(out, kind->summary);
}

// The picture as an element that is an image to those who cannot see it, named by what it shows.
static void add_figure(Buffer *out, const PlotKind *kind, const Buffer *svg) {
    static const char begin[] = "<svg";
    buffer_print(out,
                 "<figure class=\"%s\"><div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\">%s "
                 "aria-label=\"",
                 kind->name, kind->name, begin);
    html_text(out, kind->summary);
    buffer_print(out, "\"");
    buffer_add(out, svg->bytes + sizeof begin - 1, svg->n - (sizeof begin - 1));
    buffer_print(out, "</div><figcaption>");
    add_caption(out, kind);
    buffer_print(out, "</figcaption></figure>\n");
}

static bool add_picture(Buffer *out, Report *report, const PlotKind *kind, Error *err) {
    Buffer svg;
    if (!plot_image(kind, &report->source, PLOT_SVG, &svg, report->arena, err)) {
        Error why = *err;
        return error_set(err, "%s; --no-plots makes the page without pictures", why.text);
    }
    add_figure(out, kind, &svg);
    return true;
}

bool report_pictures(Buffer *out, Report *report, Error *err) {
    Buffer missing = {.arena = report->arena};
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        const PlotKind *kind = PLOT_KINDS[i];
        const char *why = plot_applies(kind, &report->source);
        if (!why && !add_picture(out, report, kind, err)) return false;
        if (!why || kind->takes_several) continue;
        buffer_print(&missing, "<li>%s: ", kind->name);
        html_text(&missing, why);
        buffer_print(&missing, "</li>\n");
    }
    if (missing.n > 0 || missing.failed) {
        buffer_print(out, "<details><summary>Pictures that this run has not</summary>\n<ul>\n");
        buffer_join(out, &missing);
        buffer_print(out, "</ul></details>\n");
    }
    return buffer_text(out, err) != NULL;
}
