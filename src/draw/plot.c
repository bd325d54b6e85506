#include "draw/plot.h"

#include "draw/gnuplot.h"
#include "draw/kinds.h"

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

const char *plot_why_not(const PlotKind *kind, const PlotSource *source) {
    if (kind->takes_several && source->run) return "this picture compares runs, and one run was given";
    if (!kind->takes_several && !source->run) return "this picture shows one run, and several were given";
    return kind->why_not ? kind->why_not(source) : NULL;
}

bool plot_image(const PlotKind *kind, PlotSource *source, PlotFormat format, Buffer *image, Arena *arena, Error *err) {
    Picture picture;
    picture_begin(&picture, format, arena);
    if (!kind->draw(source, &picture, arena, err) || !gnuplot_draw(&picture, kind->name, image, err))
        return error_context(err, "%s", kind->name);
    source->has_codes |= picture.has_codes;
    return true;
}
