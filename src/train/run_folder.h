// A run folder: config.json, metrics.csv, model.safetensors and, where there is a dev split, best.safetensors; beside
// it best.safetensors.old while the checkpoint has yet to follow (train/best.h).
#ifndef NOMEN_TRAIN_RUN_FOLDER_H
#define NOMEN_TRAIN_RUN_FOLDER_H

#include "base/file.h"
#include "base/lock.h"

typedef struct RunFolder {
    const char *path, *config, *metrics, *model, *best, *best_before;
    FolderLock lock; // held by who trains in it
    size_t n_there;  // bytes of `path` that name folders which were there before folder_make
} RunFolder;

// The paths of a run in folder `path`; nothing is touched. False, with `err`, where memory runs out.
bool run_folder(RunFolder *folder, const char *path, Arena *arena, Error *err);

// True where a run's config or model is there.
bool run_folder_is_run(const RunFolder *folder);

// An error where neither the config nor the model that is there was written by nomen: other programs call their files
// by the same names, and those are not ours to replace or remove.
bool run_folder_is_ours(const RunFolder *folder, Error *err);

// What is to become of a run that is there.
typedef enum FolderUse {
    FOLDER_NEW,     // there must be none: the folder is missing or empty
    FOLDER_RESUME,  // an earlier start without a checkpoint may be there too
    FOLDER_REPLACE, // anything but a group of runs may be there, and what belongs to a run is replaced
} FolderUse;

// True where a run may begin at step 0; otherwise `err` says what is in the way and what helps.
bool run_folder_is_free(const RunFolder *folder, FolderUse use, Error *err);

// Whether run_folder_begin can do its work, as far as that can be told with nothing touched: the folder is writable, or
// can be made, and no folder stands where a file of the run would.
bool run_folder_can_begin(const RunFolder *folder, Error *err);

// Writes config.json into the folder, which is there; with `fresh`, removes the other files of an earlier run. Where
// run_folder_can_begin refuses, or rows cannot be added to those of a run that goes on, all is as it was.
bool run_folder_begin(const RunFolder *folder, bool fresh, const char *config_text, Error *err);

// Removes what belongs to a run, gives its lock back, and removes the folder where nothing else is in it.
bool run_folder_remove(RunFolder *folder, Error *err);

enum { RUN_FOLDER_FILES = 11 };

typedef struct FolderFile {
    const char *name;
    uint64_t size_bytes;
} FolderFile;

// The files of a run that are in folder `path`; *n says how many. False, with `err`, where memory runs out or nothing
// can be told of one.
bool run_folder_files(const char *path, FolderFile files[RUN_FOLDER_FILES], size_t *n, Arena *arena, Error *err);

// The run, or group of runs, that is meant by RUN where nothing stands: runs/RUN, or one of a name near it in the same
// folder; of a name without a folder, one near it in runs, too. NULL where there is none, or none can be found.
const char *run_meant(const char *run, Arena *arena);

// The model file of RUN, which is a run folder or a model file itself. NULL, with the remedy, where there is none.
const char *run_model_path(const char *run, Arena *arena, Error *err);

#endif
