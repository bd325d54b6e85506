// How a training run begins, or goes on: the checks before anything is written, and the signals that ask for its end.
#ifndef NOMEN_CMD_TRAIN_START_H
#define NOMEN_CMD_TRAIN_START_H

#include "train/trainer.h"

typedef struct StartOptions {
    bool force;         // replace a run that is there
    const char *resume; // NULL; "" goes on with one; "anyway" does where config or data differ too
} StartOptions;

// Whether a run may begin in the directory or, with *resumes, has something there to go on from. A directory that
// exists is this process's own from then on, until start_release.
bool start_dir(const StartOptions *options, RunDir *dir, bool *resumes, Error *err);

// Makes the directory, where there is none; it is this process's own from now on at the latest. On an error all is as
// it was.
bool start_taking(const StartOptions *options, RunDir *dir, bool resumes, Error *err);

// The first thing written into a directory that was taken: the config; what a run that is replaced left is removed.
bool start_writing(const RunDir *dir, const Config *config, bool resumes, Error *err);

// Gives a directory that was taken to others, and removes it, with those above it, where start_taking made it and
// nothing is in it. Nothing is done for {0}.
void start_release(RunDir *dir);

// The trainer at its first step or, with `resumes`, where the directory's checkpoint stands; `config_path` is for
// errors.
bool start_trainer(Trainer *trainer, const Config *config, const char *config_path, const Dataset *dataset,
                   const RunDir *dir, bool resumes, const StartOptions *options, Arena *arena, Error *err);

// Prints a line with the data and the model, and notes what of the config will not do what it seems to. False, with
// `err`, where memory runs out.
bool start_print_plan(const Trainer *trainer, Error *err);

// Notes what the directory has lost of the run.
void start_note_losses(const RunLosses *lost, const RunDir *dir);

// From now on SIGINT, SIGTERM and, where it is not ignored, SIGHUP only set the flag that is returned to their number,
// and a reader of our output that goes away ends nothing.
const volatile sig_atomic_t *start_listening(void);

#endif
