// Numbers stay finite, or training reports the step and the place where they do not, and keeps the last good
// checkpoint.
#include "cli/run.h"

#define START(dim) "{'type': 'embedding', 'dim': " dim "}, {'type': 'flatten'}, "
#define VOCAB "{'type': 'linear', 'out': 'vocab'}"
#define SHALLOW START("4") VOCAB
#define DEEP START("4") "{'type': 'linear', 'out': 8, 'bias': false}, {'type': 'batchnorm'}, {'type': 'tanh'}, " VOCAB
#define SAME_ROWS(eps) \
    START("4, 'weight': 'zeros'") "{'type': 'linear', 'out': 8, 'bias': false}, {'type': 'batchnorm'" eps "}, " VOCAB
#define HUGE_EMBEDDING START("4, 'weight': {'normal': 1e30}")
// Logits of up to 3e38 of either sign, each finite.
#define FAR_APART                                                                                                  \
    "{'type': 'embedding', 'dim': 1, 'weight': {'constant': 1e30}}, {'type': 'linear', 'out': 'vocab', 'weight': " \
    "{'uniform': 3e8}, 'bias': false}"
#define REMEDY "; a lower train.lr or smaller initial weights help"

// The training ends in a line with `reason`, or well if that is NULL.
typedef struct Case {
    const char *layers, *train, *reason;
} Case;

static Output train_case(const Case *c, const char *names, const char *options) {
    write_text(scratch("names.txt"), names);
    write_json(scratch("c.json"),
               "{'data': {'path': 'names.txt', 'shuffle_seed': 1}, 'model': {'context': %d, 'layers': [%s]}, 'train': "
               "{'steps': 200, 'checkpoint_every': 10, 'log_every': 10, 'eval_every': 20, %s}}",
               strstr(c->layers, "flatten") ? 3 : 1, c->layers, c->train);
    return nomen("train '%s' --run '%s' --force --quiet %s", scratch("c.json"), scratch("run"), options);
}

static void expect_reported(Output output, const char *reason) {
    const char *start = textf("nomen: %s: step ", scratch("run")), *newline = strchr(output.err, '\n');
    ck_assert_msg(output.status == 1 && strncmp(output.err, start, strlen(start)) == 0 && newline && newline[1] == '\0',
                  "%d: %s", output.status, output.err);
    ck_assert_msg(strstr(output.err, reason), "%s", output.err);
}

static void expect_finite_or_reported(const Case *c, const char *names) {
    const char *run = scratch("run");
    Output output = train_case(c, names, "");
    const char *metrics = read_text(inside(run, "metrics.csv"), NULL);
    ck_assert_msg(!strstr(metrics, "nan") && !strstr(metrics, "inf"), "%s", metrics);
    if (c->reason)
        expect_reported(output, c->reason);
    else
        ck_assert_msg(output.status == 0 && output.err[0] == '\0', "%s: %d: %s", c->train, output.status, output.err);
    if (!exists(inside(run, "model.safetensors"))) return;
    output = nomen("eval '%s' --json", run);
    ck_assert_msg(output.status == 0 && !strstr(output.out, "\"loss\":null"), "%s: %s%s", c->train, output.out,
                  output.err);
}

