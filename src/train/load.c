#include "train/load.h"

#include "train/metrics.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>

bool load_model(SavedModel *saved, const char *run, Arena *arena, Error *err) {
    const char *path = run_find_model(run, arena, err);
    if (!path || !load_model_file(saved, path, arena, err)) return false;
    saved->is_dir = strcmp(path, run) != 0;
    return true;
}

bool load_model_in(SavedModel *saved, const char *run, World world, Arena *arena, Error *err) {
    Arena scratch = {0};
    Bytes file = {0};
    bool ok =
        load_model(saved, run, arena, err) && (world.size == 1 || file_read(saved->file.path, &scratch, &file, err));
    ok = world_agree(world, ok, err) && world_agree_on(world, "model file", file.at, file.n, err);
    arena_free(&scratch);
    return ok;
}

bool load_model_file(SavedModel *saved, const char *path, Arena *arena, Error *err) {
    if (!checkpoint_read(&saved->file, path, arena, err)) return false;
    saved->is_dir = false;
    const Checkpoint *file = &saved->file;
    const NetworkUse use = {.max_rows = MODEL_EVALUATION_ROWS};
    if (!config_parse(&saved->config, file->config_text, path, NULL, arena, err)) return false;
    if (!model_create(&saved->model, &saved->config.model, file->vocab.n, use, arena, err))
        return error_context(err, "%s", path);
    saved->model.file = path;
    return checkpoint_restore(file, &saved->model, arena, err);
}

bool load_prefix(const SavedModel *saved, const char *prefix, uint16_t **ids, size_t *n, Arena *arena, Error *err) {
    Bytes text = {(char *)prefix, strlen(prefix)};
    NfcChanges changes;
    if (saved->config.data.format.normalize && !nfc_compose_lines(&text, &changes, arena, err)) return false;
    *ids = arena_alloc(arena, text.n, sizeof **ids, err);
    return *ids && (vocab_encode(&saved->file.vocab, text.at, text.n, *ids, n, err) || error_context(err, "--prefix"));
}

double load_train_loss(const SavedModel *saved) {
    Arena arena = {0};
    RunDir dir;
    MetricsRow row = {.train_loss = NAN};
    Error unreadable;
    const char *path = path_dir(&arena, saved->file.path, &unreadable);
    if (path && run_dir(&dir, path, &arena, &unreadable))
        metrics_last_measured(dir.metrics, saved->file.state.step, &row, &unreadable);
    arena_free(&arena);
    return row.train_loss;
}

static const char *remedy(bool takes_data) {
    return takes_data ? "put it back, or name its new place with --data FILE" : "put it back";
}

bool load_check_names(const char *path, bool takes_data, Error *err) {
    if (path_kind(path) != PATH_NOTHING) return path_check(path, PATH_FILE, err);
    return error_set(err, "%s: no such file or directory; %s", path, remedy(takes_data));
}

bool load_dataset(const Checkpoint *checkpoint, const DataConfig *config, World world, bool takes_data,
                  Dataset *dataset, Arena *arena, Error *err) {
    if (!load_check_names(config->path, takes_data, err) ||
        !dataset_load(dataset, config, world, &checkpoint->vocab, arena, err))
        return false;
    return strcmp(dataset->sha256, checkpoint->data_sha256) == 0 ||
           error_set(err, "%s: it has changed since the run was trained on it; %s", config->path, remedy(takes_data));
}
