#include "study/session.h"

#include "base/text.h"
#include "train/load.h"
#include "train/run_dir.h"

static bool create_trainer(Session *session, bool by_rows, Arena *arena, Error *err) {
    return trainer_create(&session->trainer, &session->config, &session->dataset, by_rows, arena, err) ||
           error_context(err, "%s", session->path);
}

static bool refuse_counts(const Session *session, const char *operand, Error *err) {
    if (!session->config.model.is_ngram) return true;
    return error_set(err, "%s: counts have no gradients; expected a network", operand);
}

// Opens a config, or that of a model file.
static bool open_config(Config *config, const char *operand, const ConfigChanges *changes, Arena *arena, Error *err) {
    Checkpoint file;
    if (!text_ends_with(operand, ".safetensors")) return config_open(config, operand, changes, arena, err);
    return checkpoint_read(&file, operand, arena, err) &&
           config_parse(config, file.config_text, operand, changes, arena, err) &&
           (changes->data || config_check_names(config, true, err));
}

bool session_from_config(Session *session, const char *operand, const ConfigChanges *changes, uint64_t batch,
                         bool by_rows, Arena *arena, Error *err) {
    Config *config = &session->config;
    if (!open_config(config, operand, changes, arena, err)) return false;
    session->path = config->path;
    if (!refuse_counts(session, session->path, err)) return false;
    if (batch > 0) config->train.batch_size = batch;
    return dataset_load(&session->dataset, &config->data, WORLD_ALONE, NULL, arena, err) &&
           create_trainer(session, by_rows, arena, err);
}

bool session_from_run(Session *session, const char *run, const char *data, Arena *arena, Error *err) {
    Checkpoint file;
    Config *config = &session->config;
    Trainer *trainer = &session->trainer;
    const char *path = session->path = run_find_model(run, arena, err);
    if (!path || !checkpoint_read(&file, path, arena, err) ||
        !config_parse(config, file.config_text, path, NULL, arena, err))
        return false;
    if (data) config->data.path = data;
    return refuse_counts(session, run, err) &&
           load_dataset(&file, &config->data, WORLD_ALONE, data != NULL, &session->dataset, arena, err) &&
           create_trainer(session, true, arena, err) && trainer_resume(trainer, &file, false, arena, err);
}
