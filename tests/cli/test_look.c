// diagnose, lr-find and calibrate through the built program.
#include "cli/run.h"

#include <math.h>

static const char BATCHNORM[] =
    "{\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 1}, \"model\": {\"context\": 2, "
    "\"layers\": [{\"type\": \"embedding\", \"dim\": 4}, {\"type\": \"flatten\"}, "
    "{\"type\": \"linear\", \"out\": 8, \"bias\": false}, {\"type\": \"batchnorm\"}, "
    "{\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\"}]}, "
    "\"train\": {\"steps\": 120, \"eval_every\": 50}}";

// A finished run of a network with batch norm.
static const char *make_batchnorm_run(void) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("bn.json"), BATCHNORM);
    Output made = nomen("train '%s' --run '%s' --quiet", scratch("bn.json"), scratch("bn"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    return scratch("bn");
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

START_TEST(calibrate_changes_the_running_figures_and_nothing_else) {
    const char *run = make_batchnorm_run();
    SafeTensors before = read_model(run, "model.safetensors");
    Output output = nomen("calibrate '%s'", run);
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_ptr_nonnull(strstr(output.out, "train "));
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
    ck_assert_str_eq(nomen("calibrate '%s/best.safetensors'", run).err, "");
    ck_assert_int_eq(nomen("eval '%s'", run).status, 0);
    ck_assert_int_eq(nomen("train '%s' --run '%s' --resume --steps 130 --quiet", scratch("bn.json"), run).status, 0);
}
END_TEST

// The weights are numbers; what they make of an example is none.
START_TEST(calibrate_writes_no_figure_that_is_not_finite) {
    const char *path = with_numbers(make_batchnorm_run(), "layers.2.weight", 3e38f, 3e38f);
    size_t n, n_after;
    char *before = read_text(path, &n);
    expect_refusal(nomen("calibrate '%s'", path), 1,
                   "nomen: %s: the calibrated layers.3.running_mean is not finite, because the input of its layer "
                   "overflows; try smaller weights",
                   path);
    char *after = read_text(path, &n_after);
    ck_assert_uint_eq(n_after, n);
    ck_assert_mem_eq(after, before, n);
    path = with_numbers(scratch("bn"), "layers.5.weight", 3e38f, -3e38f);
    expect_refusal(nomen("calibrate '%s'", path), 1,
                   "nomen: %s: the model gives no distribution: its logits are not finite, though its weights are; "
                   "train again, with a lower train.lr",
                   path);
}
END_TEST

START_TEST(calibrate_shows_the_splits_there_are) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("bn.json"), BATCHNORM);
    const char *run = scratch("bn");
    ck_assert_str_eq(nomen("train '%s' --run '%s' --quiet --set data.split=[1]", scratch("bn.json"), run).err, "");
    double was, is, shown_was, shown_is;
    ck_assert_int_eq(sscanf(nomen("eval '%s' --json", run).out, "{\"train\":{\"loss\":%lf", &was), 1);
    Output output = nomen("calibrate '%s'", run);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(sscanf(nomen("eval '%s' --json", run).out, "{\"train\":{\"loss\":%lf", &is), 1);
    ck_assert_int_eq(sscanf(output.out, "train %lf, was %lf\ncalibrated ", &shown_is, &shown_was), 2);
    ck_assert_ptr_nonnull(strstr(output.out, "\ncalibrated "));
    ck_assert_double_eq_tol(shown_is, is, 5.1e-5);
    ck_assert_double_eq_tol(shown_was, was, 5.1e-5);
    ck_assert_uint_eq(count_lines(output.out), 2);
}
END_TEST

