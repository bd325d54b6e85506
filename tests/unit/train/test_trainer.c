// The trainer: resuming, rows, exact losses, full batches, what is refused.
#include "cli/run.h"
#include "unit/small_network.h"

#include "train/evaluate.h"
#include "train/run.h"

#include <math.h>
#include <sys/stat.h>

typedef struct Fixture {
    SmallNetwork net;
    Run run;
} Fixture;

// A new trainer for the run.
static void start(Fixture *f) {
    Error err;
    SmallNetwork *net = &f->net;
    ck_assert_msg(trainer_create(&f->run.trainer, &net->config, &net->dataset, false, &net->arena, &err), "%s",
                  err.text);
}

static void set_up_layers(Fixture *f, const char *run, const char *layers, const char *train) {
    Error err;
    *f = (Fixture){0};
    small_network_load(&f->net, 2, layers, train);
    start(f);
    mkdir(run, 0777); // it may exist
    ck_assert(run_dir(&f->run.dir, run, &f->net.arena, &err) && run_dir_clear(&f->run.dir, &err));
}

static void set_up(Fixture *f, const char *run, const char *train) { set_up_layers(f, run, MLP_LAYERS, train); }

static void train_run(Fixture *f, const TrainEvents *events, sig_atomic_t *stopped) {
    Error err;
    ck_assert_msg(run_train(&f->run, events, stopped, &err), "%s", err.text);
}

static const TrainEvents NO_EVENTS;

typedef struct StopAt {
    uint64_t step;
    sig_atomic_t stop;
} StopAt;

static void stop_at(void *context, const MetricsRow *latest) {
    StopAt *at = context;
    if (latest->step == at->step) at->stop = SIGTERM;
}

// Compares parameters, buffers and the state of training.
static void expect_same_trainers(const Trainer *a, const Trainer *b) {
    const Network *x = &a->model.network, *y = &b->model.network;
    for (size_t i = 0; i < x->n_tensors; i++)
        ck_assert_msg(memcmp(x->tensors[i].data, y->tensors[i].data, x->tensors[i].n * sizeof(float)) == 0,
                      "%s differs", x->tensors[i].name);
    const Optimizer *u = &a->optimizer, *v = &b->optimizer;
    if (u->plan.n_slabs > 0) ck_assert_uint_eq(u->updates, v->updates);
    for (size_t i = 0; i < u->plan.n_slabs; i++) ck_assert_mem_eq(u->slabs[i], v->slabs[i], u->n * sizeof(float));
    ck_assert_mem_eq(&a->state.early_stop, &b->state.early_stop, sizeof(EarlyStopState));
    ck_assert_mem_eq(&a->state.rng, &b->state.rng, sizeof(Rng));
    ck_assert_mem_eq(&a->state.since_row, &b->state.since_row, sizeof(LossSum));
    ck_assert_double_eq(a->state.best_dev_loss, b->state.best_dev_loss);
}

static void stop_and_go_on(const char *layers, const char *train_members) {
    Fixture whole, parts;
    sig_atomic_t stopped;
    set_up_layers(&whole, scratch("whole"), layers, train_members);
    train_run(&whole, &NO_EVENTS, &stopped);
    ck_assert(!stopped);
    static const uint64_t stops[] = {1, 20, 33, 50, 89};
    set_up_layers(&parts, scratch("parts"), layers, train_members);
    for (size_t i = 0; i < COUNT(stops); i++) {
        StopAt at = {stops[i], 0};
        TrainEvents events = {&at, NULL, stop_at, &at.stop};
        Checkpoint checkpoint;
        Error err;
        train_run(&parts, &events, &stopped);
        ck_assert(stopped);
        ck_assert_uint_eq(parts.run.trainer.state.step, stops[i]);
        start(&parts);
        ck_assert_msg(checkpoint_read(&checkpoint, parts.run.dir.model, &parts.net.arena, &err), "%s", err.text);
        ck_assert_msg(trainer_resume(&parts.run.trainer, &checkpoint, false, &parts.net.arena, &err), "%s", err.text);
    }
    train_run(&parts, &NO_EVENTS, &stopped);
    expect_same_trainers(&whole.run.trainer, &parts.run.trainer);
    ck_assert_str_eq(metrics_of(whole.run.dir.path), metrics_of(parts.run.dir.path));
    arena_free(&whole.net.arena);
    arena_free(&parts.net.arena);
}

