// How likely a model finds names: nll = -log p(name) = -sum_i log p(symbol i | the symbols before it), in nats, over
// the name's symbols and the boundary that ends it. A split's loss is the mean of the same over all its names.
#ifndef NOMEN_STUDY_SCORE_H
#define NOMEN_STUDY_SCORE_H

#include "data/vocab.h"
#include "nn/model.h"

typedef struct NameScore {
    size_t n;    // examples: symbols and the boundary; 0 where the vocabulary lacks one, and the name is not scored
    double nll;  // infinity where the name has probability 0
    size_t rank; // 1 + the scored names with a lower nll / n; equal ones share it
} NameScore;

typedef struct Scores {
    size_t n;          // names
    NameScore *items;  // (n)
    size_t n_scored;   // of the names
    size_t n_examples; // of the scored names together
    double nll;        // their sum
} Scores;

// Scores all names of a list and ranks them; results in memory of `arena`, 24 bytes a name. Names go through the model
// in blocks, so that working memory does not grow with the list but for the ranking's 16 bytes a name. A network whose
// logits overflow is an error.
bool score_names(Scores *scores, Model *model, const Vocab *vocab, const NameList *list, Arena *arena, Error *err);

// losses_i = -log p(stream_i | the ids before it, back to the last boundary), i < n, for a stream that begins with a
// name and holds a boundary after each. Infinity where p is 0; NaN where the model gives no distribution (counts
// without smoothing, a context never seen).
void score_stream(Model *model, const uint16_t *stream, size_t n, float *losses);

// The nll of one name from its n losses. What has probability 0 keeps it, whatever may follow: a context that counts
// have never seen comes after a symbol of probability 0 only.
double score_sum(size_t n, const float *losses);

#endif
