// What nomen score prints on standard output: a table for a person, or CSV or JSON. Names come in the order of the
// input, those that were not scored among them.
#ifndef NOMEN_CMD_SCORE_PRINT_H
#define NOMEN_CMD_SCORE_PRINT_H

#include "study/score.h"
#include "train/checkpoint.h"

typedef struct ScoreReport {
    SavedModel *saved;
    const NameList *list;
    const Scores *scores;
    bool per_char; // each name symbol by symbol
} ScoreReport;

// False, with `err`, where memory runs out.
bool score_print_table(const ScoreReport *report, Error *err);
bool score_print_csv(const ScoreReport *report, Error *err);
bool score_print_json(const ScoreReport *report, Error *err);

#endif
