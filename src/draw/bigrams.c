// Bigram tables as lectures part 1 draws them: a shaded cell for each pair of symbols, with its count in the data or
// its probability by the model.
#include "base/text.h"
#include "draw/kinds.h"
#include "nn/softmax.h"

#include <math.h>
#include <stdio.h>

enum { MOST_SYMBOLS = 28, TABLE_PIXELS = 840, MOST_CELL = 60, LEAST_WIDTH = 560 };
static const double FAINT = 0.002, DARK = 0.68; // shares of the highest value: below, a cell is white; above, text is

typedef struct Table {
    SymbolChoice symbols;
    double *cells; // (n, n): row of the first symbol, column of the second
    double highest;
    bool is_percent;
} Table;

static void add_cells(Picture *picture, const Table *table) {
    size_t n = table->symbols.n;
    picture_line(picture,
                 "set palette defined (0 '#ffffff', 0.5 '#6baed6', 1 '#084594')\nset cbrange [0:%.9g]\n"
                 "unset colorbox",
                 table->highest);
    picture_data(picture, "cells");
    for (size_t i = 0; i < n * n; i++) {
        if (table->cells[i] <= FAINT * table->highest || isnan(table->cells[i])) continue;
        size_t row = i / n, column = i % n;
        picture_row(picture, 3, (const double[]){(double)column + 0.5, (double)row + 0.5, table->cells[i]});
    }
    picture_data_end(picture);
    picture_line(picture,
                 "plot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid noborder fillcolor palette");
}

static void format_cell(const Table *table, double value, char text[16]) {
    if (!isfinite(value))
        snprintf(text, 16, "-");
    else if (!table->is_percent || value >= 9.95 || value < 0.05)
        snprintf(text, 16, "%.0f", value);
    else
        snprintf(text, 16, "%.1f", value);
}

// Adds the dark texts before the white ones, or gnuplot would repeat the colours.
static void add_texts(Picture *picture, const Table *table, const Vocab *vocab, double cell) {
    size_t n = table->symbols.n;
    for (size_t i = 0; i < 2 * n * n; i++) {
        size_t row = i / n % n, column = i % n;
        double value = table->cells[row * n + column];
        bool is_white = i >= n * n;
        if ((isfinite(value) && value > DARK * table->highest) != is_white) continue;
        char first[DESCRIBE_SYMBOL_BYTES], second[DESCRIBE_SYMBOL_BYTES], pair[2 * DESCRIBE_SYMBOL_BYTES], number[16];
        snprintf(pair, sizeof pair, "%s%s", picture_symbol(vocab, table->symbols.ids[row], first),
                 picture_symbol(vocab, table->symbols.ids[column], second));
        format_cell(table, value, number);
        const char *texts[] = {number, pair}, *colour = is_white ? "#ffffff" : PICTURE_INK;
        for (size_t k = 0; k < 2; k++) {
            double size = floor(fmin(cell * 0.3, cell / (0.64 * (double)utf8_columns(texts[k]))));
            double y = (double)row + (k == 0 ? 0.28 : 0.71);
            picture_label(picture, &(Label){texts[k], colour, (double)column + 0.5, y, "first", LABEL_CENTER, size});
        }
    }
}

static void draw_table(Picture *picture, Table *table, const Vocab *vocab, const char *title, const char *run,
                       const char *note) {
    size_t n = table->symbols.n;
    for (size_t i = 0; i < n * n; i++)
        if (table->cells[i] > table->highest) table->highest = table->cells[i];
    unsigned cell = (unsigned)(TABLE_PIXELS / n);
    if (cell > MOST_CELL) cell = MOST_CELL;
    unsigned side = cell * (unsigned)n, width = side + 2 * PICTURE_EDGE;
    const Layout layout = {.title = title, .plot_height = side, .width = width < LEAST_WIDTH ? LEAST_WIDTH : width};
    picture_layout(picture, &layout, run, note);
    picture_area(picture, PICTURE_EDGE, PICTURE_EDGE + side, picture->top, picture->top + side);
    picture_line(picture, "unset border\nunset tics\nset xrange [0:%zu]\nset yrange [%zu:0]", n, n);
    add_texts(picture, table, vocab, cell);
    if (table->highest > 0)
        add_cells(picture, table);
    else
        picture_line(picture, "plot NaN");
}

const char *bigrams_why_not(const PlotSource *source) { return source->no_data; }

bool bigrams_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const Dataset *data = &source->dataset;
    Span span = data->parts[PART_TRAIN];
    Table table = {0};
    if (!plot_symbols(&table.symbols, source, MOST_SYMBOLS, arena, err)) return false;
    size_t n = table.symbols.n;
    size_t *rows = arena_alloc(arena, data->vocab.n, sizeof *rows, err); // of each id, from 1 on; 0 if it has none
    table.cells = arena_alloc(arena, n * n, sizeof *table.cells, err);
    if (!rows || !table.cells) return false;
    for (size_t i = 0; i < n; i++) rows[table.symbols.ids[i]] = i + 1;
    for (size_t i = span.begin; i < span.end; i++) {
        size_t first = rows[i > 0 ? data->stream[i - 1] : BOUNDARY], second = rows[data->stream[i]];
        if (first > 0 && second > 0) table.cells[(first - 1) * n + second - 1]++;
    }
    const char *note =
        picture_text(picture,
                     "%sHow often each pair occurs in the train split, among %zu pairs. Rows are first symbols, "
                     "columns second ones; %s is a name's beginning and end.",
                     table.symbols.note, span.end - span.begin, picture_boundary(&data->vocab));
    draw_table(picture, &table, &data->vocab, "Bigrams of the data", source->run->name, note);
    return true;
}

const char *predictions_why_not(const PlotSource *source) { return plot_symbols_why_not(source, MOST_SYMBOLS); }

// Fills the table. Rows are NaN if counts without smoothing have never seen the context.
static bool predict(Table *table, Model *model, Arena *arena, Error *err) {
    size_t n = table->symbols.n, context = model->context;
    uint16_t *ids = arena_alloc(arena, context + 1, sizeof *ids, err);
    float *p = arena_alloc(arena, model->vocab, sizeof *p, err);
    table->cells = arena_alloc(arena, n * n, sizeof *table->cells, err);
    if (!ids || !p || !table->cells) return false;
    for (size_t i = 0; i < n; i++) {
        if (context > 0) ids[context - 1] = table->symbols.ids[i];
        softmax(model->vocab, model_logits(model, ids, 1), 1, p);
        for (size_t k = 0; k < n; k++) table->cells[i * n + k] = 100 * (double)p[table->symbols.ids[k]];
    }
    return true;
}

bool predictions_draw(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    SavedModel *saved = &source->run->saved;
    const Model *model = &saved->model;
    Table table = {.is_percent = true};
    const char *boundary = picture_boundary(&saved->file.vocab);
    if (!plot_symbols(&table.symbols, source, MOST_SYMBOLS, arena, err) || !predict(&table, &saved->model, arena, err))
        return false;
    const char *note = picture_text(picture,
                                    "%sThe model's probability of each symbol after the first symbol of its row, in "
                                    "percent; %s is a name's beginning and end.",
                                    table.symbols.note, boundary);
    if (model_reads_names(model))
        note = picture_text(picture, "%s The first symbol begins the name.", note);
    else if (model->context > 1)
        note = picture_text(picture, "%s The rest of the context of %zu symbols is %s, as at a name's beginning.", note,
                            model->context, boundary);
    draw_table(picture, &table, &saved->file.vocab, "Bigrams of the model", source->run->name, note);
    return true;
}
