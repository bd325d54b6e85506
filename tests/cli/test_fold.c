// nomen fold through the built program: the same losses without batch norm, and networks that it refuses.
#include "cli/run.h"

#define EMBEDDING "{'type': 'embedding', 'dim': 4}, "
#define FLATTEN "{'type': 'flatten'}, "
#define LOGITS "{'type': 'linear', 'out': 'vocab'}"
// Far from the identity, so that a term that is forgotten shows.
#define NORM "{'type': 'batchnorm', 'gain': {'normal': 1}, 'bias': {'normal': 1}}"

// A finished run of a network with these layers.
static const char *train_layers(const char *layers, const char *options) {
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("bn.json"),
               "{'data': {'path': 'names.txt', 'shuffle_seed': 1}, 'model': {'context': 5, 'layers': [%s]}, 'train': "
               "{'steps': 80, 'eval_every': 40}}",
               layers);
    ok(nomen("train '%s' --run '%s' --quiet --force %s", scratch("bn.json"), scratch("bn"), options));
    return scratch("bn");
}

static void expect_same_losses(const char *a, const char *b) {
    static const char *const parts[] = {"train.loss", "dev.loss", "test.loss"};
    const cJSON *x = json_of(ok(nomen("eval '%s' --json", a))), *y = json_of(ok(nomen("eval '%s' --json", b)));
    for (size_t p = 0; p < COUNT(parts); p++)
        ck_assert_double_eq_tol(number_at(x, parts[p]), number_at(y, parts[p]), 1e-6);
}

START_TEST(losses_are_the_same_without_batch_norm) {
    static const struct {
        const char *layers, *options, *line;
    } cases[] = {
        {EMBEDDING FLATTEN "{'type': 'linear', 'out': 8, 'bias': false}, " NORM ", {'type': 'tanh'}, " LOGITS, "",
         "folded 1 batchnorm layer into the linear before it: 428 parameters instead of 436; wrote "},
        {EMBEDDING FLATTEN "{'type': 'linear', 'out': 8}, " NORM ", " NORM ", {'type': 'tanh'}, " LOGITS,
         "--set 'train.optimizer={\"type\":\"adamw\"}'", "folded 2 batchnorm layers into the linear before each: "},
        // In a residual layer of a network that reads whole names.
        {EMBEDDING "{'type': 'rnn', 'out': 6}, {'type': 'residual', 'layers': [{'type': 'linear', 'out': 6, 'bias': "
                   "{'normal': 1}}, {'type': 'batchnorm', 'running': 'deviation', 'eps': 0.1}, {'type': 'tanh'}]}, "
                   "{'type': 'linear', 'out': 'vocab', 'bias': false}, " NORM,
         "", "folded 2 batchnorm layers into the linear before each: "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *run = train_layers(cases[i].layers, cases[i].options);
        Snapshot before = take(run);
        const char *folded = inside(run, "folded.safetensors");
        ck_assert_str_eq(strstr(ok(nomen("fold '%s'", run)), "next: "), textf("next: nomen eval %s\n", folded));
        expect_words(ok(nomen("fold '%s'", run)), cases[i].line);
        expect_untouched(run, &before);
        expect_same_losses(run, folded);
        expect_no_words(ok(nomen("info '%s'", folded)), "batchnorm");
        ok(nomen("diagnose '%s'", folded)); // which needs the optimizer's state
        expect_no_words(ok(nomen("gradcheck '%s' --batch 2", folded)), ".gain");
        ok(nomen("fold '%s' --out '%s'", inside(run, "best.safetensors"), scratch("best")));
        expect_same_losses(inside(run, "best.safetensors"), scratch("best"));
    }
}
END_TEST

static void expect_unfolded(const char *run, const char *error) {
    expect_refusal(nomen("fold '%s' --out '%s'", run, scratch("out")), 1, "nomen: %s: %s", run, error);
    ck_assert(!exists(scratch("out")));
}

START_TEST(batch_norm_without_a_linear_layer_before_it_is_refused) {
    static const struct {
        const char *layers, *error;
    } cases[] = {
        {EMBEDDING FLATTEN NORM ", " LOGITS,
         "model.layers[2]: batchnorm: expected a linear layer directly before it, found flatten"},
        {EMBEDDING "{'type': 'linear', 'out': 6}, {'type': 'residual', 'layers': [" NORM "]}, " FLATTEN LOGITS,
         "model.layers[2].layers[0]: batchnorm: expected a linear layer directly before it, found none"},
        {EMBEDDING "{'type': 'residual', 'layers': [{'type': 'linear', 'out': 4}]}, " NORM ", " FLATTEN LOGITS,
         "model.layers[2]: batchnorm: expected a linear layer directly before it, found residual"},
        {EMBEDDING FLATTEN LOGITS, "expected batchnorm layers to fold, found none"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_unfolded(train_layers(cases[i].layers, ""), cases[i].error);
    write_json(scratch("n.json"), "{'data':{'path':'names.txt'},'model':{'ngram':2}}");
    ok(nomen("train '%s' --run '%s' --quiet", scratch("n.json"), scratch("n")));
    expect_unfolded(scratch("n"), "expected a network with batchnorm layers, found counts");
}
END_TEST

START_TEST(files_of_a_run_are_never_replaced) {
    const char *run = train_layers(EMBEDDING FLATTEN "{'type': 'linear', 'out': 8}, " NORM ", " LOGITS, "");
    Snapshot before = take(run);
    for (size_t i = 0; i < COUNT(RUN_FILES); i++)
        ck_assert_int_eq(nomen("fold '%s' -o '%s'", run, inside(run, RUN_FILES[i])).status, 1);
    ck_assert_int_eq(nomen("fold '%s' -o '%s'", run, scratch("names.txt")).status, 1);
    expect_untouched(run, &before);
    const char *copy = with_numbers(run, "layers.3.gain", 3e38f, -3e38f);
    expect_unfolded(copy, "the folded layers.2.bias is not finite");
}
END_TEST

SUITE(cli_fold, NEEDS_NOTHING) {
    ADD(losses_are_the_same_without_batch_norm);
    ADD(batch_norm_without_a_linear_layer_before_it_is_refused);
    ADD(files_of_a_run_are_never_replaced);
}
