#include "data/prefixes.h"

bool prefixes_create(Prefixes *prefixes, size_t capacity, Arena *arena, Error *err) {
    *prefixes = (Prefixes){.capacity = capacity};
    prefixes->ids = arena_alloc(arena, capacity, sizeof *prefixes->ids, err);
    uint32_t **arrays[] = {&prefixes->parents, &prefixes->depths, &prefixes->children, &prefixes->sibling};
    bool ok = prefixes->ids != NULL;
    for (size_t i = 0; ok && i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = arena_alloc(arena, capacity, sizeof **arrays[i], err);
        ok = *arrays[i] != NULL;
    }
    return ok;
}

void prefixes_clear(Prefixes *prefixes) { prefixes->n = 0; }

uint32_t prefixes_append(Prefixes *prefixes, uint32_t parent, uint16_t id) {
    uint32_t row = (uint32_t)prefixes->n++;
    bool is_root = parent == ROW_NONE;
    prefixes->ids[row] = id;
    prefixes->parents[row] = parent;
    prefixes->depths[row] = is_root ? 0 : prefixes->depths[parent] + 1;
    prefixes->children[row] = ROW_NONE;
    prefixes->sibling[row] = is_root ? ROW_NONE : prefixes->children[parent];
    if (!is_root) prefixes->children[parent] = row;
    return row;
}

uint32_t prefixes_add(Prefixes *prefixes, uint32_t parent, uint16_t id) {
    uint32_t row = prefixes->children[parent];
    while (row != ROW_NONE && prefixes->ids[row] != id) row = prefixes->sibling[row];
    return row != ROW_NONE ? row : prefixes_append(prefixes, parent, id);
}

uint32_t prefixes_add_context(Prefixes *prefixes, const uint16_t *ids, size_t width) {
    uint32_t row = prefixes->n > 0 ? 0 : prefixes_append(prefixes, ROW_NONE, 0);
    for (size_t i = 0; i < width; i++)
        if (ids[i] != 0) row = prefixes_add(prefixes, row, ids[i]);
    return row;
}
