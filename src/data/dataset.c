#include "data/dataset.h"

#include "data/rows.h"

enum { FETCH_AHEAD = 16 }; // names

const char *const PART_NAMES[N_PARTS] = {"train", "dev", "test"};

bool data_is_shuffled(const DataConfig *config, uint64_t *seed) {
    *seed = config->random == RANDOM_LECTURES ? config->shuffle_seed.value : config->seed;
    return config->random != RANDOM_LECTURES || config->shuffle_seed.given;
}

bool data_same_split(const DataConfig *a, const DataConfig *b) {
    for (size_t p = 0; p < N_PARTS; p++)
        if (a->split.parts[p] != b->split.parts[p]) return false;
    uint64_t seed_a, seed_b;
    return a->unique == b->unique && name_format_same(&a->format, &b->format) && a->random == b->random &&
           data_is_shuffled(a, &seed_a) == data_is_shuffled(b, &seed_b) && seed_a == seed_b;
}

// The small term makes up for rounding, by which a sum of parts such as 0.7 + 0.1 falls short.
static bool find_ends(const DataConfig *config, size_t n, bool may_be_empty, size_t ends[N_PARTS], Error *err) {
    double sum = 0;
    for (size_t p = 0; p < N_PARTS; p++) {
        sum += config->split.parts[p];
        ends[p] = (size_t)((sum + 1e-12) * (double)n);
        if (p + 1 == N_PARTS || ends[p] > n) ends[p] = n;
        size_t begin = p > 0 ? ends[p - 1] : 0;
        if (config->split.parts[p] > 0 && ends[p] == begin && !may_be_empty)
            return error_set(err, "the split leaves %s empty (%g of %zu names); add names or change data.split",
                             PART_NAMES[p], config->split.parts[p], n);
    }
    return true;
}

static void shuffle(Cut *cut, const DataConfig *config, NameList *list) {
    uint64_t seed;
    cut->rng = (Rng){0};
    if (!data_is_shuffled(config, &seed)) return;
    bool by_torch = config->random == RANDOM_MAKEMORE;
    (by_torch ? rng_seed : rng_seed_python)(&cut->rng, seed);
    Rng again = cut->rng;
    (by_torch ? rng_shuffle_torch : rng_shuffle_python)(&cut->rng, list->n, list->places);
    if (list->weights) (by_torch ? rng_shuffle_torch : rng_shuffle_python)(&again, list->n, list->weights);
}

bool dataset_cut(Cut *cut, const DataConfig *config, NameList *list, bool may_be_empty, Error *err) {
    size_t n = list->n;
    if (n < 2 && !may_be_empty) return error_set(err, "a single name; training needs at least two");
    if (n >= UINT32_MAX) return error_set(err, "more than %u names", UINT32_MAX - 1);
    if (!find_ends(config, n, may_be_empty, cut->ends, err)) return false;
    shuffle(cut, config, list);
    return true;
}

bool name_parts_create(NameParts *parts, const NameList *list, const Cut *cut, Arena *arena, Error *err) {
    uint8_t *marks = arena_alloc(arena, list->n, sizeof *marks, err);
    if (!marks || !name_set_create(&parts->set, list, arena, err)) return false;
    for (size_t k = 0, part = 0, first = 0; k < list->n; k++) {
        Bytes name = names_at(list, k);
        while (k >= cut->ends[part]) part++;
        if (name_set_find(&parts->set, name.at, name.n, &first)) marks[first] |= (uint8_t)(1u << part);
    }
    parts->marks = marks;
    return true;
}

unsigned name_parts_find(const NameParts *parts, const char *bytes, size_t n) {
    size_t first;
    return name_set_find(&parts->set, bytes, n, &first) ? parts->marks[first] : 0;
}

// Adds names first to end - 1 of the list to the stream.
static bool encode_names(Dataset *dataset, const NameList *list, size_t first, size_t end, size_t *n_own, Error *err) {
    for (size_t i = first; i < end; i++) {
        Bytes name = names_at(list, i);
        // Shuffled names are scattered in memory.
        if (i + FETCH_AHEAD < end) __builtin_prefetch(names_at(list, i + FETCH_AHEAD).at);
        size_t n_ids;
        if (!vocab_encode(&dataset->vocab, name.at, name.n, dataset->stream + dataset->n_stream, &n_ids, err))
            return error_context(err, "%s: line %zu", list->path, names_line(list, name));
        dataset->n_stream += n_ids;
        dataset->stream[dataset->n_stream++] = BOUNDARY;
        if (dataset->weights) dataset->weights[(*n_own)++] = (uint32_t)list->weights[i];
    }
    return true;
}

static bool has_symbols(const Vocab *vocab, const NameList *list) {
    bool has = true;
    for (uint32_t c = 0; c <= list->last_seen; c++) has &= !list->seen[c] || vocab_find(vocab, c) != BOUNDARY;
    return has;
}

