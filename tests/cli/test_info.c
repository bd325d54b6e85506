// nomen info through the built program.
#include "cli/run.h"

#include <cJSON.h>

static const char BATCHNORM[] =
    "{\"name\": \"bn\", \"data\": {\"path\": \"names.txt\", \"unique\": true}, \"model\": {\"context\": 2, \"layers\": "
    "[{\"type\": \"embedding\", \"dim\": 4}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 8, \"bias\": "
    "false}, {\"type\": \"batchnorm\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\"}]}, "
    "\"train\": {\"steps\": 60, \"eval_every\": 50}}";

static const char *make_run_of(const char *config) {
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("c.json"), config);
    Output made = nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    return scratch("run");
}

static const char *info(const char *run) {
    Output output = nomen("info '%s'", run);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    return output.out;
}

static cJSON *json_info(const char *run) {
    Output output = nomen("info '%s' --json", run);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    cJSON *tree = cJSON_ParseWithOpts(output.out, NULL, 0);
    ck_assert_msg(cJSON_IsObject(tree), "%s", output.out);
    return tree;
}

static const cJSON *at(const cJSON *tree, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, key);
    ck_assert_msg(item != NULL, "no %s", key);
    return item;
}

static double number_at(const cJSON *tree, const char *key) {
    const cJSON *item = at(tree, key);
    ck_assert_msg(cJSON_IsNumber(item), "%s is no number", key);
    return item->valuedouble;
}

static void expect_line(const char *text, const char *line) {
    size_t n = strlen(line);
    for (const char *found = text; (found = strstr(found, line)); found++)
        if ((found == text || found[-1] == '\n') && found[n] == '\n') return;
    ck_abort_msg("no line \"%s\" in:\n%s", line, text);
}

static void expect_columns(const char *text) {
    for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        char copy[512] = "";
        ck_assert_uint_lt((size_t)(end - line), sizeof copy);
        memcpy(copy, line, (size_t)(end - line));
        ck_assert_msg(utf8_columns(copy) <= 80 || strstr(copy, "names.txt"), "%s", copy);
    }
}

START_TEST(reports_a_network) {
    const char *run = make_run_of(BATCHNORM), *text = info(run);
    static const char *const lines[] = {
        "model     bn, a network of context 2, 340 parameters",
        "symbols   20, the boundary and",
        "          a b c d e f g h i j k l m n o p s u y",
        " 0 embedding            2 ids            2 x 4           80",
        " 1 flatten              2 x 4            1 x 8            0",
        " 3 batchnorm            1 x 8            1 x 8           16",
        " 5 linear               1 x 8           1 x 20          180",
        "layers.0.weight                         20 x 4           80",
        "layers.3.running_variance                    8            8  not trained",
        "layers.5.bias                               20           20",
    };
    for (size_t i = 0; i < COUNT(lines); i++) expect_line(text, lines[i]);
    ck_assert_ptr_nonnull(strstr(text, "...\n          split 0.8, 0.1, 0.1, in file order, each name once\n"));
    ck_assert_ptr_nonnull(strstr(text, "\ntraining  step 60 of 60, "));
    ck_assert_ptr_nonnull(strstr(text, "\nlosses    best dev "));
    ck_assert_ptr_nonnull(strstr(text, "\n          at step 60 train "));
    expect_columns(text);
}
END_TEST

// Of all three tables: what is trained of the layers and of the tensors comes to the same.
START_TEST(json_adds_up) {
    const char *run = make_run_of(BATCHNORM);
    cJSON *tree = json_info(run);
    const cJSON *item;
    double of_layers = 0, of_tensors = 0;
    cJSON_ArrayForEach(item, at(tree, "layers")) of_layers += number_at(item, "parameters");
    cJSON_ArrayForEach(item, at(tree, "tensors")) {
        const cJSON *dim;
        double n = 1;
        cJSON_ArrayForEach(dim, at(item, "shape")) n *= dim->valuedouble;
        ck_assert_double_eq(n, number_at(item, "numbers"));
        if (cJSON_IsTrue(at(item, "trained"))) of_tensors += n;
    }
    ck_assert_double_eq(number_at(tree, "parameters"), 340);
    ck_assert_double_eq(of_layers, 340);
    ck_assert_double_eq(of_tensors, 340);
    ck_assert_int_eq(cJSON_GetArraySize(at(tree, "tensors")), 8);
    ck_assert_int_eq(cJSON_GetArraySize(at(tree, "files")), 4);
    cJSON_ArrayForEach(item, at(tree, "files")) {
        size_t n;
        read_text(inside(run, item->string), &n);
        ck_assert_double_eq(item->valuedouble, (double)n);
    }
    cJSON_Delete(tree);
}
END_TEST

