// nomen plot of models and data at their limits: tables with nothing in them, labels without room, work without end.
#include "cli/plot.h"

#include "base/buffer.h"

// Trains this model on these names; returns the run's path.
static const char *make_model(const char *name, const char *names, const char *model, const char *options) {
    char config[1024];
    snprintf(config, sizeof config, "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {%s}%s}", model,
             strstr(model, "ngram") ? "" : ", \"train\": {\"steps\": 30, \"log_every\": 1}");
    write_text(scratch("names.txt"), names);
    write_text(scratch("m.json"), config);
    Output output = nomen("train '%s' --run '%s' --quiet %s", scratch("m.json"), scratch(name), options);
    ck_assert_str_eq(output.err, "");
    return scratch(name);
}

#define COUNTS(n) "\"ngram\": " n ", \"smoothing\": 0"

static void expect_plot(const char *run, const char *kind) {
    Output output = nomen("plot '%s' %s", run, kind);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

// No name begins with y, so that nothing is known of what follows it there; a is followed by many.
START_TEST(counts_that_have_not_met_a_context_predict_nothing) {
    const char *run = make_model("counts", NAMES, COUNTS("3"), "");
    expect_plot(run, "predictions");
    const char *svg = expect_picture(inside(run, "plots"), "predictions", NULL);
    ck_assert_str_eq(cell_of(svg, "ya"), "-");
    ck_assert_str_eq(cell_of(svg, "y."), "-");
    ck_assert_str_eq(cell_of(svg, "ad"), "100");
}
END_TEST

// The 27 letters are the most frequent, and stand between symbols that are met once: no pair of the table is in the
// data, and no cell has a colour.
START_TEST(a_table_of_nothing_is_drawn) {
    Arena arena = {0};
    Error err;
    Buffer names = {.arena = &arena};
    uint32_t rare = 0x4e00;
    for (int i = 0; i < 27; i++) {
        char symbol[UTF8_MAX_BYTES];
        for (int k = 0; k < 2; k++) {
            buffer_add(&names, symbol, utf8_encode(rare++, symbol));
            buffer_print(&names, "%c", 'A' + i);
        }
        buffer_add(&names, symbol, utf8_encode(rare++, symbol));
        buffer_print(&names, "\n");
    }
    const char *run = make_model("counts", buffer_text(&names, &err), COUNTS("2"), "");
    expect_plot(run, "bigrams");
    const char *svg = expect_picture(inside(run, "plots"), "bigrams", NULL);
    ck_assert_str_eq(cell_of(svg, "A."), "0");
    ck_assert_str_eq(cell_of(svg, "AB"), "0");
    ck_assert_ptr_nonnull(strstr(svg, "The 28 most frequent of 109 symbols. "));
    arena_free(&arena);
}
END_TEST

// All as likely: the first of the vocabulary, in its order.
START_TEST(symbols_that_are_as_likely_keep_their_order) {
    char names[256], *at = names;
    for (char c = '0'; c < '0' + 77; c++) at += snprintf(at, 3, "%c\n", c);
    const char *run = make_model("same", names,
                                 "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": \"vocab\", "
                                 "\"weight\": \"zeros\"}]",
                                 "--set train.lr=0");
    expect_plot(run, "next");
    const char *svg = expect_picture(inside(run, "plots"), "next", (const char *const[]){".", "0", "9", "A", "L", ""});
    ck_assert_ptr_null(strstr(svg, ">N</text>")); // the 31st
    ck_assert_ptr_nonnull(strstr(svg, "The 30 likeliest of 78 symbols. "));
}
END_TEST

#define TANH_LAYERS(weight)                                                                                   \
    "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": 2}, {\"type\": \"linear\", \"out\": 3, " \
    "\"weight\": " weight                                                                                     \
    "}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", \"weight\": \"zeros\"}]"

START_TEST(histograms_of_a_single_value_have_an_axis) {
    const char *run = make_model("still", NAMES, TANH_LAYERS("\"zeros\""), "--set train.lr=0");
    expect_plot(run, "activations gradients");
    expect_picture(inside(run, "plots"), "activations",
                   (const char *const[]){"layer 2, tanh: mean 0.00, deviation 0.00, 0.0 % flat", "-1", "1", ""});
    expect_picture(inside(run, "plots"), "gradients",
                   (const char *const[]){"layer 2, tanh: mean 0.0e+00, deviation 0.0e+00", "-1", "1", ""});
}
END_TEST

#define LINEAR_LAYERS(embedding)                                                  \
    "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": 2" embedding \
    "}, {\"type\": \"linear\", \"out\": "                                         \
    "\"vocab\"}]"

START_TEST(a_model_without_a_distribution_is_refused) {
    const char *run = make_model("run", NAMES, LINEAR_LAYERS(", \"weight\": {\"constant\": 10}"), "--set train.lr=0");
    const char *copy = with_numbers(run, "layers.1.weight", 3e38F, 3e38F);
    expect_refusal(nomen("plot '%s' next", copy), 1,
                   "nomen: next: the model gives no distribution at a name's beginning");
    ck_assert(!exists(scratch("plots")));
}
END_TEST

// The first weights stand in the run, what comes of them at the rate that follows is no number; of 300 steps every
// second is looked at.
START_TEST(a_training_that_fails_has_no_picture) {
    static const char *const cases[] = {
        "--set 'train.lr=[[0,0.1],[20,1e30]]'",
        "--steps 300 --set 'train.lr=[[0,0.1],[250,1e30]]'",
        "--steps 300 --set 'train.lr=[[0,0.1],[251,1e30]]'",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_text(scratch("names.txt"), NAMES);
        write_text(scratch("m.json"),
                   "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {" LINEAR_LAYERS(
                       "") "}, \"train\": {\"steps\": 30, \"checkpoint_every\": 10}}");
        Output trained = nomen("train '%s' --run '%s' --quiet --force %s", scratch("m.json"), scratch("run"), cases[i]);
        ck_assert_int_eq(trained.status, 1);
        Output output = nomen("plot '%s' updates", scratch("run"));
        ck_assert_int_eq(output.status, 1);
        ck_assert_str_eq(output.out, "");
        ck_assert_msg(strncmp(output.err, "nomen: updates: ", 16) == 0 &&
                          strstr(output.err, " is not finite, because "),
                      "%s", output.err);
        output = nomen("diagnose '%s' --steps 15", scratch("run"));
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg(strstr(output.err, " is not finite, because "), "%s", output.err);
    }
}
END_TEST

// The weights have losses, by the running figures; the batch of a step has no spread to divide by.
START_TEST(a_step_that_cannot_be_made_has_no_histogram) {
    const char *run = make_model("run", NAMES,
                                 "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": 2}, {\"type\": "
                                 "\"batchnorm\", \"eps\": 0}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": "
                                 "\"vocab\"}]",
                                 "");
    Output output = nomen("plot '%s' activations", with_numbers(run, "layers.0.weight", 0, 0));
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strncmp(output.err, "nomen: activations: ", 20) == 0 &&
                      strstr(output.err, "model.layers[1] (batchnorm) meets a channel that is the same for every row"),
                  "%s", output.err);
    ck_assert(!exists(scratch("plots")));
}
END_TEST

