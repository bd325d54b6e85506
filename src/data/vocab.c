#include "data/vocab.h"

#include "base/text.h"

bool vocab_create(Vocab *vocab, const NameList *list, Arena *arena, Error *err) {
    size_t n = 1;
    for (uint32_t c = 0; c <= list->last_seen; c++) n += list->seen[c];
    bool ok = n <= VOCAB_MAX_SYMBOLS ||
              error_set(err, "%s: %zu different symbols; at most %d are supported", list->path, n, VOCAB_MAX_SYMBOLS);
    uint32_t *code_points = ok ? arena_alloc(arena, n, sizeof *code_points, err) : NULL;
    for (uint32_t c = 1, id = 1; code_points && id < n; c++)
        if (list->seen[c]) code_points[id++] = c;
    return code_points && vocab_from_code_points(vocab, n, code_points, arena, err);
}

bool vocab_from_code_points(Vocab *vocab, size_t n, const uint32_t *code_points, Arena *arena, Error *err) {
    uint16_t *ids = arena_alloc(arena, (size_t)code_points[n - 1] + 1, sizeof *ids, err);
    for (size_t id = 1; ids && id < n; id++) ids[code_points[id]] = (uint16_t)id;
    *vocab = (Vocab){n, code_points, ids};
    return ids != NULL;
}

bool vocab_encode(const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids, Error *err) {
    size_t k = 0;
    for (size_t at = 0; at < n;) {
        uint32_t c = (unsigned char)bytes[at];
        size_t length = c < 0x80 ? 1 : utf8_decode(bytes + at, n - at, &c);
        if (length == 0) return error_set(err, "byte 0x%02x is not UTF-8", (unsigned)c);
        uint16_t id = vocab_find(vocab, c);
        if (id == BOUNDARY)
            return error_set(err, "\"%s%.*s\" (U+%04X) is not in the model's vocabulary",
                             utf8_is_mark(c) ? "\u25CC" : "", (int)length, bytes + at, (unsigned)c);
        ids[k++] = id;
        at += length;
    }
    *n_ids = k;
    return true;
}

size_t vocab_decode(const Vocab *vocab, uint16_t id, char bytes[4]) {
    return utf8_encode(vocab->code_points[id], bytes);
}
