// What the heads of attention look at: a map per head, in which row t is the position that looks and column i <= t the
// position that it looks at. The darker a cell, the larger the probability.
#include "study/attention.h"
#include "base/text.h"
#include "draw/kinds.h"
#include "study/sampler.h"

#include <math.h>

enum { MOST_MAPS = 64, MOST_POSITIONS = 32, MOST_COLUMNS = 4, MOST_CELL = 26, PLOT_WIDTH = 800, MAP_LEFT = 22 };
enum { MAP_TITLE = 22, MAP_SYMBOLS = 18, MAP_GAP = 14 };

typedef struct Grid {
    size_t n, positions, columns; // maps; positions of each; maps side by side
    unsigned side, width, height; // pixels of a map, and with its labels
} Grid;

const char *attention_why_not(const PlotSource *source) {
    const Model *model = &source->run->saved.model;
    return attention_count(model) > 0 ? NULL : "the model has no attention layer";
}

static Grid make_grid(const AttentionMaps *maps) {
    Grid grid = {.n = maps->n < MOST_MAPS ? maps->n : MOST_MAPS};
    grid.positions = maps->view.n < MOST_POSITIONS ? maps->view.n : MOST_POSITIONS;
    size_t heads = 1;
    while (heads < grid.n && maps->items[heads].layer == maps->items[0].layer) heads++;
    grid.columns = heads < MOST_COLUMNS ? heads : MOST_COLUMNS;
    grid.width = PLOT_WIDTH / (unsigned)grid.columns;
    unsigned cell = (grid.width - MAP_LEFT - MAP_GAP) / (unsigned)grid.positions;
    grid.side = (cell < MOST_CELL ? cell : MOST_CELL) * (unsigned)grid.positions;
    grid.height = MAP_TITLE + MAP_SYMBOLS + grid.side + MAP_GAP;
    return grid;
}

static void add_symbols(Picture *picture, const Grid *grid, const AttentionMaps *maps, const Vocab *vocab, double left,
                        double top) {
    double cell = (double)grid->side / (double)grid->positions;
    for (size_t t = 0; t < grid->positions; t++) {
        char bytes[DESCRIBE_SYMBOL_BYTES];
        const char *text = picture_symbol(vocab, maps->view.ids[t], bytes);
        double at = ((double)t + 0.5) * cell,
               size = floor(fmin(fmin(13, 0.95 * cell), cell / (0.62 * (double)utf8_columns(text))));
        picture_label(picture, &(Label){text, PICTURE_INK, left + at, top - 7, NULL, LABEL_CENTER, size});
        picture_label(picture, &(Label){text, PICTURE_INK, left - 5, top + at, NULL, LABEL_RIGHT, size});
    }
}

static void add_map(Picture *picture, const Grid *grid, const AttentionMaps *maps, size_t i, const Vocab *vocab) {
    const AttentionMap *map = &maps->items[i];
    size_t n = maps->view.n;
    double left = PICTURE_EDGE + (double)(i % grid->columns) * grid->width + MAP_LEFT;
    size_t row = i / grid->columns;
    double top = picture->top + (double)row * grid->height + MAP_TITLE + MAP_SYMBOLS;
    char layer[DESCRIBE_SHAPE_BYTES];
    describe_layer(map->layer, layer);
    const char *name = picture_text(picture, "layer %s, head %zu", layer, map->head + 1);
    picture_label(picture, &(Label){name, PICTURE_GREY, left, top - MAP_SYMBOLS - 8, NULL, LABEL_LEFT, 12});
    add_symbols(picture, grid, maps, vocab, left, top);
    picture_area(picture, left, left + grid->side, top, top + grid->side);
    picture_data(picture, "map%zu", i);
    for (size_t t = 0; t < grid->positions; t++)
        for (size_t k = 0; k <= t; k++)
            picture_row(picture, 3, (const double[]){(double)k + 0.5, (double)t + 0.5, (double)map->p[t * n + k]});
    picture_data_end(picture);
    picture_line(picture,
                 "plot $map%zu using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid border linecolor rgb '#e2e2e2' "
                 "fillcolor palette\nunset label",
                 i);
}

// The prefix of the source or, if it has none, the name that the model finds likeliest, symbol by symbol.
static bool find_maps(AttentionMaps *maps, PlotSource *source, Arena *arena, Error *err) {
    SavedModel *saved = &source->run->saved;
    const SampleSettings likeliest = {.temperature = 0, .method = DRAW_INVERSE};
    Sampler sampler;
    SampledName name;
    if (!source->prefix)
        return sampler_create(&sampler, &saved->model, &likeliest, &(Rng){0}, arena, err) &&
               sampler_next(&sampler, &name, err) &&
               attention_maps(maps, &saved->model, name.ids,
                              name.n < saved->model.context ? name.n : saved->model.context, arena, err);
    size_t n;
    uint16_t *ids;
    return load_prefix(saved, source->prefix, &ids, &n, arena, err) &&
           (attention_maps(maps, &saved->model, ids, n, arena, err) || error_context(err, "--prefix"));
}

bool attention_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    AttentionMaps maps;
    if (!find_maps(&maps, source, arena, err)) return false;
    const Vocab *vocab = &source->run->saved.file.vocab;
    const Grid grid = make_grid(&maps);
    unsigned rows = (unsigned)((grid.n + grid.columns - 1) / grid.columns);
    const Layout layout = {
        .title = "Attention", .width = PLOT_WIDTH + 2 * PICTURE_EDGE, .plot_height = rows * grid.height};
    const char *note = picture_text(
        picture,
        "%sA row is a position that looks, a column one that it looks at; the darker, the more. Each row sums "
        "to 1; %s is the position before the first symbol.",
        grid.n < maps.n ? picture_text(picture, "The first %zu of %zu heads. ", grid.n, maps.n) : "",
        picture_boundary(vocab));
    picture_layout(picture, &layout, source->run->name, note);
    picture_line(picture,
                 "set palette defined (0 '#ffffff', 0.5 '#6baed6', 1 '#084594')\nset cbrange [0:1]\nunset colorbox\n"
                 "unset border\nunset tics\nset xrange [0:%zu]\nset yrange [%zu:0]\nset multiplot",
                 grid.positions, grid.positions);
    for (size_t i = 0; i < grid.n; i++) add_map(picture, &grid, &maps, i, vocab);
    picture_line(picture, "unset multiplot");
    return true;
}
