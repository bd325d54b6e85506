#include "study/calibrate.h"
#include "base/dir.h"
#include "cmd/share/command.h"
#include "train/evaluate.h"
#include "train/load.h"
#include "train/run_dir.h"

#include <math.h>
#include <unistd.h>

static const Usage USAGE = {
    .command = "calibrate",
    .brief = "set batch norm's running statistics from the train split",
    .summary = "Sets the running means and variances of a run's batch norm layers to those of the whole train split, "
               "as in part 3 of the lectures, and saves them in the model file. For a run directory, this file is "
               "model.safetensors; to change best.safetensors, give its path as RUN.",
    .operand = "RUN",
    .examples = "  nomen init mlp-bn -o normed.json\n"
                "  nomen train normed.json --run runs/normed\n"
                "  nomen calibrate runs/normed\n"
                "  nomen calibrate runs/normed/best.safetensors\n",
};

enum { N_MEASURED = PART_DEV + 1 }; // the train split and the dev split

static void measure(SavedModel *saved, const PartCounts counts[N_MEASURED], double losses[N_MEASURED]) {
    Model *const model = &saved->model;
    for (size_t p = 0; p < N_MEASURED; p++) losses[p] = counts[p].total > 0 ? evaluate(1, &model, &counts[p]) : 0;
}

// Calibrates the model file at `path`, in a directory that is locked; messages call it `operand`.
static bool calibrate_file(const char *operand, const char *path, Arena *arena, Error *err) {
    SavedModel saved;
    Dataset dataset;
    PartCounts counts[N_MEASURED];
    double before[N_MEASURED], after[N_MEASURED];
    if (!load_model(&saved, operand, arena, err)) return false;
    if (saved.model.is_ngram || !can_calibrate(&saved.model.network))
        return error_set(err, "%s: its model has no running statistics; only batchnorm layers have them", operand);
    if (!load_dataset(&saved.file, &saved.config.data, WORLD_ALONE, false, &dataset, arena, err)) return false;
    for (size_t p = 0; p < N_MEASURED; p++)
        if (!count_part(&counts[p], &saved.model, &dataset, (Part)p, 1, arena, err)) return false;
    measure(&saved, counts, before);
    if (!calibrate(&saved.model, counts[PART_TRAIN].shards, err)) return error_context(err, "%s", operand);
    measure(&saved, counts, after);
    if (isnan(after[PART_TRAIN]) || isnan(after[PART_DEV])) return model_logits_overflow(&saved.model, err);
    if (access(path, W_OK) != 0) return error_system(err, path);
    if (!checkpoint_replace_network(path, &saved.file, &saved.model.network, err)) return false;
    for (size_t p = 0; p < N_MEASURED; p++)
        if (counts[p].total > 0) printf("%-5s %.4f, was %.4f\n", PART_NAMES[p], after[p], before[p]);
    printf("calibrated %s\n", operand);
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    const char *operand = operands->items[0], *named = run_find_model(operand, arena, err);
    const char *path = named ? path_absolute(arena, named, err) : NULL; // a link's target is replaced, not the link
    const char *dir = path ? path_dir(arena, path, err) : NULL;
    DirLock lock = {0};
    bool ok = dir && dir_lock(&lock, dir, err) && calibrate_file(operand, path, arena, err);
    dir_unlock(&lock);
    return ok;
}

const Command calibrate_command = {COMMANDS_TEACH, &USAGE, run};
