// Optimizers, rate curves, clipping and early stop through the built program.
#include "cli/refused.h"
#include "cli/run.h"

typedef struct Refusal {
    const char *change, *message;
} Refusal;

static void refuse_all(const Refusal *refusals, size_t n) {
    for (size_t i = 0; i < n; i++) {
        char options[512];
        snprintf(options, sizeof options, "--set '%s'", refusals[i].change);
        expect_refusal(train("run", options), 1, "nomen: %s: %s", scratch("c.json"), refusals[i].message);
        ck_assert_msg(!exists(scratch("run")), "a run directory was left: %s", refusals[i].change);
        keep_refused(scratch("c.json"), refusals[i].change, refusals[i].message);
    }
}

START_TEST(refuses_optimizers_that_are_none) {
    static const Refusal refusals[] = {
        {"train.optimizer={\"type\":\"adam\"}", "train.optimizer.type: expected one of sgd, adamw, found \"adam\""},
        {"train.optimizer={\"type\":\"rprop\"}", "train.optimizer.type: expected one of sgd, adamw, found \"rprop\""},
        {"train.optimizer={\"type\":\"adamw\",\"beta_1\":0.9}",
         "train.optimizer.beta_1: unknown key; did you mean \"beta1\"?"},
        {"train.optimizer={\"type\":\"adamw\",\"momentum\":0.9}",
         "train.optimizer.momentum: unknown key; the keys here are beta1, beta2, eps, weight_decay, type"},
        {"train.optimizer={\"type\":\"sgd\",\"momentun\":0.9}",
         "train.optimizer.momentun: unknown key; did you mean \"momentum\"?"},
        {"train.optimizer={\"type\":\"sgd\",\"momentum\":1}",
         "train.optimizer.momentum: expected a number from 0 to 0.999999, found 1"},
        {"train.optimizer={\"type\":\"sgd\",\"nesterov\":true}",
         "train.optimizer.nesterov: expected a momentum above 0 beside it, found 0"},
        {"train.optimizer={\"type\":\"adamw\",\"beta2\":1}",
         "train.optimizer.beta2: expected a number from 0 to 0.999999, found 1"},
        {"train.optimizer={\"type\":\"adamw\",\"eps\":0}",
         "train.optimizer.eps: expected a number from 1e-30 to 1e+30, found 0"},
        {"train.optimizer={\"type\":\"adamw\",\"weight_decay\":-0.1}",
         "train.optimizer.weight_decay: expected a number from 0 to 1e+30, found -0.1"},
        {"train.clip_norm=0", "train.clip_norm: expected a number from 1e-30 to 1e+30, found 0"},
        {"train.clip_norm=-1", "train.clip_norm: expected a number from 1e-30 to 1e+30, found -1"},
        {"train.clip_norm=\"1\"", "train.clip_norm: expected a number from 1e-30 to 1e+30, found \"1\""},
        {"train.clip_nrom=1", "train.clip_nrom: unknown key; did you mean \"clip_norm\"?"},
    };
    refuse_all(refusals, COUNT(refusals));
}
END_TEST

START_TEST(refuses_schedules_that_are_none) {
    static const Refusal refusals[] = {
        {"train.lr={\"form\":0.1}", "train.lr.form: unknown key; did you mean \"from\"?"},
        {"train.lr={\"from\":0.1,\"warm_up\":5}", "train.lr.warm_up: unknown key; did you mean \"warmup\"?"},
        {"train.lr={\"to\":0.1}", "train.lr.from: missing key (the rate after the warm-up)"},
        {"train.lr={\"from\":-1}", "train.lr.from: expected a number from 0 to 1e+30, found -1"},
        {"train.lr={\"from\":0.1,\"shape\":\"cosin\"}",
         "train.lr.shape: expected one of cosine, linear, found \"cosin\""},
        {"train.lr={\"from\":0.1,\"warmup\":5000000000}",
         "train.lr.warmup: expected fewer steps than the curve has, 5000000000, found 5000000000"},
        {"train.lr={\"from\":0.1,\"warmup\":7,\"steps\":6}",
         "train.lr.warmup: expected fewer steps than the curve has, 6, found 7"},
        {"train.lr={\"from\":0.1,\"steps\":0}",
         "train.lr.steps: expected a whole number from 1 to 1000000000000000, found 0"},
    };
    refuse_all(refusals, COUNT(refusals));
}
END_TEST