// Encodes the names that this process owns, shard by shard.
static bool encode_part(Dataset *dataset, const NameList *list, Part part, World sharers, size_t first, size_t end,
                        size_t *n_own, Arena *arena, Error *err) {
    OwnPart *own = &dataset->own[part];
    const size_t n = own->n_names = end - first, n_shards = dataset->n_shards;
    const ShardSpan shards = shards_own(sharers, n_shards);
    own->borders = arena_alloc(arena, shards.end - shards.first + 1, sizeof *own->borders, err);
    if (!own->borders) return false;
    own->borders[0] = dataset->n_stream;
    for (size_t s = shards.first; s < shards.end; s++) {
        size_t begin = first + piece_begin(n, s, n_shards), stop = first + piece_begin(n, s + 1, n_shards);
        if (!encode_names(dataset, list, begin, stop, n_own, err)) return false;
        own->borders[s + 1 - shards.first] = dataset->n_stream;
    }
    dataset->parts[part] = (Span){own->borders[0], dataset->n_stream};
    return true;
}

static void count_positions(Dataset *dataset) {
    uint64_t sizes[N_PARTS];
    for (size_t p = 0; p < N_PARTS; p++) sizes[p] = dataset->parts[p].end - dataset->parts[p].begin;
    world_add(dataset->world, sizes, N_PARTS);
    for (size_t p = 0; p < N_PARTS; p++) dataset->own[p].n = (size_t)sizes[p];
}

static bool build(Dataset *dataset, const DataConfig *config, NameList *list, const Vocab *vocab, Arena *arena,
                  Error *err) {
    if (config->unique && !names_make_unique(list, err)) return false;
    Cut cut;
    size_t n_own = 0;
    if (!dataset_cut(&cut, config, list, vocab != NULL, err)) return error_context(err, "%s", list->path);
    if (vocab)
        dataset->vocab = *vocab;
    else if (!vocab_create(&dataset->vocab, list, arena, err))
        return false;
    dataset->rng = cut.rng;
    dataset->n_names = list->n;
    // What is not needed of the two arrays is not touched. A symbol takes a byte or more, a boundary that of a line
    // end.
    if (list->weights) dataset->weights = arena_alloc(arena, list->n, sizeof *dataset->weights, err);
    dataset->stream = arena_alloc(arena, list->file.n + 1, sizeof *dataset->stream, err);
    if (!dataset->stream || (list->weights && !dataset->weights)) return false;
    // If a name cannot be encoded, every process looks for the first.
    const World sharers = has_symbols(&dataset->vocab, list) ? dataset->world : WORLD_ALONE;
    for (size_t p = 0; p < N_PARTS; p++)
        if (!encode_part(dataset, list, (Part)p, sharers, p > 0 ? cut.ends[p - 1] : 0, cut.ends[p], &n_own, arena, err))
            return false;
    return true;
}

static bool read_names(Dataset *dataset, const DataConfig *config, const Vocab *vocab, Arena *arena, Error *err) {
    Arena scratch = {0};
    NameList list;
    bool ok = names_read(&list, config->path, &config->format, &scratch, err);
    for (size_t i = 0; ok && i < SHA256_HEX_BYTES; i++) dataset->sha256[i] = list.sha256[i];
    TableGuess table = {0};
    ok = ok && (column_is_given(config->format.column) || rows_guess_table(list.file, &table, &scratch, err));
    dataset->odd_row = table.odd;
    dataset->seems_table = column_is_given(table.column) || table.odd.text[0] != '\0';
    ok = ok && build(dataset, config, &list, vocab, arena, err);
    arena_free(&scratch);
    return ok;
}

bool dataset_load(Dataset *dataset, const DataConfig *config, World world, const Vocab *vocab, Arena *arena,
                  Error *err) {
    *dataset = (Dataset){.world = world, .n_shards = config->shards > 0 ? (size_t)config->shards : world.size};
    bool ok = read_names(dataset, config, vocab, arena, err);
    if (!world_agree(world, ok, err) ||
        !world_agree_on(world, "names file", dataset->sha256, sizeof dataset->sha256, err))
        return false;
    count_positions(dataset);
    return true;
}

size_t dataset_count_names(const Dataset *dataset, Span span) {
    size_t n = 0;
    for (size_t i = span.begin; i < span.end; i++) n += dataset->stream[i] == BOUNDARY;
    return n;
}

bool dataset_weigh(const Dataset *dataset, Span span, uint32_t **weights, Arena *arena, Error *err) {
    *weights = NULL;
    if (!dataset->weights) return true;
    *weights = arena_alloc(arena, span.end, sizeof **weights, err);
    if (!*weights) return false;
    size_t name = dataset_count_names(dataset, (Span){0, span.begin});
    for (size_t i = span.begin; i < span.end; i++) {
        (*weights)[i] = dataset->weights[name];
        name += dataset->stream[i] == BOUNDARY;
    }
    return true;
}

// Returns the largest number of all processes, found bit by bit.
static size_t find_largest(World world, size_t own) {
    size_t largest = 0;
    for (size_t bit = SIZE_MAX / 2 + 1; bit > 0; bit /= 2) {
        size_t has_bit = own & bit;
        if (own < largest) has_bit = 0;
        world_fill(world, &has_bit, sizeof has_bit);
        largest |= has_bit;
    }
    return largest;
}

size_t dataset_count_longer(const Dataset *dataset, size_t most, size_t *longest) {
    uint64_t n_longer = 0;
    size_t n = 0;
    *longest = 0;
    for (size_t i = 0; i < dataset->n_stream; i++) {
        bool is_end = dataset->stream[i] == BOUNDARY;
        if (n > *longest) *longest = n;
        n_longer += is_end && n > most;
        n = is_end ? 0 : n + 1;
    }
    world_add(dataset->world, &n_longer, 1);
    *longest = find_largest(dataset->world, *longest);
    return (size_t)n_longer;
}
