#include "cli/config.h"
#include "unit/networks.h"
#include "unit/small_network.h"

#include "nn/layer.h"
#include "study/gradcheck.h"

#include <math.h>
#include <string.h>

static void load(SmallNetwork *f, size_t network, const char *train) {
    small_network_load(f, NETWORKS[network].context, NETWORKS[network].layers,
                       textf("\"steps\":1,\"batch_size\":6%s", train));
}

static GradcheckReport check(SmallNetwork *f) {
    Error err;
    GradcheckReport report;
    small_network_start(f, true);
    ck_assert_msg(gradcheck(&f->trainer, &report, &f->arena, &err), "%s", err.text);
    return report;
}

static void expect_ok(const GradcheckReport *report) {
    for (size_t i = 0; i < report->n_rows; i++) {
        const GradcheckRow *row = &report->rows[i];
        ck_assert_msg(row->is_ok, "%s: %g from the autograd, %g from differences, tolerance %g", row->name,
                      row->autograd.absolute, row->central.absolute, row->tolerance);
        ck_assert_uint_gt(row->n_entries, row->n_skipped);
        ck_assert_double_gt(row->tolerance, 1.000001e-6); // a tensor without any gradient would prove nothing
    }
    ck_assert(report->is_ok);
    ck_assert_double_eq_tol(report->loss, report->scalar_loss, 1e-5);
}

START_TEST(every_registered_layer_has_the_gradient_of_its_scalar_form) {
    bool seen[64] = {0};
    for (size_t i = 0; i < N_NETWORKS; i++) {
        SmallNetwork f;
        load(&f, i, "");
        GradcheckReport report = check(&f);
        expect_ok(&report);
        ck_assert_str_eq(report.rows[report.n_rows - 1].name, "logits");
        const Network *network = &f.trainer.model.network;
        for (size_t l = 0; l < network->n_layers; l++)
            for (size_t r = 0; layer_registry(r); r++)
                if (layer_registry(r) == &network->layers[l].type->record) seen[r] = true;
        arena_free(&f.arena);
    }
    const char *page = read_text("src/draw/report/model.js", NULL);
    for (size_t r = 0; layer_registry(r); r++) {
        const char *name = layer_registry(r)->name;
        ck_assert_msg(seen[r], "no network in networks.h has a layer \"%s\"", name);
        ck_assert_msg(strstr(page, textf("\n    %s(", name)) || strstr(page, textf("\n    %s:", name)),
                      "model.js has no layer \"%s\"", name);
    }
}
END_TEST

START_TEST(the_l2_term_is_part_of_the_gradient) {
    SmallNetwork f;
    load(&f, 1, ",\"l2_mean\":0.5");
    GradcheckReport report = check(&f);
    expect_ok(&report);
    arena_free(&f.arena);
}
END_TEST

// A registered layer type, and the same with another backward pass.
static LayerType intact, broken;

static void flip_input_gradient(const LayerCall *call) {
    intact.backward(call);
    for (size_t i = 0; call->dx && i < call->b * call->in.t * call->in.c; i++) call->dx[i] = -call->dx[i];
}

static void flip_parameter_gradient(const LayerCall *call) {
    intact.backward(call);
    for (size_t i = 0; i < call->out.c; i++) call->grads[0][i] = -call->grads[0][i];
}

static void lose_a_number(const LayerCall *call) {
    intact.backward(call);
    call->grads[0][1] = NAN;
}

// Checks network 2 with another backward pass in its first layer of that name.
static GradcheckReport check_broken(SmallNetwork *f, const char *name, void (*backward)(const LayerCall *call)) {
    load(f, 2, "");
    TypedList *layers = &f->config.model.layers;
    size_t at = 0;
    while (strcmp(layers->items[at].record->name, name) != 0) at++;
    intact = *(const LayerType *)layers->items[at].record;
    broken = intact;
    broken.backward = backward;
    layers->items[at].record = &broken.record;
    return check(f);
}

