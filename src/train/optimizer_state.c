#include "train/optimizer_state.h"

#include <stdio.h>

enum { NAME_BYTES = 2 * TENSOR_NAME_BYTES };

static const FileTensor UPDATES_TENSOR = {"state.optimizer.updates", NUMBER_I64, 1, {1}, NULL};

FileTensor tensor_in_file(const Tensor *tensor) {
    FileTensor out = {tensor->name, NUMBER_F32, tensor->plan->n_dims, {0}, tensor->data};
    for (size_t d = 0; d < out.n_dims; d++) out.dims[d] = tensor->plan->dims[d];
    return out;
}

static bool is_trained(const Tensor *tensor) { return tensor->plan->role != TENSOR_BUFFER; }

static float *slab_part(const Optimizer *optimizer, size_t slab, const Network *network, const Tensor *tensor) {
    return optimizer->slabs[slab] + (tensor->data - network->params);
}

// Shaped as the parameter that it belongs to.
static FileTensor part_in_file(const Optimizer *optimizer, size_t slab, const Tensor *tensor, char name[NAME_BYTES]) {
    FileTensor out = tensor_in_file(tensor);
    snprintf(name, NAME_BYTES, "state.optimizer.%s.%s", optimizer->plan.slabs[slab], tensor->name);
    out.name = name;
    return out;
}

size_t optimizer_state_tensors(const Optimizer *optimizer, const Network *network) {
    return 1 + optimizer->plan.n_slabs * network->n_tensors;
}

bool optimizer_state_add(SafeTensors *content, const Optimizer *optimizer, Arena *arena, Error *err) {
    if (optimizer->plan.n_slabs == 0) return true;
    int64_t *updates = arena_alloc(arena, 1, sizeof *updates, err);
    if (!updates) return false;
    *updates = (int64_t)optimizer->updates;
    FileTensor *out = &content->tensors[content->n_tensors++];
    *out = UPDATES_TENSOR;
    out->data = updates;
    return true;
}

bool optimizer_state_add_floats(SafeTensors *content, const Optimizer *optimizer, const Network *network, Arena *arena,
                                Error *err) {
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++) {
        for (size_t i = 0; i < network->n_tensors; i++) {
            const Tensor *tensor = &network->tensors[i];
            char *name = arena_alloc(arena, NAME_BYTES, 1, err);
            if (!name) return false;
            if (!is_trained(tensor)) continue;
            FileTensor *out = &content->tensors[content->n_tensors++];
            *out = part_in_file(optimizer, slab, tensor, name);
            out->data = slab_part(optimizer, slab, network, tensor);
        }
    }
    return true;
}

bool optimizer_state_is_in(const SafeTensors *content) {
    return safetensors_find(content, UPDATES_TENSOR.name) != NULL;
}

bool optimizer_state_restore(const SafeTensors *content, const Network *network, Optimizer *optimizer, Error *err) {
    int64_t updates;
    if (optimizer->plan.n_slabs == 0) return true;
    if (!safetensors_copy(content, &UPDATES_TENSOR, &updates, err)) return false;
    if (updates < 0) return error_set(err, "tensor %s is out of range", UPDATES_TENSOR.name);
    for (size_t slab = 0; slab < optimizer->plan.n_slabs; slab++) {
        for (size_t i = 0; i < network->n_tensors; i++) {
            const Tensor *tensor = &network->tensors[i];
            char name[NAME_BYTES];
            if (!is_trained(tensor)) continue;
            FileTensor part = part_in_file(optimizer, slab, tensor, name);
            float *numbers = slab_part(optimizer, slab, network, tensor);
            part.data = numbers;
            if (!safetensors_copy(content, &part, numbers, err) ||
                !safetensors_check(&part, optimizer->plan.at_least_0[slab], err))
                return false;
        }
    }
    optimizer->updates = (uint64_t)updates;
    return true;
}
