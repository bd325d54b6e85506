// diagnose, lr-find and calibrate through the built program.
#include "cli/run.h"

#define NO_LOGITS                                                                                       \
    "the model gives no distribution: its logits are not finite, though its weights are; train again, " \
    "with a lower train.lr"

// A finished run of a network with batch norm.
static const char *make_batchnorm_run(void) {
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("bn.json"),
               "{'data': {'path': 'names.txt', 'shuffle_seed': 1}, 'model': {'context': 2, 'layers': [{'type': "
               "'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 8, 'bias': false}, {'type': "
               "'batchnorm'}, {'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}]}, 'train': {'steps': 120, "
               "'eval_every': 50}}");
    ok(nomen("train '%s' --run '%s' --quiet", scratch("bn.json"), scratch("bn")));
    return scratch("bn");
}

static size_t count(const char *text, char c) {
    size_t n = 0;
    for (; *text; text++) n += *text == c;
    return n;
}

// Fails unless calibrate refuses the run with this error and leaves the model file as it was.
static void expect_uncalibrated(const char *run, const char *path, const char *error) {
    size_t n, n_after;
    char *before = read_text(path, &n);
    expect_refusal(nomen("calibrate '%s'", run), 1, "nomen: %s: %s", run, error);
    char *after = read_text(path, &n_after);
    ck_assert_uint_eq(n_after, n);
    ck_assert_mem_eq(after, before, n);
}

START_TEST(calibrate_changes_only_the_running_statistics) {
    const char *run = make_batchnorm_run();
    SafeTensors before = read_model(run, "model.safetensors");
    expect_words(ok(nomen("calibrate '%s'", run)), "train ");
    SafeTensors after = read_model(run, "model.safetensors");
    ck_assert_uint_eq(after.n_tensors, before.n_tensors);
    ck_assert_uint_eq(after.n_texts, before.n_texts);
    for (size_t i = 0; i < before.n_tensors; i++) {
        const FileTensor *a = &before.tensors[i], *b = &after.tensors[i];
        size_t n = file_tensor_count(a) * (a->type == NUMBER_F32 ? 4 : 8);
        bool same = memcmp(a->data, b->data, n) == 0, is_running = strstr(a->name, ".running_") != NULL;
        ck_assert_str_eq(a->name, b->name);
        ck_assert_msg(same != is_running, "%s", a->name);
    }
    ok(nomen("calibrate '%s/best.safetensors'", run));
    ok(nomen("eval '%s'", run));
    ok(nomen("train '%s' --run '%s' --resume --steps 130 --quiet", scratch("bn.json"), run));
}
END_TEST

START_TEST(calibrate_writes_only_finite_numbers) {
    const char *run = make_batchnorm_run(), *path = with_numbers(run, "layers.2.weight", 3e38f, 3e38f);
    expect_uncalibrated(path, path,
                        "the calibrated layers.3.running_mean is not finite, because the input of its layer "
                        "overflows; try smaller weights");
    path = with_numbers(run, "layers.5.weight", 3e38f, -3e38f);
    expect_uncalibrated(path, path, NO_LOGITS);
}
END_TEST

START_TEST(calibrate_prints_the_losses_of_eval) {
    const char *run = make_batchnorm_run();
    cJSON *was = json_of(ok(nomen("eval '%s' --json", run)));
    char *out = ok(nomen("calibrate '%s'", run));
    cJSON *is = json_of(ok(nomen("eval '%s' --json", run)));
    expect_words(out, textf("train %.4f, was %.4f\n", number_at(is, "train.loss"), number_at(was, "train.loss")));
}
END_TEST

START_TEST(calibrate_refuses_runs_without_running_statistics) {
    static const char none[] = "its model has no running statistics; only batchnorm layers have them";
    const char *run = make_run();
    expect_uncalibrated(run, inside(run, "model.safetensors"), none);
    ok(nomen("train bigram-counts --run '%s' --quiet", scratch("counts")));
    expect_uncalibrated(scratch("counts"), scratch("counts/model.safetensors"), none);
    expect_refusal(nomen("calibrate '%s'", scratch("nowhere")), 1, "nomen: %s: no such run; nomen train makes one",
                   scratch("nowhere"));
    run = make_batchnorm_run();
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ada\nbob\n");
    expect_refusal(nomen("calibrate '%s'", run), 1,
                   "nomen: %s: it has changed since the run was trained on it; put it back", path);
}
END_TEST