START_TEST(refuses_early_stops_that_are_none) {
    static const Refusal refusals[] = {
        {"train.early_stop={\"patience\":0}",
         "train.early_stop.patience: expected a whole number from 1 to 1000000000, found 0"},
        {"train.early_stop={\"patience\":2.5}",
         "train.early_stop.patience: expected a whole number from 1 to 1000000000, found 2.5"},
        {"train.early_stop={}", "train.early_stop.patience: missing key (consecutive evaluations without a gain "
                                "after which training stops)"},
        {"train.early_stop={\"patience\":2,\"least_gian\":0}",
         "train.early_stop.least_gian: unknown key; did you mean \"least_gain\"?"},
        {"train.early_stop={\"patience\":2,\"least_gain\":-1}",
         "train.early_stop.least_gain: expected a number from 0 to 1e+30, found -1"},
        {"train.early_stop=3", "train.early_stop: expected an object, found 3"},
    };
    refuse_all(refusals, COUNT(refusals));
    Output output = train("run", "--set 'train.early_stop={\"patience\":2}' --set 'data.split=[0.9,0,0.1]'");
    expect_refusal(output, 1,
                   "nomen: %s: train.early_stop: expected a dev split to go by, found none; give data.split a second "
                   "share, or leave early_stop out",
                   scratch("c.json"));
    ck_assert(!exists(scratch("run")));
}
END_TEST

#define ADAMW "--set 'train.optimizer={\"type\":\"adamw\"}' "
#define MOMENTUM "--set 'train.optimizer={\"type\":\"sgd\",\"momentum\":0.9}' "

