// Run directories (config.json, metrics.csv, model.safetensors and, with a dev split, best.safetensors), groups of
// them, and how a command finds the run that its user means.
#pragma once

#include "base/dir.h"
#include "base/file.h"
#include "base/text.h"

typedef struct RunDir {
    const char *path, *config, *metrics, *model, *best;
} RunDir;

// Fills in the paths of a run in directory `path`. The file system is not touched.
bool run_dir(RunDir *dir, const char *path, Arena *arena, Error *err);

// Returns true if the directory holds a run's config or model.
bool run_dir_is_run(const RunDir *dir);

// Returns true if a run may start here: in a new or an empty directory or, with `may_replace`, in that of a run.
bool run_dir_check_free(const RunDir *dir, bool may_replace, Error *err);

// Removes all files of a run but config.json.
bool run_dir_clear(const RunDir *dir, Error *err);

// Removes all files of a run, and the directory if nothing else is in it.
bool run_dir_remove(const RunDir *dir, Error *err);

enum { RUN_DIR_FILES = 10 };

typedef struct DirFile {
    const char *name;
    uint64_t size_bytes;
} DirFile;

// Lists the files of a run that exist in directory `path`.
bool run_dir_files(const char *path, DirFile files[RUN_DIR_FILES], size_t *n, Arena *arena, Error *err);

// Returns the path of the run with this seed in a group of runs, GROUP/seed-SEED.
const char *group_run_path(const char *group, uint64_t seed, Arena *arena, Error *err);

// Returns true if the name of the run directory is that of a seed, and sets *seed.
bool group_seed_of(const char *run, uint64_t *seed);

// Lists the directories in `group` that hold a run, whatever their names, by length and then alphabet, so that
// GROUP/seed-9 comes before GROUP/seed-10. A missing directory holds none.
bool group_runs(const char *group, Texts *runs, Arena *arena, Error *err);

// Returns the model file of RUN, which is a run directory or a model file itself. Fails with a remedy if there is none.
const char *run_find_model(const char *run, Arena *arena, Error *err);
