// The bigram table as lectures part 1 draws it: a cell for each pair of symbols, shaded, with the pair and its count in
// the data or, of a model's own predictions, its probability.
#include "base/text.h"
#include "draw/kinds.h"
#include "draw/symbols.h"
#include "nn/softmax.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_SYMBOLS = 28, TABLE_PIXELS = 840, MOST_CELL = 60, LEAST_WIDTH = 560, WHITE = 0xFFFFFF };
static const double DARK = 0.68; // from this share of the darkest on, a cell's text is white

// n x n figures, row by row: of the second symbol after the first.
typedef struct Table {
    SymbolChoice symbols;
    double *cells;
    bool is_percent;
} Table;

// White, light blue, dark blue.
static unsigned shade(double share) {
    static const double stops[3][3] = {{255, 255, 255}, {107, 174, 214}, {8, 69, 148}};
    size_t i = share < 0.5 ? 0 : 1;
    double between = share * 2 - (double)i;
    unsigned colour = 0;
    for (size_t k = 0; k < 3; k++)
        colour = colour << 8 | (unsigned)(stops[i][k] + (stops[i + 1][k] - stops[i][k]) * between + 0.5);
    return colour;
}

// Those that are not white. Returns whether there are any.
static bool add_cells(Picture *picture, const Table *table, double highest) {
    size_t n = table->symbols.n, n_drawn = 0;
    picture_data(picture, "cells");
    for (size_t i = 0; i < n * n; i++) {
        unsigned colour = table->cells[i] > 0 ? shade(table->cells[i] / highest) : WHITE;
        if (colour == WHITE) continue;
        size_t row = i / n, column = i % n;
        picture_row(picture, 3, (const double[]){(double)column + 0.5, (double)row + 0.5, (double)colour});
        n_drawn++;
    }
    picture_data_end(picture);
    return n_drawn > 0;
}

static void format_cell(const Table *table, double value, char text[16]) {
    if (!isfinite(value))
        snprintf(text, 16, "-");
    else if (!table->is_percent || value >= 9.95 || value < 0.05)
        snprintf(text, 16, "%.0f", value);
    else
        snprintf(text, 16, "%.1f", value);
}

// Dark texts before white ones: gnuplot then writes a colour once.
static void add_texts(Picture *picture, const Table *table, const Vocab *vocab, double highest, double cell) {
    size_t n = table->symbols.n;
    for (int white = 0; white < 2; white++) {
        for (size_t i = 0; i < n * n; i++) {
            size_t row = i / n, column = i % n;
            double value = table->cells[i], x = (double)column + 0.5, y = (double)row;
            bool is_white = isfinite(value) && highest > 0 && value / highest > DARK;
            if (is_white != white) continue;
            char first[PLOT_SYMBOL_BYTES], second[PLOT_SYMBOL_BYTES], pair[2 * PLOT_SYMBOL_BYTES], number[16];
            snprintf(pair, sizeof pair, "%s%s", plot_symbol(picture, vocab, table->symbols.ids[row], first),
                     plot_symbol(picture, vocab, table->symbols.ids[column], second));
            format_cell(table, value, number);
            const char *texts[] = {number, pair}, *colour = white ? "#ffffff" : PICTURE_INK;
            for (size_t k = 0; k < 2; k++) {
                double size = fmin(cell * 0.3, cell / (0.64 * (double)utf8_columns(texts[k])));
                Label label = {texts[k], colour, x, y + (k == 0 ? 0.28 : 0.71), "first", LABEL_CENTER, floor(size)};
                picture_label(picture, &label);
            }
        }
    }
}

