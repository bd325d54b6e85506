// The best model's file, and how it keeps to the checkpoint: the two are replaced one after the other, and the process
// may be killed between them. Where the run then goes on otherwise (to fewer steps, with other evaluations), it may
// never come by the model that best.safetensors holds. So the first best model behind a checkpoint leaves the one that
// the checkpoint knows of in best.safetensors.old, until the next checkpoint is written.
#ifndef NOMEN_TRAIN_BEST_H
#define NOMEN_TRAIN_BEST_H

#include "train/run_dir.h"

// Copies the best model, where there is one, to best.safetensors.old.
bool best_keep(const RunDir *dir, Error *err);

// The checkpoint has followed: removes best.safetensors.old, where it is.
bool best_forget(const RunDir *dir, Error *err);

// Whether one of the two files is the best model of a checkpoint with this lowest dev loss, or it knows of none. Errors
// as checkpoint_read, with the way on.
bool best_is_there(const RunDir *dir, double dev_loss, bool *is_there, Error *err);

// Makes best.safetensors the one that a checkpoint with this lowest dev loss (infinity before the first) knows of, and
// removes best.safetensors.old. Where all is as it should be nothing is written. Where neither file has that loss, the
// best model's stays. Errors as best_is_there.
bool best_settle(const RunDir *dir, double dev_loss, Error *err);

#endif
