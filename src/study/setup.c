#include "study/setup.h"

#include <string.h>

static bool refuse_counts(const NetworkSetup *setup, const char *path, Error *err) {
    if (!setup->config.model.is_ngram) return true;
    return error_set(err, "%s: counts have no gradients; expected a network", path);
}

bool setup_network(NetworkSetup *setup, const char *operand, const SetupOptions *options, Arena *arena, Error *err) {
    const ConfigChanges changes = {.data = options->data};
    if (!config_open(&setup->config, operand, &changes, arena, err)) return false;
    const char *config = setup->path = setup->config.path;
    if (!refuse_counts(setup, config, err)) return false;
    if (options->batch > 0) setup->config.train.batch_size = options->batch;
    if (!dataset_load(&setup->dataset, &setup->config.data, NULL, arena, err)) return false;
    if (!trainer_create(&setup->trainer, &setup->config, &setup->dataset, options->by_rows, arena, err))
        return error_context(err, "%s", config);
    return true;
}

bool setup_run(NetworkSetup *setup, const char *run, const char *data, bool by_rows, Arena *arena, Error *err) {
    Checkpoint file;
    const char *path = setup->path = run_model_path(run, arena, err);
    if (!path || !checkpoint_read(&file, path, arena, err)) return false;
    if (!config_parse(&setup->config, file.config_text, strlen(file.config_text), path, arena, err)) return false;
    if (data) setup->config.data.path = data;
    return refuse_counts(setup, run, err) &&
           checkpoint_load_data(&file, &setup->config.data, NAMES_GONE, &setup->dataset, arena, err) &&
           (trainer_create(&setup->trainer, &setup->config, &setup->dataset, by_rows, arena, err) ||
            error_context(err, "%s", path)) &&
           checkpoint_restore(&file, &setup->trainer.model, &setup->trainer.state, arena, err) &&
           checkpoint_restore_optimizer(&file, &setup->trainer.model.network, &setup->trainer.optimizer, err);
}
