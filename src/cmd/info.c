#include "study/info.h"
#include "base/format.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "study/describe.h"

#include <math.h>
#include <string.h>

enum { MOST_SYMBOLS = 60, LABEL = 10, SUM_DIGITS = 12 };

typedef struct InfoOptions {
    bool json;
} InfoOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(InfoOptions, json), NULL, "one JSON object instead of a report", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "info",
    .brief = "what a run is: layers, parameters, data, losses, files",
    .summary = "Says what a run is: its layers, tensors and parameters, the data it was trained on, how\n"
               "far, its losses and files. Of a directory's models it is the latest.",
    .operand = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(InfoOptions),
    .examples = "  nomen info runs/mlp\n"
                "  nomen info runs/mlp/best.safetensors --json\n",
};

static void print_label(const char *label) { printf("%-*s", LABEL, label); }

static void print_model(const RunInfo *info) {
    const Model *model = &info->saved.model;
    print_label("model");
    printf("%s, ", info->saved.config.name);
    if (model->is_ngram)
        printf("counts of %zu symbols in a row, smoothing %g\n%*s%zu counts in %zu contexts\n", model->context + 1,
               model->ngram.smoothing, LABEL, "", info->n_parameters, model->ngram.counts.contexts.n);
    else
        printf("a network of context %zu, %zu parameters\n", model->context, info->n_parameters);
}

static void print_symbols(const Vocab *vocab) {
    size_t width = terminal_text_columns();
    char text[DESCRIBE_SYMBOL_BYTES];
    print_label("symbols");
    printf("%zu, the boundary and\n%*s", vocab->n, LABEL - 1, "");
    size_t column = LABEL - 1;
    for (size_t id = 1; id < vocab->n && id <= MOST_SYMBOLS; id++) {
        size_t columns = describe_symbol_columns(vocab->code_points[id]);
        bool fits = column + 1 + columns <= width;
        if (!fits) printf("\n%*s", LABEL - 1, "");
        column = (fits ? column : LABEL - 1) + 1 + columns;
        printf(" %s", describe_symbol(vocab->code_points[id], text));
    }
    if (vocab->n > MOST_SYMBOLS + 1) printf("\n%*sand %zu more", LABEL, "", vocab->n - 1 - MOST_SYMBOLS);
    putchar('\n');
}

static void print_data(const SavedModel *saved, const char *path) {
    char split[DESCRIBE_SPLIT_BYTES];
    print_label("data");
    printf("%s\n%*ssha256 %.*s...\n%*s", path, LABEL, "", SUM_DIGITS, saved->file.data_sha256, LABEL, "");
    puts(describe_split(&saved->config.data, split));
    print_symbols(&saved->file.vocab);
}

static void print_training(const RunInfo *info) {
    const TrainState *state = &info->state;
    if (!info->saved.model.is_ngram) {
        print_label("training");
        printf("step %llu of %llu", (unsigned long long)state->step,
               (unsigned long long)info->saved.config.train.steps);
        if (train_state_ended_early(state, &info->saved.config.train.early_stop)) printf(", by early stop");
        printf(state->seconds > 0 ? ", %.1f s\n" : "\n", state->seconds);
    }
    print_label("losses");
    char loss[FORMAT_BYTES];
    if (isfinite(state->best_dev_loss)) printf("best dev %s\n", format_loss(state->best_dev_loss, loss));
    if (info->has_measured) {
        if (isfinite(state->best_dev_loss)) print_label("");
        printf("at step %llu train %s", (unsigned long long)info->measured.step,
               format_loss(info->measured.train_loss, loss));
        if (!isnan(info->measured.dev_loss)) printf(" dev %s", format_loss(info->measured.dev_loss, loss));
        putchar('\n');
    }
    if (!isfinite(state->best_dev_loss) && !info->has_measured) puts("none measured yet");
}

static void print_files(const RunInfo *info) {
    for (size_t i = 0; i < info->n_files; i++) {
        print_label(i == 0 ? "files" : "");
        printf("%-22s %12llu bytes\n", info->files[i].name, (unsigned long long)info->files[i].size_bytes);
    }
}

// The shape of one example: ids (T) or floats (T, C). Returns how many dimensions.
static size_t example_dims(Shape shape, bool is_ids, size_t dims[2]) {
    dims[0] = shape.t;
    dims[1] = shape.c;
    return is_ids ? 1 : 2;
}

static void print_layers(const Network *network) {
    printf("\n%-12s %16s %16s %12s\n", "layer", "input", "output", "parameters");
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        char in[DESCRIBE_SHAPE_BYTES], out[DESCRIBE_SHAPE_BYTES];
        printf("%2zu %-9s %16s %16s %12zu\n", i, layer->type->record.name,
               describe_example(layer->plan.in, layer->type->takes_ids, in),
               describe_example(layer->plan.out, false, out), network_layer_parameters(network, i));
    }
}

static void print_tensors(const RunInfo *info) {
    printf("\n%-29s %16s %12s\n", "tensor", "shape", "numbers");
    for (size_t i = 0; i < info->n_tensors; i++) {
        const ModelTensor *tensor = &info->tensors[i];
        char shape[DESCRIBE_SHAPE_BYTES];
        printf("%-29s %16s %12zu%s\n", tensor->name, describe_shape(tensor->n_dims, tensor->dims, shape), tensor->n,
               tensor->is_trained ? "" : "  not trained");
    }
}

