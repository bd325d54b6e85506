#include "draw/symbols.h"

#include "base/text.h"
#include "data/audit.h"

#include <stdio.h>
#include <stdlib.h>

const char *plot_symbol(Picture *picture, const Vocab *vocab, uint16_t id, char text[PLOT_SYMBOL_BYTES]) {
    uint32_t c = vocab->code_points[id];
    bool is_invisible = audit_is_invisible(c) || (c & 0xFFFE) == 0xFFFE; // the latter are in no XML
    if (id == BOUNDARY)
        snprintf(text, PLOT_SYMBOL_BYTES, "%s", vocab_find(vocab, '.') == BOUNDARY ? "." : "END");
    else if (c == ' ')
        snprintf(text, PLOT_SYMBOL_BYTES, "\u2423");
    else if (is_invisible || !picture_shows(picture, c))
        snprintf(text, PLOT_SYMBOL_BYTES, "U+%04X", (unsigned)c);
    else
        text[utf8_encode(c, text)] = '\0';
    picture->has_codes |= id != BOUNDARY && !is_invisible && !picture_shows(picture, c);
    return text;
}

const char *symbols_why_not(const PlotSource *source, size_t most) {
    return source->run->saved.file.vocab.n > most ? source->no_data : NULL;
}

typedef struct Counted {
    uint64_t count;
    uint16_t id;
} Counted;

static int by_count(const void *a, const void *b) {
    const Counted *x = a, *y = b;
    return x->count != y->count ? (x->count < y->count ? 1 : -1) : x->id - y->id;
}

static int by_id(const void *a, const void *b) { return *(const uint16_t *)a - *(const uint16_t *)b; }

static bool choose_frequent(SymbolChoice *choice, const Dataset *data, Arena *arena, Error *err) {
    Span span = data->parts[PART_TRAIN];
    Counted *counted = arena_alloc(arena, data->vocab.n, sizeof *counted, err);
    if (!counted) return false;
    for (size_t i = 0; i < data->vocab.n; i++) counted[i].id = (uint16_t)i;
    for (size_t i = span.begin; i < span.end; i++) counted[data->stream[i]].count++;
    qsort(counted + 1, data->vocab.n - 1, sizeof *counted, by_count); // behind the boundary
    for (size_t i = 0; i < choice->n; i++) choice->ids[i] = counted[i].id;
    qsort(choice->ids, choice->n, sizeof *choice->ids, by_id);
    choice->note = arena_format(arena, err, "The %zu most frequent of %zu symbols. ", choice->n, data->vocab.n);
    return choice->note != NULL;
}

bool symbols_choose(SymbolChoice *choice, const PlotSource *source, size_t most, Arena *arena, Error *err) {
    size_t n = source->run->saved.file.vocab.n;
    *choice = (SymbolChoice){.n = n < most ? n : most, .note = ""};
    choice->ids = arena_alloc(arena, choice->n, sizeof *choice->ids, err);
    if (!choice->ids) return false;
    if (n > most) return choose_frequent(choice, &source->dataset, arena, err);
    for (size_t i = 0; i < n; i++) choice->ids[i] = (uint16_t)i;
    return true;
}
