#include "draw/plot.h"

#include "draw/gnuplot.h"
#include "draw/kinds.h"
#include "draw/svg.h"

#include <string.h>

const char *const PLOT_FORMATS[] = {[PLOT_SVG] = "svg", [PLOT_PNG] = "png", [N_PLOT_FORMATS] = NULL};

const PlotKind *const PLOT_KINDS[N_PLOT_KINDS] = {
    &loss_plot,      &bigrams_plot, &predictions_plot, &embedding_plot, &activations_plot,
    &gradients_plot, &updates_plot, &lr_find_plot,     &next_plot,      &compare_plot,
};

const PlotKind *plot_find(const char *name) {
    for (size_t i = 0; i < N_PLOT_KINDS; i++)
        if (strcmp(PLOT_KINDS[i]->name, name) == 0) return PLOT_KINDS[i];
    return NULL;
}

const char *plot_applies(const PlotKind *kind, const PlotSource *source) {
    if (kind->takes_several && source->run) return "one run was given, and this picture compares two or more";
    if (!kind->takes_several && !source->run) return source->several;
    return kind->why_not ? kind->why_not(source) : NULL;
}

static bool is_whole_png(const Buffer *image) {
    static const char begin[] = "\x89PNG\r\n\x1a\n", end[] = "IEND\xae\x42\x60\x82"; // the last chunk with its checksum
    size_t n_begin = sizeof begin - 1, n_end = sizeof end - 1;
    return image->n >= n_begin + n_end && memcmp(image->bytes, begin, n_begin) == 0 &&
           memcmp(image->bytes + image->n - n_end, end, n_end) == 0;
}

bool plot_image(const PlotKind *kind, PlotSource *source, PlotFormat format, Buffer *image, Arena *arena, Error *err) {
    Picture picture;
    Buffer drawn;
    picture_begin(&picture, format, arena);
    if (!kind->draw(source, &picture, arena, err) || !gnuplot_draw(&picture, &drawn, arena, err))
        return error_context(err, "%s", kind->name);
    source->has_codes |= picture.has_codes;
    *image = drawn;
    if (format == PLOT_PNG)
        return is_whole_png(image) || error_set(err, "%s: gnuplot: what it drew is no whole PNG", kind->name);
    *image = (Buffer){.arena = arena};
    return svg_clean(image, drawn.bytes, drawn.n, kind->name, picture.title, err) ||
           error_context(err, "%s", kind->name);
}