START_TEST(numbers_stay_finite_or_the_step_and_the_place_are_named) {
    static const Case cases[] = {
        {DEEP, "'lr': [[0, 0.1], [50, 1e6]]", "is not finite, because layers.3.running_variance has overflowed" REMEDY},
        {DEEP, "'lr': [[0, 0.1], [50, 1e30]]", "is not finite, because "},
        {DEEP, "'lr': [[0, 0.1], [50, 1e6]], 'optimizer': {'type': 'adamw'}", "because layers.3.running_"},
        {SAME_ROWS(", 'eps': 0"), "'lr': 0.1", "because the output of model.layers[3] (batchnorm) overflows" REMEDY},
        {SAME_ROWS(""), "'lr': 0.1", NULL},
        {HUGE_EMBEDDING "{'type': 'linear', 'out': 8}, {'type': 'tanh'}, " VOCAB, "'lr': 0.1", NULL},
        {HUGE_EMBEDDING "{'type': 'linear', 'out': 8, 'weight': {'normal': 1e30}}, {'type': 'relu'}, " VOCAB,
         "'lr': 0.1", "because the output of model.layers[2] (linear) overflows" REMEDY},
        {"{'type': 'embedding', 'dim': 'vocab'}", "'lr': 0.1, 'l2_mean': 1e30", "is not finite, because "},
        {FAR_APART, "'lr': 0.1", "because the logits are too far apart" REMEDY},
        {FAR_APART, "'lr': 0.1, 'batch_size': 'all'", "because the logits are too far apart" REMEDY},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_finite_or_reported(&cases[i], NAMES);
    const Case one_symbol = {DEEP, "'lr': 0.1", NULL};
    expect_finite_or_reported(&one_symbol, "a\naa\naaa\naaaa\na\naa\na\naa\naaa\na\na\na\na\naa\naaaaa\na\n");
}
END_TEST

START_TEST(a_model_that_overflows_is_not_written) {
    static const struct {
        Case c;
        const char *options;
        unsigned long long kept; // step of the checkpoint, or 0 for none
    } cases[] = {
        {{DEEP, "'lr': [[0, 0.1], [50, 1e6]]", "layers.3.running_variance has overflowed"}, "", 60},
        // The update before an evaluation makes the loss overflow, though every weight is finite.
        {{SHALLOW, "'lr': [[0, 0.1], [19, 1e30]]",
          "step 20: the loss is not finite, because the output of model.layers[2] (linear) overflows" REMEDY},
         "--set train.checkpoint_every=7",
         14},
        // The square of a gradient of 1e25 is infinite: AdamW would never move that weight again.
        {{START("4, 'weight': {'normal': 1e-20}") "{'type': 'linear', 'out': 'vocab', 'weight': {'normal': 1e25}, "
                                                  "'bias': false}",
          "'lr': 1e-30, 'optimizer': {'type': 'adamw'}",
          "step 10: the optimizer's second_moment is not finite, because gradients are too large; a lower train.lr, "
          "smaller initial weights or train.clip_norm help"},
         "",
         0},
    };
    const char *run = scratch("run");
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_reported(train_case(&cases[i].c, NAMES, cases[i].options), cases[i].c.reason);
        ck_assert_uint_eq(exists(inside(run, "model.safetensors")) ? step_of(run) : 0, cases[i].kept);
    }
}
END_TEST

// The loss of such a context is infinite. The run is complete, but has no best model.
START_TEST(counts_without_smoothing_may_have_an_infinite_loss) {
    static const char *const commands[] = {"info '%s'", "eval '%s'", "report '%s' --no-plots", "sample '%s' -n 3"};
    const char *run = scratch("run");
    write_text(scratch("names.txt"), "ab\nab\nab\nab\nab\nab\nab\nab\nba\ncc\n");
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt'}, 'model': {'ngram': 2, 'smoothing': 0}}");
    Output output = nomen("train '%s' --run '%s'", scratch("c.json"), run);
    ck_assert_msg(output.status == 0 && strstr(output.out, "  dev inf") && !strstr(output.out, "best"), "%s%s",
                  output.out, output.err);
    ck_assert(!exists(inside(run, "best.safetensors")));
    for (size_t i = 0; i < COUNT(commands); i++) {
        output = nomen(commands[i], run);
        ck_assert_msg(output.status == 0 && !strstr(output.out, "nan"), "%s: %s%s", commands[i], output.out,
                      output.err);
    }
    output = nomen("train '%s' --run '%s' --resume", scratch("c.json"), run);
    ck_assert_msg(output.status == 0, "%s", output.err);
}
END_TEST

SUITE(cli_finite, NEEDS_NOTHING) {
    ADD(numbers_stay_finite_or_the_step_and_the_place_are_named);
    ADD(a_model_that_overflows_is_not_written);
    ADD(counts_without_smoothing_may_have_an_infinite_loss);
}
