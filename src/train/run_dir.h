// A run directory: config.json, metrics.csv, model.safetensors and, where there is a dev split, best.safetensors;
// beside it best.safetensors.old while the checkpoint has yet to follow (train/best.h).
#ifndef NOMEN_TRAIN_RUN_DIR_H
#define NOMEN_TRAIN_RUN_DIR_H

#include "base/dir.h"
#include "base/file.h"

typedef struct RunDir {
    const char *path, *config, *metrics, *model, *best, *best_before;
    DirLock lock; // held by who trains in it
} RunDir;

// The paths of a run in directory `path`; nothing is touched. False, with `err`, where memory runs out.
bool run_dir(RunDir *dir, const char *path, Arena *arena, Error *err);

// True where a run's config or model is there.
bool run_dir_is_run(const RunDir *dir);

// An error where neither the config nor the model that is there was written by nomen: other programs call their files
// by the same names, and those are not ours to replace or remove.
bool run_dir_is_ours(const RunDir *dir, Error *err);

// What is to become of a run that is there.
typedef enum DirUse {
    DIR_NEW,     // there must be none: the directory is missing or empty
    DIR_RESUME,  // an earlier start without a checkpoint may be there too
    DIR_REPLACE, // anything but a group of runs may be there, and what belongs to a run is replaced
} DirUse;

// True where a run may begin at step 0; otherwise `err` says what is in the way and what helps.
bool run_dir_is_free(const RunDir *dir, DirUse use, Error *err);

// Whether run_dir_begin can do its work, as far as that can be told with nothing touched: the directory is writable, or
// can be made, and no directory stands where a file of the run would.
bool run_dir_can_begin(const RunDir *dir, Error *err);

// Writes config.json into the directory, which is there; with `fresh`, removes the other files of an earlier run. Where
// run_dir_can_begin refuses, or rows cannot be added to those of a run that goes on, all is as it was.
bool run_dir_begin(const RunDir *dir, bool fresh, const char *config_text, Error *err);

// Removes what belongs to a run, gives its lock back, and removes the directory where nothing else is in it.
bool run_dir_remove(RunDir *dir, Error *err);

enum { RUN_DIR_FILES = 10 };

typedef struct DirFile {
    const char *name;
    uint64_t size_bytes;
} DirFile;

// The files of a run that are in directory `path`; *n says how many. False, with `err`, where memory runs out or
// nothing can be told of one.
bool run_dir_files(const char *path, DirFile files[RUN_DIR_FILES], size_t *n, Arena *arena, Error *err);

// The run, or group of runs, that is meant by RUN where nothing stands: runs/RUN, or one of a name near it in the same
// directory; of a name without a directory, one near it in runs, too. NULL where there is none, or none can be found.
const char *run_dir_guess(const char *run, Arena *arena);

// The model file of RUN, which is a run directory or a model file itself. NULL, with the remedy, where there is none.
const char *run_model_path(const char *run, Arena *arena, Error *err);

#endif
