#include "study/gradcheck.h"
#include "train/safetensors.h"

#include <stdint.h>

typedef struct Dump {
    SafeTensors content;
    Arena arena;
    Error *err;
    bool failed;
} Dump;

// Adds the array, and its gradient as NAME.grad unless that is NULL.
static void add_floats(Dump *dump, const char *name, size_t n_dims, const size_t *dims, const float *data,
                       const float *grad) {
    const char *grad_name = arena_format(&dump->arena, dump->err, "%s.grad", name ? name : "");
    dump->failed = dump->failed || !name || !grad_name;
    if (dump->failed) return;
    FileTensor tensor = {name, NUMBER_F32, n_dims, {0}, data};
    for (size_t d = 0; d < n_dims; d++) tensor.dims[d] = dims[d];
    dump->content.tensors[dump->content.n_tensors++] = tensor;
    if (!grad) return;
    tensor.name = grad_name;
    tensor.data = grad;
    dump->content.tensors[dump->content.n_tensors++] = tensor;
}

static void add_batch(Dump *dump, const Trainer *trainer, const double *loss) {
    size_t b = (size_t)trainer->config->train.batch_size, context = trainer->model.network.context;
    int64_t *ids = arena_alloc(&dump->arena, b * context, sizeof *ids, dump->err);
    int64_t *targets = arena_alloc(&dump->arena, b, sizeof *targets, dump->err);
    dump->failed = dump->failed || !ids || !targets;
    if (dump->failed) return;
    for (size_t i = 0; i < b * context; i++) ids[i] = trainer->minibatch.ids[i];
    for (size_t i = 0; i < b; i++) targets[i] = trainer->minibatch.targets[i];
    FileTensor *tensors = dump->content.tensors + dump->content.n_tensors;
    tensors[0] = (FileTensor){"batch.ids", NUMBER_I64, 2, {b, context}, ids};
    tensors[1] = (FileTensor){"batch.targets", NUMBER_I64, 1, {b}, targets};
    tensors[2] = (FileTensor){"loss", NUMBER_F64, 0, {0}, loss};
    dump->content.n_tensors += 3;
}

static void collect(Dump *dump, const Trainer *trainer, const GradcheckReport *report) {
    const Network *network = &trainer->model.network;
    size_t b = (size_t)trainer->config->train.batch_size, n_most = 3 + 2 * (network->n_layers + network->n_tensors);
    dump->content.tensors = arena_alloc(&dump->arena, n_most, sizeof *dump->content.tensors, dump->err);
    dump->failed = !dump->content.tensors;
    add_batch(dump, trainer, &report->loss);
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        const size_t dims[] = {b, layer->plan.out.t, layer->plan.out.c};
        add_floats(dump, arena_format(&dump->arena, dump->err, "layers.%zu.output", i), 3, dims, layer->y, layer->dy);
    }
    for (const Tensor *tensor = network->tensors; tensor < network->tensors + network->n_tensors; tensor++)
        add_floats(dump, tensor->name, tensor->plan->n_dims, tensor->plan->dims, tensor->data, tensor->grad);
}

bool gradcheck_dump(const Trainer *trainer, const GradcheckReport *report, const char *path, Error *err) {
    FileText texts[] = {{"format", "nomen gradcheck 1"}};
    Dump dump = {.content = {.n_texts = 1, .texts = texts}, .err = err};
    Bytes bytes;
    collect(&dump, trainer, report);
    bool ok =
        (!dump.failed && safetensors_bytes(&dump.content, &bytes, &dump.arena, err)) || error_context(err, "%s", path);
    ok = ok && file_replace(path, bytes.at, bytes.n, err);
    arena_free(&dump.arena);
    return ok;
}
