// Diagnosis, calibration, the search for a learning rate and scores, on small networks.
#include "unit/small_network.h"

#include "study/calibrate.h"
#include "study/diagnose.h"
#include "study/lr_find.h"
#include "study/score.h"

#include <math.h>
#include <stdio.h>

static Moments moments_by_hand(size_t n, const float *x) {
    long double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) sum += (long double)x[i];
    for (size_t i = 0; i < n; i++) squares += (long double)x[i] * (long double)x[i];
    long double mean = sum / (long double)n;
    return (Moments){(double)mean, sqrt((double)((squares - mean * sum) / (long double)(n - 1)))};
}

static void expect_moments(Moments found, size_t n, const float *x) {
    Moments want = moments_by_hand(n, x);
    ck_assert_double_eq_tol(found.mean, want.mean, 1e-9);
    ck_assert_double_eq_tol(found.std, want.std, 1e-6 * want.std);
}

static double value(const Diagnosis *diagnosis, const char *name) {
    double found = (double)NAN;
    ck_assert_msg(diagnosis_value(diagnosis, name, &found), "no statistic %s", name);
    return found;
}

static void start(SmallNetwork *f, size_t context, const char *layers, const char *train, bool by_rows) {
    small_network_load(f, context, layers, train);
    small_network_start(f, by_rows);
}

// Diagnoses the step after `n_before` steps.
static Diagnosis diagnose_after(SmallNetwork *f, size_t n_before) {
    Diagnosis diagnosis;
    Error err;
    double loss;
    for (size_t i = 0; i < n_before; i++) ck_assert(trainer_step(&f->trainer, &loss, &err));
    ck_assert(diagnosis_create(&diagnosis, &f->trainer, &f->arena, &err));
    ck_assert_msg(diagnose(&f->trainer, &diagnosis, &err), "%s", err.text);
    return diagnosis;
}

static Diagnosis diagnose_first(SmallNetwork *f, const char *layers, const char *train) {
    start(f, 2, layers, train, true);
    return diagnose_after(f, 0);
}

START_TEST(statistics_are_those_of_the_step) {
    static const char train[] = "'steps':9,'batch_size':24,'lr':0.3";
    SmallNetwork f, twin;
    Error err;
    double loss;
    start(&f, 2, BATCHNORM_LAYERS, train, true);
    start(&twin, 2, BATCHNORM_LAYERS, train, true); // which keeps the gradients, too
    Diagnosis diagnosis = diagnose_after(&f, 4);
    for (int i = 0; i < 4; i++) ck_assert(trainer_step(&twin.trainer, &loss, &err));
    ck_assert_uint_eq(diagnosis.step, 4);
    ck_assert_double_eq(diagnosis.loss, trainer_backward(&twin.trainer)); // the twin has not updated yet
    const Network *network = &twin.trainer.model.network;
    for (size_t i = 0; i < diagnosis.n_layers; i++) {
        const LayerDiagnosis *row = &diagnosis.layers[i];
        size_t n = 24 * row->out.t * row->out.c;
        expect_moments(row->output, n, network->layers[row->layer].y);
        expect_moments(row->gradient, n, network->layers[row->layer].dy);
    }
    ck_assert_uint_eq(diagnosis.n_layers, 6); // without flatten
    trainer_update(&twin.trainer, 0.3);
    const Tensor *tensor = diagnosis.weights[1].tensor,
                 *other = &network->tensors[tensor - f.trainer.model.network.tensors];
    double std = moments_by_hand(other->n, other->data).std, grad_std = moments_by_hand(other->n, other->grad).std;
    ck_assert_str_eq(tensor->name, "layers.3.weight");
    ck_assert_double_eq_tol(value(&diagnosis, "layers.3.weight.grad_std"), grad_std, 1e-6 * grad_std);
    ck_assert_double_eq_tol(value(&diagnosis, "layers.3.weight.grad_to_data"), grad_std / std, 1e-6);
    ck_assert_double_eq_tol(value(&diagnosis, "layers.3.weight.update_to_data"), log10(0.3 * grad_std / std), 1e-5);
    arena_free(&f.arena), arena_free(&twin.arena);
}
END_TEST