// Two heaps of symbols with long labels, in two corners: every label stands within the picture's frame.
START_TEST(labels_stay_within_the_frame) {
    Arena arena = {0};
    Error err;
    Buffer names = {.arena = &arena};
    for (uint32_t i = 0; i < 77; i++) {
        char symbol[UTF8_MAX_BYTES];
        buffer_add(&names, symbol, utf8_encode(0xE0001 + i, symbol)); // shown as U+E0001
        buffer_print(&names, "\n");
    }
    const char *run = make_model("run", buffer_text(&names, &err), LINEAR_LAYERS(""), "");
    size_t n;
    SafeTensors model = read_model(run, "model.safetensors");
    float *embedding = tensor_floats(&model, "layers.0.weight", &n);
    for (size_t i = 0; i < n; i++) embedding[i] = (float)(i / 2 % 2);
    const char *copy = with_data(run, "layers.0.weight", embedding);
    free(embedding);
    expect_plot(copy, "embedding");
    const char *svg = expect_picture(scratch("plots"), "embedding", NULL);
    size_t n_labels = 0;
    for (const char *at = svg; (at = strstr(at, ">U+E00")); at++, n_labels++) {
        const char *text = at;
        double x, y;
        while (strncmp(text, "<text ", 6) != 0) text--;
        ck_assert_int_eq(sscanf(text, "<text x=\"%lf\" y=\"%lf\"", &x, &y), 2);
        ck_assert_msg(x > 86 + 20 && x < 720 - 30 - 20 && y > 30 && y < 560 + 90, "%.80s", text);
    }
    ck_assert_uint_eq(n_labels, 77);
    arena_free(&arena);
}
END_TEST

