#include "data/context_counts.h"

// Replaces *weights by a copy that is 0 if more than `context` symbols of the name precede a position. Leaves *weights
// as it is if there is no such position.
static bool weigh(const uint16_t *stream, Span span, size_t context, const uint32_t **weights, Arena *arena,
                  Error *err) {
    size_t before = 0, most = 0;
    for (size_t i = span.begin; i < span.end; i++) {
        if (before > most) most = before;
        before = stream[i] ? before + 1 : 0;
    }
    if (most <= context) return true;
    uint32_t *copy = arena_alloc(arena, span.end, sizeof *copy, err);
    before = 0;
    for (size_t i = span.begin; copy && i < span.end; i++) {
        copy[i] = before > context ? 0 : *weights ? (*weights)[i] : 1;
        before = stream[i] ? before + 1 : 0;
    }
    *weights = copy;
    return copy != NULL;
}

// The rows as a tree: the first child of each and the next child of the same parent.
typedef struct Tree {
    uint32_t *children, *siblings, *order, *stack;
} Tree;

static bool link_rows(Tree *tree, ContextCounts *counts, Arena *arena, Error *err) {
    ContextIndex *contexts = &counts->contexts;
    size_t n = contexts->n, width = contexts->width;
    uint16_t *ids = arena_alloc(arena, width, sizeof *ids, err);
    *tree = (Tree){.children = arena_alloc(arena, n, sizeof *tree->children, err),
                   .siblings = arena_alloc(arena, n, sizeof *tree->siblings, err),
                   .order = arena_alloc(arena, n, sizeof *tree->order, err),
                   .stack = arena_alloc(arena, n, sizeof *tree->stack, err)};
    if (!ids || !tree->children || !tree->siblings || !tree->order || !tree->stack ||
        !context_index_make_slots(contexts, arena, err))
        return false;
    for (size_t r = n; r-- > 1;) { // row 0 is the empty prefix
        size_t position = contexts->positions[r] - 1;
        context_at(contexts->stream, position, width, ids);
        uint32_t parent = context_index_find(contexts, ids);
        tree->siblings[r] = tree->children[parent];
        tree->children[parent] = (uint32_t)r;
    }
    return true;
}

static void sort_rows(Tree *tree, size_t n) {
    size_t n_stack = 0, n_order = 0;
    if (n > 0) tree->stack[n_stack++] = 0;
    while (n_stack > 0) {
        uint32_t row = tree->stack[--n_stack];
        tree->order[n_order++] = row;
        if (tree->siblings[row]) tree->stack[n_stack++] = tree->siblings[row]; // 0, the root, is nobody's child
        if (tree->children[row]) tree->stack[n_stack++] = tree->children[row];
    }
}

static bool reorder(ContextCounts *counts, const uint32_t *order, Arena *arena, Error *err) {
    ContextCounts old = *counts;
    size_t n = old.contexts.n, place = 0, n_pairs = old.first[n];
    counts->contexts.positions = arena_alloc(arena, n, sizeof *counts->contexts.positions, err);
    counts->first = arena_alloc(arena, n + 1, sizeof *counts->first, err);
    counts->targets = arena_alloc(arena, n_pairs, sizeof *counts->targets, err);
    counts->counts = arena_alloc(arena, n_pairs, sizeof *counts->counts, err);
    if (!counts->contexts.positions || !counts->first || !counts->targets || !counts->counts) return false;
    for (size_t r = 0; r < n; r++) {
        counts->contexts.positions[r] = old.contexts.positions[order[r]];
        for (size_t k = old.first[order[r]]; k < old.first[order[r] + 1]; k++, place++) {
            counts->targets[place] = old.targets[k];
            counts->counts[place] = old.counts[k];
        }
        counts->first[r + 1] = (uint32_t)place;
    }
    return true;
}

bool prefix_counts_create(ContextCounts *out, const uint16_t *stream, Span span, const uint32_t *weights,
                          size_t context, size_t vocab, Arena *arena, Error *err) {
    Arena scratch = {0};
    Tree tree;
    bool ok = weigh(stream, span, context, &weights, &scratch, err) &&
              context_counts_create(out, stream, span, weights, context, vocab, &scratch, err) &&
              link_rows(&tree, out, &scratch, err);
    if (ok) sort_rows(&tree, out->contexts.n);
    ok = ok && reorder(out, tree.order, arena, err);
    out->contexts.slots = (HashSlots){0}; // they are in scratch memory
    arena_free(&scratch);
    return ok;
}
