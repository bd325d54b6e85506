// Symbols as pictures show them, and which of them where there are more than a picture holds.
#ifndef NOMEN_DRAW_SYMBOLS_H
#define NOMEN_DRAW_SYMBOLS_H

#include "draw/picture.h"

enum { PLOT_SYMBOL_BYTES = 12 };

// The boundary as ".", or as "END" where names hold full stops; a space as U+2423, what shows nothing by its code
// point, and what cannot stand in the picture (picture_shows); all else as it stands. Returns `text`.
const char *plot_symbol(Picture *picture, const Vocab *vocab, uint16_t id, char text[PLOT_SYMBOL_BYTES]);

typedef struct SymbolChoice {
    size_t n;
    uint16_t *ids;    // (n) increasing
    const char *note; // how they were chosen, with a space behind it; "" where they are all
} SymbolChoice;

// Why the `most` most frequent symbols cannot be told: there are more, and no data to count. NULL where they can.
const char *symbols_why_not(const PlotSource *source, size_t most);

// All symbols or, where there are more, the `most` most frequent of the train split, the boundary among them.
bool symbols_choose(SymbolChoice *choice, const PlotSource *source, size_t most, Arena *arena, Error *err);

#endif
