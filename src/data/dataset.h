// A names file as a trainer needs it: one stream of ids, cut into train, dev and test.
//
// The stream holds the names in their (shuffled) order, a boundary after each: emma.olivia. becomes
// e m m a 0 o l i v i a 0. Example i is stream position i: its target is stream[i], its context the ids before it
// back to the last boundary, padded with 0. So n names of together c characters are c + n examples.
#ifndef NOMEN_DATA_DATASET_H
#define NOMEN_DATA_DATASET_H

#include "base/field.h"
#include "data/context_counts.h"
#include "data/vocab.h"

typedef enum Part { PART_TRAIN, PART_DEV, PART_TEST, N_PARTS } Part;

extern const char *const PART_NAMES[N_PARTS]; // "train", "dev", "test"

// The config's "data" object.
typedef struct DataConfig {
    const char *path;
    Split split;
    MaybeWhole shuffle_seed; // not given: file order
    bool unique;             // keep only the first of equal names
} DataConfig;

// Whether both cut the same file alike, its names and `path` left aside.
bool data_same_split(const DataConfig *a, const DataConfig *b);

// The names in the order in which they are cut: part p holds order[ends[p - 1]] to order[ends[p] - 1], part 0 begins
// with order[0].
typedef struct Cut {
    uint32_t *order; // indices of names
    size_t ends[N_PARTS];
} Cut;

typedef struct Span {
    size_t begin, end; // stream positions [begin, end)
} Span;

typedef struct Dataset {
    Vocab vocab;
    char sha256[SHA256_HEX_BYTES]; // of the names file
    size_t n_names;
    uint16_t *stream;
    size_t n_stream;
    Span parts[N_PARTS]; // empty where the split gives that part nothing
} Dataset;

// Where dataset_load puts n names: shuffled and cut as the config says. Fewer than two names, or a part that would stay
// empty against its share, is an error unless `may_be_empty`.
bool dataset_cut(Cut *cut, const DataConfig *config, size_t n, bool may_be_empty, Arena *arena, Error *err);

// Loads config->path, shuffles as Python's random.seed(shuffle_seed); random.shuffle(words) does, and cuts at
// int(train n) and int((train + dev) n) words. Without `vocab` the file has its own vocabulary, and is there to learn
// from: fewer than two names, or a part that would stay empty, is an error. With `vocab` it is there to be measured,
// and a character that `vocab` lacks is an error, with its line. Errors name the file, as those of names_read.
bool dataset_load(Dataset *dataset, const DataConfig *config, const Vocab *vocab, Arena *arena, Error *err);

// The `context` ids before stream position i, oldest first.
void dataset_context(const Dataset *dataset, size_t i, size_t context, uint16_t *ids);

// The distinct contexts of `span`, with the counts of their targets; their ids stay in the stream.
bool dataset_count_contexts(const Dataset *dataset, Span span, size_t context, ContextCounts *out, Arena *arena,
                            Error *err);

#endif
