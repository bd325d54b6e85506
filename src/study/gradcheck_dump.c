// gradcheck's dump: everything that part 4 of the lectures computes by hand.
#include "study/gradcheck.h"
#include "train/safetensors.h"

#include <stdint.h>
#include <string.h>

static FileTensor float_tensor(const char *name, size_t n_dims, const size_t *dims, const float *data) {
    FileTensor tensor = {name, NUMBER_F32, n_dims, {0}, data};
    for (size_t d = 0; d < n_dims; d++) tensor.dims[d] = dims[d];
    return tensor;
}

static bool add_batch(SafeTensors *content, const Trainer *trainer, const double *loss, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    size_t b = (size_t)trainer->config->train.batch_size, context = network->context;
    int64_t *ids = arena_alloc(arena, b * context, sizeof *ids, err);
    int64_t *targets = arena_alloc(arena, b, sizeof *targets, err);
    if (!ids || !targets) return false;
    for (size_t i = 0; i < b * context; i++) ids[i] = trainer->minibatch.ids[i];
    for (size_t i = 0; i < b; i++) targets[i] = trainer->minibatch.targets[i];
    content->tensors[content->n_tensors++] = (FileTensor){"batch.ids", NUMBER_I64, 2, {b, context}, ids};
    content->tensors[content->n_tensors++] = (FileTensor){"batch.targets", NUMBER_I64, 1, {b}, targets};
    content->tensors[content->n_tensors++] = (FileTensor){"loss", NUMBER_F64, 0, {0}, loss};
    return true;
}

static bool add_layer(SafeTensors *content, const Network *network, size_t i, size_t b, Arena *arena, Error *err) {
    const Layer *layer = &network->layers[i];
    const size_t dims[] = {b, layer->plan.out.t, layer->plan.out.c};
    const char *name = arena_format(arena, err, "layers.%zu.output", i);
    const char *grad = arena_format(arena, err, "layers.%zu.output.grad", i);
    if (!name || !grad) return false;
    content->tensors[content->n_tensors++] = float_tensor(name, 3, dims, layer->y);
    content->tensors[content->n_tensors++] = float_tensor(grad, 3, dims, layer->dy);
    return true;
}

static bool add_tensor(SafeTensors *content, const Tensor *tensor, Arena *arena, Error *err) {
    const char *grad = arena_format(arena, err, "%s.grad", tensor->name);
    if (!grad) return false;
    const TensorPlan *plan = tensor->plan;
    content->tensors[content->n_tensors++] = float_tensor(tensor->name, plan->n_dims, plan->dims, tensor->data);
    if (tensor->grad)
        content->tensors[content->n_tensors++] = float_tensor(grad, plan->n_dims, plan->dims, tensor->grad);
    return true;
}

static bool collect(SafeTensors *content, const Trainer *trainer, const GradcheckReport *report, Arena *arena,
                    Error *err) {
    const Network *network = &trainer->model.network;
    size_t b = (size_t)trainer->config->train.batch_size, n_most = 3 + 2 * (network->n_layers + network->n_tensors);
    content->tensors = arena_alloc(arena, n_most, sizeof *content->tensors, err);
    if (!content->tensors || !add_batch(content, trainer, &report->loss, arena, err)) return false;
    for (size_t i = 0; i < network->n_layers; i++)
        if (!add_layer(content, network, i, b, arena, err)) return false;
    for (size_t i = 0; i < network->n_tensors; i++)
        if (!add_tensor(content, &network->tensors[i], arena, err)) return false;
    return true;
}

bool gradcheck_dump(const Trainer *trainer, const GradcheckReport *report, const char *path, Error *err) {
    Arena arena = {0};
    FileText texts[] = {{"format", "nomen gradcheck 1"}};
    SafeTensors content = {.n_texts = 1, .texts = texts};
    Bytes bytes;
    bool ok = collect(&content, trainer, report, &arena, err) && safetensors_bytes(&content, &bytes, &arena, err);
    ok = (ok || error_context(err, "%s", path)) && file_replace(path, bytes.at, bytes.n, err);
    arena_free(&arena);
    return ok;
}