static void draw_table(Picture *picture, const Table *table, const Vocab *vocab, const char *title, const char *run,
                       const char *note) {
    size_t n = table->symbols.n;
    double highest = 0;
    for (size_t i = 0; i < n * n; i++)
        if (table->cells[i] > highest) highest = table->cells[i];
    unsigned cell = (unsigned)(TABLE_PIXELS / n);
    if (cell > MOST_CELL) cell = MOST_CELL;
    picture->key_rows = 0;
    picture->plot_height = cell * (unsigned)n;
    picture->width = picture->plot_height + 2 * PICTURE_EDGE;
    if (picture->width < LEAST_WIDTH) picture->width = LEAST_WIDTH;
    picture_title(picture, title, run, note);
    double left = (double)PICTURE_EDGE / picture->width, right = left + (double)picture->plot_height / picture->width;
    picture_line(picture, "set lmargin at screen %.6g\nset rmargin at screen %.6g\nset bmargin at screen %.6g", left,
                 right, (double)PICTURE_EDGE / picture->height);
    picture_line(picture, "unset border\nunset tics\nset xrange [0:%zu]\nset yrange [%zu:0]", n, n);
    bool any = add_cells(picture, table, highest);
    add_texts(picture, table, vocab, highest, cell);
    picture_line(picture,
                 any ? "plot $cells using 1:2:(0.5):(0.5):3 with boxxyerror fillstyle solid noborder linecolor "
                       "rgb variable"
                     : "plot NaN");
}

static const char *no_data(const PlotSource *source) { return source->no_data; }

static bool draw_counts(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    const Dataset *data = &source->dataset;
    Span span = data->parts[PART_TRAIN];
    Table table = {0};
    if (!symbols_choose(&table.symbols, source, MOST_SYMBOLS, arena, err)) return false;
    size_t n = table.symbols.n;
    size_t *rows = arena_alloc(arena, data->vocab.n, sizeof *rows, err); // of each id, from 1 on; 0 where it has none
    table.cells = arena_alloc(arena, n * n, sizeof *table.cells, err);
    if (!rows || !table.cells) return false;
    for (size_t i = 0; i < n; i++) rows[table.symbols.ids[i]] = i + 1;
    for (size_t i = span.begin; i < span.end; i++) {
        size_t first = rows[i > 0 ? data->stream[i - 1] : BOUNDARY], second = rows[data->stream[i]];
        if (first > 0 && second > 0) table.cells[(first - 1) * n + second - 1]++;
    }
    char boundary[PLOT_SYMBOL_BYTES];
    const char *note =
        arena_format(arena, err,
                     "%sHow often each pair stands in the train split, of %zu pairs; the first symbol is "
                     "that of the row, %s a name's beginning and end.",
                     table.symbols.note, span.end - span.begin, plot_symbol(picture, &data->vocab, BOUNDARY, boundary));
    if (!note) return false;
    draw_table(picture, &table, &data->vocab, "Bigrams of the data", source->run->name, note);
    return true;
}

const PlotKind bigrams_plot = {"bigrams", "how often each symbol follows each in the data", false, no_data,
                               draw_counts};

static const char *too_many(const PlotSource *source) { return symbols_why_not(source, MOST_SYMBOLS); }

// Rows of NaN where counts without smoothing have never seen the context.
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

static const char *predictions_note(const SymbolChoice *symbols, size_t context, const char *boundary, Arena *arena,
                                    Error *err) {
    Buffer note = {.arena = arena};
    buffer_print(&note,
                 "%sThe model's probability of each symbol after the first of its row, in percent; %s is a name's "
                 "beginning and end.",
                 symbols->note, boundary);
    if (context > 1)
        buffer_print(&note, " The context of %zu symbols is filled up with %s, as at a name's beginning.", context,
                     boundary);
    return buffer_text(&note, err);
}

static bool draw_predictions(PlotSource *source, Picture *picture, Arena *arena, Error *err) {
    SavedModel *saved = &source->run->saved;
    Table table = {.is_percent = true};
    char boundary[PLOT_SYMBOL_BYTES];
    if (!symbols_choose(&table.symbols, source, MOST_SYMBOLS, arena, err) ||
        !predict(&table, &saved->model, arena, err))
        return false;
    plot_symbol(picture, &saved->file.vocab, BOUNDARY, boundary);
    const char *note = predictions_note(&table.symbols, saved->model.context, boundary, arena, err);
    if (!note) return false;
    draw_table(picture, &table, &saved->file.vocab, "Bigrams of the model", source->run->name, note);
    return true;
}

const PlotKind predictions_plot = {"predictions", "the model's probability of each symbol after each", false, too_many,
                                   draw_predictions};