// As a network begins whose first weights are too large: far above where it ends, but not by powers of ten.
START_TEST(losses_some_way_apart_stand_on_an_axis_with_round_numbers) {
    const char *run = make_model("run", NAMES, LINEAR_LAYERS(""), "");
    write_text(inside(run, "metrics.csv"),
               "step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,27,,,1\n9,0.1,2.2,2.1,,1\n");
    expect_plot(run, "loss");
    expect_picture(inside(run, "plots"), "loss",
                   (const char *const[]){"loss (nats a character, logarithmic axis)", "2", "5", "10", "20", ""});
}
END_TEST

// The loss is that of equal chances; the weights that its gradient passes on its way are too large for a float.
START_TEST(a_gradient_that_overflows_has_no_curve) {
    const char *run =
        make_model("run", NAMES,
                   "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": 2, \"weight\": "
                   "\"zeros\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": 2, \"weight\": "
                   "{\"constant\": 1e30}}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\", "
                   "\"weight\": \"zeros\"}]",
                   "--set train.lr=0");
    const char *copy = with_numbers(run, "layers.4.weight", 1e30F, -1e30F);
    expect_plot(copy, "gradients");
    const char *svg =
        expect_picture(scratch("plots"), "gradients", (const char *const[]){"layer 1, tanh: not all are finite", ""});
    ck_assert_ptr_nonnull(strstr(svg, "layer 3, tanh: mean "));
    Output table = nomen("diagnose '%s'", copy);
    ck_assert_ptr_nonnull(
        strstr(table.out, "\n 1 tanh         1 x 2   0.000  0.000   0.0%    0         -         -  exploding\n"));
    ck_assert(!strstr(svg, "nan") && !strstr(table.out, "nan"));
}
END_TEST

// More pieces than one can name are drawn as a curve.
START_TEST(a_rate_of_many_pieces_is_a_curve) {
    const char *run = make_model("rates", NAMES, TANH_LAYERS("{\"normal\": 1}"),
                                 "--set 'train.lr=[[0,0.9],[3,0.8],[6,0.7],[9,0.6],[12,0.5],[15,0.4],[18,0.3],[21,0.2],"
                                 "[24,0.1]]'");
    expect_plot(run, "loss");
    const char *svg = expect_picture(inside(run, "plots"), "loss", (const char *const[]){"learning rate (right)", ""});
    ck_assert_ptr_null(strstr(svg, ">rate 0.9<"));
}
END_TEST

// Steps of as much work as a second's, were there not so few symbols: a few of them are shown.
START_TEST(of_steps_that_take_long_a_few_are_shown) {
    const char *run = make_model("wide", "ab\nba\n",
                                 "\"context\": 1, \"layers\": [{\"type\": \"embedding\", \"dim\": 2000}, {\"type\": "
                                 "\"flatten\"}, {\"type\": \"linear\", \"out\": \"vocab\"}]",
                                 "--set train.batch_size=26000");
    expect_plot(run, "updates");
    const char *svg = expect_picture(inside(run, "plots"), "updates", NULL);
    ck_assert_ptr_nonnull(strstr(svg, ">The first 20 steps, trained anew "));
}
END_TEST

// A picture that is handed in names no directories of who drew it.
START_TEST(a_run_has_the_same_picture_wherever_it_is_drawn_from) {
    ck_assert_int_eq(train("run", "--steps 60 --quiet").status, 0);
    ck_assert_int_eq(nomen("plot '%s' --out '%s'", scratch("run"), scratch("whole")).status, 0);
    Output output = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$N\" plot . "
                          "--out ../near && diff -r ../near ../whole",
                          scratch("run"));
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
}
END_TEST

