#include "train/examples.h"

#include <string.h>

static bool create_names(Examples *examples, size_t first, Arena *arena, Error *err) {
    const Dataset *dataset = examples->dataset;
    const size_t n = dataset_count_names(dataset, examples->span);
    uint64_t sum = 0;
    examples->starts = arena_alloc(arena, n, sizeof *examples->starts, err);
    examples->sums = dataset->weights ? arena_alloc(arena, n, sizeof *examples->sums, err) : NULL;
    if (!examples->starts || (dataset->weights && !examples->sums)) return false;
    for (size_t i = examples->span.begin, start = i; i < examples->span.end; i++) {
        if (dataset->stream[i] != BOUNDARY) continue;
        if (examples->sums) {
            uint64_t numbers = examples->reads_names ? 1 : i + 1 - start;
            sum += dataset->weights[first + examples->n_names] * numbers;
            examples->sums[examples->n_names] = sum;
        }
        examples->starts[examples->n_names++] = (uint32_t)start;
        start = i + 1;
    }
    return true;
}

// Finds the numbers of this process and of all.
static bool share_out(Examples *examples, Error *err) {
    const World world = examples->dataset->world;
    Arena scratch = {0};
    uint64_t *sizes = arena_alloc(&scratch, world.size, sizeof *sizes, err);
    if (!sizes) return false;
    examples->n_own = examples->reads_names ? examples->n_names : examples->span.end - examples->span.begin;
    if (examples->sums) examples->n_own = examples->n_names > 0 ? examples->sums[examples->n_names - 1] : 0;
    sizes[world.rank] = examples->n_own;
    world_fill(world, sizes, world.size * sizeof *sizes);
    for (size_t rank = 0; rank < world.size; rank++) {
        examples->n_all += sizes[rank];
        if (rank < world.rank) examples->n_before += sizes[rank];
    }
    arena_free(&scratch);
    return true;
}

// Makes room for the contexts of n examples.
static bool create_contexts(Examples *examples, Arena *arena, Error *err) {
    const size_t n = examples->n, context = examples->context;
    examples->ids = arena_alloc(arena, size_mul(n, context), sizeof *examples->ids, err);
    examples->targets = arena_alloc(arena, n, sizeof *examples->targets, err);
    examples->merges = examples->merges && size_mul(n, context) < UINT32_MAX; // positions in `ids` have 32 bits
    if (!examples->ids || !examples->targets || !examples->merges) return examples->ids && examples->targets;
    examples->rows = arena_alloc(arena, n, sizeof *examples->rows, err);
    return examples->rows &&
           context_index_create(&examples->distinct, examples->ids, context, false, n, arena, NULL, err);
}

bool examples_create(Examples *examples, const Dataset *dataset, Part part, size_t n, const Network *network,
                     bool merges, Arena *arena, Error *err) {
    const Span span = dataset->parts[part];
    *examples = (Examples){.dataset = dataset, .span = span, .n = n, .context = network->context, .merges = merges};
    examples->reads_names = network->reads_names;
    examples->width = network->context + (network->reads_names ? 0 : 1);
    examples->numbers = arena_alloc(arena, n, sizeof *examples->numbers, err);
    examples->positions = arena_alloc(arena, n, sizeof *examples->positions, err);
    bool ok =
        examples->numbers && examples->positions && (examples->reads_names || create_contexts(examples, arena, err));
    if (ok && dataset->world.size > 1) {
        examples->fetched = arena_alloc(arena, size_mul(n, examples->width), sizeof *examples->fetched, err);
        ok = examples->fetched != NULL;
    }
    bool has_names = network->reads_names || dataset->weights;
    const size_t first = has_names ? dataset_count_names(dataset, (Span){0, span.begin}) : 0;
    ok = ok && (!has_names || create_names(examples, first, arena, err)) && share_out(examples, err);
    return ok || error_context(err, "train.batch_size");
}

static bool is_own(const Examples *examples, size_t i) {
    return examples->numbers[i] - examples->n_before < examples->n_own;
}

