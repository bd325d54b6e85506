// What there is to know of a run without its data: its model, how far training came, the files it left.
#ifndef NOMEN_STUDY_INFO_H
#define NOMEN_STUDY_INFO_H

#include "train/load.h"
#include "train/metrics.h"
#include "train/run_dir.h"

// A tensor of the model, as its file holds it.
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
    size_t n_parameters; // trained numbers; of an n-gram, its counts
    bool has_measured;   // what follows is known of the directory of a run, not of a model file
    MetricsRow measured; // the last row of metrics.csv with split losses
    size_t n_files;
    DirFile files[RUN_DIR_FILES];
} RunInfo;

// Of a run directory, whose model is its latest, or of a model file. Errors as load_model and
// metrics_last_measured.
bool run_info_load(RunInfo *info, const char *run, Arena *arena, Error *err);

#endif