START_TEST(json_says_what_eval_measures_and_what_was_trained_on) {
    const char *run = make_run();
    Output eval = nomen("eval '%s' --json", run);
    cJSON *tree = json_info(run), *losses = cJSON_Parse(eval.out);
    const cJSON *measured = at(tree, "measured"), *data = at(tree, "data");
    ck_assert_double_eq(number_at(tree, "step"), 100);
    ck_assert_double_eq(number_at(measured, "step"), 100);
    ck_assert_double_eq_tol(number_at(measured, "train_loss"), number_at(at(losses, "train"), "loss"), 1e-8);
    ck_assert_double_eq_tol(number_at(measured, "dev_loss"), number_at(at(losses, "dev"), "loss"), 1e-8);
    ck_assert_double_le(number_at(tree, "best_dev_loss"), number_at(at(losses, "dev"), "loss"));
    char hex[SHA256_HEX_BYTES];
    sha256_hex(NAMES, sizeof NAMES - 1, hex);
    ck_assert_str_eq(at(data, "sha256")->valuestring, hex);
    ck_assert_double_eq(number_at(data, "shuffle_seed"), 1);
    ck_assert_int_eq(cJSON_GetArraySize(at(tree, "vocabulary")), 20);
    ck_assert_str_eq(cJSON_GetArrayItem(at(tree, "vocabulary"), 0)->valuestring, "");
    ck_assert_str_eq(cJSON_GetArrayItem(at(tree, "vocabulary"), 19)->valuestring, "y");
    cJSON_Delete(losses);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(a_model_file_has_no_dir) {
    const char *run = make_run(), *file = inside(run, "best.safetensors");
    const char *text = info(file);
    ck_assert_ptr_null(strstr(text, "\nfiles"));
    ck_assert_ptr_null(strstr(text, "at step"));
    ck_assert_ptr_nonnull(strstr(text, "losses    best dev "));
    cJSON *tree = json_info(file);
    ck_assert_ptr_null(cJSON_GetObjectItem(tree, "files"));
    ck_assert_ptr_null(cJSON_GetObjectItem(tree, "measured"));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(reports_counts) {
    const char *run = make_run_of("{\"name\": \"tri\", \"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": "
                                  "{\"ngram\": 3, \"smoothing\": 0.5}}");
    const char *text = info(run);
    cJSON *tree = json_info(run);
    char line[64];
    ck_assert_str_eq(at(tree, "model")->valuestring, "counts");
    ck_assert_double_eq(number_at(tree, "context"), 2);
    ck_assert_double_eq(number_at(tree, "smoothing"), 0.5);
    const cJSON *tuples = cJSON_GetArrayItem(at(tree, "tensors"), 0), *counts = tuples->next;
    ck_assert_str_eq(at(tuples, "name")->valuestring, "ngram.tuples");
    ck_assert_double_eq(number_at(tuples, "numbers"), 3 * number_at(counts, "numbers"));
    ck_assert_double_eq(number_at(tree, "parameters"), number_at(counts, "numbers"));
    ck_assert(cJSON_IsNull(at(tree, "best_dev_loss")) && cJSON_IsNull(at(at(tree, "measured"), "dev_loss")));
    expect_line(text, "model     tri, counts of 3 symbols in a row, smoothing 0.5");
    snprintf(line, sizeof line, "          %.0f counts in %.0f contexts", number_at(tree, "parameters"),
             number_at(tree, "contexts"));
    expect_line(text, line);
    ck_assert_ptr_nonnull(strstr(text, "losses    at step 0 train "));
    ck_assert_ptr_null(strstr(text, "layer "));
    cJSON_Delete(tree);
}
END_TEST

START_TEST(many_wide_symbols_keep_to_the_lines) {
    char names[512] = "a b\n";
    for (unsigned i = 0; i < 70; i++) {
        char *end = names + strlen(names);
        end += utf8_encode(0x3042 + i, end);
        strcpy(end, "\n");
    }
    write_text(scratch("names.txt"), names);
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"ngram\": 2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")).status, 0);
    const char *text = info(scratch("run"));
    expect_columns(text);
    expect_line(text, "symbols   74, the boundary and");
    expect_line(text, "          and 13 more");
    ck_assert_msg(strstr(text, "          space a b \xE3\x81\x82 "), "%s", text);
}
END_TEST