// Returns the stream position of a number of this process, counted from its first.
static size_t position_of(const Examples *examples, uint64_t number) {
    if (!examples->sums)
        return examples->reads_names ? examples->starts[number] : examples->span.begin + (size_t)number;
    size_t name = 0;
    for (size_t end = examples->n_names - 1; name < end;) {
        size_t middle = name + (end - name) / 2;
        if (examples->sums[middle] > number)
            end = middle;
        else
            name = middle + 1;
    }
    size_t start = examples->starts[name], n = 1;
    if (examples->reads_names) return start;
    while (examples->dataset->stream[start + n - 1] != BOUNDARY) n++;
    return start + (size_t)((name > 0 ? number - examples->sums[name - 1] : number) % n);
}

// Fetches the symbols of all examples: each process fills in its own.
static void fetch(Examples *examples) {
    const size_t width = examples->width, context = examples->context;
    memset(examples->fetched, 0, examples->n * width * sizeof *examples->fetched);
    for (size_t i = 0; i < examples->n; i++) {
        if (!is_own(examples, i)) continue;
        const uint16_t *stream = examples->dataset->stream + examples->positions[i];
        uint16_t *symbols = examples->fetched + i * width;
        if (!examples->reads_names) {
            dataset_context(examples->dataset, examples->positions[i], context, symbols);
            symbols[context] = stream[0];
        }
        for (size_t k = 0; examples->reads_names && k < width && stream[k] != BOUNDARY; k++) symbols[k] = stream[k];
    }
    world_fill(examples->dataset->world, examples->fetched, examples->n * width * sizeof *examples->fetched);
}

static void merge(Examples *examples) {
    const size_t width = examples->context;
    context_index_clear(&examples->distinct);
    for (size_t i = 0; i < examples->n; i++) {
        size_t n = examples->distinct.n;
        const uint16_t *ids = examples->ids + i * width;
        examples->rows[i] = context_index_insert(&examples->distinct, ids, (uint32_t)((n + 1) * width));
        if (examples->distinct.n > n && n < i) memcpy(examples->ids + n * width, ids, width * sizeof *ids);
    }
    examples->n_rows = examples->distinct.n;
}

static void take_contexts(Examples *examples) {
    const size_t context = examples->context;
    examples->n_targets = examples->n_rows = examples->n;
    for (size_t i = 0; i < examples->n; i++) {
        uint16_t *ids = examples->ids + i * context;
        const uint16_t *fetched = examples->fetched ? examples->fetched + i * examples->width : NULL;
        if (fetched)
            memcpy(ids, fetched, context * sizeof *ids);
        else
            dataset_context(examples->dataset, examples->positions[i], context, ids);
        examples->targets[i] = fetched ? fetched[context] : examples->dataset->stream[examples->positions[i]];
    }
    if (examples->merges) merge(examples);
}

static void count_targets_of_names(Examples *examples) {
    examples->n_targets = 0;
    for (size_t i = 0; i < examples->n; i++) {
        const uint16_t *name = examples_name(examples, i);
        size_t k = 0;
        while (k + 1 < examples->context && name[k] != BOUNDARY) k++;
        examples->n_targets += k + 1;
    }
}

static void find(Examples *examples) {
    // The positions are spread over the stream: prefetch all before the first one is needed.
    for (size_t i = 0; i < examples->n; i++) {
        if (!is_own(examples, i)) continue;
        examples->positions[i] = position_of(examples, examples->numbers[i] - examples->n_before);
        __builtin_prefetch(examples->dataset->stream + examples->positions[i]);
    }
    if (examples->fetched) fetch(examples);
    if (examples->reads_names)
        count_targets_of_names(examples);
    else
        take_contexts(examples);
}

void examples_take_in_turn(Examples *examples, uint64_t step) {
    for (size_t i = 0; i < examples->n; i++) examples->numbers[i] = (step * examples->n + i) % examples->n_all;
    find(examples);
}

void examples_draw(Examples *examples, Rng *rng) {
    for (size_t i = 0; i < examples->n; i++) examples->numbers[i] = rng_below(rng, examples->n_all);
    find(examples);
}

const uint16_t *examples_name(const Examples *examples, size_t i) {
    return examples->fetched ? examples->fetched + i * examples->width
                             : examples->dataset->stream + examples->positions[i];
}
