// The embedding as circles with their characters inside (lectures part 2): its two dimensions or, of more, the two
// principal components.
#include "base/text.h"
#include "draw/kinds.h"
#include "draw/numbers.h"
#include "nn/layers/layers.h"

#include <math.h>

enum { MOST_SYMBOLS = 80, WIDTH = 720, HEIGHT = 560 };

static const Tensor *table_of(const PlotSource *source) {
    const Model *model = &source->run->saved.model;
    bool has = !model->is_ngram && model->network.layers[0].type == &embedding_layer;
    return has ? &model->network.tensors[model->network.layers[0].first_tensor] : NULL;
}

const char *embedding_why_not(const PlotSource *source) {
    const Tensor *table = table_of(source);
    if (source->run->saved.model.is_ngram) return "counts have no embedding";
    if (!table) return "the network has no embedding";
    if (table->plan->dims[1] < 2) return "the embedding has a single dimension";
    return plot_symbols_why_not(source, MOST_SYMBOLS);
}

// Finds the coordinates of the chosen symbols and the names of the axes.
static bool find_coordinates(Pca *found, const Tensor *table, const SymbolChoice *symbols, Picture *picture,
                             Layout *layout, Arena *arena, Error *err) {
    size_t dim = table->plan->dims[1], n = symbols->n;
    double *x = arena_alloc(arena, n * dim, sizeof *x, err);
    if (!x) return false;
    for (size_t i = 0; i < n * dim; i++) x[i] = (double)table->data[symbols->ids[i / dim] * dim + i % dim];
    if (dim == 2) {
        *found = (Pca){.at = (double(*)[2])x};
        layout->x = "first dimension of the embedding";
        layout->y = "second dimension of the embedding";
        return true;
    }
    if (!pca(found, n, dim, x, arena, err)) return false;
    static const char format[] = "%s principal component (%.0f %% of the variance)";
    layout->x = picture_text(picture, format, "first", 100 * found->share[0]);
    layout->y = picture_text(picture, format, "second", 100 * found->share[1]);
    return true;
}

// Finds the range of the k-th coordinate, with a margin.
static void find_range(const Pca *pca, size_t n, size_t k, double range[2]) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        range[0] = fmin(range[0], pca->at[i][k]);
        range[1] = fmax(range[1], pca->at[i][k]);
    }
    // Points that coincide in the script's digits get a margin of the size of their numbers.
    double spread = range[1] - range[0], size = fmax(fabs(range[0]), fabs(range[1]));
    double margin = 0.06 * (spread > 1e-6 * size ? spread : size > 0 ? size : 1);
    range[0] -= margin;
    range[1] += margin;
}

static void add_points(Picture *picture, const Vocab *vocab, const SymbolChoice *symbols, const Pca *pca) {
    double x[2], y[2];
    find_range(pca, symbols->n, 0, x);
    find_range(pca, symbols->n, 1, y);
    picture_line(picture, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]", x[0], x[1], y[0], y[1]);
    picture_data(picture, "points");
    for (size_t i = 0; i < symbols->n; i++) picture_row(picture, 2, pca->at[i]);
    picture_data_end(picture);
    for (size_t i = 0; i < symbols->n; i++) {
        char bytes[DESCRIBE_SYMBOL_BYTES];
        const char *text = picture_symbol(vocab, symbols->ids[i], bytes);
        double size = utf8_columns(text) > 1 ? 8 : 14;
        picture_label(picture, &(Label){text, PICTURE_INK, pca->at[i][0], pca->at[i][1], "first", LABEL_CENTER, size});
    }
}

bool embedding_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const Tensor *table = table_of(source);
    const Vocab *vocab = &source->run->saved.file.vocab;
    Layout layout = {.title = "Embedding", .width = WIDTH, .plot_height = HEIGHT};
    SymbolChoice symbols;
    Pca found;
    if (!plot_symbols(&symbols, source, MOST_SYMBOLS, arena, err) ||
        !find_coordinates(&found, table, &symbols, picture, &layout, arena, err))
        return false;
    const char *note =
        picture_text(picture, "%sPoints of %zu dimensions. The orange one is %s, a name's beginning and end.",
                     symbols.note, table->plan->dims[1], picture_boundary(vocab));
    picture_layout(picture, &layout, source->run->name, note);
    add_points(picture, vocab, &symbols, &found);
    picture_curve(picture, &(Curve){"points", NULL, {"#a6cee3", "solid", 7}, 1, 2.6}, "$points every ::1");
    picture_curve(picture, &(Curve){"points", NULL, {"#fdbf6f", "solid", 7}, 1, 2.6}, "$points every ::0::0");
    picture_plot(picture);
    return true;
}