// As train --seeds 1 leaves it: the run in it is drawn with its own metrics.
START_TEST(a_group_of_one_run_is_that_run) {
    ck_assert_int_eq(train("group", "--steps 60 --quiet --seeds 1").status, 0);
    ck_assert_int_eq(train("group2", "--steps 60 --quiet --seeds 2").status, 0);
    Output output = nomen("plot '%s' loss --out '%s'", scratch("group"), scratch("out"));
    ck_assert_str_eq(output.err, "");
    ck_assert_ptr_nonnull(strstr(expect_picture(scratch("out"), "loss", NULL), ": seed-2147483647</text>"));
    output = nomen("plot '%s/' '%s' --out '%s'", scratch("group"), scratch("group2/seed-2147483648"), scratch("out"));
    ck_assert_str_eq(output.err, "");
    expect_picture(scratch("out"), "compare", NULL);
    expect_refusal(nomen("report '%s'", scratch("group")), 1, "nomen: %s: it holds runs; expected one, such as %s",
                   scratch("group"), scratch("group/seed-2147483647"));
}
END_TEST

// The same config and another seed, but of other names: no two seeds of one training.
START_TEST(runs_of_other_names_are_no_group) {
    const char *config = write_config();
    ck_assert_int_eq(nomen("train '%s' --run '%s/a' --steps 60 --quiet", config, scratch("all")).status, 0);
    write_text(scratch("names.txt"), "dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n");
    ck_assert_int_eq(nomen("train '%s' --run '%s/b' --steps 60 --quiet --seed 1", config, scratch("all")).status, 0);
    Output output = nomen("plot '%s'", scratch("all"));
    ck_assert_str_eq(output.err, "");
    const char *svg = expect_picture(scratch("all/plots"), "compare", NULL);
    ck_assert(strstr(svg, "/a: ") && strstr(svg, "/b: ") && !strstr(svg, " seeds</text>"));
    ck_assert_ptr_nonnull(strstr(svg, " Not all were measured on the same examples."));
}
END_TEST

// Losses of single runs and of seeds, so large that they or their deviation are no ordinary numbers.
START_TEST(losses_of_any_size_are_compared) {
    static const char *const rows[] = {"0,0.1,3,1e306,1e306,1\n", "0,0.1,3,-1e306,-1e306,1\n", "0,0.1,3,2e7,2e7,1\n"};
    const char *const runs[] = {scratch("group/seed-2147483647"), scratch("group/seed-2147483648"), scratch("one")};
    ck_assert_int_eq(train("group", "--steps 60 --quiet --seeds 2").status, 0);
    ck_assert_int_eq(train("one", "--steps 60 --quiet").status, 0);
    for (size_t i = 0; i < COUNT(runs); i++) {
        char text[128];
        snprintf(text, sizeof text, "step,lr,loss,train_loss,dev_loss,seconds\n%s", rows[i]);
        write_text(inside(runs[i], "metrics.csv"), text);
    }
    Output output = nomen("plot '%s' '%s' --out '%s'", scratch("group"), runs[2], scratch("out"));
    ck_assert_str_eq(output.err, "");
    const char *svg = expect_picture(scratch("out"), "compare", (const char *const[]){"last loss", ""});
    ck_assert_ptr_nonnull(strstr(svg, "one: 2.0000e+07</text>"));
}
END_TEST

SUITE(cli_plot_odd, NEEDS_NOTHING) {
    ADD(counts_that_have_not_met_a_context_predict_nothing);
    ADD(a_table_of_nothing_is_drawn);
    ADD(symbols_that_are_as_likely_keep_their_order);
    ADD(histograms_of_a_single_value_have_an_axis);
    ADD(a_model_without_a_distribution_is_refused);
    ADD(a_training_that_fails_has_no_picture);
    ADD(a_step_that_cannot_be_made_has_no_histogram);
    ADD(labels_stay_within_the_frame);
    ADD(losses_some_way_apart_stand_on_an_axis_with_round_numbers);
    ADD(a_gradient_that_overflows_has_no_curve);
    ADD(a_rate_of_many_pieces_is_a_curve);
    ADD(of_steps_that_take_long_a_few_are_shown);
    ADD(a_run_has_the_same_picture_wherever_it_is_drawn_from);
    ADD(a_group_of_one_run_is_that_run);
    ADD(runs_of_other_names_are_no_group);
    ADD(losses_of_any_size_are_compared);
}
