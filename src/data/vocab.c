#include "data/vocab.h"

#include "base/text.h"

enum { CODE_POINTS = 0x110000 };

bool vocab_create(Vocab *vocab, const NameList *list, Arena *arena, Error *err) {
    Arena scratch = {0};
    uint8_t *seen = arena_alloc(&scratch, CODE_POINTS, sizeof *seen, err);
    if (!seen) return false;
    size_t n = 1;
    uint32_t last = 0; // of the code points: a table for all of Unicode takes a millisecond to look through
    for (size_t i = 0; i < list->n; i++) {
        Bytes name = names_at(list, i);
        for (size_t at = 0; at < name.n;) {
            uint32_t c = (unsigned char)name.at[at];
            at += c < 0x80 ? 1 : utf8_decode(name.at + at, name.n - at, &c);
            n += !seen[c];
            if (c > last) last = c;
            seen[c] = 1;
        }
    }
    uint32_t *code_points = NULL;
    if (n > VOCAB_MAX_SYMBOLS)
        error_set(err, "%s: %zu different symbols; at most %d can be told apart", list->path, n, VOCAB_MAX_SYMBOLS);
    else
        code_points = arena_alloc(arena, n, sizeof *code_points, err);
    *vocab = (Vocab){.n = 1, .code_points = code_points};
    for (uint32_t c = 1; code_points && c <= last; c++)
        if (seen[c]) code_points[vocab->n++] = c;
    arena_free(&scratch);
    return code_points != NULL;
}

uint16_t vocab_find(const Vocab *vocab, uint32_t code_point) {
    size_t low = 0, high = vocab->n;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (vocab->code_points[middle] <= code_point)
            low = middle;
        else
            high = middle;
    }
    return vocab->code_points[low] == code_point ? (uint16_t)low : BOUNDARY;
}

bool vocab_table_create(VocabTable *table, const Vocab *vocab, Arena *arena, Error *err) {
    size_t n = (size_t)vocab->code_points[vocab->n - 1] + 1;
    uint16_t *ids = arena_alloc(arena, n, sizeof *ids, err);
    for (size_t id = 1; ids && id < vocab->n; id++) ids[vocab->code_points[id]] = (uint16_t)id;
    *table = (VocabTable){n, ids};
    return ids != NULL;
}

size_t vocab_encode_name(const VocabTable *table, const char *bytes, size_t n, uint16_t *ids) {
    size_t n_ids = 0;
    for (size_t at = 0; at < n;) {
        uint32_t c = (unsigned char)bytes[at];
        at += c < 0x80 ? 1 : utf8_decode(bytes + at, n - at, &c);
        uint16_t id = c < table->n ? table->ids[c] : BOUNDARY;
        if (id == BOUNDARY) return 0;
        ids[n_ids++] = id;
    }
    return n_ids;
}

bool vocab_encode(const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids, Error *err) {
    *n_ids = 0;
    for (size_t at = 0; at < n;) {
        uint32_t c;
        size_t length = utf8_decode(bytes + at, n - at, &c);
        if (length == 0) return error_set(err, "byte 0x%02x is not UTF-8", (unsigned)(unsigned char)bytes[at]);
        ids[*n_ids] = vocab_find(vocab, c);
        if (ids[*n_ids] == BOUNDARY)
            return error_set(err, "\"%.*s\" (U+%04X) is not in the model's vocabulary", (int)length, bytes + at,
                             (unsigned)c);
        ++*n_ids;
        at += length;
    }
    return true;
}

size_t vocab_decode(const Vocab *vocab, uint16_t id, char bytes[4]) {
    return utf8_encode(vocab->code_points[id], bytes);
}
