// The embedding as points with their characters (lectures part 2): its two dimensions as they are, more through their
// two principal components.
#include "nn/layers/embedding.h"
#include "base/text.h"
#include "draw/kinds.h"
#include "draw/pca.h"
#include "draw/symbols.h"

#include <math.h>
#include <string.h>

enum { MOST_SYMBOLS = 80, WIDTH = 720, HEIGHT = 560, LEFT = 86, BOTTOM = 66, RIGHT = 30, PLACES = 8, RINGS = 8 };
enum { LABEL_SIZE = 15 };

static const Tensor *table_of(const PlotSource *source) {
    const Model *model = &source->run->saved.model;
    bool has = !model->is_ngram && model->network.layers[0].type == &embedding_layer;
    return has ? &model->network.tensors[model->network.layers[0].first_tensor] : NULL;
}

static const char *why_not(const PlotSource *source) {
    const Tensor *table = table_of(source);
    if (source->run->saved.model.is_ngram) return "counts have no embedding";
    if (!table) return "the network has no embedding";
    if (table->plan->dims[1] < 2) return "the embedding has a single dimension";
    return symbols_why_not(source, MOST_SYMBOLS);
}

// The points of a picture in pixels, and where their labels stand beside them.
typedef struct Point {
    double x, y; // from the left and from below
    double label_x, label_y, half_width;
} Point;

static bool is_free(const Point *points, size_t n, const double sides[2], size_t i, double x, double y) {
    const double half_height = LABEL_SIZE * 0.5, dot = 4;
    double half = points[i].half_width;
    if (x - half < 0 || x + half > sides[0] || y - half_height < 0 || y + half_height > sides[1]) return false;
    for (size_t k = 0; k < n; k++) {
        const Point *other = &points[k];
        if (fabs(other->x - x) < half + dot && fabs(other->y - y) < half_height + dot) return false;
        if (k < i && fabs(other->label_x - x) < half + other->half_width && fabs(other->label_y - y) < 2 * half_height)
            return false;
    }
    return true;
}

// Each label takes the first free place around its point, near ones first; one that finds none covers another.
static void place_labels(Point *points, size_t n, const double sides[2]) {
    static const double around[PLACES][2] = {{1, 0},     {-1, 0},     {0, 1},      {0, -1},
                                             {0.8, 0.8}, {-0.8, 0.8}, {0.8, -0.8}, {-0.8, -0.8}};
    for (size_t i = 0; i < n; i++) {
        points[i].label_x = points[i].x;
        points[i].label_y = points[i].y;
        for (size_t k = 0; k < RINGS * PLACES; k++) {
            size_t ring = k / PLACES;
            double out = 7.0 * (double)ring;
            double x = points[i].x + around[k % PLACES][0] * (points[i].half_width + 5 + out);
            double y = points[i].y + around[k % PLACES][1] * (LABEL_SIZE * 0.5 + 5 + out);
            if (!is_free(points, n, sides, i, x, y)) continue;
            points[i].label_x = x;
            points[i].label_y = y;
            break;
        }
    }
}

// The coordinates of the symbols chosen, and what the axes are called.
static bool find_points(Pca *found, const Tensor *table, const SymbolChoice *symbols, const char *axes[2], Arena *arena,
                        Error *err) {
    size_t dim = table->plan->dims[1], n = symbols->n;
    double *x = arena_alloc(arena, n * dim, sizeof *x, err);
    if (!x) return false;
    for (size_t i = 0; i < n * dim; i++) x[i] = (double)table->data[symbols->ids[i / dim] * dim + i % dim];
    if (dim == 2) {
        *found = (Pca){.at = (double(*)[2])x};
        axes[0] = "first dimension of the embedding";
        axes[1] = "second dimension of the embedding";
        return true;
    }
    if (!pca(found, n, dim, x, arena, err)) return false;
    for (size_t k = 0; k < 2; k++) {
        axes[k] = arena_format(arena, err, "%s principal component (%.0f %% of the variance)",
                               k == 0 ? "first" : "second", 100 * found->share[k]);
        if (!axes[k]) return false;
    }
    return true;
}

// The range of the k-th coordinate, with a margin.
static void find_range(const Pca *pca, size_t n, size_t k, double range[2]) {
    range[0] = INFINITY;
    range[1] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        range[0] = fmin(range[0], pca->at[i][k]);
        range[1] = fmax(range[1], pca->at[i][k]);
    }
    // Points that all but coincide, as far as the script tells them apart, are given room of the size of their numbers.
    double spread = range[1] - range[0], size = fmax(fabs(range[0]), fabs(range[1]));
    double margin = 0.06 * (spread > 1e-6 * size ? spread : size > 0 ? size : 1);
    range[0] -= margin;
    range[1] += margin;
}