START_TEST(diagnose_shows_a_row_for_each_layer_and_weight) {
    const char *run = make_batchnorm_run();
    Snapshot before = take(run);
    char *out = ok(nomen("diagnose '%s' --csv", run));
    ck_assert_uint_eq(count(out, '\n'), 1 + 5 + 3);
    static const char header[] =
        "name,type,mean,std,saturated,dead,grad_mean,grad_std,grad_to_data,update_to_data,verdict\n";
    ck_assert_int_eq(strncmp(out, header, sizeof header - 1), 0);
    ck_assert_uint_eq(count(out, ','), 10 * (1 + 5 + 3));
    expect_words(out, "\nlayers.4,tanh,");
    expect_words(out, "\nlayers.5.weight,weight,,,,,,");
    expect_untouched(run, &before);
    out = expect_columns(ok(nomen("diagnose '%s' --steps 5", run)));
    expect_words(out, "step 124: rate 0.1, minibatch loss ");
    // A model file is diagnosed like its run, a config from step 0.
    ck_assert_str_eq(ok(nomen("diagnose '%s/model.safetensors' --steps 5", run)), out);
    expect_words(ok(nomen("diagnose '%s'", scratch("bn.json"))), "step 119: ");
}
END_TEST

START_TEST(diagnose_accepts_the_mended_networks_of_the_lecture) {
    static const char *const cases[][2] = {
        {"part3-tanh-fixed", "ok: output layer"}, {"part3-kaiming", "ok: output layer"},
        {"part3-batchnorm", "ok: output layer"},  {"part3-deep", "  ok\n"},
        {"part5-flat", "ok: output layer"},       {"part2-all-randn", "saturated"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        for (int is_trained = 0; is_trained < 2; is_trained++) {
            char *out = ok(nomen("diagnose configs/lectures/%s.json --data data/names.txt --steps %d", cases[i][0],
                                 is_trained ? 1001 : 1));
            *strstr(out, "\nflat: ") = '\0';
            expect_words(out, cases[i][1]);
            if (strcmp(cases[i][1], "saturated") == 0) continue;
            expect_no_words(out, "saturated");
            expect_no_words(out, "far ");
        }
}
END_TEST

START_TEST(diagnose_judges_no_weight_at_rate_zero) {
    ok(train("slow", "--steps 60 --quiet --set train.lr=1e-9"));
    expect_words(ok(nomen("diagnose '%s' --csv", scratch("slow"))), "far below 1e-3\n");
    ok(train("still", "--steps 60 --quiet --set 'train.lr={\"from\":0.1}'"));
    char *out = ok(nomen("diagnose '%s'", scratch("still")));
    expect_words(out, "step 60: rate 0 (so the step changes no weight), ");
    expect_no_words(out, "far below");
}
END_TEST

START_TEST(diagnose_refuses_other_operands) {
    write_text(scratch("names.txt"), NAMES);
    expect_refusal(nomen("diagnose configs/bigram-counts.json"), 1,
                   "nomen: configs/bigram-counts.json: counts have no gradients; expected a network");
    expect_refusal(nomen("diagnose '%s'", scratch("none.json")), 1, "nomen: %s: no such file or directory",
                   scratch("none.json"));
    const char *run = make_run();
    expect_refusal(nomen("diagnose '%s' --data '%s'", run, scratch("names.txt")), 2,
                   "nomen: --data: a run is diagnosed on the names file it was trained on; see nomen diagnose --help");
    ck_assert_int_eq(nomen("diagnose configs/mlp.json --steps 0").status, 2);
    ck_assert_int_eq(shell("mkdir '%s'", scratch("empty")).status, 0);
    expect_refusal(nomen("diagnose '%s'", scratch("empty")), 1, "nomen: %s: no model.safetensors in it; train it first",
                   scratch("empty"));
    Output output = nomen("diagnose '%s' --steps 2 --data '%s'", write_config(), scratch("nowhere.txt"));
    ck_assert_int_eq(output.status, 1);
    expect_words(output.err, "nowhere.txt: no such file or directory\n");
}
END_TEST

START_TEST(diagnose_prints_numbers_of_any_size) {
    static const char *const cases[][3] = {
        {"{'constant': 99.9996}", "'ones'", "\n0 embedding     1 x 2 100.000  0.000 "},
        {"{'constant': 1e30}", "'zeros'", "\n0 embedding     1 x 2 1.0e+30  0.000 "},
        {"{'constant': 1e30}", "{'constant': 1e30}", "\n1 linear        1 x 2     inf      - "},
    };
    write_text(scratch("names.txt"), NAMES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_json(scratch("sizes.json"),
                   "{'data': {'path': 'names.txt'}, 'model': {'context': 1, 'layers': [{'type': 'embedding', 'dim': 2, "
                   "'weight': %s}, {'type': 'linear', 'out': 2, 'weight': %s}, {'type': 'tanh'}, {'type': 'linear', "
                   "'out': 'vocab', 'weight': 'zeros'}]}, 'train': {'steps': 1}}",
                   cases[i][0], cases[i][1]);
        expect_words(expect_columns(ok(nomen("diagnose '%s'", scratch("sizes.json")))), cases[i][2]);
    }
}
END_TEST

static double number_after(const char *text, const char *words) {
    expect_words(text, words);
    return strtod(strstr(text, words) + strlen(words), NULL);
}

START_TEST(lr_find_sweeps_from_the_first_rate_to_the_last) {
    const char *config = write_config();
    char *out = ok(nomen("lr-find '%s' --from 0.01 --to 10 --steps 100 --csv", config));
    ck_assert_uint_eq(count(out, '\n'), 101);
    ck_assert_int_eq(strncmp(out, "step,rate,loss,smoothed_loss\n0,0.01,", 36), 0);
    expect_words(out, "\n99,10,");
    double suggested = number_after(expect_columns(ok(nomen("lr-find '%s'", config))), "\nsuggested rate: ");
    ck_assert_msg(suggested > 0.01 && suggested < 10, "%g", suggested);
}
END_TEST

START_TEST(lr_find_explains_its_outcome) {
    static const char *const cases[][3] = {
        {"zeros", "--steps 20", "(60 steps, "}, // three times as many, and nothing found
        {"zeros", "--steps 20", "has fallen by no more than minibatches differ. Try a larger --to or more --steps."},
        {"ones", "--from 0.05 --to 1e30 --steps 60", "the loss was no longer finite, and the sweep ended."},
        {"ones", "--from 1000 --to 1e4 --steps 40", "no rate in this range lowers it. Try a smaller --from."},
        {"ones", "--from 0.5 --to 2 --steps 20", "has not risen again by the last rate. Try a larger --to."},
        {"ones", "--from 1e-3 --to 0.5 --steps 400", "has not risen again by the last rate. Try a larger --to."},
        {"ones", "--from 1e-3 --steps 400", "This is the rate at which the smoothed loss is lowest,"},
    };
    write_config();
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_json(scratch("sweep.json"),
                   "{'data': {'path': 'names.txt'}, 'model': {'context': 1, 'layers': [{'type': 'embedding', 'dim': 4, "
                   "'weight': '%s'}, {'type': 'linear', 'out': 'vocab', 'bias': false, 'weight': 'zeros'}]}, 'train': "
                   "{'steps': 5, 'batch_size': 'all'}}",
                   cases[i][0]);
        char *out = ok(nomen("lr-find '%s' %s", scratch("sweep.json"), cases[i][1]));
        for (char *at = out; *at; at++)
            if (*at == '\n') *at = ' ';
        expect_words(out, cases[i][2]);
    }
}
END_TEST

// The lecture trains with rate 50, far above the range that a sweep begins with.
START_TEST(lr_find_widens_the_range_until_the_loss_has_turned) {
    double bigram = number_after(ok(nomen("lr-find configs/bigram.json")), "\nsuggested rate: ");
    double mlp = number_after(ok(nomen("lr-find configs/mlp.json")), "\nsuggested rate: ");
    ck_assert_msg(bigram >= 25 && bigram <= 100, "%g", bigram);
    ck_assert_msg(mlp >= 0.05 && mlp <= 0.2, "%g", mlp);
    expect_words(ok(nomen("lr-find configs/bigram.json --to 1")), "\nno rate is suggested\n");
}
END_TEST

// The product of so many weights overflows from one step to the next, before the loss rises. The rate of that step
// must not be suggested, although it follows the lowest loss.
START_TEST(lr_find_suggests_no_rate_that_overflows) {
    char layers[1024] = "{'type': 'embedding', 'dim': 8}, ";
    for (int i = 0; i < 30; i++) strcat(layers, "{'type': 'linear', 'out': 8}, ");
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("deep.json"),
               "{'data': {'path': 'names.txt'}, 'train': {'steps': 5, 'batch_size': 'all', 'optimizer': {'type': "
               "'adamw'}}, 'model': {'context': 1, 'layers': [%s{'type': 'linear', 'out': 'vocab'}]}}",
               layers);
    char *out = ok(nomen("lr-find '%s' --from 1e-20 --to 1e30 --steps 20", scratch("deep.json")));
    double rate = number_after(out, "\nsuggested rate: "), end = number_after(out, " At ");
    ck_assert_msg(rate > 0 && rate < end, "%g, %g", rate, end);
    expect_no_words(out, "rises");
    // If the first step overflows, there is no other rate.
    out = ok(nomen("lr-find '%s' --from 100 --to 1e30 --steps 20", scratch("deep.json")));
    expect_words(out, "minibatch loss over the rate (1 steps, smoothed over 1)");
    expect_words(out, "\nno rate is suggested\n");
}
END_TEST

