#include "study/score.h"

#include "data/context_index.h"
#include "nn/loss.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK_EXAMPLES = 1 << 14 };

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
typedef struct Block {
    size_t first, n; // the first name; examples
    uint16_t *ids;   // room for BLOCK_EXAMPLES and the longest name
    float *losses;
} Block;

static bool create_block(Block *block, const NameList *list, Arena *arena, Error *err) {
    size_t longest = 0;
    for (size_t i = 0; i < list->n; i++)
        if (names_at(list, i).n > longest) longest = names_at(list, i).n;
    size_t room = size_add(BLOCK_EXAMPLES, longest + 1);
    *block = (Block){.ids = arena_alloc(arena, room, sizeof *block->ids, err)};
    if (block->ids) block->losses = arena_alloc(arena, room, sizeof *block->losses, err);
    return block->losses != NULL;
}

// Scores the names from block->first to `end` and empties the block.
static bool score_block(Scores *scores, Block *block, size_t end, Model *model, Error *err) {
    score_stream(model, block->ids, block->n, block->losses);
    const float *losses = block->losses;
    for (size_t i = 0; i < block->n && !model->is_ngram; i++)
        if (isnan(losses[i])) return model_logits_overflow(model, err);
    for (NameScore *score = scores->items + block->first; score < scores->items + end; score++) {
        if (score->n == 0) continue;
        score->nll = score_sum(score->n, losses);
        losses += score->n;
        scores->n_scored++;
        scores->n_examples += score->n;
        scores->nll += score->nll;
    }
    block->first = end;
    block->n = 0;
    return true;
}

static bool score_list(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, Arena *scratch,
                       Error *err) {
    Block block;
    Error unscored;
    if (!create_block(&block, list, scratch, err)) return false;
    for (size_t i = 0; i < list->n; i++) {
        Bytes name = names_at(list, i);
        size_t n;
        if (score_encode(model, vocab, name.at, name.n, block.ids + block.n, &n, &unscored)) {
            scores->items[i].n = n;
            block.n += n;
        }
        bool is_full = block.n >= BLOCK_EXAMPLES || i + 1 == list->n;
        if (is_full && !score_block(scores, &block, i + 1, model, err)) return false;
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

bool score_names(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, Arena *arena, Error *err) {
    Arena scratch = {0};
    *scores = (Scores){.n = list->n, .items = arena_alloc(arena, list->n, sizeof *scores->items, err)};
    bool ok = scores->items && score_list(scores, model, vocab, list, &scratch, err) && rank(scores, &scratch, err);
    arena_free(&scratch);
    return ok;
}
