// What nomen info reports about a run: its model, the state of its training, its files.
#ifndef NOMEN_STUDY_INFO_H
#define NOMEN_STUDY_INFO_H

#include "train/load.h"
#include "train/metrics.h"
#include "train/run_dir.h"

// A tensor of the model, as in its file.
typedef struct ModelTensor {
    const char *name;
    size_t n_dims, dims[FILE_TENSOR_DIMS];
    size_t n; // numbers
    bool is_trained;
} ModelTensor;

typedef struct RunInfo {
    SavedModel saved;
    TrainState state;
    size_t n_tensors;
    ModelTensor *tensors;
    size_t n_parameters; // trained numbers; of an n-gram model, its counts
    // Of a run directory, not of a model file:
    bool has_measured;
    MetricsRow measured; // the last row of metrics.csv with split losses
    size_t n_files;
    DirFile files[RUN_DIR_FILES];
} RunInfo;

// Loads the information about a run directory, whose latest model it describes, or about a model file.
bool run_info_load(RunInfo *info, const char *run, Arena *arena, Error *err);

#endif
