// What keeps a run from going on from its checkpoint.
#ifndef NOMEN_TRAIN_RESUME_H
#define NOMEN_TRAIN_RESUME_H

#include "train/checkpoint.h"

// True where the run may go on with this config and data: what differs may differ (config_can_resume), and the names
// file is the same. Otherwise `err` names the file, the first difference, and the way out.
bool resume_check_config(const Checkpoint *checkpoint, const Config *config, const Dataset *dataset, Error *err);

// The most steps that the run's rows may lie apart: train.log_every, its own or that of `config`.
bool resume_row_steps(const Checkpoint *checkpoint, const Config *config, uint64_t *steps, Error *err);

// False where more steps are asked for than the run was to have, and the rate is 0 for all that are left: they would
// change nothing. `state` is the checkpoint's.
bool resume_check_rate(const Checkpoint *checkpoint, const Config *config, const TrainState *state, Error *err);

#endif