// z stands in no name of train: only what follows it in dev overflows.
START_TEST(calibrate_looks_at_dev_too) {
    write_text(scratch("names.txt"), "ab\nba\naab\nbba\nab\nba\nabb\nbaa\nzz\nab\n");
    write_text(scratch("bn.json"),
               "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"context\": 1, \"layers\": [{\"type\": "
               "\"embedding\", \"dim\": 2}, {\"type\": \"batchnorm\"}, {\"type\": \"linear\", \"out\": \"vocab\", "
               "\"weight\": {\"constant\": 10}}]}, \"train\": {\"steps\": 5, \"lr\": 0}}");
    const char *run = scratch("bn");
    ck_assert_str_eq(nomen("train '%s' --run '%s' --quiet", scratch("bn.json"), run).err, "");
    size_t n;
    SafeTensors model = read_model(run, "model.safetensors");
    float *embedding = tensor_floats(&model, "layers.0.weight", &n);
    ck_assert_uint_eq(n, 4 * 2); // the boundary, a, b, z
    embedding[6] = embedding[7] = 3e38f;
    const char *path = with_data(run, "layers.0.weight", embedding);
    free(embedding);
    size_t n_before, n_after;
    char *before = read_text(path, &n_before);
    expect_refusal(nomen("calibrate '%s'", path), 1,
                   "nomen: %s: the model gives no distribution: its logits are not finite, though its weights are; "
                   "train again, with a lower train.lr",
                   path);
    char *after = read_text(path, &n_after);
    ck_assert_uint_eq(n_after, n_before);
    ck_assert_mem_eq(after, before, n_before);
}
END_TEST

START_TEST(calibrate_leaves_a_file_that_is_not_to_be_written) {
    const char *path = inside(make_batchnorm_run(), "model.safetensors");
    size_t n, n_after;
    char *before = read_text(path, &n);
    // As another user, where this one may write anywhere; 99 where that cannot be.
    Output output = nomen(
        "--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && cp \"$N\" n && chmod -R a+rwX . "
        "&& chmod a+x .. && chmod a-w bn/model.safetensors && if [ $(id -u) = 0 ]; then U='setpriv --reuid 65534 "
        "--regid 65534 --clear-groups'; $U ./n --version >/dev/null || exit 99; fi; $U ./n calibrate bn",
        scratch("."));
    if (output.status == 99) {
        testing_skipped("a model that may not be written, which takes setpriv where root runs the tests");
        return;
    }
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
    ck_assert_msg(strstr(output.err, "/bn/model.safetensors: permission denied\n") != NULL, "%s", output.err);
    char *after = read_text(path, &n_after);
    ck_assert_uint_eq(n_after, n);
    ck_assert_mem_eq(after, before, n);
}
END_TEST

START_TEST(calibrate_refuses_what_has_nothing_to_calibrate) {
    const char *run = make_run();
    expect_refusal(nomen("calibrate '%s'", run), 1,
                   "nomen: %s: its model has no running statistics; only batchnorm layers have them", run);
    expect_refusal(nomen("calibrate '%s'", scratch("nowhere")), 1, "nomen: %s: no such run; nomen train makes one",
                   scratch("nowhere"));
    ck_assert_int_eq(nomen("train bigram-counts --run '%s' --quiet", scratch("counts")).status, 0);
    expect_refusal(nomen("calibrate '%s'", scratch("counts")), 1,
                   "nomen: %s: its model has no running statistics; only batchnorm layers have them",
                   scratch("counts"));
    run = make_batchnorm_run();
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ada\nbob\n");
    expect_refusal(nomen("calibrate '%s'", run), 1,
                   "nomen: %s: it has changed since the run was trained on it; put it back, or see nomen eval --data",
                   path);
    ck_assert_int_eq(nomen("calibrate").status, 2);
}
END_TEST

START_TEST(diagnose_shows_a_row_for_each_layer_and_weight) {
    const char *run = make_batchnorm_run();
    Snapshot before = take(run);
    Output output = nomen("diagnose '%s' --csv", run);
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_uint_eq(count_lines(output.out), 1 + 5 + 3);
    static const char header[] =
        "name,type,mean,std,saturated,dead,grad_mean,grad_std,grad_to_data,update_to_data,verdict\n";
    ck_assert_int_eq(strncmp(output.out, header, sizeof header - 1), 0);
    for (const char *line = output.out; *line; line = strchr(line, '\n') + 1) {
        size_t commas = 0;
        for (const char *at = line; *at != '\n'; at++) commas += *at == ',';
        ck_assert_uint_eq(commas, 10);
    }
    ck_assert_ptr_nonnull(strstr(output.out, "\nlayers.4,tanh,"));
    ck_assert_ptr_nonnull(strstr(output.out, "\nlayers.5.weight,weight,,,,,,"));
    expect_untouched(run, &before);
    output = nomen("diagnose '%s' --steps 5", run);
    ck_assert_ptr_nonnull(strstr(output.out, "step 124: rate 0.1, minibatch loss "));
    for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
        ck_assert_int_le((int)utf8_count(line, strcspn(line, "\n")), 80);
    // A model file is diagnosed as the run it is of; a config from its beginning.
    ck_assert_str_eq(nomen("diagnose '%s/model.safetensors' --steps 5", run).out, output.out);
    nomen("--version; cp '%s/model.safetensors' '%s'", run, scratch("model"));
    ck_assert_str_eq(nomen("diagnose '%s' --steps 5", scratch("model")).out, output.out);
    output = nomen("diagnose '%s'", scratch("bn.json"));
    ck_assert_ptr_nonnull(strstr(output.out, "step 119: "));
}
END_TEST