static void add_label(Picture *picture, const Point *point, const char *text) {
    double dx = point->label_x - point->x, dy = point->label_y - point->y;
    double left = (double)LEFT, bottom = (double)BOTTOM;
    double inside = fmin(point->half_width / fabs(dx), LABEL_SIZE * 0.5 / fabs(dy)); // the label's part of the way
    if (dx * dx + dy * dy > 22 * 22)
        picture_line(
            picture,
            "set arrow from screen %.6g,%.6g to screen %.6g,%.6g nohead linewidth 0.7 linecolor rgb '" PICTURE_GREY
            "' back",
            (left + point->x) / picture->width, (bottom + point->y) / picture->height,
            (left + point->label_x - dx * inside) / picture->width,
            (bottom + point->label_y - dy * inside) / picture->height);
    picture_label(picture, &(Label){text, PICTURE_INK, (left + point->label_x) / picture->width,
                                    (bottom + point->label_y) / picture->height, "screen", LABEL_CENTER, LABEL_SIZE});
}

static bool add_points(Picture *picture, const PlotSource *source, const SymbolChoice *symbols, const Pca *pca,
                       Arena *arena, Error *err) {
    double ranges[2][2];
    const double sides[2] = {(double)picture->width - LEFT - RIGHT, (double)picture->height - picture->top - BOTTOM};
    Point *points = arena_alloc(arena, symbols->n, sizeof *points, err);
    char(*texts)[PLOT_SYMBOL_BYTES] = arena_alloc(arena, symbols->n, sizeof *texts, err);
    if (!points || !texts) return false;
    for (size_t k = 0; k < 2; k++) find_range(pca, symbols->n, k, ranges[k]);
    for (size_t i = 0; i < symbols->n; i++) {
        plot_symbol(picture, &source->run->saved.file.vocab, symbols->ids[i], texts[i]);
        points[i].x = (pca->at[i][0] - ranges[0][0]) / (ranges[0][1] - ranges[0][0]) * sides[0];
        points[i].y = (pca->at[i][1] - ranges[1][0]) / (ranges[1][1] - ranges[1][0]) * sides[1];
        points[i].half_width = (double)utf8_columns(texts[i]) * LABEL_SIZE * 0.33 + 1;
    }
    place_labels(points, symbols->n, sides);
    for (size_t i = 0; i < symbols->n; i++) add_label(picture, &points[i], texts[i]);
    picture_line(picture, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]", ranges[0][0], ranges[0][1], ranges[1][0],
                 ranges[1][1]);
    picture_data(picture, "points");
    for (size_t i = 0; i < symbols->n; i++) picture_row(picture, 2, pca->at[i]);
    picture_data_end(picture);
    return true;
}

static bool draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const Tensor *table = table_of(source);
    const Vocab *vocab = &source->run->saved.file.vocab;
    const char *axes[2];
    char boundary[PLOT_SYMBOL_BYTES];
    SymbolChoice symbols;
    Pca found;
    if (!symbols_choose(&symbols, source, MOST_SYMBOLS, arena, err) ||
        !find_points(&found, table, &symbols, axes, arena, err))
        return false;
    const char *note =
        arena_format(arena, err, "%sPoints of %zu dimensions. The triangle is %s, a name's beginning and end.",
                     symbols.note, table->plan->dims[1], plot_symbol(picture, vocab, BOUNDARY, boundary));
    if (!note) return false;
    picture->width = WIDTH;
    picture->plot_height = HEIGHT;
    picture->key_rows = 0;
    picture_title(picture, "Embedding", source->run->name, note);
    picture_axes(picture, axes[0], axes[1]);
    picture_line(picture, "set lmargin at screen %.6g\nset bmargin at screen %.6g", (double)LEFT / picture->width,
                 (double)BOTTOM / picture->height);
    if (!add_points(picture, source, &symbols, &found, arena, err)) return false;
    picture_curve(picture, &(Curve){"$points every ::1", "points", NULL, picture_style(0), 1, 0.6});
    picture_curve(picture, &(Curve){"$points every ::0::0", "points", NULL, picture_style(1), 1, 1.1});
    picture_plot(picture);
    return true;
}

const PlotKind embedding_plot = {"embedding", "the embedding's points with their characters", false, why_not, draw};