#define EVERY "'steps':90,'log_every':7,'eval_every':20,'checkpoint_every':25"

START_TEST(stopping_saving_and_going_on_gives_the_same_bits) {
    static const char *const trains[] = {
        EVERY,
        EVERY ",'optimizer':{'type':'sgd','momentum':0.9}",
        EVERY ",'clip_norm':0.5,'optimizer':{'type':'sgd','momentum':0.9,'nesterov':true}",
        EVERY ",'lr':{'from':0.02,'warmup':30,'to':0.001},'optimizer':{'type':'adamw'}",
        EVERY ",'lr':{'from':0.1,'shape':'linear','steps':60}",
        EVERY ",'early_stop':{'patience':9,'least_gain':0.5}",
    };
    stop_and_go_on(MLP_LAYERS, EVERY);
    for (size_t i = 0; i < COUNT(trains); i++) stop_and_go_on(BATCHNORM_LAYERS, trains[i]);
}
END_TEST

START_TEST(rows_are_written_at_the_steps_of_the_contract) {
    Fixture f;
    sig_atomic_t stopped;
    set_up(&f, scratch("run"), "'steps':25,'log_every':10,'eval_every':15");
    train_run(&f, &NO_EVENTS, &stopped);
    char *text = metrics_of(f.run.dir.path);
    static const char *const starts[] = {
        "step,lr,loss,train_loss,dev_loss,mean_loss\n", "0,0.1,", "10,0.1,", "15,0.1,", "20,0.1,", "25,0.1,,"};
    char *line = text;
    for (size_t i = 0; i < COUNT(starts); i++, line = strchr(line, '\n') + 1)
        ck_assert_msg(strncmp(line, starts[i], strlen(starts[i])) == 0, "row %zu: %.40s", i, line);
    ck_assert_str_eq(line, "");
    arena_free(&f.net.arena);
}
END_TEST

// The losses of the steps of a run and the rows that it has written, which must hold their means.
typedef struct Losses {
    double of_step[64];
    uint64_t last_row;
    size_t rows;
} Losses;

static void keep_loss(void *context, const MetricsRow *latest) {
    ((Losses *)context)->of_step[latest->step - 1] = latest->loss;
}

static void expect_mean(void *context, const MetricsRow *row) {
    Losses *losses = context;
    double sum = 0;
    for (uint64_t i = losses->last_row; i < row->step; i++) sum += losses->of_step[i];
    if (row->step == 0)
        ck_assert(isnan(row->mean_loss));
    else
        ck_assert_double_eq_tol(row->mean_loss, sum / (double)(row->step - losses->last_row), 1e-12);
    losses->last_row = row->step;
    losses->rows++;
}

START_TEST(a_row_has_the_mean_loss_since_the_row_before) {
    Fixture f;
    sig_atomic_t stopped;
    Losses losses = {.rows = 0};
    const TrainEvents events = {&losses, expect_mean, keep_loss, NULL};
    set_up(&f, scratch("run"), "'steps':45,'log_every':10,'eval_every':15");
    train_run(&f, &events, &stopped);
    ck_assert_uint_eq(losses.rows, 7); // 0 10 15 20 30 40 45
    arena_free(&f.net.arena);
}
END_TEST

// Sums log p(target) of each example on its own, in double.
static double loss_by_hand(Fixture *f, Span span) {
    Model *model = &f->run.trainer.model;
    double sum = 0;
    for (size_t i = span.begin; i < span.end; i++) {
        uint16_t ids[8];
        dataset_context(&f->net.dataset, i, model->context, ids);
        const float *z = model_logits(model, ids, 1);
        double total = 0;
        for (size_t v = 0; v < model->vocab; v++) total += exp((double)z[v]);
        sum += log(total) - (double)z[f->net.dataset.stream[i]];
    }
    return sum / (double)(span.end - span.begin);
}