START_TEST(diagnose_judges_no_weight_at_rate_zero) {
    ck_assert_int_eq(train("slow", "--steps 60 --quiet --set train.lr=1e-9").status, 0);
    Output output = nomen("diagnose '%s' --csv", scratch("slow"));
    ck_assert_ptr_nonnull(strstr(output.out, "far below 1e-3\n"));
    ck_assert_int_eq(train("still", "--steps 60 --quiet --set 'train.lr={\"from\":0.1}'").status, 0);
    output = nomen("diagnose '%s'", scratch("still"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.out, "step 60: rate 0, "));
    ck_assert_ptr_null(strstr(output.out, "far below"));
    output = nomen("diagnose '%s' --csv", scratch("still"));
    ck_assert_ptr_nonnull(strstr(output.out, "layers.4.weight,weight,"));
    ck_assert_ptr_null(strstr(output.out, "far below"));
}
END_TEST

START_TEST(diagnose_says_what_it_cannot_look_at) {
    write_text(scratch("names.txt"), NAMES);
    expect_refusal(nomen("diagnose configs/bigram-counts.json"), 1,
                   "nomen: configs/bigram-counts.json: counts have no gradients; expected a network");
    expect_refusal(nomen("diagnose '%s'", scratch("none.json")), 1, "nomen: %s: no such file or directory",
                   scratch("none.json"));
    const char *run = make_run();
    expect_refusal(nomen("diagnose '%s' --data '%s'", run, scratch("names.txt")), 2,
                   "nomen: --data: a run is diagnosed on the names file it was trained on; see nomen diagnose --help");
    ck_assert_int_eq(nomen("diagnose configs/mlp.json --steps 0").status, 2);
    ck_assert_int_eq(nomen("--version && mkdir '%s'", scratch("empty")).status, 0);
    expect_refusal(nomen("diagnose '%s'", scratch("empty")), 1, "nomen: %s: no model.safetensors in it; train it first",
                   scratch("empty"));
    Output output = nomen("diagnose '%s' --steps 2 --data '%s'", write_config(), scratch("nowhere.txt"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, "nowhere.txt: no such file or directory\n"));
}
END_TEST

#define SIZED(embedding, linear)                                   \
    "{\"type\": \"embedding\", \"dim\": 2, \"weight\": " embedding \
    "}, {\"type\": \"linear\", \"out\": 2, \"weight\": " linear    \
    "}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": \"zeros\"}"

// In the widths of the table's columns: what is exactly 0, what is large, and what is no number.
START_TEST(diagnose_shows_figures_of_any_size) {
    static const char *const cases[][2] = {
        {SIZED("\"zeros\"", "\"ones\""), "\n 0 embedding    1 x 2   0.000  0.000 "},
        {SIZED("{\"constant\": 99.9}", "\"ones\""), "\n 0 embedding    1 x 2  99.900  0.000 "},
        {SIZED("{\"constant\": 99.9996}", "\"ones\""), "\n 0 embedding    1 x 2 100.000  0.000 "},
        {SIZED("{\"constant\": 1e30}", "\"zeros\""), "\n 0 embedding    1 x 2 1.0e+30  0.000 "},
        {SIZED("{\"constant\": 1e30}", "{\"constant\": 1e30}"), "\n 1 linear       1 x 2     inf      - "},
    };
    write_text(scratch("names.txt"), NAMES);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char config[512];
        snprintf(config, sizeof config,
                 "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"context\": 1, \"layers\": [%s]}, \"train\": "
                 "{\"steps\": 1}}",
                 cases[i][0]);
        write_text(scratch("sizes.json"), config);
        Output output = nomen("diagnose '%s'", scratch("sizes.json"));
        ck_assert_msg(output.status == 0, "%s", output.err);
        ck_assert_msg(strstr(output.out, cases[i][1]) != NULL, "%s: %s", cases[i][1], output.out);
        for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
            ck_assert_int_le((int)utf8_count(line, strcspn(line, "\n")), 80);
    }
}
END_TEST

