// Training, in pieces between which the page shows and asks. The steps are those of train/run_train.c, without files.
#include "base/json.h"
#include "web/answer.h"

static bool is_multiple(uint64_t step, uint64_t every) { return step % every == 0; }

static bool measure(Page *page, double *dev_loss) {
    const Trainer *trainer = &page->trainer;
    double train_loss;
    if (!trainer_measure(trainer, &train_loss, dev_loss, &page->err)) return false;
    json_add_open(&page->out, "measured", '{');
    json_add_whole(&page->out, "step", trainer->state.step);
    json_add_number(&page->out, "train", train_loss);
    json_add_number(&page->out, "dev", *dev_loss);
    json_close(&page->out, '}');
    return true;
}

// Measures. If the program evaluates at this step too, the state changes as the program's does, however often the page
// asks here.
static bool evaluate_now(Page *page) {
    double dev_loss;
    const TrainConfig *train = &page->config.train;
    TrainState *state = &page->trainer.state;
    bool is_due = state->step > 0 && is_multiple(state->step, train->eval_every);
    if (!measure(page, &dev_loss)) return false;
    bool is_end = page->trainer.model.is_ngram || state->step == train->steps;
    if ((is_due || is_end) && dev_loss < state->best_dev_loss) state->best_dev_loss = dev_loss;
    if (is_due && page->trainer.dev.total > 0) train_state_count_evaluation(state, &train->early_stop, dev_loss);
    return true;
}

// Makes a step, and adds the mean loss since the latest row if the step is a multiple of `every`.
static bool make_step(Page *page, uint64_t every) {
    Trainer *trainer = &page->trainer;
    TrainState *state = &trainer->state;
    double loss;
    const uint64_t step = state->step;
    if (!trainer_step(trainer, &loss, &page->err)) return false;
    page->row_sum += loss;
    const bool has_evaluated = step > 0 && is_multiple(step, page->config.train.eval_every);
    if (has_evaluated || is_multiple(step, page->config.train.log_every)) state->since_row = (LossSum){0};
    state->since_row.sum += loss;
    state->since_row.count++;
    if (!is_multiple(step, every)) return true;
    json_open(&page->out, '[');
    json_whole(&page->out, step);
    json_number(&page->out, loss);
    json_number(&page->out, page->row_sum / (double)(state->step - page->row_from));
    json_close(&page->out, ']');
    page->row_from = state->step;
    page->row_sum = 0;
    return true;
}

static bool train(Page *page, uint64_t n, uint64_t every) {
    const TrainConfig *train = &page->config.train;
    const TrainState *state = &page->trainer.state;
    if (page->trainer.model.is_ngram) return true;
    bool ok = true;
    json_add_open(&page->out, "rows", '[');
    for (uint64_t made = 0; ok && made < n && !train_state_is_finished(state, train); made++) {
        if (made > 0 && is_multiple(state->step, train->eval_every)) break;
        ok = make_step(page, every);
    }
    json_close(&page->out, ']');
    return ok;
}

EXPORT(page_train) const char *page_train(Page *page, double n, double every) {
    answer_open(page);
    if (!answer_needs_model(page)) return answer_close(page, false);
    const TrainConfig *settings = &page->config.train;
    const TrainState *state = &page->trainer.state;
    const bool is_counts = page->trainer.model.is_ngram;
    const uint64_t first = state->step;
    bool ok = train(page, (uint64_t)n, (uint64_t)every);
    json_add_whole(&page->out, "step", state->step);
    json_add_bool(&page->out, "evaluates",
                  is_counts || (state->step > first &&
                                (is_multiple(state->step, settings->eval_every) || state->step == settings->steps)));
    return answer_close(page, ok);
}

EXPORT(page_measure) const char *page_measure(Page *page) {
    answer_open(page);
    if (!answer_needs_model(page) || !evaluate_now(page)) return answer_close(page, false);
    bool is_finished = train_state_is_finished(&page->trainer.state, &page->config.train);
    json_add_bool(&page->out, "finished", page->trainer.model.is_ngram || is_finished);
    return answer_close(page, true);
}