START_TEST(a_wrong_gradient_is_found) {
    static const struct {
        const char *layer;
        void (*backward)(const LayerCall *call);
        size_t row; // the first that is off
    } cases[] = {
        {"tanh", flip_input_gradient, 0},       {"linear", flip_input_gradient, 0},
        {"relu", flip_input_gradient, 0},       {"embedding", flip_parameter_gradient, 0},
        {"linear", flip_parameter_gradient, 1}, {"embedding", lose_a_number, 0},
        {"linear", lose_a_number, 1},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        SmallNetwork f;
        GradcheckReport report = check_broken(&f, cases[i].layer, cases[i].backward);
        const GradcheckRow *row = &report.rows[cases[i].row];
        ck_assert_msg(!report.is_ok && !row->is_ok, "case %zu", i);
        ck_assert(report.rows[report.n_rows - 1].is_ok); // the logits come after the broken layer
        if (cases[i].backward == lose_a_number) ck_assert(isnan(row->autograd.absolute));
        arena_free(&f.arena);
    }
}
END_TEST

START_TEST(the_dump_holds_the_batch_and_every_gradient) {
    static const char *const names[] = {"batch.ids",         "batch.targets",        "loss",
                                        "layers.0.output",   "layers.4.output.grad", "layers.2.weight",
                                        "layers.2.bias.grad"};
    Arena arena = {0};
    Error err;
    SafeTensors content;
    const char *path = scratch("dump.safetensors");
    ck_assert_int_eq(nomen("gradcheck configs/mlp.json --batch 3 --dump '%s'", path).status, 0);
    ck_assert_msg(safetensors_read(path, &content, &arena, &err), "%s", err.text);
    ck_assert_uint_eq(content.n_tensors, 3 + 2 * 5 + 2 * 5);
    for (size_t i = 0; i < COUNT(names); i++) ck_assert_ptr_nonnull(safetensors_find(&content, names[i]));
    // (softmax(logits) - onehot(target)) / 3 is the logits' gradient.
    float z[27], dz[27];
    int64_t target;
    double sum = 0;
    memcpy(z, safetensors_find(&content, "layers.4.output")->data, sizeof z);
    memcpy(dz, safetensors_find(&content, "layers.4.output.grad")->data, sizeof dz);
    memcpy(&target, safetensors_find(&content, "batch.targets")->data, sizeof target);
    for (size_t v = 0; v < 27; v++) sum += exp((double)z[v]);
    for (size_t v = 0; v < 27; v++)
        ck_assert_double_eq_tol((double)dz[v], (exp((double)z[v]) / sum - (v == (size_t)target)) / 3, 1e-7);
    arena_free(&arena);
}
END_TEST

static Output check_layers(const char *layers) {
    return nomen("gradcheck '%s'",
                 config_with("", "2", textf("%s, {'type': 'linear', 'out': 'vocab'}", layers), "", ""));
}

#define NOT_FINITE "nomen: %s: step 0: the loss is not finite, because "

START_TEST(a_loss_that_is_not_finite_is_refused) {
    expect_refusal(check_layers("{'type': 'embedding', 'dim': 3, 'weight': 'zeros'}, {'type': 'flatten'}, "
                                "{'type': 'batchnorm', 'eps': 0}"),
                   1,
                   NOT_FINITE "the output of model.layers[2] (batchnorm) overflows; a lower train.lr or smaller "
                              "initial weights help",
                   scratch("c.json"));
}
END_TEST

START_TEST(what_cannot_be_checked_is_refused) {
    expect_refusal(nomen("gradcheck configs/bigram-counts.json"), 1,
                   "nomen: configs/bigram-counts.json: counts have no gradients; expected a network");
    expect_refusal(nomen("gradcheck configs/mlp.json --batch 0"), 2,
                   "nomen: --batch: expected a whole number from 1 to 10000, found \"0\"; see nomen gradcheck --help");
}
END_TEST

SUITE(gradcheck, NEEDS_NOTHING) {
    ADD(every_registered_layer_has_the_gradient_of_its_scalar_form);
    ADD(the_l2_term_is_part_of_the_gradient);
    ADD(a_wrong_gradient_is_found);
    ADD(the_dump_holds_the_batch_and_every_gradient);
    ADD(a_loss_that_is_not_finite_is_refused);
    ADD(what_cannot_be_checked_is_refused);
}
