#include "study/info.h"

#include <string.h>

static void add_tensor(RunInfo *info, const FileTensor *tensor, bool is_trained) {
    ModelTensor *out = &info->tensors[info->n_tensors++];
    *out = (ModelTensor){
        .name = tensor->name, .n_dims = tensor->n_dims, .n = file_tensor_count(tensor), .is_trained = is_trained};
    memcpy(out->dims, tensor->dims, sizeof out->dims);
}

// Lists the tensors of a network in its own order; those of an n-gram model are all in the file but the state.
static bool list_tensors(RunInfo *info, Arena *arena, Error *err) {
    const SafeTensors *content = &info->saved.file.content;
    const Network *network = &info->saved.model.network;
    info->tensors = arena_alloc(arena, content->n_tensors, sizeof *info->tensors, err);
    if (!info->tensors) return false;
    for (size_t i = 0; i < network->n_tensors; i++)
        add_tensor(info, safetensors_find(content, network->tensors[i].name),
                   network->tensors[i].plan->role != TENSOR_BUFFER);
    info->n_parameters = network->n_parameters;
    if (!info->saved.model.is_ngram) return true;
    for (size_t i = 0; i < content->n_tensors; i++)
        if (strncmp(content->tensors[i].name, "state.", 6) != 0) add_tensor(info, &content->tensors[i], true);
    const ContextCounts *counts = &info->saved.model.ngram.counts;
    info->n_parameters = counts->first[counts->contexts.n];
    return true;
}

bool run_info_load(RunInfo *info, const char *run, Arena *arena, Error *err) {
    *info = (RunInfo){0};
    RunDir dir;
    if (!load_model(&info->saved, run, arena, err) || !checkpoint_read_state(&info->saved.file, &info->state, err) ||
        !list_tensors(info, arena, err))
        return false;
    return !info->saved.is_dir || (run_dir(&dir, run, arena, err) &&
                                   metrics_last_measured(dir.metrics, &info->measured, &info->has_measured, err) &&
                                   run_dir_files(run, info->files, &info->n_files, arena, err));
}
