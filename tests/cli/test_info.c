// nomen info through the built program.
#include "cli/run.h"

static const char BATCHNORM[] =
    "{'name': 'bn', 'data': {'path': 'names.txt', 'unique': true}, 'model': {'context': 2, 'layers': [{'type': "
    "'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 8, 'bias': false}, {'type': 'batchnorm'}, "
    "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}]}, 'train': {'steps': 60, 'eval_every': 50}}";

static const char *make_run_of(const char *names, const char *config) {
    write_text(scratch("names.txt"), names);
    write_json(scratch("c.json"), "%s", config);
    ok(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")));
    return scratch("run");
}

static char *info(const char *run) { return expect_columns(ok(nomen("info '%s'", run))); }

static cJSON *json_info(const char *run) { return json_of(ok(nomen("info '%s' --json", run))); }

static void expect_line(const char *text, const char *line) {
    size_t n = strlen(line);
    for (const char *found = text; (found = strstr(found, line)); found++)
        if ((found == text || found[-1] == '\n') && found[n] == '\n') return;
    ck_abort_msg("no line \"%s\" in:\n%s", line, text);
}

START_TEST(reports_a_network) {
    char *text = info(make_run_of(NAMES, BATCHNORM));
    static const char *const lines[] = {
        "model     bn, a network of context 2, 340 parameters",
        "symbols   20, the boundary and",
        "          a b c d e f g h i j k l m n o p s u y",
        "0 embedding             2 ids            2 x 4           80",
        "1 flatten               2 x 4            1 x 8            0",
        "3 batchnorm             1 x 8            1 x 8           16",
        "5 linear                1 x 8           1 x 20          180",
        "layers.0.weight                         20 x 4           80  yes",
        "layers.3.running_variance                    8            8  no",
        "layers.5.bias                               20           20  yes",
    };
    for (size_t i = 0; i < COUNT(lines); i++) expect_line(text, lines[i]);
    expect_words(text, "...\n          split 0.8, 0.1, 0.1, in file order, each name once\n");
    expect_words(text, "\ntraining  step 60 of 60, ");
    expect_words(text, "\nlosses    best dev ");
    expect_words(text, "\n          at step 60 train ");
}
END_TEST

// The parameters of all layers, and the trained numbers of all tensors, add up to the parameters.
START_TEST(json_adds_up) {
    const char *run = make_run_of(NAMES, BATCHNORM);
    cJSON *tree = json_info(run);
    const cJSON *item;
    double of_layers = 0, of_tensors = 0;
    cJSON_ArrayForEach(item, json_at(tree, "layers")) of_layers += number_at(item, "parameters");
    cJSON_ArrayForEach(item, json_at(tree, "tensors")) {
        const cJSON *dim;
        double n = 1;
        cJSON_ArrayForEach(dim, json_at(item, "shape")) n *= dim->valuedouble;
        ck_assert_double_eq(n, number_at(item, "numbers"));
        if (cJSON_IsTrue(json_at(item, "trained"))) of_tensors += n;
    }
    ck_assert_double_eq(number_at(tree, "parameters"), 340);
    ck_assert_double_eq(of_layers, 340);
    ck_assert_double_eq(of_tensors, 340);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "tensors")), 8);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "files")), 4);
    cJSON_ArrayForEach(item, json_at(tree, "files")) {
        size_t n;
        read_text(inside(run, item->string), &n);
        ck_assert_double_eq(item->valuedouble, (double)n);
    }
}
END_TEST

