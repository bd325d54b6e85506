// Which character begins a name, at five temperatures, in panels one above the other.
#include "base/text.h"
#include "draw/kinds.h"
#include "nn/softmax.h"
#include "study/sampler.h"

#include <math.h>

enum { MOST_SYMBOLS = 30, PLOT_HEIGHT = 520, LEFT = 78, BOTTOM = 44, GAP = 14 };

static const double TEMPERATURES[] = {0.1, 0.5, 1, 2, 10};
enum { PANELS = sizeof TEMPERATURES / sizeof *TEMPERATURES };

// All symbols in the vocabulary's order or, if there are too many, the most likely.
typedef struct Bars {
    size_t n;
    uint16_t *ids;
    float *p; // (PANELS, vocab)
} Bars;

static bool find_bars(Bars *bars, Model *model, Arena *arena, Error *err) {
    size_t vocab = model->vocab;
    bars->n = vocab < MOST_SYMBOLS ? vocab : MOST_SYMBOLS;
    bars->ids = arena_alloc(arena, bars->n, sizeof *bars->ids, err);
    bars->p = arena_alloc(arena, size_mul(PANELS, vocab), sizeof *bars->p, err);
    uint16_t *boundaries = arena_alloc(arena, model->context + 1, sizeof *boundaries, err);
    RankedSymbol *ranked = arena_alloc(arena, vocab, sizeof *ranked, err);
    if (!bars->ids || !bars->p || !boundaries || !ranked) return false;
    const float *logits = model_logits(model, boundaries, 1);
    for (size_t t = 0; t < PANELS; t++) softmax(vocab, logits, (float)TEMPERATURES[t], bars->p + t * vocab);
    if (isnan(bars->p[0])) return error_set(err, "the model gives no distribution at a name's beginning");
    rank_symbols(vocab, logits, ranked);
    for (size_t i = 0; i < bars->n; i++) bars->ids[i] = vocab > bars->n ? ranked[i].id : (uint16_t)i;
    return true;
}

static void add_panel(Picture *picture, const Bars *bars, const Vocab *vocab, size_t t) {
    double height = (PLOT_HEIGHT - (BOTTOM - PICTURE_EDGE)) / (double)PANELS, highest = 0;
    double top = picture->top + height * (double)t;
    const float *p = bars->p + t * vocab->n;
    for (size_t i = 0; i < bars->n; i++) highest = fmax(highest, 100 * (double)p[bars->ids[i]]);
    picture_area(picture, LEFT, picture->width - PICTURE_RIGHT, top + GAP, top + height);
    picture_line(picture, "set yrange [0:%.9g]\nset ytics 0,%.9g,%.9g", highest * 1.3, picture_tics(highest),
                 highest * 1.02);
    const char *name = picture_text(picture, "T = %g", TEMPERATURES[t]);
    picture_label(picture, &(Label){name, PICTURE_INK, 0.995, 0.9, "graph", LABEL_RIGHT, 14});
    double slot = (double)(picture->width - LEFT - PICTURE_EDGE) / (double)(bars->n + 1);
    for (size_t i = 0; t + 1 == PANELS && i < bars->n; i++) {
        char bytes[DESCRIBE_SYMBOL_BYTES];
        const char *text = picture_symbol(vocab, bars->ids[i], bytes);
        double size = floor(fmin(13, slot / (0.62 * (double)utf8_columns(text))));
        picture_label(picture, &(Label){text, PICTURE_INK, (double)i, -0.18 * highest, "first", LABEL_CENTER, size});
    }
    picture_curve(picture, &(Curve){"boxes fillstyle solid noborder", NULL, picture_style(0), 1, 0},
                  picture_text(picture, "$bars using 1:%zu", t + 2));
    picture_plot(picture);
    picture_line(picture, "unset label");
}

bool next_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    SavedModel *saved = &source->run->saved;
    const Vocab *vocab = &saved->file.vocab;
    Bars bars = {0};
    if (!find_bars(&bars, &saved->model, arena, err)) return false;
    const Layout layout = {.title = "A name's first character, by temperature", .plot_height = PLOT_HEIGHT};
    const char *note = picture_text(
        picture,
        "%sSoftmax of the logits divided by T, each panel on its own scale; %s here means a name that ends "
        "at once.",
        bars.n < vocab->n ? picture_text(picture, "The %zu likeliest of %zu symbols. ", bars.n, vocab->n) : "",
        picture_boundary(vocab));
    picture_layout(picture, &layout, source->run->name, note);
    picture_label(picture, &(Label){"probability (%)", PICTURE_INK, 20, picture->top + PLOT_HEIGHT * 0.5, NULL,
                                    LABEL_UPWARDS, 13});
    picture_data(picture, "bars");
    for (size_t i = 0; i < bars.n; i++) {
        double row[1 + PANELS] = {(double)i};
        for (size_t t = 0; t < PANELS; t++) row[1 + t] = 100 * (double)bars.p[t * vocab->n + bars.ids[i]];
        picture_row(picture, 1 + PANELS, row);
    }
    picture_data_end(picture);
    picture_line(picture,
                 "set multiplot\nset xrange [-0.7:%.6g]\nset boxwidth 0.8\nunset xtics\nset grid noxtics ytics",
                 (double)bars.n - 0.3);
    for (size_t t = 0; t < PANELS; t++) add_panel(picture, &bars, vocab, t);
    picture_line(picture, "unset multiplot");
    return true;
}