// Biases of 50 and -50 move every unit of tanh and of relu to where its slope is 0.
START_TEST(flat_outputs_and_dead_units_are_counted) {
    SmallNetwork f;
    Diagnosis diagnosis =
        diagnose_first(&f,
                       "{'type':'embedding','dim':4},{'type':'flatten'},{'type':'linear','out':7,'bias':"
                       "{'constant':50}},{'type':'tanh'},{'type':'linear','out':5,'bias':{'constant':-50}},"
                       "{'type':'relu'},{'type':'linear','out':'vocab'}",
                       "'steps':1");
    ck_assert_double_eq(value(&diagnosis, "layers.3.saturated"), 100);
    ck_assert_double_eq(value(&diagnosis, "layers.3.dead"), 7);
    ck_assert_double_eq(value(&diagnosis, "layers.5.saturated"), 100);
    ck_assert_double_eq(value(&diagnosis, "layers.5.dead"), 5);
    ck_assert_str_eq(diagnosis.layers[2].verdict, "saturated");
    static const char *const absent[] = {"layers.1.std", "layers.3.stdx", "layers.30.std", "layers.2.saturated"};
    double found;
    for (size_t i = 0; i < COUNT(absent); i++)
        ck_assert_msg(!diagnosis_value(&diagnosis, absent[i], &found), "%s", absent[i]);
    arena_free(&f.arena);
}
END_TEST

#define TANH "{'type':'tanh'},"
#define RELU "{'type':'relu'},"

