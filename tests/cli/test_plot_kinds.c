// nomen plot of runs that lack something, or have much of it: which pictures there are then, and what they say.
#include "cli/plot.h"

// A run of these layers; returns its path.
static const char *make_network(const char *name, const char *layers, const char *options) {
    static char config[1024];
    snprintf(config, sizeof config,
             "{\"data\": {\"path\": \"names.txt\", \"shuffle_seed\": 1, \"split\": [0.8, 0.2, 0]}, \"model\": "
             "{\"context\": 2, \"layers\": [%s]}, \"train\": {\"steps\": 40, \"log_every\": 1, \"eval_every\": 20}}",
             layers);
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("n.json"), config);
    Output output = nomen("train '%s' --run '%s' --quiet %s", scratch("n.json"), scratch(name), options);
    ck_assert_str_eq(output.err, "");
    return scratch(name);
}

static const char *make_counts(const char *name, unsigned ngram, double smoothing) {
    char config[256];
    write_text(scratch("names.txt"), NAMES);
    snprintf(config, sizeof config,
             "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {\"ngram\": %u, \"smoothing\": %g}}",
             ngram, smoothing);
    write_text(scratch("counts.json"), config);
    ck_assert_str_eq(nomen("train '%s' --run '%s' --quiet", scratch("counts.json"), scratch(name)).err, "");
    return scratch(name);
}

#define TANH_LAYERS(dim)                                                                                         \
    "{\"type\": \"embedding\", \"dim\": " dim "}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 4}, " \
    "{\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": \"vocab\"}"
#define LINEAR_LAYERS(dim) \
    "{\"type\": \"embedding\", \"dim\": " dim "}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": \"vocab\"}"

#define SUM_LAYERS(embedding, linear)                                                             \
    "{\"type\": \"embedding\", \"dim\": 2, \"weight\": " embedding "}, {\"type\": \"flatten\"}, " \
    "{\"type\": \"linear\", \"out\": \"vocab\", \"bias\": false, \"weight\": " linear "}"

START_TEST(an_embedding_is_drawn_as_it_is_or_by_its_components) {
    const char *run = make_network("two", TANH_LAYERS("2"), "");
    ck_assert_str_eq(nomen("plot '%s' embedding", run).err, "");
    expect_picture(inside(run, "plots"), "embedding",
                   (const char *const[]){"first dimension of the embedding", "second dimension of the embedding", ""});
    run = make_network("three", TANH_LAYERS("3"), "");
    ck_assert_str_eq(nomen("plot '%s' embedding", run).err, "");
    const char *svg = expect_picture(inside(run, "plots"), "embedding", NULL);
    const char *first = strstr(svg, ">first principal component ("), *second = strstr(svg, ">second principal");
    ck_assert(first && second);
    double a = strtod(strchr(first, '(') + 1, NULL), b = strtod(strchr(second, '(') + 1, NULL);
    ck_assert_msg(a >= b && b > 0 && a + b <= 100, "%g and %g", a, b);
    run = make_network("one", TANH_LAYERS("1"), "");
    expect_refusal(nomen("plot '%s' embedding", run), 1, "nomen: embedding: the embedding has a single dimension");
}
END_TEST

// All points of it are one, which has no extent to scale the axes by, and not room around it for all their names.
START_TEST(an_embedding_of_equal_points_is_drawn) {
    char names[256], *at = names;
    for (char c = '0'; c < '0' + 77; c++) at += snprintf(at, 3, "%c\n", c);
    write_text(scratch("many.txt"), names);
    char options[PATH_MAX];
    snprintf(options, sizeof options, "--set train.lr=0 --data '%s'", scratch("many.txt"));
    const char *const runs[] = {
        make_network("same", SUM_LAYERS("\"ones\"", "\"zeros\""), options),
        make_network("none", SUM_LAYERS("\"zeros\"", "\"zeros\""), options),
        make_network("large", SUM_LAYERS("{\"constant\": 1e30}", "\"zeros\""), options),
    };
    for (size_t i = 0; i < COUNT(runs); i++) {
        ck_assert_str_eq(nomen("plot '%s' embedding", runs[i]).err, "");
        expect_picture(inside(runs[i], "plots"), "embedding", (const char *const[]){"0", "a", "z", ".", ""});
    }
}
END_TEST

