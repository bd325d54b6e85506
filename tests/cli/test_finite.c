// Numbers stay finite, or training says at which step and where they did not.
#include "cli/run.h"

#define DEEP                                                                                              \
    "{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 8, 'bias': false}, " \
    "{'type': 'batchnorm'}, {'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}"

typedef struct Case {
    const char *layers, *train, *why; // why: behind "is not finite, because "; NULL where all goes well
} Case;

static const Case CASES[] = {
    {DEEP, "'lr': [[0, 0.1], [50, 1e6]]",
     "layers.3.running_variance has overflowed; a lower train.lr or smaller initial weights help"},
    {DEEP, "'lr': [[0, 0.1], [50, 1e30]]", ""},
    {DEEP, "'lr': [[0, 0.1], [50, 1e6]], 'optimizer': {'type': 'adamw'}", "layers.3.running_"},
    {"{'type': 'embedding', 'dim': 4, 'weight': 'zeros'}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 8, 'bias': false}, {'type': 'batchnorm', 'eps': 0}, {'type': 'linear', 'out': 'vocab'}",
     "'lr': 0.1",
     "model.layers[3] (batchnorm) meets a channel that is the same for every row, or too large; an eps above 0 or a "
     "lower train.lr help"},
    {"{'type': 'embedding', 'dim': 4, 'weight': 'zeros'}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 8, 'bias': false}, {'type': 'batchnorm'}, {'type': 'linear', 'out': 'vocab'}",
     "'lr': 0.1", NULL},
    {"{'type': 'embedding', 'dim': 4, 'weight': {'normal': 1e30}}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 8}, {'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}",
     "'lr': 0.1", NULL},
    {"{'type': 'embedding', 'dim': 4, 'weight': {'normal': 1e30}}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 8, 'weight': {'normal': 1e30}}, {'type': 'relu'}, {'type': 'linear', 'out': 'vocab'}",
     "'lr': 0.1", "the output of model.layers[2] (linear) overflows; a lower train.lr or smaller initial weights help"},
    {"{'type': 'embedding', 'dim': 'vocab'}", "'lr': 0.1, 'l2_mean': 1e30", ""},
    // Logits of up to 3e38 to either side, each finite.
    {"{'type': 'embedding', 'dim': 1, 'weight': {'constant': 1e30}}, {'type': 'linear', 'out': 'vocab', 'weight': "
     "{'uniform': 3e8}, 'bias': false}",
     "'lr': 0.1", "the logits are too far apart; a lower train.lr or smaller initial weights help"},
    {"{'type': 'embedding', 'dim': 1, 'weight': {'constant': 1e30}}, {'type': 'linear', 'out': 'vocab', 'weight': "
     "{'uniform': 3e8}, 'bias': false}",
     "'lr': 0.1, 'batch_size': 'all'",
     "the logits are too far apart; a lower train.lr or smaller initial weights help"},
    {DEEP, "'lr': [[0, 0.1], [50, 1e30]], 'optimizer': {'type': 'adamw', 'weight_decay': 0}", ""},
};

static void write_case(const Case *c, const char *names) {
    char config[2048];
    int n = snprintf(config, sizeof config,
                     "{'data': {'path': 'names.txt', 'shuffle_seed': 1}, 'model': {'context': %d, 'layers': [%s]}, "
                     "'train': {'steps': 200, 'checkpoint_every': 10, 'log_every': 10, 'eval_every': 20, %s}}",
                     strstr(c->layers, "flatten") ? 3 : 1, c->layers, c->train);
    ck_assert(n > 0 && (size_t)n < sizeof config);
    for (char *at = config; *at; at++)
        if (*at == '\'') *at = '"';
    write_text(scratch("names.txt"), names);
    write_text(scratch("c.json"), config);
}

static void expect_finite_or_told(const Case *c, const char *names) {
    const char *run = scratch("run");
    write_case(c, names);
    Output output = nomen("train '%s' --run '%s' --force --quiet", scratch("c.json"), run);
    const char *metrics = read_text(inside(run, "metrics.csv"), NULL);
    ck_assert_msg(!strstr(metrics, "nan") && !strstr(metrics, "inf"), "%s", metrics);
    if (c->why) {
        char start[PATH_MAX];
        snprintf(start, sizeof start, "nomen: %s: step ", run);
        const char *because = strstr(output.err, "is not finite, because "), *line = strchr(output.err, '\n');
        ck_assert_msg(output.status == 1 && strncmp(output.err, start, strlen(start)) == 0 && line && line[1] == '\0',
                      "%s: %d: %s", c->train, output.status, output.err);
        ck_assert_msg(because && strncmp(because + strlen("is not finite, because "), c->why, strlen(c->why)) == 0,
                      "%s", output.err);
    } else {
        ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %d: %s", c->train, output.status, output.err);
    }
    // What was kept is good.
    if (!exists(inside(run, "model.safetensors"))) return;
    output = nomen("eval '%s' --json", run);
    ck_assert_msg(output.status == 0 && !strstr(output.out, "\"loss\":null"), "%s: %s%s", c->train, output.out,
                  output.err);
}

