// Optimizers, rate curves, clipping and early stop through the built program.
#include "cli/run.h"

// Trains `run` with formatted options.
#define TRAIN(run, format, ...) nomen("train '%s' --run '%s' " format, write_config(), scratch(run), __VA_ARGS__)

START_TEST(settings_that_do_not_fit_together_are_refused) {
    static const char *const cases[][2] = {
        {"--set 'train.optimizer={\"type\":\"sgd\",\"nesterov\":true}'",
         "train.optimizer.nesterov: expected a momentum above 0 with it, found 0"},
        {"--set 'train.early_stop={\"patience\":2}' --set 'data.split=[0.9,0,0.1]'",
         "train.early_stop: it needs a dev split; give data.split a second share, or remove early_stop"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_refusal(train("run", cases[i][0]), 1, "nomen: %s: %s", scratch("c.json"), cases[i][1]);
        ck_assert(!exists(scratch("run")));
    }
}
END_TEST

#define ADAMW "--set 'train.optimizer={\"type\":\"adamw\"}' "
#define MOMENTUM "--set 'train.optimizer={\"type\":\"sgd\",\"momentum\":0.9}' "

static void expect_trained(Output output) {
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

START_TEST(a_run_resumes_with_its_own_optimizer_only) {
    static const char *const others[] = {MOMENTUM "--steps 90", ADAMW "--steps 150"};
    expect_trained(train("run", ADAMW "--steps 60 --quiet"));
    Snapshot before = take(scratch("run"));
    expect_refusal(train("run", "--steps 90 --resume"), 1,
                   "nomen: %s/model.safetensors: train.optimizer.type: expected \"adamw\", found \"sgd\"; "
                   "--resume=anyway continues regardless",
                   scratch("run"));
    expect_untouched(scratch("run"), &before);
    for (size_t i = 0; i < COUNT(others); i++) {
        Output output = TRAIN("run", "%s --resume=anyway", others[i]);
        ck_assert_int_eq(output.status, 0);
        ck_assert_str_eq(output.err, "nomen: train.optimizer: the run had another optimizer; its state is dropped, "
                                     "and the new optimizer starts from zero\n");
    }
    expect_trained(train("run", ADAMW "--steps 160 --resume=anyway --set train.optimizer.beta1=0.8"));
}
END_TEST

START_TEST(a_curve_over_the_whole_run_is_not_silently_stretched) {
#define FROM_TO "--set 'train.lr={\"from\":0.1,\"to\":0.01}' "
    static const int steps[] = {90, 50};
    expect_trained(train("run", FROM_TO "--steps 60 --quiet"));
    for (size_t i = 0; i < COUNT(steps); i++)
        expect_refusal(TRAIN("run", FROM_TO "--steps %d --resume", steps[i]), 1,
                       "nomen: %s/model.safetensors: train.lr.steps: expected 60, found %d; --resume=anyway continues "
                       "regardless",
                       scratch("run"), steps[i]);
    expect_trained(train("run", FROM_TO "--set train.lr.steps=60 --steps 90 --resume --quiet"));
    ck_assert_ptr_nonnull(strstr(metrics_of(scratch("run")), "\n70,0.01,"));
}
END_TEST

START_TEST(a_rate_of_zero_may_come_back) {
#define RETURNS "--quiet --set 'train.lr=[[0,0.1],[40,0],[80,0.1]]' "
    expect_trained(train("run", RETURNS "--steps 60"));
    expect_trained(train("run", RETURNS "--steps 90 --resume"));
    // An interrupted run goes on at a rate of 0.
    Output output = nomen("train '%s' --run '%s' --quiet --set train.lr=0 & p=$!; " UNTIL(
                              "[ $(cat '%s/metrics.csv' 2>/dev/null | wc -l) -gt 9 ]") "kill $p; wait $p",
                          write_config(), scratch("zero"), scratch("zero"));
    ck_assert_int_eq(output.status, 143);
    unsigned long long step = step_of(scratch("zero"));
    expect_trained(TRAIN("zero", "--set train.lr=0 --steps %llu --quiet --resume", step + 100));
    ck_assert_uint_eq(step_of(scratch("zero")), step + 100);
}
END_TEST

// The rate drives the dev loss up from step 100 on, so that training ends a few evaluations later.
#define EARLY                                                                                          \
    "--set 'train.early_stop={\"patience\":3,\"least_gain\":0.0001}' --set train.eval_every=20 --set " \
    "'train.lr=[[0,0.1],[100,1]]' --set 'train.optimizer={\"type\":\"sgd\",\"momentum\":0.5}' "

// The step of the last row.
static unsigned long last_step(const char *run) {
    char *metrics = metrics_of(run);
    metrics[strlen(metrics) - 1] = '\0';
    return strtoul(strrchr(metrics, '\n') + 1, NULL, 10);
}

START_TEST(early_stop_ends_a_run) {
    const char *run = scratch("run");
    Output output = train("run", EARLY "--steps 5000");
    expect_trained(output);
    unsigned long end = last_step(run);
    ck_assert(end > 100 && end < 5000 && end % 20 == 0);
    ck_assert_msg(
        strstr(output.out, textf("early stop at step %lu of 5000: 3 evaluations in a row without a gain in dev "
                                 "loss above 0.0001",
                                 end)),
        "%s", output.out);
    Output info = nomen("info '%s'", run);
    ck_assert_msg(strstr(info.out, textf("step %lu of 5000, ended by early stop", end)), "%s", info.out);
    SafeTensors model = read_model(run, "model.safetensors"), best = read_model(run, "best.safetensors");
    Error err;
    ck_assert_uint_eq(strtoul(safetensors_text(&model, "step", &err), NULL, 10), end);
    ck_assert_uint_lt(strtoul(safetensors_text(&best, "step", &err), NULL, 10), end);
    // The best model has the lowest dev loss.
    double lowest;
    memcpy(&lowest, safetensors_find(&model, "state.best_dev_loss")->data, sizeof lowest);
    const char *dev = strstr(nomen("eval '%s' --json", inside(run, "best.safetensors")).out, "\"dev\"");
    ck_assert_double_eq_tol(strtod(strstr(dev, "\"loss\":") + 7, NULL), lowest, 1e-8);
}
END_TEST

START_TEST(a_run_that_ended_early_is_finished) {
    static const char *const options[] = {EARLY "--steps 5000 --resume", EARLY "--steps 9000 --resume"};
    const char *run = scratch("run");
    expect_trained(train("run", EARLY "--steps 5000 --quiet"));
    Snapshot before = take(run);
    for (size_t i = 0; i < COUNT(options); i++) {
        Output output = train("run", options[i]);
        expect_trained(output);
        ck_assert_msg(strstr(output.out, "is finished: early stop at step ") &&
                          strstr(output.out, "; --resume=anyway --set train.early_stop.patience=6 trains longer\n"),
                      "%s", output.out);
        expect_untouched(run, &before);
    }
    unsigned long end = last_step(run);
    expect_trained(train("run", EARLY "--resume=anyway --set train.early_stop.patience=6 --steps 5000 --quiet"));
    ck_assert_uint_gt(last_step(run), end);
    ck_assert_ptr_nonnull(strstr(train("seeds", "--seeds 1 " EARLY).out, "seed 2147483647  train"));
    ck_assert_ptr_nonnull(strstr(train("seeds", "--seeds 1 --resume " EARLY).out, "seed 2147483647  train"));
}
END_TEST

// The parts end before, at and after evaluations, each of which must count once.
START_TEST(early_stop_counts_across_interruptions) {
    static const char counts[] = "state.early_stop.counts";
    static const unsigned parts[] = {20, 47, 100, 120, 133, 140};
    expect_trained(train("whole", EARLY "--steps 5000 --quiet"));
    unsigned long end = last_step(scratch("whole"));
    for (size_t i = 0; i < COUNT(parts); i++) {
        expect_trained(TRAIN("parts", EARLY "--steps %u --quiet %s", parts[i], i == 0 ? "" : "--resume"));
        ck_assert_uint_eq(last_step(scratch("parts")), parts[i] < end ? parts[i] : end);
    }
    expect_trained(train("parts", EARLY "--steps 5000 --quiet --resume"));
    SafeTensors a = read_model(scratch("parts"), "model.safetensors");
    SafeTensors b = read_model(scratch("whole"), "model.safetensors");
    ck_assert_mem_eq(safetensors_find(&a, counts)->data, safetensors_find(&b, counts)->data, 2 * sizeof(int64_t));
    ck_assert_str_eq(metrics_of(scratch("parts")), metrics_of(scratch("whole")));
}
END_TEST

// Of the evaluations at steps 20, 40 and 60 the first is a gain, which leaves two.
START_TEST(a_patience_longer_than_the_run_is_reported) {
    static const struct {
        const char *options;
        bool is_reported;
    } cases[] = {
        {"--steps 61 --set 'train.early_stop={\"patience\":3}'", true},
        {"--steps 61 --set 'train.early_stop={\"patience\":2}'", false},
        {"--steps 60 --set 'train.early_stop={\"patience\":2}'", true}, // the last evaluation is the end anyway
        {"--steps 10 --set 'train.early_stop={\"patience\":1}'", true},
        {"--steps 10 --quiet --set 'train.early_stop={\"patience\":1}'", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        Output output = TRAIN("run", "--force --set train.eval_every=20 %s", cases[i].options);
        bool is_reported = strstr(output.err, "nomen: train.early_stop: a patience of ") != NULL;
        ck_assert_int_eq(output.status, 0);
        ck_assert_msg(is_reported == cases[i].is_reported, "%s: %s", cases[i].options, output.err);
    }
    // A resumed run goes on counting.
    expect_trained(train("run", EARLY "--force --quiet --steps 5000"));
    expect_trained(TRAIN("run", EARLY "--force --quiet --steps %lu", last_step(scratch("run")) - 19));
    expect_trained(train("run", EARLY "--resume --steps 5000"));
}
END_TEST

START_TEST(verify_refuses_early_stop_with_values_of_the_last_step) {
    write_config();
    write_json(scratch("v.json"), "%.*s, 'early_stop': {'patience': 1}}, 'expect': {'dev_loss': '2.0'}}",
               (int)strlen(CONFIG) - 2, CONFIG);
    Output output = nomen("verify '%s'", scratch("v.json"));
    ck_assert_msg(output.status == 1 && strstr(output.err, "v.json: train.early_stop: "), "%s", output.err);
}
END_TEST

SUITE(cli_optimizer, NEEDS_NOTHING) {
    ADD(settings_that_do_not_fit_together_are_refused);
    ADD(a_run_resumes_with_its_own_optimizer_only);
    ADD(a_curve_over_the_whole_run_is_not_silently_stretched);
    ADD(a_rate_of_zero_may_come_back);
    ADD(early_stop_ends_a_run);
    ADD(a_run_that_ended_early_is_finished);
    ADD(early_stop_counts_across_interruptions);
    ADD(a_patience_longer_than_the_run_is_reported);
    ADD(verify_refuses_early_stop_with_values_of_the_last_step);
}
