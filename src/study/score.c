#include "study/score.h"

#include "data/context_index.h"
#include "nn/loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH_EXAMPLES = 1 << 14, BLOCK_NAMES = 1 << 11 };

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

void score_stream(Model *model, const uint16_t *stream, size_t n, float *losses) {
    int32_t targets[MODEL_EVALUATION_ROWS];
    size_t most = smaller(model->max_rows, MODEL_EVALUATION_ROWS), width = model->context;
    for (size_t i = 0, rows; i < n; i += rows) {
        rows = smaller(most, n - i);
        for (size_t r = 0; r < rows; r++) {
            context_at(stream, i + r, width, model->ids + r * width);
            targets[r] = stream[i + r];
        }
        const float *logits = model_logits(model, model->ids, rows);
        loss_cross_entropy(rows, model->vocab, logits, targets, 1, losses + i, NULL);
    }
}

bool score_encode(const Model *model, const Vocab *vocab, const char *bytes, size_t n, uint16_t *ids, size_t *n_ids,
                  Error *err) {
    if (!vocab_encode(vocab, bytes, n, ids, n_ids, err) || !model_check_length(model, *n_ids, err)) return false;
    ids[(*n_ids)++] = BOUNDARY;
    return true;
}

double score_sum(size_t n, const float *losses) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (isinf(losses[i])) return (double)INFINITY;
        sum += (double)losses[i];
    }
    return sum;
}

// Names that are scored together.
typedef struct Batch {
    size_t n;      // examples
    uint16_t *ids; // room for BATCH_EXAMPLES and the longest name
    float *losses;
} Batch;

static bool create_batch(Batch *batch, const NameList *list, Arena *arena, Error *err) {
    size_t longest = 0;
    for (size_t i = 0; i < list->n; i++)
        if (names_at(list, i).n > longest) longest = names_at(list, i).n;
    size_t room = size_add(BATCH_EXAMPLES, longest + 1);
    *batch = (Batch){.ids = arena_alloc(arena, room, sizeof *batch->ids, err)};
    if (batch->ids) batch->losses = arena_alloc(arena, room, sizeof *batch->losses, err);
    return batch->losses != NULL;
}

// Scores the names in the batch, which have n scores, and empties it.
static bool score_batch(NameScore *scores, size_t n, Batch *batch, Model *model, Error *err) {
    score_stream(model, batch->ids, batch->n, batch->losses);
    const float *losses = batch->losses;
    for (size_t i = 0; i < batch->n && !model->is_ngram; i++)
        if (isnan(losses[i])) return model_logits_overflow(model, err);
    for (size_t i = 0; i < n; losses += scores[i++].n)
        if (scores[i].n > 0) scores[i].nll = score_sum(scores[i].n, losses);
    batch->n = 0;
    return true;
}

// Scores names first to first + n - 1 of the list.
static bool score_block(NameScore *scores, const NameList *list, size_t first, size_t n, Batch *batch, Model *model,
                        const Vocab *vocab, Error *err) {
    Error unscored;
    for (size_t i = 0, begin = 0; i < n; i++) {
        Bytes name = names_at(list, first + i);
        size_t n_ids;
        if (score_encode(model, vocab, name.at, name.n, batch->ids + batch->n, &n_ids, &unscored)) {
            scores[i].n = n_ids;
            batch->n += n_ids;
        }
        if (batch->n < BATCH_EXAMPLES && i + 1 < n) continue;
        if (!score_batch(scores + begin, i + 1 - begin, batch, model, err)) return false;
        begin = i + 1;
    }
    return true;
}

// Adds the scores of n names from `first` on. The sum is in the order of the names, whatever the blocks are.
static void add_scores(Scores *scores, size_t first, size_t n, const NameScore *block) {
    if (scores->items) memcpy(scores->items + first, block, n * sizeof *block);
    for (size_t i = 0; i < n; i++) {
        scores->n_scored += block[i].n > 0;
        scores->n_examples += block[i].n;
        scores->nll += block[i].nll;
    }
}

// In each round every process scores the next block of names.
static bool score_list(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, World world,
                       Arena *scratch, Error *err) {
    Batch batch;
    NameScore *round = arena_alloc(scratch, world.size, BLOCK_NAMES * sizeof *round, err);
    bool ok = round && create_batch(&batch, list, scratch, err);
    for (size_t first = 0, n; first < list->n; first += n) {
        n = smaller(world.size * BLOCK_NAMES, list->n - first);
        const size_t begin = smaller(world.rank * BLOCK_NAMES, n), n_own = smaller(BLOCK_NAMES, n - begin);
        if (ok) memset(round, 0, n * sizeof *round);
        ok = ok && score_block(round + begin, list, first + begin, n_own, &batch, model, vocab, err);
        if (!world_agree(world, ok, err)) return false;
        world_fill(world, round, n * sizeof *round);
        add_scores(scores, first, n, round);
    }
    return true;
}

typedef struct Ranked {
    double mean;
    size_t index;
} Ranked;

// Likelier names first, NaN last.
static int by_mean(const void *a, const void *b) {
    double x = ((const Ranked *)a)->mean, y = ((const Ranked *)b)->mean;
    if (isnan(x) || isnan(y)) return !!isnan(x) - !!isnan(y);
    return (x > y) - (x < y);
}

static bool rank(Scores *scores, Arena *scratch, Error *err) {
    size_t n = 0;
    Ranked *ranked = arena_alloc(scratch, scores->n_scored, sizeof *ranked, err);
    if (!ranked) return false;
    for (size_t i = 0; i < scores->n; i++)
        if (scores->items[i].n > 0) ranked[n++] = (Ranked){scores->items[i].nll / (double)scores->items[i].n, i};
    qsort(ranked, n, sizeof *ranked, by_mean);
    for (size_t k = 0, first = 0; k < n; k++) {
        if (by_mean(&ranked[first], &ranked[k]) != 0) first = k;
        scores->items[ranked[k].index].rank = first + 1;
    }
    return true;
}

bool score_names(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, World world, Arena *arena,
                 Error *err) {
    Arena scratch = {0};
    *scores = (Scores){.n = list->n};
    if (world.rank == 0) scores->items = arena_alloc(arena, list->n, sizeof *scores->items, err);
    bool ok = world_agree(world, scores->items || world.rank > 0, err) &&
              score_list(scores, model, vocab, list, world, &scratch, err) &&
              (world.rank > 0 || rank(scores, &scratch, err));
    arena_free(&scratch);
    return ok;
}