static bool print_report(const RunInfo *info, Arena *arena, Error *err) {
    const char *as_written = info->saved.config.data.path;
    char *path = arena_copy(arena, as_written, strlen(as_written), err);
    if (!path) return false;
    text_sanitize(path);
    print_model(info);
    print_data(&info->saved, path);
    print_training(info);
    print_files(info);
    if (!info->saved.model.is_ngram) print_layers(&info->saved.model.network);
    print_tensors(info);
    return true;
}

static void add_dims(Buffer *out, const char *key, size_t n, const size_t *dims) {
    json_add_open(out, key, '[');
    for (size_t d = 0; d < n; d++) json_whole(out, dims[d]);
    json_close(out, ']');
}

static void add_model(Buffer *out, const RunInfo *info) {
    const Model *model = &info->saved.model;
    json_add_text(out, "name", info->saved.config.name);
    json_add_text(out, "model", model->is_ngram ? "counts" : "network");
    json_add_whole(out, "context", model->context);
    if (model->is_ngram) {
        json_add_number(out, "smoothing", model->ngram.smoothing);
        json_add_whole(out, "contexts", model->ngram.counts.contexts.n);
    }
    json_add_whole(out, "parameters", info->n_parameters);
}

static void add_layers(Buffer *out, const Network *network) {
    json_add_open(out, "layers", '[');
    for (size_t i = 0; i < network->n_layers; i++) {
        const Layer *layer = &network->layers[i];
        size_t dims[2], n = example_dims(layer->plan.in, layer->type->takes_ids, dims);
        json_open(out, '{');
        json_add_text(out, "type", layer->type->record.name);
        add_dims(out, "input", n, dims);
        n = example_dims(layer->plan.out, false, dims);
        add_dims(out, "output", n, dims);
        json_add_whole(out, "parameters", network_layer_parameters(network, i));
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void add_tensors(Buffer *out, const RunInfo *info) {
    json_add_open(out, "tensors", '[');
    for (size_t i = 0; i < info->n_tensors; i++) {
        json_open(out, '{');
        json_add_text(out, "name", info->tensors[i].name);
        add_dims(out, "shape", info->tensors[i].n_dims, info->tensors[i].dims);
        json_add_whole(out, "numbers", info->tensors[i].n);
        json_add_bool(out, "trained", info->tensors[i].is_trained);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void add_data(Buffer *out, const SavedModel *saved) {
    const DataConfig *data = &saved->config.data;
    json_add_open(out, "data", '{');
    json_add_text(out, "path", data->path);
    json_add_text(out, "sha256", saved->file.data_sha256);
    json_add_open(out, "split", '[');
    for (size_t p = 0; p < N_PARTS; p++) json_number(out, data->split.parts[p]);
    json_close(out, ']');
    if (data->shuffle_seed.given) json_add_whole(out, "shuffle_seed", data->shuffle_seed.value);
    json_add_bool(out, "unique", data->unique);
    json_close(out, '}');
    json_add_open(out, "vocabulary", '[');
    json_text(out, "");
    for (size_t id = 1; id < saved->file.vocab.n; id++) {
        char bytes[UTF8_MAX_BYTES];
        json_bytes(out, bytes, vocab_decode(&saved->file.vocab, (uint16_t)id, bytes));
    }
    json_close(out, ']');
}

static void add_training(Buffer *out, const RunInfo *info) {
    json_add_whole(out, "step", info->state.step);
    json_add_whole(out, "steps", info->saved.config.train.steps);
    json_add_number(out, "seconds", info->state.seconds);
    json_add_number(out, "best_dev_loss", info->state.best_dev_loss);
    if (info->has_measured) {
        json_add_open(out, "measured", '{');
        json_add_whole(out, "step", info->measured.step);
        json_add_number(out, "train_loss", info->measured.train_loss);
        json_add_number(out, "dev_loss", info->measured.dev_loss);
        json_close(out, '}');
    }
    if (!info->saved.is_dir) return;
    json_add_open(out, "files", '{');
    for (size_t i = 0; i < info->n_files; i++) json_add_whole(out, info->files[i].name, info->files[i].size_bytes);
    json_close(out, '}');
}

static bool print_json(const RunInfo *info, Arena *arena, Error *err) {
    Buffer out = {.arena = arena};
    json_open(&out, '{');
    add_model(&out, info);
    add_layers(&out, &info->saved.model.network);
    add_tensors(&out, info);
    add_data(&out, &info->saved);
    add_training(&out, info);
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (text) puts(text);
    return text != NULL;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const InfoOptions *o = options;
    RunInfo info;
    if (!run_info_load(&info, operands->items[0], arena, err)) return command_failed(err);
    bool ok = o->json ? print_json(&info, arena, err) : print_report(&info, arena, err);
    if (!ok) return command_failed(err);
    return command_done(err);
}

const Command info_command = {COMMANDS_LOOK, &USAGE, run};
