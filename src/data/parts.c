#include "data/parts.h"

bool nameparts_create(NameParts *parts, const NameList *list, const Cut *cut, Arena *arena, Error *err) {
    uint8_t *marks = arena_alloc(arena, list->n, sizeof *marks, err);
    if (!marks || !nameset_create(&parts->set, list, arena, err)) return false;
    for (size_t k = 0, part = 0, first = 0; k < list->n; k++) {
        Bytes name = names_at(list, cut->order[k]);
        while (k >= cut->ends[part]) part++;
        if (nameset_find(&parts->set, name.at, name.n, &first)) marks[first] |= (uint8_t)(1u << part);
    }
    parts->marks = marks;
    return true;
}

unsigned nameparts_find(const NameParts *parts, const char *bytes, size_t n) {
    size_t first;
    return nameset_find(&parts->set, bytes, n, &first) ? parts->marks[first] : 0;
}
