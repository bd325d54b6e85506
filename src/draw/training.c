#include "draw/training.h"

// A step's work is about a batch's rows times the parameters; this many such products take a second or two.
static const double MOST_WORK = 6e9;
enum { LEAST_STEPS = 20 };

const char *training_why_not(const PlotSource *source) {
    return source->run->saved.model.is_ngram ? "counts have no gradients" : source->no_data;
}

static bool create(Training *training, const PlotSource *source, bool by_rows, Arena *arena, Error *err) {
    return trainer_create(&training->trainer, &training->config, &source->dataset, by_rows, arena, err) ||
           error_context(err, "%s", source->run->path);
}

bool training_begin(Training *training, const PlotSource *source, Arena *arena, Error *err) {
    training->config = source->run->saved.config;
    return create(training, source, false, arena, err);
}

bool training_go_on(Training *training, const PlotSource *source, Arena *arena, Error *err) {
    const Checkpoint *file = &source->run->saved.file;
    Trainer *trainer = &training->trainer;
    training->config = source->run->saved.config;
    if (training->config.train.batch_size == FIELD_WORD) training->config.train.batch_size = WHOLE_SPLIT_ROWS;
    return create(training, source, true, arena, err) &&
           checkpoint_restore(file, &trainer->model, &trainer->state, arena, err) &&
           checkpoint_restore_optimizer(file, &trainer->model.network, &trainer->optimizer, err);
}

size_t training_steps(const Training *training, size_t wanted) {
    const Trainer *trainer = &training->trainer;
    size_t rows = trainer->batch > 0 ? trainer->batch : trainer->train.contexts.n;
    size_t steps = (size_t)(MOST_WORK / ((double)rows * (double)trainer->model.network.n_parameters));
    if (steps < LEAST_STEPS) steps = LEAST_STEPS;
    return steps < wanted ? steps : wanted;
}
