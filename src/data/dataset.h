// A names file as a trainer needs it: one stream of ids, split into train, dev and test.
//
// The stream holds the names in their (shuffled) order, a boundary after each: emma.olivia. becomes
// e m m a 0 o l i v i a 0. Example i is stream position i: its target is stream[i], its context the ids before it
// back to the last boundary, padded with 0. So n names with a total of c characters are c + n examples.
#pragma once

#include "base/field.h"
#include "base/rng.h"
#include "data/context_counts.h"
#include "data/vocab.h"
#include "world/shards.h"

typedef enum Part { PART_TRAIN, PART_DEV, PART_TEST, N_PARTS } Part;

extern const char *const PART_NAMES[N_PARTS]; // "train", "dev", "test"

// The config's "data" object.
typedef struct DataConfig {
    const char *path;
    Split split;
    MaybeWhole shuffle_seed; // not given: file order
    bool unique;             // keep only the first of equal names
    NameFormat format;
    RandomUse random; // the config's; makemore and microgpt shuffle by the seed of the run
    uint64_t seed;    // of the run
    uint64_t shards;  // the config's train.shards; 0, of counts: one per process
} DataConfig;

// Returns true if the names are shuffled. Sets *seed to the seed of the shuffle.
bool data_is_shuffled(const DataConfig *config, uint64_t *seed);

// Returns true if both configs split the same names alike. `path` is ignored.
bool data_same_split(const DataConfig *a, const DataConfig *b);

// How a list of names is split: part p has the names ends[p - 1] to ends[p] - 1, part 0 starts at name 0.
typedef struct Cut {
    size_t ends[N_PARTS];
    Rng rng; // the generator after the shuffle
} Cut;

// Shuffles and splits the list as dataset_load does. Unless `may_be_empty`, it is an error if there are fewer than two
// names or if a part with a share stays empty. After an error the list is unchanged.
bool dataset_cut(Cut *cut, const DataConfig *config, NameList *list, bool may_be_empty, Error *err);

// The parts that each name is in; equal names may be in several.
typedef struct NameParts {
    NameSet set;
    const uint8_t *marks; // (n) at the first of equal names: bits 1 << part
} NameParts;

// The list's file and places must outlive `parts`.
bool name_parts_create(NameParts *parts, const NameList *list, const Cut *cut, Arena *arena, Error *err);

// Returns the marks of the name with these n bytes, or 0 if it is not in the list.
unsigned name_parts_find(const NameParts *parts, const char *bytes, size_t n);

// A part of the split, of which the stream has the shards that this process owns. Shard s of n has the names from
// piece_begin(n_names, s, n) on.
typedef struct OwnPart {
    size_t n_names, n; // names and stream positions of the part, in all processes
    size_t *borders;   // (own shards + 1) stream positions between the shards
} OwnPart;

typedef struct Dataset {
    World world; // whose processes share out the names
    Vocab vocab;
    char sha256[SHA256_HEX_BYTES]; // of the names file
    bool seems_table;              // but each line is read as a name
    Error odd_row;                 // of that table, as TableGuess has it
    size_t n_names;                // in all processes
    uint32_t *weights;             // how often each name of the stream counts; NULL: once
    uint16_t *stream;              // of the names that this process owns
    size_t n_stream;
    Span parts[N_PARTS]; // in the stream; empty if the split gives the part nothing
    size_t n_shards;     // of each part, in all processes
    OwnPart own[N_PARTS];
    Rng rng; // the generator after the shuffle, which a makemore or microgpt run goes on with
} Dataset;

// Loads the names at config->path, shuffles them, and splits them at int(train n) and int((train + dev) n) names. The
// shuffle is Python's random.seed(shuffle_seed); random.shuffle(words), or that of makemore.py or microgpt with the
// run's seed. Without `vocab` the file is for training: it gets its own vocabulary, and the errors are those of
// dataset_cut. With `vocab` it is for measuring: a character that `vocab` lacks is an error. Every process of the world
// reads the file and keeps the names of its own shards. Errors of the file are the same in all of them.
bool dataset_load(Dataset *dataset, const DataConfig *config, World world, const Vocab *vocab, Arena *arena,
                  Error *err);

// Returns the stream positions of shard i of those that this process owns.
static inline Span dataset_shard(const Dataset *dataset, Part part, size_t i) {
    const size_t *borders = dataset->own[part].borders;
    return (Span){borders[i], borders[i + 1]};
}

// Returns the number of names in a span.
size_t dataset_count_names(const Dataset *dataset, Span span);

// Sets *weights (span.end) to how often each position of the span counts, or to NULL if each counts once.
bool dataset_weigh(const Dataset *dataset, Span span, uint32_t **weights, Arena *arena, Error *err);

// Returns how many names of all processes have more than `most` symbols. Sets *longest to the symbols of the longest.
size_t dataset_count_longer(const Dataset *dataset, size_t most, size_t *longest);

// Writes the context of `width` ids of example i.
static inline void dataset_context(const Dataset *dataset, size_t i, size_t width, uint16_t *ids) {
    context_at(dataset->stream, i, width, ids);
}
