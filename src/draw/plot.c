#include "draw/plot.h"

#include "draw/gnuplot.h"
#include "draw/kinds.h"
#include "study/lr_find.h"

#include <string.h>

const char *const PLOT_FORMATS[] = {[PLOT_SVG] = "svg", [PLOT_PNG] = "png", [N_PLOT_FORMATS] = NULL};

const PlotKind PLOT_KINDS[N_PLOT_KINDS] = {
    {"loss", "losses of minibatches, train and dev split over the steps, and the learning rate",
     "The loss of a single minibatch is noisy; the mean of many shows how training goes. A dev loss that rises while "
     "the train loss falls means that the model learns names by heart.",
     loss_why_not, loss_draw},
    {"bigrams", "how often each pair of symbols occurs in the data",
     "How often each pair of characters occurs in the train names: all that a bigram model knows.", bigrams_why_not,
     bigrams_draw},
    {"predictions", "the model's probability of each symbol after each symbol",
     "How likely the model finds each character after each character. If the model sees more than one character, "
     "the table holds for the beginning of a name only, and may differ from the counts above.",
     predictions_why_not, predictions_draw},
    {"embedding", "the embedding's points with their characters",
     "The model treats characters that are close together alike. Vowels often end up together.", embedding_why_not,
     embedding_draw},
    {"activations", "histograms of the nonlinear layers' outputs",
     "If the outputs pile up at the ends, the layer hardly learns any more.", histogram_why_not, activations_draw},
    {"gradients", "histograms of the gradients at the nonlinear layers",
     "If the gradients spread about equally in every layer, all layers learn at the same pace.", histogram_why_not,
     gradients_draw},
    {"updates", "how far each step moves each weight, relative to its size",
     "Near &minus;3, a step moves the weight by a thousandth, which is about right. Far above &minus;3 is too fast.",
     training_why_not, updates_draw},
    {"lr-find", "the loss while the learning rate rises",
     "A good learning rate is " LR_RULE ": above it the loss rises again.", training_why_not, lr_find_draw},
    {"next", "the first character's distribution at five temperatures",
     "A small temperature gives the likeliest first character nearly all probability. A large temperature "
     "makes all characters about equally likely.",
     NULL, next_draw},
    {"attention", "how much each position of a prefix looks at each earlier position, one map per head", NULL,
     attention_why_not, attention_draw, .is_rare = true}, // the page has maps that move
    {"compare", "the losses of several runs, or groups of seeds", NULL, compare_why_not, compare_draw,
     .takes_several = true},
};

const PlotKind *plot_find(const char *name) {
    for (size_t i = 0; i < N_PLOT_KINDS; i++)
        if (strcmp(PLOT_KINDS[i].name, name) == 0) return &PLOT_KINDS[i];
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
    return (kind->draw(source, &picture, arena, err) && gnuplot_draw(&picture, kind->name, image, err)) ||
           error_context(err, "%s", kind->name);
}