START_TEST(json_has_the_losses_of_eval_and_the_data) {
    const char *run = make_run();
    cJSON *tree = json_info(run), *losses = json_of(ok(nomen("eval '%s' --json", run)));
    ck_assert_double_eq(number_at(tree, "step"), 100);
    ck_assert_double_eq(number_at(tree, "measured.step"), 100);
    ck_assert_double_eq_tol(number_at(tree, "measured.train_loss"), number_at(losses, "train.loss"), 1e-8);
    ck_assert_double_eq_tol(number_at(tree, "measured.dev_loss"), number_at(losses, "dev.loss"), 1e-8);
    ck_assert_double_le(number_at(tree, "best_dev_loss"), number_at(losses, "dev.loss"));
    char hex[SHA256_HEX_BYTES];
    sha256_hex(NAMES, sizeof NAMES - 1, hex);
    ck_assert_str_eq(text_at(tree, "data.sha256"), hex);
    ck_assert_double_eq(number_at(tree, "data.shuffle_seed"), 1);
    ck_assert_int_eq(cJSON_GetArraySize(json_at(tree, "vocabulary")), 20);
    expect_value(tree, "vocabulary.0", "");
    expect_value(tree, "vocabulary.19", "y");
    // A model file has no run directory.
    expect_words(info(inside(run, "best.safetensors")), "losses    best dev ");
    expect_no_words(info(inside(run, "best.safetensors")), "\nfiles");
    tree = json_info(inside(run, "best.safetensors"));
    ck_assert(!json_find(tree, "files") && !json_find(tree, "measured"));
}
END_TEST

START_TEST(reports_counts) {
    const char *run = make_run_of(NAMES, "{'name': 'tri', 'data': {'path': 'names.txt', 'split': [1]}, 'model': "
                                         "{'ngram': 3, 'smoothing': 0.5}}");
    const char *text = info(run);
    cJSON *tree = json_info(run);
    expect_value(tree, "model", "counts");
    ck_assert_double_eq(number_at(tree, "context"), 2);
    ck_assert_double_eq(number_at(tree, "smoothing"), 0.5);
    expect_value(tree, "tensors.0.name", "ngram.tuples");
    ck_assert_double_eq(number_at(tree, "tensors.0.numbers"), 3 * number_at(tree, "tensors.1.numbers"));
    ck_assert_double_eq(number_at(tree, "parameters"), number_at(tree, "tensors.1.numbers"));
    expect_value(tree, "best_dev_loss", "null");
    expect_value(tree, "measured.dev_loss", "null");
    expect_line(text, "model     tri, counts of 3 symbols in a row, smoothing 0.5");
    const char *line =
        textf("          %.0f counts in %.0f contexts", number_at(tree, "parameters"), number_at(tree, "contexts"));
    expect_line(text, line);
    expect_words(text, "losses    best dev -\n          at step 0 train ");
    expect_no_words(text, "layer ");
}
END_TEST

START_TEST(wide_symbols_are_wrapped) {
    char names[512] = "a b\n";
    for (unsigned i = 0; i < 70; i++) {
        char *end = names + strlen(names);
        end += utf8_encode(0x3042 + i, end);
        strcpy(end, "\n");
    }
    const char *text = info(make_run_of(names, "{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}}"));
    expect_line(text, "symbols   74, the boundary and");
    expect_line(text, "          and 13 more");
    expect_words(text, "          space a b \xE3\x81\x82 ");
}
END_TEST

#define METRICS "step,lr,loss,train_loss,dev_loss,seconds" // as in older versions

START_TEST(metrics_may_be_missing_or_cut_short) {
    const char *run = make_run(), *path = inside(run, "metrics.csv");
    expect_words(info(run), "at step");
    write_text(path, METRICS "\n50,0.1,3,2.5,inf,1\n60,0.1,3,,,1\n70,0.1,3,2.2,2");
    expect_words(info(run), "          at step 50 train 2.5000 dev inf\n");
    ck_assert_int_eq(remove(path), 0);
    expect_no_words(info(run), "at step");
}
END_TEST

SUITE(cli_info, NEEDS_NOTHING) {
    ADD(reports_a_network);
    ADD(json_adds_up);
    ADD(json_has_the_losses_of_eval_and_the_data);
    ADD(reports_counts);
    ADD(wide_symbols_are_wrapped);
    ADD(metrics_may_be_missing_or_cut_short);
}