START_TEST(a_network_without_nonlinear_layers_has_no_histograms) {
    const char *run = make_network("flat", LINEAR_LAYERS("2"), "");
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_str_eq(output.err, "nomen: no activations, gradients: the network has no nonlinear layer (tanh, relu)\n");
    expect_refusal(nomen("plot '%s' gradients", run), 1,
                   "nomen: gradients: the network has no nonlinear layer (tanh, relu)");
}
END_TEST

START_TEST(a_step_over_the_whole_split_is_looked_at) {
    const char *run = make_network("whole", TANH_LAYERS("2"), "--set 'train.batch_size=\"all\"'");
    ck_assert_str_eq(nomen("plot '%s' activations updates", run).err, "");
    // Of a split of any size: the histograms are of a thousand examples, drawn with repeats.
    const char *svg = expect_picture(inside(run, "plots"), "activations", NULL);
    ck_assert_ptr_nonnull(strstr(svg, ">Step 40, rate 0.1, a minibatch of 1000 examples."));
}
END_TEST

START_TEST(of_many_steps_some_are_looked_at) {
    const char *run = make_network("long", TANH_LAYERS("2"), "--steps 450");
    ck_assert_str_eq(nomen("plot '%s' updates", run).err, "");
    const char *svg = expect_picture(inside(run, "plots"), "updates", NULL);
    ck_assert_ptr_nonnull(strstr(svg, ">The first 450 steps, trained anew "));
}
END_TEST