START_TEST(lr_find_refuses_invalid_rates) {
    const char *config = write_config();
    static const char *const cases[][2] = {
        {"--from 0", "--from: expected a rate from 1e-30 to 1e30, found \"0\""},
        {"--to fast", "--to: expected a rate from 1e-30 to 1e30, found \"fast\""},
        {"--from 2 --to 1", "--to: expected a rate above --from, 2, found 1"},
        {"--steps 19", "--steps: expected a whole number from 20 to 10000000, found \"19\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_refusal(nomen("lr-find '%s' %s", config, cases[i][0]), 2, "nomen: %s; see nomen lr-find --help",
                       cases[i][1]);
    expect_refusal(nomen("lr-find configs/bigram-counts.json"), 1,
                   "nomen: configs/bigram-counts.json: counts have no gradients; expected a network");
}
END_TEST

// Inputs of 0 lie on the kink of relu, where differences do not approximate the derivative.
START_TEST(gradcheck_skips_entries_on_a_kink) {
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("kink.json"),
               "{'data': {'path': 'names.txt'}, 'model': {'context': 1, 'layers': [{'type': 'embedding', 'dim': 2}, "
               "{'type': 'linear', 'out': 3, 'weight': 'zeros', 'bias': 'zeros'}, {'type': 'relu'}, {'type': 'linear', "
               "'out': 'vocab'}]}, 'train': {'steps': 1}}");
    char *out = ok(nomen("gradcheck '%s'", scratch("kink.json")));
    expect_words(out, "  ok (autograd)\n");
    // The six weights and three biases of the first linear layer.
    expect_words(out, "\n9 entries skipped: the difference step crosses a relu's kink\n");
}
END_TEST

SUITE(cli_look, NEEDS_NOTHING) {
    ADD(calibrate_changes_only_the_running_statistics);
    ADD(calibrate_writes_only_finite_numbers);
    ADD(calibrate_prints_the_losses_of_eval);
    ADD(calibrate_refuses_runs_without_running_statistics);
    ADD(diagnose_shows_a_row_for_each_layer_and_weight);
    ADD(diagnose_accepts_the_mended_networks_of_the_lecture);
    ADD(diagnose_judges_no_weight_at_rate_zero);
    ADD(diagnose_refuses_other_operands);
    ADD(diagnose_prints_numbers_of_any_size);
    ADD(lr_find_sweeps_from_the_first_rate_to_the_last);
    ADD(lr_find_explains_its_outcome);
    ADD(lr_find_widens_the_range_until_the_loss_has_turned);
    ADD(lr_find_suggests_no_rate_that_overflows);
    ADD(lr_find_refuses_invalid_rates);
    ADD(gradcheck_skips_entries_on_a_kink);
}