START_TEST(lr_find_sweeps_from_the_first_rate_to_the_last) {
    const char *config = write_config();
    Output output = nomen("lr-find '%s' --from 0.01 --to 10 --steps 100 --csv", config);
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_uint_eq(count_lines(output.out), 101);
    ck_assert_int_eq(strncmp(output.out, "step,rate,loss,smoothed_loss\n0,0.01,", 36), 0);
    ck_assert_ptr_nonnull(strstr(output.out, "\n99,10,"));
    output = nomen("lr-find '%s'", config);
    const char *rate = strstr(output.out, "\nsuggested rate: ");
    ck_assert_ptr_nonnull(rate);
    double suggested = strtod(rate + strlen("\nsuggested rate: "), NULL);
    ck_assert_msg(suggested > 0.01 && suggested < 1, "%s", output.out);
    for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
        ck_assert_int_le((int)utf8_count(line, strcspn(line, "\n")), 80);
}
END_TEST

START_TEST(lr_find_says_what_came_of_it) {
    static const char *const cases[][3] = {
        {"zeros", "--steps 20", "has fallen by no more than minibatches differ. Try a larger --to or more --steps."},
        {"ones", "--from 0.05 --to 1e30 --steps 60", "the loss was no longer finite, and the sweep ended."},
        {"ones", "--from 1000 --to 1e4 --steps 40", "no rate in this range lowers it. Try a smaller --from."},
        {"ones", "--from 0.5 --to 2 --steps 20", "There the minibatch loss is lowest,"},
        {"ones", "--from 1e-3 --to 0.5 --steps 400", "It is still falling at the end: try a larger --to."},
    };
    write_config();
    for (size_t i = 0; i < COUNT(cases); i++) {
        char config[512];
        snprintf(config, sizeof config,
                 "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"context\": 1, \"layers\": [{\"type\": "
                 "\"embedding\", \"dim\": 4, \"weight\": \"%s\"}, {\"type\": \"linear\", \"out\": \"vocab\", "
                 "\"bias\": false, \"weight\": \"zeros\"}]}, \"train\": {\"steps\": 5, \"batch_size\": \"all\"}}",
                 cases[i][0]);
        write_text(scratch("sweep.json"), config);
        Output output = nomen("lr-find '%s' %s", scratch("sweep.json"), cases[i][1]);
        ck_assert_msg(output.status == 0, "%s", output.err);
        for (char *at = output.out; *at; at++)
            if (*at == '\n') *at = ' ';
        ck_assert_msg(strstr(output.out, cases[i][2]) != NULL, "%s: %s", cases[i][1], output.out);
    }
}
END_TEST

// So deep a product of weights overflows from one step to the next, before a loss is seen to rise. The step that ended
// it followed the lowest loss of all, and its rate is none to be suggested.
START_TEST(lr_find_suggests_no_rate_that_left_no_loss) {
    char config[2048];
    size_t n =
        (size_t)snprintf(config, sizeof config,
                         "{\"data\": {\"path\": \"names.txt\"}, \"train\": {\"steps\": 5, \"batch_size\": \"all\", "
                         "\"optimizer\": {\"type\": \"adamw\"}}, \"model\": {\"context\": 1, \"layers\": [{\"type\": "
                         "\"embedding\", \"dim\": 8}");
    for (int i = 0; i < 30; i++)
        n += (size_t)snprintf(config + n, sizeof config - n, ", {\"type\": \"linear\", \"out\": 8}");
    snprintf(config + n, sizeof config - n, ", {\"type\": \"linear\", \"out\": \"vocab\"}]}}");
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("deep.json"), config);
    Output output = nomen("lr-find '%s' --from 1e-20 --to 1e30 --steps 20", scratch("deep.json"));
    ck_assert_msg(output.status == 0, "%s", output.err);
    const char *suggested = strstr(output.out, "\nsuggested rate: "), *ended = strstr(output.out, " At ");
    ck_assert_msg(suggested && ended && !strstr(output.out, "rises"), "%s", output.out);
    double rate = strtod(suggested + strlen("\nsuggested rate: "), NULL), end = strtod(ended + strlen(" At "), NULL);
    ck_assert_msg(rate > 0 && rate < end, "%g, %g", rate, end);
    // Where that is the first rate of all, there is no other.
    output = nomen("lr-find '%s' --from 100 --to 1e30 --steps 20", scratch("deep.json"));
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_ptr_nonnull(strstr(output.out, "minibatch loss over the rate (1 steps)"));
    ck_assert_ptr_nonnull(strstr(output.out, "\nno rate is suggested\n"));
}
END_TEST