START_TEST(the_rate_finder_says_what_came_of_it) {
    static const char *const cases[][3] = {
        {"zero", SUM_LAYERS("\"zeros\"", "\"zeros\""), " The loss falls by no more than"}, // no rate moves it
        {"large", SUM_LAYERS("{\"normal\": 1e10}", "{\"normal\": 1e-12}"), " No rate here lowers the loss."},
        {"plain", SUM_LAYERS("{\"normal\": 1}", "{\"normal\": 1}"), " The smoothed loss is lowest at the"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *run = make_network(cases[i][0], cases[i][1], "--steps 2");
        ck_assert_str_eq(nomen("plot '%s' lr-find", run).err, "");
        const char *svg = expect_picture(inside(run, "plots"), "lr-find", NULL);
        ck_assert_msg(strstr(svg, cases[i][2]) != NULL, "%s: no \"%s\"", cases[i][0], cases[i][2]);
    }
}
END_TEST

START_TEST(rates_that_begin_close_together_are_named_one_above_the_other) {
    const char *run = make_network("rates", LINEAR_LAYERS("2"), "--set 'train.lr=[[0,0.3],[2,0.2],[38,0.1]]'");
    ck_assert_str_eq(nomen("plot '%s' loss", run).err, "");
    const char *svg =
        expect_picture(inside(run, "plots"), "loss", (const char *const[]){"rate 0.3", "rate 0.2", "rate 0.1", ""});
    // How far down each stands: the second would meet the first, the third the picture's edge.
    double y[3];
    static const char *const rates[] = {">rate 0.3<", ">rate 0.2<", ">rate 0.1<"};
    for (size_t i = 0; i < 3; i++) {
        const char *at = strstr(svg, rates[i]);
        while (strncmp(at, " y=\"", 4) != 0) at--;
        y[i] = strtod(at + 4, NULL);
    }
    ck_assert_msg(y[1] > 0 && y[0] > y[1] + 5, "%g, %g, %g", y[0], y[1], y[2]);
}
END_TEST

// A context of nothing at all: the predictions are the same in each row.
START_TEST(counts_of_single_characters_predict_the_same_after_each) {
    const char *run = make_counts("single", 1, 0);
    ck_assert_str_eq(nomen("plot '%s' predictions", run).err, "");
    const char *svg = expect_picture(inside(run, "plots"), "predictions", NULL);
    char first[32];
    snprintf(first, sizeof first, "%s", cell_of(svg, "aa"));
    ck_assert_str_eq(cell_of(svg, "ba"), first);
    ck_assert_ptr_null(strstr(svg, "is filled up with"));
}
END_TEST

START_TEST(counts_are_a_level_line_beside_a_network) {
    const char *network = make_network("network", LINEAR_LAYERS("2"), "--set data.split=[1]");
    const char *counts = make_counts("counts", 2, 1);
    Output output = nomen("plot '%s' '%s' --out '%s'", network, counts, scratch("out"));
    ck_assert_str_eq(output.err, "");
    const char *svg = expect_picture(scratch("out"), "compare", (const char *const[]){"last loss", ""});
    ck_assert_ptr_nonnull(strstr(svg, ">train loss (nats a character)</text>"));
    // Other data makes them no comparison, and the picture says so.
    ck_assert_str_eq(
        nomen("train '%s' --run '%s' --quiet --set data.split=[0.5,0.5]", scratch("n.json"), scratch("half")).err, "");
    ck_assert_int_eq(nomen("plot '%s' '%s' --out '%s'", network, scratch("half"), scratch("out")).status, 0);
    ck_assert_ptr_nonnull(
        strstr(expect_picture(scratch("out"), "compare", NULL), " Not all were measured on the same examples."));
}
END_TEST

START_TEST(runs_without_a_measured_loss_are_not_compared) {
    const char *a = make_network("a", LINEAR_LAYERS("2"), ""), *b = make_network("b", LINEAR_LAYERS("2"), "");
    write_text(inside(a, "metrics.csv"), "step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,3,,,1\n");
    expect_refusal(nomen("plot '%s' '%s' --out '%s'", a, b, scratch("out")), 1,
                   "nomen: compare: not all of the runs have measured a split yet (train.eval_every)");
}
END_TEST

START_TEST(more_groups_than_styles_are_refused) {
    char words[8192];
    size_t n = 0;
    const char *run = make_network("r", LINEAR_LAYERS("2"), "--steps 1");
    for (int i = 0; i < 13; i++) {
        ck_assert_int_eq(nomen("--version; cp -r '%s' '%s%d'", run, run, i).status, 0);
        n += (size_t)snprintf(words + n, sizeof words - n, "'%s%d' ", run, i);
    }
    char last[PATH_MAX];
    snprintf(last, sizeof last, "%s12", run);
    expect_refusal(nomen("plot %s --out '%s'", words, scratch("out")), 1,
                   "nomen: %s: expected at most 12 runs, or groups of seeds, in one picture", last);
    ck_assert(!exists(scratch("out")));
}
END_TEST

// A directory whose runs are of different configs is no group of seeds: each is a run by itself.
START_TEST(a_dir_of_different_runs_stands_for_its_runs) {
    nomen("--version; mkdir '%s'", scratch("all"));
    make_network("all/x", LINEAR_LAYERS("2"), "");
    make_network("all/y", LINEAR_LAYERS("3"), "");
    Output output = nomen("plot '%s' --out '%s'", scratch("all"), scratch("out"));
    ck_assert_str_eq(output.err, "");
    const char *svg = expect_picture(scratch("out"), "compare", NULL);
    ck_assert(strstr(svg, "/x: ") && strstr(svg, "/y: "));
    ck_assert_ptr_null(strstr(svg, "seeds"));
}
END_TEST

SUITE(cli_plot_kinds, NEEDS_NOTHING) {
    ADD(an_embedding_is_drawn_as_it_is_or_by_its_components);
    ADD(an_embedding_of_equal_points_is_drawn);
    ADD(a_network_without_nonlinear_layers_has_no_histograms);
    ADD(a_step_over_the_whole_split_is_looked_at);
    ADD(of_many_steps_some_are_looked_at);
    ADD(the_rate_finder_says_what_came_of_it);
    ADD(rates_that_begin_close_together_are_named_one_above_the_other);
    ADD(counts_of_single_characters_predict_the_same_after_each);
    ADD(counts_are_a_level_line_beside_a_network);
    ADD(runs_without_a_measured_loss_are_not_compared);
    ADD(more_groups_than_styles_are_refused);
    ADD(a_dir_of_different_runs_stands_for_its_runs);
}
