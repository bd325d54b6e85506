// What training prints in the end.
#ifndef NOMEN_CMD_TRAIN_SUMMARY_H
#define NOMEN_CMD_TRAIN_SUMMARY_H

#include "train/trainer.h"

// What ended the run early, if anything did, the losses of the last row, the best dev loss where it is another, the
// time, the files of the run, and a command to try next. False, with `err`, where memory runs out or the best model
// cannot be read.
bool summary_print(const Trainer *trainer, const MetricsRow *last, const RunDir *dir, Arena *arena, Error *err);

// The command to try next with a run, on its best weights where those are others than the last.
bool summary_print_next(const RunDir *dir, double dev_loss, double best_dev_loss, Arena *arena, Error *err);

// That there was nothing left to train, and why. False, with `err`, where memory runs out.
bool summary_print_finished(const Trainer *trainer, const RunDir *dir, Arena *arena, Error *err);

#endif