START_TEST(lr_find_refuses_rates_that_are_none) {
    const char *config = write_config();
    static const char *const cases[][2] = {
        {"--from 0", "--from: expected a rate from 1e-30 to 1e30, found \"0\""},
        {"--from 1e31", "--from: expected a rate from 1e-30 to 1e30, found \"1e31\""},
        {"--to fast", "--to: expected a rate from 1e-30 to 1e30, found \"fast\""},
        {"--from -1", "--from: expected a rate from 1e-30 to 1e30, found \"-1\""},
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

// Inputs of 0 stand on relu's kink, where differences say nothing of the derivative.
START_TEST(gradcheck_leaves_out_what_lies_on_a_kink) {
    write_text(scratch("names.txt"), NAMES);
    write_text(
        scratch("kink.json"),
        "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"context\": 1, \"layers\": [{\"type\": "
        "\"embedding\", \"dim\": 2}, {\"type\": \"linear\", \"out\": 3, \"weight\": \"zeros\", \"bias\": "
        "\"zeros\"}, {\"type\": \"relu\"}, {\"type\": \"linear\", \"out\": \"vocab\"}]}, \"train\": {\"steps\": 1}}");
    Output output = nomen("gradcheck '%s'", scratch("kink.json"));
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_ptr_nonnull(strstr(output.out, "  ok (autograd)\n"));
    // The six weights and three biases of the first linear layer.
    ck_assert_ptr_nonnull(strstr(output.out, "\n9 entries skipped: the difference step crosses a relu's kink\n"));
}
END_TEST

START_TEST(a_batch_of_one_row_is_refused) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("bn.json"), BATCHNORM);
    static const char *const commands[] = {"gradcheck --batch 1", "train --set train.batch_size=1"};
    for (size_t i = 0; i < COUNT(commands); i++)
        expect_refusal(nomen("%s '%s'", commands[i], scratch("bn.json")), 1,
                       "nomen: %s: model.layers[3]: batchnorm takes its statistics over the rows of a batch, and one "
                       "row has no spread; expected a batch of 2 examples or more, found 1",
                       scratch("bn.json"));
    ck_assert(!exists("runs/bn"));
}
END_TEST

SUITE(cli_look, NEEDS_NOTHING) {
    ADD(calibrate_changes_the_running_figures_and_nothing_else);
    ADD(calibrate_writes_no_figure_that_is_not_finite);
    ADD(calibrate_shows_the_splits_there_are);
    ADD(calibrate_looks_at_dev_too);
    ADD(calibrate_leaves_a_file_that_is_not_to_be_written);
    ADD(calibrate_refuses_what_has_nothing_to_calibrate);
    ADD(diagnose_shows_a_row_for_each_layer_and_weight);
    ADD(diagnose_judges_no_weight_at_rate_zero);
    ADD(diagnose_says_what_it_cannot_look_at);
    ADD(diagnose_shows_figures_of_any_size);
    ADD(lr_find_sweeps_from_the_first_rate_to_the_last);
    ADD(lr_find_says_what_came_of_it);
    ADD(lr_find_suggests_no_rate_that_left_no_loss);
    ADD(lr_find_refuses_rates_that_are_none);
    ADD(gradcheck_leaves_out_what_lies_on_a_kink);
    ADD(a_batch_of_one_row_is_refused);
}
