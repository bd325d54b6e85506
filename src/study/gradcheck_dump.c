#include "study/gradcheck.h"
#include "train/safetensors.h"
#include "train/state_tensors.h"

// Adds a tensor, and its gradient as NAME.grad unless that is NULL.
static bool add(SafeTensors *content, FileTensor tensor, const float *grad, Arena *arena, Error *err) {
    if (!tensor.name) return false;
    content->tensors[content->n_tensors++] = tensor;
    if (!grad) return true;
    tensor.name = arena_format(arena, err, "%s.grad", tensor.name);
    tensor.data = grad;
    content->tensors[content->n_tensors++] = tensor;
    return tensor.name != NULL;
}

static bool collect(SafeTensors *content, const Trainer *trainer, const double *loss, Arena *arena, Error *err) {
    const Network *network = &trainer->model.network;
    size_t b = network->n, context = network->reads_names ? 1 : network->context,
           most = 3 + 2 * (network->n_layers + network->n_tensors);
    int64_t *ids = arena_alloc(arena, b * context, sizeof *ids, err);
    int64_t *targets = arena_alloc(arena, b, sizeof *targets, err);
    content->tensors = arena_alloc(arena, most, sizeof *content->tensors, err);
    if (!ids || !targets || !content->tensors) return false;
    for (size_t i = 0; i < b * context; i++) ids[i] = network->ids[i];
    for (size_t i = 0; i < b; i++) targets[i] = trainer->lanes.items->minibatch.targets[i];
    bool ok = add(content, (FileTensor){"batch.ids", NUMBER_I64, 2, {b, context}, ids}, NULL, arena, err) &&
              add(content, (FileTensor){"batch.targets", NUMBER_I64, 1, {b}, targets}, NULL, arena, err) &&
              add(content, (FileTensor){"loss", NUMBER_F64, 0, {0}, loss}, NULL, arena, err);
    for (size_t i = 0; ok && i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        Shape out = layer->plan.out;
        const char *name = arena_format(arena, err, "%s.output", layer->name);
        size_t t = network->reads_names ? 1 : out.t;
        ok = add(content, (FileTensor){name, NUMBER_F32, 3, {b, t, out.c}, layer->y}, layer->dy, arena, err);
    }
    for (size_t i = 0; ok && i < network->n_tensors; i++)
        ok = add(content, file_tensor_of(&network->tensors[i]), network->tensors[i].grad, arena, err);
    return ok;
}

bool gradcheck_dump(const Trainer *trainer, const GradcheckReport *report, const char *path, Error *err) {
    Arena arena = {0};
    FileText texts[] = {{"format", "nomen gradcheck 1"}};
    SafeTensors content = {.n_texts = 1, .texts = texts};
    bool ok = collect(&content, trainer, &report->loss, &arena, err) || error_context(err, "%s", path);
    ok = ok && safetensors_write(path, &content, err);
    arena_free(&arena);
    return ok;
}