// One step of three hidden layers with the gain, each before the activation.
START_TEST(verdicts_are_the_lectures_words) {
    static const struct {
        const char *activation, *gain, *rate;
        size_t row;
        const char *verdict, *weight_verdict; // of the second weight, unless NULL
    } cases[] = {
        {TANH, "1.6666667", "0.05", 2, "ok", "ok"},
        {TANH, "10", "30", 2, "saturated", "far above 1e-3"},
        {TANH, "0.1", "1e-7", 2, "vanishing", "far below 1e-3"},
        {RELU, "1.4142136", "0.05", 2, "ok", NULL}, // half of its outputs are 0, as they should be
        {RELU, "0.1", "0.05", 2, "vanishing", NULL},
        {RELU, "20", "0.05", 6, "exploding", NULL},
        {"", "1", "0.05", 2, "ok", NULL},
        {TANH, "1.6666667", "{'from':1e-7,'to':0.05}", 2, "ok", "ok: rate is low"},
        {TANH, "1.6666667", "0.05,'optimizer':{'type':'adam'}", 2, "ok", "ok: first steps"},
        {TANH, "1.6666667", "5,'optimizer':{'type':'adam'}", 2, "ok", "far above 1e-3"},
        {"", "3", "0.05", 3, "exploding", NULL},
        {"", "0.3", "0.05", 3, "vanishing", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SmallNetwork f;
        char layers[1024];
        int n = snprintf(layers, sizeof layers, "{'type':'embedding','dim':10},{'type':'flatten'},");
        for (int k = 0; k < 3; k++)
            n += snprintf(layers + n, sizeof layers - (size_t)n,
                          "{'type':'linear','out':50,'weight':{'kaiming_normal':%s}},%s", cases[i].gain,
                          cases[i].activation);
        snprintf(layers + n, sizeof layers - (size_t)n, "{'type':'linear','out':'vocab'}");
        Diagnosis found = diagnose_first(&f, layers, textf("'steps':1,'lr':%s", cases[i].rate));
        ck_assert_msg(strcmp(found.layers[cases[i].row].verdict, cases[i].verdict) == 0, "case %zu: %s", i,
                      found.layers[cases[i].row].verdict);
        if (cases[i].weight_verdict) ck_assert_str_eq(found.weights[1].verdict, cases[i].weight_verdict);
        arena_free(&f.arena);
    }
}
END_TEST

// Rounding the weights does not swallow the update.
START_TEST(small_updates_are_measured) {
    SmallNetwork f;
    Diagnosis diagnosis = diagnose_first(&f, MLP_LAYERS, "'steps':1,'lr':1e-12");
    double ratio = value(&diagnosis, "layers.2.weight.grad_to_data");
    ck_assert_double_eq_tol(value(&diagnosis, "layers.2.weight.update_to_data"), log10(ratio) - 12, 1e-5);
    arena_free(&f.arena);
}
END_TEST

// Compares with the moments of the layer's input over every example, one by one.
START_TEST(calibration_takes_every_example_of_the_train_split) {
    SmallNetwork f;
    Error err;
    double loss;
    start(&f, 2, BATCHNORM_LAYERS, "'steps':50", false);
    for (int i = 0; i < 50; i++) ck_assert(trainer_step(&f.trainer, &loss, &err));
    Network *network = &f.trainer.model.network;
    ck_assert(can_calibrate(network));
    ck_assert(calibrate(&f.trainer.model, f.trainer.train.shards, &err));
    Span part = f.dataset.parts[PART_TRAIN];
    static const size_t layers[] = {1, 4};
    for (size_t k = 0; k < 2; k++) {
        const Layer *layer = &network->layers[layers[k]];
        size_t t = layer->plan.in.t, c = layer->plan.in.c, n = (part.end - part.begin) * t;
        double sums[20] = {0}, squares[20] = {0};
        for (size_t at = part.begin; at < part.end; at++) {
            uint16_t ids[2];
            dataset_context(&f.dataset, at, 2, ids);
            const float *x = network_predict_input(network, layers[k], (NetworkInput){.n = 1, .ids = ids});
            for (size_t i = 0; i < t * c; i++) {
                sums[i % c] += (double)x[i];
                squares[i % c] += (double)x[i] * (double)x[i];
            }
        }
        const Tensor *mean = &network->tensors[layer->first_tensor + 2], *spread = mean + 1;
        for (size_t i = 0; i < c; i++) {
            double m = sums[i] / (double)n, variance = (squares[i] - m * sums[i]) / (double)(n - 1);
            ck_assert_double_eq_tol((double)mean->data[i], m, 1e-6);
            ck_assert_double_eq_tol((double)spread->data[i] / (k == 0 ? variance : sqrt(variance)), 1, 1e-5);
        }
    }
    arena_free(&f.arena);
}
END_TEST

static LrSweep find(SmallNetwork *f, const char *train, double from, double to, size_t n) {
    LrSweep sweep;
    Error err;
    start(f, 2, MLP_LAYERS, train, false);
    ck_assert(lr_find(&f->trainer, (LrRange){from, to, n, false}, &sweep, &f->arena, &err));
    return sweep;
}

START_TEST(the_rate_rises_exponentially) {
    SmallNetwork f;
    LrSweep sweep = find(&f, "'steps':1", 0.001, 1, 200);
    ck_assert_uint_eq(sweep.n, 200);
    for (size_t i = 0; i < 200; i++) {
        double rate = pow(10, -3 + 3 * (double)i / 199), sum = 0;
        ck_assert_double_eq_tol(sweep.points[i].rate, rate, 1e-13 * rate);
        if (i < 5 || i + 5 >= 200) continue;
        for (size_t k = i - 5; k <= i + 5; k++) sum += sweep.points[k].loss;
        ck_assert_double_eq_tol(sweep.points[i].smooth, sum / 11, 1e-12);
        ck_assert_double_ge(sweep.points[i].smooth, sweep.points[sweep.best].smooth);
    }
    ck_assert_uint_eq(f.trainer.state.step, 200);
    arena_free(&f.arena);
}
END_TEST

START_TEST(a_loss_that_is_not_finite_is_an_error) {
    SmallNetwork f;
    LrSweep sweep;
    Diagnosis diagnosis;
    Error err = {0};
    start(&f, 2,
          "{'type':'embedding','dim':4,'weight':{'constant':1e30}},{'type':'flatten'},"
          "{'type':'linear','out':'vocab','weight':{'constant':1e30}}",
          "'steps':1", true);
    ck_assert(diagnosis_create(&diagnosis, &f.trainer, &f.arena, &err));
    ck_assert(!diagnose(&f.trainer, &diagnosis, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "step 0: the loss is not finite, because the output of model.layers[2] "
                                           "(linear) overflows"));
    ck_assert(!lr_find(&f.trainer, (LrRange){0.1, 1, 30, true}, &sweep, &f.arena, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "step 0: the loss is not finite"));
    arena_free(&f.arena);
}
END_TEST

// Cutting contexts at boundaries, batching rows and scoring names in blocks changes no bit of any loss.
static void expect_equal_losses(const char *layers, size_t context) {
    SmallNetwork f;
    small_network_load(&f, context, layers, "'steps':10");
    small_network_start(&f, false);
    Model *model = &f.trainer.model;
    enum { N = 3000 };
    float losses[N], alone;
    uint16_t ids[8];
    score_stream(model, f.dataset.stream, N, losses);
    for (size_t i = 0; i < N; i++) {
        int32_t target = f.dataset.stream[i];
        dataset_context(&f.dataset, i, context, ids);
        loss_cross_entropy(1, model->vocab, model_logits(model, ids, 1), &target, 1, &alone, NULL);
        ck_assert_msg(memcmp(&alone, &losses[i], sizeof alone) == 0, "position %zu", i);
    }
    arena_free(&f.arena);
}

START_TEST(a_stream_has_the_losses_of_its_positions) {
    expect_equal_losses(MLP_LAYERS, 3);
    expect_equal_losses(MLP_LAYERS, 1);
    expect_equal_losses(BATCHNORM_LAYERS, 4);
}
END_TEST

// A layer norm inside has outputs of deviation 1, however small those of the embedding are.
START_TEST(residual_layers_are_judged) {
    SmallNetwork f;
    const char *layers = "{'type':'embedding','dim':4,'weight':{'normal':0.01}},{'type':'residual','layers':["
                         "{'type':'layernorm'},{'type':'linear','out':4,'weight':{'normal':0.001}},{'type':'relu'}]},"
                         "{'type':'residual','layers':[{'type':'tanh'}]},{'type':'linear','out':'vocab'}";
    Diagnosis diagnosis = diagnose_first(&f, layers, "'steps':1");
    static const char *const judged[] = {"layers.1", "layers.2"};
    size_t n = 0;
    for (size_t i = 0; i < diagnosis.n_layers; i++) {
        if (diagnosis.layers[i].verdict[0] == '\0') continue;
        ck_assert_str_eq(diagnosis.layers[i].name, judged[n++]);
        ck_assert_str_eq(diagnosis.layers[i].verdict, "ok");
    }
    ck_assert_uint_eq(n, COUNT(judged));
    arena_free(&f.arena);
}
END_TEST

SUITE(diagnose, NEEDS_NOTHING) {
    ADD(residual_layers_are_judged);
    ADD(a_stream_has_the_losses_of_its_positions);
    ADD(statistics_are_those_of_the_step);
    ADD(flat_outputs_and_dead_units_are_counted);
    ADD(verdicts_are_the_lectures_words);
    ADD(small_updates_are_measured);
    ADD(calibration_takes_every_example_of_the_train_split);
    ADD(the_rate_rises_exponentially);
    ADD(a_loss_that_is_not_finite_is_an_error);
}