START_TEST(numbers_stay_finite_or_the_step_and_the_place_are_named) {
    for (size_t i = 0; i < COUNT(CASES); i++) expect_finite_or_told(&CASES[i], NAMES);
}
END_TEST

START_TEST(the_last_good_checkpoint_is_kept) {
    write_case(&CASES[0], NAMES);
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")).status, 1);
    unsigned long long step = step_of(scratch("run"));
    ck_assert_msg(step >= 50 && step < 200 && step % 10 == 0, "%llu", step);
}
END_TEST

// The square of a gradient of 1e25 is infinite, and the weight it belongs to moves no more.
START_TEST(a_state_that_could_not_be_gone_on_from_is_not_written) {
    const Case large = {"{'type': 'embedding', 'dim': 4, 'weight': {'normal': 1e-20}}, {'type': 'flatten'}, "
                        "{'type': 'linear', 'out': 'vocab', 'weight': {'normal': 1e25}, 'bias': false}",
                        "'lr': 1e-30, 'optimizer': {'type': 'adamw'}", NULL};
    const char *run = scratch("run");
    write_case(&large, NAMES);
    expect_refusal(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), run), 1,
                   "nomen: %s: step 10: the optimizer's second_moment is not finite, because gradients are too large; "
                   "a lower train.lr, smaller initial weights or train.clip_norm help",
                   run);
    ck_assert(!exists(inside(run, "model.safetensors")));
}
END_TEST

// The update before a checkpoint makes the loss overflow there, though every weight is finite.
START_TEST(a_checkpoint_whose_next_loss_overflows_is_not_written) {
    static const char *const places[][2] = {
        {"{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}",
         "the output of model.layers[2] (linear) overflows"},
        {DEEP, "layers.3.running_"},
    };
    const char *run = scratch("run");
    for (size_t i = 0; i < COUNT(places); i++) {
        const Case shallow = {places[i][0], "'lr': [[0, 0.1], [19, 1e30]]", NULL};
        write_case(&shallow, NAMES);
        Output output =
            nomen("train '%s' --run '%s' --force --quiet --set train.eval_every=200", scratch("c.json"), run);
        ck_assert_msg(output.status == 1 && strstr(output.err, ": step 20: the loss is not finite, because ") &&
                          strstr(output.err, places[i][1]),
                      "%s", output.err);
        ck_assert_uint_eq(step_of(run), 10);
    }
}
END_TEST

// The update before an evaluation makes the logits overflow there.
START_TEST(an_evaluation_that_is_not_finite_is_told) {
    const Case shallow = {"{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}",
                          "'lr': [[0, 0.1], [19, 1e30]]", NULL};
    const char *run = scratch("run");
    write_case(&shallow, NAMES);
    expect_refusal(
        nomen("train '%s' --run '%s' --quiet --set train.checkpoint_every=7", scratch("c.json"), run), 1,
        "nomen: %s: step 20: the loss is not finite, because the output of model.layers[2] (linear) overflows; "
        "a lower train.lr or smaller initial weights help",
        run);
    ck_assert_uint_eq(step_of(run), 14);
}
END_TEST

// Nothing is known of what follows it, so that the loss is as large as of what never follows; the run is one all the
// same, without a best model.
START_TEST(a_context_that_counts_never_saw_costs_infinitely_much) {
    write_text(scratch("names.txt"), "ab\nab\nab\nab\nab\nab\nab\nab\nba\ncc\n");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"ngram\": 2, \"smoothing\": 0}}");
    const char *run = scratch("run");
    Output output = nomen("train '%s' --run '%s'", scratch("c.json"), run);
    ck_assert_msg(output.status == 0 && strstr(output.out, "  dev inf") && !strstr(output.out, "best"), "%s%s",
                  output.out, output.err);
    ck_assert(!exists(inside(run, "best.safetensors")));
    static const char *const commands[] = {"info '%s'", "eval '%s'", "report '%s' --no-plots", "sample '%s' -n 3"};
    for (size_t i = 0; i < COUNT(commands); i++) {
        output = nomen(commands[i], run);
        ck_assert_msg(output.status == 0 && !strstr(output.out, "nan"), "%s: %s%s", commands[i], output.out,
                      output.err);
    }
    output = nomen("train '%s' --run '%s' --resume", scratch("c.json"), run);
    ck_assert_msg(output.status == 0, "%s", output.err);
}
END_TEST

START_TEST(a_vocabulary_of_one_symbol_trains) {
    const Case one = {DEEP, "'lr': 0.1", NULL};
    expect_finite_or_told(&one, "a\naa\naaa\naaaa\na\naa\na\naa\naaa\na\na\na\na\naa\naaaaa\na\n");
}
END_TEST

SUITE(cli_finite, NEEDS_NOTHING) {
    ADD(numbers_stay_finite_or_the_step_and_the_place_are_named);
    ADD(the_last_good_checkpoint_is_kept);
    ADD(a_state_that_could_not_be_gone_on_from_is_not_written);
    ADD(a_checkpoint_whose_next_loss_overflows_is_not_written);
    ADD(an_evaluation_that_is_not_finite_is_told);
    ADD(a_context_that_counts_never_saw_costs_infinitely_much);
    ADD(a_vocabulary_of_one_symbol_trains);
}
