// The embedding as points with their characters (lectures part 2): its two dimensions or, of more, the two principal
// components.
#include "base/text.h"
#include "draw/kinds.h"
#include "draw/numbers.h"
#include "nn/layers/layers.h"

#include <math.h>

enum { MOST_SYMBOLS = 80, WIDTH = 720, HEIGHT = 560, LEFT = 86, BOTTOM = 66, PLACES = 8, RINGS = 8 };
enum { LABEL_SIZE = 15, LEAST_LINE = 22 };

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

// A point and its label, in pixels from the left and from above.
typedef struct Point {
    char text[PICTURE_SYMBOL_BYTES];
    double x, y, label_x, label_y, half_width;
} Point;

// The area of the points, in the same pixels.
typedef struct Box {
    double left, right, top, bottom;
} Box;

static bool is_free(const Point *points, size_t n, const Box *box, size_t i, double x, double y) {
    const double half_height = LABEL_SIZE * 0.5, dot = 4;
    double half = points[i].half_width;
    if (x - half < box->left || x + half > box->right || y - half_height < box->top || y + half_height > box->bottom)
        return false;
    for (size_t k = 0; k < n; k++) {
        const Point *other = &points[k];
        if (fabs(other->x - x) < half + dot && fabs(other->y - y) < half_height + dot) return false;
        if (k < i && fabs(other->label_x - x) < half + other->half_width && fabs(other->label_y - y) < 2 * half_height)
            return false;
    }
    return true;
}

// Gives each label the first free place around its point, near places first. A label that finds none covers its point.
static void place_labels(Point *points, size_t n, const Box *box) {
    static const double around[PLACES][2] = {{1, 0},      {-1, 0},      {0, -1},    {0, 1},
                                             {0.8, -0.8}, {-0.8, -0.8}, {0.8, 0.8}, {-0.8, 0.8}};
    for (size_t i = 0; i < n; i++) {
        points[i].label_x = points[i].x;
        points[i].label_y = points[i].y;
        for (size_t k = 0; k < RINGS * PLACES; k++) {
            size_t ring = k / PLACES;
            double out = 7.0 * (double)ring;
            double x = points[i].x + around[k % PLACES][0] * (points[i].half_width + 5 + out);
            double y = points[i].y + around[k % PLACES][1] * (LABEL_SIZE * 0.5 + 5 + out);
            if (!is_free(points, n, box, i, x, y)) continue;
            points[i].label_x = x;
            points[i].label_y = y;
            break;
        }
    }
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

// Adds the label and, if it is away from its point, a line between them.
static void add_label(Picture *picture, const Point *point) {
    double dx = point->label_x - point->x, dy = point->label_y - point->y, width = picture->width;
    double inside = fmin(point->half_width / fabs(dx), LABEL_SIZE * 0.5 / fabs(dy)); // the part within the label
    if (dx * dx + dy * dy > LEAST_LINE * LEAST_LINE)
        picture_line(picture,
                     "set arrow from screen %.6g,%.6g to screen %.6g,%.6g nohead linewidth 0.7 linecolor "
                     "rgb '" PICTURE_GREY "' back",
                     point->x / width, 1 - point->y / picture->height, (point->label_x - dx * inside) / width,
                     1 - (point->label_y - dy * inside) / picture->height);
    picture_label(picture,
                  &(Label){point->text, PICTURE_INK, point->label_x, point->label_y, NULL, LABEL_CENTER, LABEL_SIZE});
}

static bool add_points(Picture *picture, const Vocab *vocab, const SymbolChoice *symbols, const Pca *pca, Arena *arena,
                       Error *err) {
    double x[2], y[2];
    const Box box = {LEFT, picture->width - PICTURE_RIGHT, picture->top, picture->height - BOTTOM};
    Point *points = arena_alloc(arena, symbols->n, sizeof *points, err);
    if (!points) return false;
    find_range(pca, symbols->n, 0, x);
    find_range(pca, symbols->n, 1, y);
    picture_line(picture, "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]", x[0], x[1], y[0], y[1]);
    picture_data(picture, "points");
    for (size_t i = 0; i < symbols->n; i++) {
        Point *point = &points[i];
        picture_row(picture, 2, pca->at[i]);
        point->x = box.left + (pca->at[i][0] - x[0]) / (x[1] - x[0]) * (box.right - box.left);
        point->y = box.bottom - (pca->at[i][1] - y[0]) / (y[1] - y[0]) * (box.bottom - box.top);
        picture_symbol(picture, vocab, symbols->ids[i], point->text);
        point->half_width = (double)utf8_columns(point->text) * LABEL_SIZE * 0.33 + 1;
    }
    picture_data_end(picture);
    place_labels(points, symbols->n, &box);
    for (size_t i = 0; i < symbols->n; i++) add_label(picture, &points[i]);
    return true;
}

bool embedding_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const Tensor *table = table_of(source);
    const Vocab *vocab = &source->run->saved.file.vocab;
    char boundary[PICTURE_SYMBOL_BYTES];
    Layout layout = {.title = "Embedding", .width = WIDTH, .plot_height = HEIGHT, .left = LEFT, .bottom = BOTTOM};
    SymbolChoice symbols;
    Pca found;
    if (!plot_symbols(&symbols, source, MOST_SYMBOLS, arena, err) ||
        !find_coordinates(&found, table, &symbols, picture, &layout, arena, err))
        return false;
    const char *note =
        picture_text(picture, "%sPoints of %zu dimensions. The triangle is %s, a name's beginning and end.",
                     symbols.note, table->plan->dims[1], picture_symbol(picture, vocab, BOUNDARY, boundary));
    picture_layout(picture, &layout, source->run->name, note);
    if (!add_points(picture, vocab, &symbols, &found, arena, err)) return false;
    picture_curve(picture, &(Curve){"points", NULL, picture_style(0), 1, 0.6}, "$points every ::1");
    picture_curve(picture, &(Curve){"points", NULL, picture_style(1), 1, 1.1}, "$points every ::0::0");
    picture_plot(picture);
    return true;
}