START_TEST(the_loss_of_a_split_is_exact) {
    Fixture f;
    set_up(&f, scratch("run"), "'steps':1");
    ck_assert_double_eq_tol(trainer_evaluate(&f.run.trainer, &f.run.trainer.dev),
                            loss_by_hand(&f, f.net.dataset.parts[PART_DEV]), 1e-6);
    ck_assert_uint_eq(f.run.trainer.dev.total, f.net.dataset.parts[PART_DEV].end - f.net.dataset.parts[PART_DEV].begin);
    arena_free(&f.net.arena);
}
END_TEST

// After one step of rate r the loss has fallen by about r |gradient|^2.
static void expect_descent(const char *layers) {
    Fixture f;
    sig_atomic_t stopped;
    set_up_layers(&f, scratch("run"), layers, "'steps':1,'batch_size':'all','lr':0.001,'log_every':1");
    double before = trainer_evaluate(&f.run.trainer, &f.run.trainer.train);
    train_run(&f, &NO_EVENTS, &stopped);
    double logged, square = 0, after = trainer_evaluate(&f.run.trainer, &f.run.trainer.train);
    const Network *network = &f.run.trainer.model.network;
    ck_assert_int_eq(sscanf(strchr(read_text(f.run.dir.metrics, NULL), '\n'), "\n0,0.001,%lf", &logged), 1);
    for (size_t i = 0; i < network->n_slab; i++) square += (double)network->grads[i] * (double)network->grads[i];
    ck_assert_double_eq_tol(logged, before, 1e-8);
    ck_assert_double_eq_tol(before - after, 0.001 * square, 0.02 * 0.001 * square);
    arena_free(&f.net.arena);
}

START_TEST(a_full_batch_takes_the_step_of_the_mean_gradient) {
    expect_descent(MLP_LAYERS);
    expect_descent(NAMES_LAYERS);
}
END_TEST

// The first run ends between two evaluations on its lowest dev loss, and its rate then drives the loss up.
START_TEST(a_run_made_longer_keeps_the_best_it_had) {
    static const char LONG[] = "'steps':60,'lr':[[0,0.1],[31,10]],'eval_every':20";
    static const char SHORT[] = "'steps':30,'lr':[[0,0.1],[31,10]],'eval_every':20";
    Fixture part, rest;
    sig_atomic_t stopped;
    Checkpoint checkpoint;
    Error err;
    set_up(&rest, scratch("rest"), LONG);
    set_up(&part, scratch("part"), SHORT);
    train_run(&part, &NO_EVENTS, &stopped);
    ck_assert(checkpoint_read(&checkpoint, part.run.dir.model, &rest.net.arena, &err));
    ck_assert_msg(trainer_resume(&rest.run.trainer, &checkpoint, false, &rest.net.arena, &err), "%s", err.text);
    rest.run.dir = part.run.dir;
    train_run(&rest, &NO_EVENTS, &stopped);
    ck_assert_uint_eq(rest.run.trainer.state.step, 60);
    ck_assert_double_eq(rest.run.trainer.state.best_dev_loss, part.run.trainer.state.best_dev_loss);
    ck_assert(checkpoint_read(&checkpoint, part.run.dir.best, &part.net.arena, &err));
    ck_assert_uint_eq(checkpoint.state.step, 30);
    arena_free(&part.net.arena), arena_free(&rest.net.arena);
}
END_TEST

SUITE(trainer, NEEDS_NOTHING) {
    ADD(a_run_made_longer_keeps_the_best_it_had);
    ADD(stopping_saving_and_going_on_gives_the_same_bits);
    ADD(rows_are_written_at_the_steps_of_the_contract);
    ADD(a_row_has_the_mean_loss_since_the_row_before);
    ADD(the_loss_of_a_split_is_exact);
    ADD(a_full_batch_takes_the_step_of_the_mean_gradient);
}