static void expect_trained(Output output) {
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

START_TEST(a_run_goes_on_with_its_own_optimizer_only) {
    expect_trained(train("run", ADAMW "--steps 60 --quiet"));
    Snapshot before = take(scratch("run"));
    expect_refusal(train("run", "--steps 90 --resume"), 1,
                   "nomen: %s/model.safetensors: train.optimizer.type: the run has \"adamw\", the config says \"sgd\"; "
                   "--resume=anyway goes on all the same",
                   scratch("run"));
    expect_refusal(train("run", "--set 'train.optimizer={\"type\":\"adamw\",\"beta1\":0.8}' --steps 90 --resume"), 1,
                   "nomen: %s/model.safetensors: train.optimizer.beta1: the run has 0.9, the config says 0.8; "
                   "--resume=anyway goes on all the same",
                   scratch("run"));
    expect_untouched(scratch("run"), &before);
    static const char *const others[] = {MOMENTUM "--steps 90", "--steps 120", ADAMW "--steps 150"};
    for (size_t i = 0; i < COUNT(others); i++) {
        char options[256];
        snprintf(options, sizeof options, "%s --resume=anyway", others[i]);
        Output output = train("run", options);
        ck_assert_int_eq(output.status, 0);
        ck_assert_str_eq(output.err, "nomen: train.optimizer: another than the run had, whose state is dropped; this "
                                     "one begins anew\n");
        ck_assert_int_eq(nomen("diagnose '%s' >'%s'", scratch("run"), scratch("out")).status, 0);
    }
    expect_trained(train("run", ADAMW "--steps 160 --resume=anyway --set train.optimizer.beta1=0.8"));
}
END_TEST

START_TEST(trained_longer_is_trained_at_once) {
    static const char *const forms[] = {
        ADAMW,
        MOMENTUM "--set train.clip_norm=0.5 ",
        "--set 'train.optimizer={\"type\":\"sgd\",\"momentum\":0.9,\"nesterov\":true}' ",
        "--set 'train.lr={\"from\":0.1,\"warmup\":20,\"steps\":80}' ",
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        char first[256], rest[256], whole[256];
        snprintf(first, sizeof first, "%s--steps 75 --quiet --force", forms[i]);
        snprintf(rest, sizeof rest, "%s--steps 130 --quiet --resume", forms[i]);
        snprintf(whole, sizeof whole, "%s--steps 130 --quiet --force", forms[i]);
        expect_trained(train("parts", first));
        expect_trained(train("parts", rest));
        expect_trained(train("whole", whole));
        expect_same_runs(scratch("parts"), scratch("whole"));
    }
}
END_TEST

START_TEST(a_curve_over_the_whole_run_is_not_silently_stretched) {
    static const char *const curve = "--set 'train.lr={\"from\":0.1,\"to\":0.01}' ";
    char options[256];
    snprintf(options, sizeof options, "%s--steps 60 --quiet", curve);
    expect_trained(train("run", options));
    snprintf(options, sizeof options, "%s--steps 90 --resume", curve);
    expect_refusal(train("run", options), 1,
                   "nomen: %s/model.safetensors: train.lr.steps: the run's curve has 60 steps, the config's 90 (left "
                   "out, as many as train.steps); --set train.lr.steps=60 keeps the run's, --resume=anyway takes the "
                   "config's",
                   scratch("run"));
    snprintf(options, sizeof options, "%s--steps 50 --resume", curve);
    expect_refusal(train("run", options), 1,
                   "nomen: %s/model.safetensors: train.lr.steps: the run's curve has 60 steps, the config's 50 (left "
                   "out, as many as train.steps); --set train.lr.steps=60 keeps the run's, --resume=anyway takes the "
                   "config's",
                   scratch("run"));
    expect_refusal(
        train("run", "--set 'train.lr=[[0,0.1]]' --steps 90 --resume"), 1,
        "nomen: %s/model.safetensors: train.lr: the run has "
        "{\"from\":0.1,\"to\":0.01,\"shape\":\"cosine\",\"warmup\":0,\"steps\":60}, the config says [[0,0.1]]; "
        "--resume=anyway goes on all the same",
        scratch("run"));
    snprintf(options, sizeof options, "%s--seed 1 --steps 90 --resume", curve);
    expect_refusal(train("run", options), 1,
                   "nomen: %s/model.safetensors: seed: the run has 2147483647, the config says 1; --resume=anyway goes "
                   "on all the same",
                   scratch("run"));
    snprintf(options, sizeof options, "%s--set train.lr.steps=60 --steps 90 --resume --quiet", curve);
    expect_trained(train("run", options));
    ck_assert_ptr_nonnull(strstr(metrics_of(scratch("run")), "\n70,0.01,"));
}
END_TEST

// Each of these runs has come to a rate of 0, and is asked for more steps.
START_TEST(more_steps_at_rate_zero_are_refused) {
    static const char *const rates[] = {
        "{\"from\":0.1}",
        "{\"from\":0.1,\"steps\":60}",
        "{\"from\":0.1,\"shape\":\"linear\",\"steps\":40}",
        "[[0,0.1],[50,0]]",
    };
    for (size_t i = 0; i < COUNT(rates); i++) {
        char options[256];
        snprintf(options, sizeof options, "--set 'train.lr=%s' --steps 60 --quiet --force", rates[i]);
        expect_trained(train("run", options));
        Snapshot before = take(scratch("run"));
        snprintf(options, sizeof options, "--set 'train.lr=%s' --steps 90 --resume", rates[i]);
        expect_refusal(train("run", options), 1,
                       "nomen: %s/model.safetensors: train.lr: the run's rate is 0 from step 60 on, so that more steps "
                       "would change nothing; --resume=anyway --set train.lr=0.01 trains on at another",
                       scratch("run"));
        expect_untouched(scratch("run"), &before);
    }
    expect_trained(train("run", "--steps 90 --quiet --resume=anyway --set train.lr=0.01"));
    ck_assert_ptr_nonnull(strstr(metrics_of(scratch("run")), "\n70,0.01,"));
}
END_TEST

// An interrupted run has the bits of one that was not, whatever its rate; and a rate may come back.
START_TEST(a_rate_of_zero_on_the_way_is_no_obstacle) {
    static const char *const rates[] = {"0", "[[0,0.1],[40,0]]"};
    for (size_t i = 0; i < COUNT(rates); i++) {
        const char *name = i == 0 ? "a" : "b";
        Output output = nomen("train '%s' --run '%s' --quiet --set 'train.lr=%s' & p=$!; " UNTIL(
                                  "[ $(cat '%s/metrics.csv' 2>/dev/null | wc -l) -gt 9 ]") "kill $p; wait $p",
                              write_config(), scratch(name), rates[i], scratch(name));
        ck_assert_int_eq(output.status, 143);
        char options[128];
        unsigned long long step = step_of(scratch(name));
        snprintf(options, sizeof options, "--set 'train.lr=%s' --steps %llu --quiet --resume", rates[i], step + 100);
        expect_trained(train(name, options));
        ck_assert_uint_eq(step_of(scratch(name)), step + 100);
    }
    static const char returns[] = "--quiet --set 'train.lr=[[0,0.1],[40,0],[80,0.1]]'";
    char options[128];
    snprintf(options, sizeof options, "%s --steps 60", returns);
    expect_trained(train("run", options));
    snprintf(options, sizeof options, "%s --steps 90 --resume", returns);
    expect_trained(train("run", options));
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

START_TEST(ends_early_and_says_so) {
    Output output = train("run", EARLY "--steps 5000");
    expect_trained(output);
    unsigned long end = last_step(scratch("run"));
    char said[256];
    ck_assert(end > 100 && end < 5000 && end % 20 == 0);
    snprintf(said, sizeof said,
             "early stop at step %lu of 5000: 3 evaluations in a row without a gain in dev loss above "
             "0.0001; the best, ",
             end);
    ck_assert_msg(strstr(output.out, said), "%s", output.out);
    SafeTensors model = read_model(scratch("run"), "model.safetensors"),
                best = read_model(scratch("run"), "best.safetensors");
    double lowest;
    memcpy(&lowest, safetensors_find(&model, "state.best_dev_loss")->data, sizeof lowest);
    Error err;
    ck_assert_uint_eq(strtoul(safetensors_text(&model, "step", &err), NULL, 10), end);
    ck_assert_uint_lt(strtoul(safetensors_text(&best, "step", &err), NULL, 10), end);
    Output measured = nomen("eval '%s' --json", inside(scratch("run"), "best.safetensors"));
    char *dev = strstr(measured.out, "\"dev\"");
    snprintf(said, sizeof said, "step %lu of 5000, by early stop", end);
    ck_assert_ptr_nonnull(strstr(nomen("info '%s'", scratch("run")).out, said));
    ck_assert_double_eq_tol(strtod(strstr(dev, "\"loss\":") + 7, NULL), lowest, 1e-8);
}
END_TEST

START_TEST(a_run_that_ended_early_is_finished) {
    expect_trained(train("run", EARLY "--steps 5000 --quiet"));
    Snapshot before = take(scratch("run"));
    static const char *const options[] = {EARLY "--steps 5000 --resume", EARLY "--steps 9000 --resume"};
    for (size_t i = 0; i < 2; i++) {
        Output output = train("run", options[i]);
        expect_trained(output);
        ck_assert_msg(strstr(output.out, "is finished: early stop at step "), "%s", output.out);
        const char *remedy = "; --resume=anyway --set train.early_stop.patience=6 trains longer\n";
        ck_assert_msg(strstr(output.out, remedy), "%s", output.out);
        expect_untouched(scratch("run"), &before);
    }
    unsigned long end = last_step(scratch("run"));
    expect_trained(train("run", EARLY "--resume=anyway --set train.early_stop.patience=6 --steps 5000 --quiet"));
    ck_assert_uint_gt(last_step(scratch("run")), end);
    ck_assert_ptr_nonnull(strstr(nomen("train '%s' --run '%s' --seeds 1 " EARLY, write_config(), scratch("seeds")).out,
                                 "seed 2147483647  train"));
    ck_assert_ptr_nonnull(
        strstr(nomen("train '%s' --run '%s' --seeds 1 --resume " EARLY, write_config(), scratch("seeds")).out,
               ", by early stop\n"));
}
END_TEST

// Ended before, at and behind evaluations, each of which must count once.
START_TEST(early_stop_counts_across_interruptions) {
    static const unsigned parts[] = {20, 47, 100, 120, 133, 140};
    expect_trained(train("whole", EARLY "--steps 5000 --quiet"));
    unsigned long end = last_step(scratch("whole"));
    for (size_t i = 0; i < COUNT(parts); i++) {
        char options[512];
        snprintf(options, sizeof options, EARLY "--steps %u --quiet %s", parts[i], i == 0 ? "" : "--resume");
        expect_trained(train("parts", options));
        ck_assert_uint_eq(last_step(scratch("parts")), parts[i] < end ? parts[i] : end);
    }
    expect_trained(train("parts", EARLY "--steps 5000 --quiet --resume"));
    SafeTensors a = read_model(scratch("parts"), "model.safetensors");
    SafeTensors b = read_model(scratch("whole"), "model.safetensors");
    static const char counts[] = "state.early_stop.counts";
    ck_assert_mem_eq(safetensors_find(&a, counts)->data, safetensors_find(&b, counts)->data, 2 * sizeof(int64_t));
    ck_assert_str_eq(metrics_of(scratch("parts")), metrics_of(scratch("whole")));
}
END_TEST

// Evaluations at 20, 40 and 60 of 61 steps: the first is a gain, so that two are left to be without.
START_TEST(a_patience_that_outlasts_the_run_is_told) {
    static const struct {
        const char *options;
        bool is_told;
    } cases[] = {
        {"--steps 61 --set 'train.early_stop={\"patience\":3}'", true},
        {"--steps 61 --set 'train.early_stop={\"patience\":2}'", false},
        {"--steps 60 --set 'train.early_stop={\"patience\":2}'", true}, // the last of them ends it anyway
        {"--steps 10 --set 'train.early_stop={\"patience\":1}'", true},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char options[256];
        snprintf(options, sizeof options, "--force --set train.eval_every=20 %s", cases[i].options);
        Output output = train("run", options);
        ck_assert_int_eq(output.status, 0);
        ck_assert_msg((strstr(output.err, "nomen: train.early_stop: it cannot end this training, ") != NULL) ==
                          cases[i].is_told,
                      "%s: %s", cases[i].options, output.err);
        ck_assert_uint_eq(strcspn(output.err, "\n") + cases[i].is_told, strlen(output.err));
    }
    expect_trained(train("run", "--force --quiet --steps 10 --set 'train.early_stop={\"patience\":1}'"));
    // What was counted before goes on counting.
    expect_trained(train("run", EARLY "--force --quiet --steps 5000"));
    char options[512];
    snprintf(options, sizeof options, EARLY "--force --quiet --steps %lu", last_step(scratch("run")) - 19);
    expect_trained(train("run", options));
    expect_trained(train("run", EARLY "--resume --steps 5000"));
}
END_TEST

START_TEST(not_finite_weights_have_their_remedy) {
    static const Refusal cases[] = {
        {"--set train.l2_mean=1e30", "; a lower train.lr helps\n"},
        {"--set train.l2_mean=1e30 --set train.clip_norm=1e30", "; a lower train.lr or train.clip_norm may help\n"},
        {ADAMW "--set train.optimizer.weight_decay=1e30",
         "; a lower train.lr or train.optimizer.weight_decay may help\n"},
        {ADAMW "--set train.optimizer.weight_decay=1e30 --set train.clip_norm=1",
         "; a lower train.lr, train.optimizer.weight_decay or train.clip_norm may help\n"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char options[256];
        snprintf(options, sizeof options, "--force --quiet --set train.lr=1e30 %s", cases[i].change);
        Output output = train("run", options);
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg(strstr(output.err, cases[i].message), "%s: %s", cases[i].change, output.err);
    }
}
END_TEST

START_TEST(verify_does_not_guess_where_a_run_ends) {
    write_config();
    char *text = read_text(scratch("c.json"), NULL), config[2048];
    snprintf(config, sizeof config, "%.*s, \"early_stop\": {\"patience\": 1}}, \"expect\": {\"dev_loss\": \"2.0\"}}",
             (int)strlen(text) - 2, text);
    write_text(scratch("v.json"), config);
    expect_refusal(nomen("verify '%s'", scratch("v.json")), 1,
                   "nomen: %s: train.early_stop: figures of the end are expected, and early stop would move it; leave "
                   "one of them out",
                   scratch("v.json"));
}
END_TEST

START_TEST(the_config_of_a_run_says_what_was_left_out) {
    expect_trained(train("run", ADAMW "--set 'train.lr={\"from\":0.1}' --set train.clip_norm=2 --steps 60 --quiet"));
    const char *config = read_text(scratch("run/config.json"), NULL);
    static const char *const parts[] = {"\"beta2\": 0.99",       "\"eps\": 1e-08",      "\"weight_decay\": 0.01",
                                        "\"shape\": \"cosine\"", "\"warmup\": 0",       "\"steps\": 60",
                                        "\"clip_norm\": 2",      "\"early_stop\": null"};
    for (size_t i = 0; i < COUNT(parts); i++) ck_assert_msg(strstr(config, parts[i]), "%s in %s", parts[i], config);
    expect_trained(nomen("train '%s/config.json' --run '%s' --resume", scratch("run"), scratch("run")));
}
END_TEST

SUITE(cli_optimizer, NEEDS_NOTHING) {
    ADD(refuses_optimizers_that_are_none);
    ADD(refuses_schedules_that_are_none);
    ADD(refuses_early_stops_that_are_none);
    ADD(a_run_goes_on_with_its_own_optimizer_only);
    ADD(trained_longer_is_trained_at_once);
    ADD(a_curve_over_the_whole_run_is_not_silently_stretched);
    ADD(more_steps_at_rate_zero_are_refused);
    ADD(a_rate_of_zero_on_the_way_is_no_obstacle);
    ADD(ends_early_and_says_so);
    ADD(a_run_that_ended_early_is_finished);
    ADD(early_stop_counts_across_interruptions);
    ADD(a_patience_that_outlasts_the_run_is_told);
    ADD(not_finite_weights_have_their_remedy);
    ADD(verify_does_not_guess_where_a_run_ends);
    ADD(the_config_of_a_run_says_what_was_left_out);
}