START_TEST(metrics_may_be_missing_or_cut_short_but_not_damaged) {
    const char *run = make_run(), *path = inside(run, "metrics.csv"), *full = info(run);
    static const char head[] = "step,lr,loss,train_loss,dev_loss,seconds\n";
    static const struct {
        const char *rows, *message;
    } cases[] = {
        {"0,0.1,3\n", "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,0.1,3\""},
        {"0,0.1,3,,,1\nx,,,,,\n",
         "line 3: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"x,,,,,\""},
        {"0,0.1,3,,,1,2\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,0.1,3,,,1,2\""},
        {"0,0.1,\n5,1,2,3,4,5\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,0.1,\""},
        {"-1,0.1,3,,,1\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"-1,0.1,3,,,1\""},
        {"0;0.1,3,,,1\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0;0.1,3,,,1\""},
        {"0,rate,3,,,1\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,rate,3,,,1\""},
        {"0,0.1,3,2.1,and so on and so forth, longer than any line that is shown whole\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,0.1,3,2.1,and so on and "
         "so forth, longer than any line tha\""},
        {"0,0.1,3,2x,,1\n",
         "line 2: expected \"step,lr,loss,train_loss,dev_loss,seconds\" in numbers, found \"0,0.1,3,2x,,1\""},
    };
    char text[512];
    for (size_t i = 0; i < COUNT(cases); i++) {
        snprintf(text, sizeof text, "%s%s", head, cases[i].rows);
        write_text(path, text);
        expect_refusal(nomen("info '%s'", run), 1, "nomen: %s/metrics.csv: %s", run, cases[i].message);
    }
    write_text(path, "step,loss\n");
    expect_refusal(nomen("info '%s'", run), 1,
                   "nomen: %s/metrics.csv: line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found "
                   "\"step,loss\"",
                   run);
    write_text(path, "step,lr,loss,train_loss,dev_loss,minutes\n0,0.1,3,,,1\n");
    expect_refusal(nomen("info '%s'", run), 1,
                   "nomen: %s/metrics.csv: line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found "
                   "\"step,lr,loss,train_loss,dev_loss,minutes\"",
                   run);
    snprintf(text, sizeof text, "%s50,0.1,3,2.5,inf,1\n60,0.1,3,,,1\n70,0.1,3,2.2,2", head);
    write_text(path, text);
    ck_assert_ptr_nonnull(strstr(info(run), "          at step 50 train 2.5000 dev inf\n"));
    ck_assert_int_eq(remove(path), 0);
    ck_assert_ptr_null(strstr(info(run), "at step"));
    ck_assert_ptr_nonnull(strstr(full, "at step"));
}
END_TEST

START_TEST(what_is_no_run_is_refused) {
    const char *run = make_run();
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    expect_refusal(nomen("info '%s'", scratch("nowhere")), 1, "nomen: %s: no such run; nomen train makes one",
                   scratch("nowhere"));
    expect_refusal(nomen("info ''"), 1, "nomen: the run's name is empty");
    expect_refusal(nomen("info '%s'", scratch("c.json")), 1,
                   "nomen: %s: expected a run's directory or model file, found a text", scratch("c.json"));
    expect_refusal(nomen("info '%s/metrics.csv'", run), 1,
                   "nomen: %s/metrics.csv: expected a run's directory or model file, found a text", run);
    bytes[n - 5] ^= 4;
    write_bytes(inside(run, "model.safetensors"), bytes, n);
    expect_refusal(nomen("info '%s' --json", run), 1,
                   "nomen: %s/model.safetensors: its checksum does not match; the file is damaged: restore it or train "
                   "again",
                   run);
    ck_assert_int_eq(remove(inside(run, "model.safetensors")), 0);
    expect_refusal(nomen("info '%s'", run), 1, "nomen: %s: no model.safetensors in it; train it first", run);
}
END_TEST

START_TEST(wrong_usage_is_refused) {
    expect_refusal(nomen("info"), 2, "nomen: RUN is missing; see nomen info --help");
    expect_refusal(nomen("info a b"), 2, "nomen: one operand too many: \"b\"; see nomen info --help");
    expect_refusal(nomen("info a --jsn"), 2,
                   "nomen: unknown option \"--jsn\"; did you mean --json? see nomen info --help");
    expect_refusal(nomen("info a --json=1"), 2, "nomen: --json takes no value, found \"1\"; see nomen info --help");
}
END_TEST

SUITE(cli_info, NEEDS_NOTHING) {
    ADD(reports_a_network);
    ADD(json_adds_up);
    ADD(json_says_what_eval_measures_and_what_was_trained_on);
    ADD(a_model_file_has_no_dir);
    ADD(reports_counts);
    ADD(many_wide_symbols_keep_to_the_lines);
    ADD(metrics_may_be_missing_or_cut_short_but_not_damaged);
    ADD(what_is_no_run_is_refused);
    ADD(wrong_usage_is_refused);
}
