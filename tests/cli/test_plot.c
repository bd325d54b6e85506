// nomen plot: what each kind of picture shows.
#include "cli/plot.h"

START_TEST(a_network_has_every_kind) {
    const char *run = make_run(), *dir = scratch("run/plots");
    Snapshot before = take(run);
    const char *want = "";
    for (size_t i = 0; i < N_PLOT_KINDS; i++)
        if (!PLOT_KINDS[i].takes_several && !PLOT_KINDS[i].is_rare)
            want = textf("%s%s/plots/%s.svg\n", want, run, PLOT_KINDS[i].name);
    ck_assert_str_eq(ok(nomen("plot '%s'", run)), want);
    expect_untouched(run, &before);
    ck_assert_ptr_null(strstr(shell("ls '%s'", dir).out, ".tmp"));
    EXPECT_PARTS(read_picture(dir, "loss"), ">loss (nats per character)<", ">step (updates made)<", ">train split<",
                 ">dev split<", ">mean of every 10 minibatches<");
    EXPECT_PARTS(read_picture(dir, "embedding"), ">a<", ">y<", ">.<");
    EXPECT_PARTS(read_picture(dir, "updates"), ">layers.0.weight<", ">layers.2.weight<", ">layers.4.weight<",
                 ">1e-3, about right<", ">log10 of update / weight<");
    EXPECT_PARTS(read_picture(dir, "lr-find"), ">smoothed<", ">learning rate (logarithmic axis)<");
    EXPECT_PARTS(read_picture(dir, "next"), ">T = 0.1<", ">T = 0.5<", ">T = 1<", ">T = 2<", ">T = 10<", ">a<");
    // From another directory the pictures are the same, to the byte.
    Output output = shell("cd '%s' && \"$NOMEN\" plot . loss updates next --out ../again >/dev/null && "
                          "for f in ../again/*; do cmp $f plots/${f##*/} || exit 1; done",
                          run);
    ck_assert_msg(output.status == 0, "%s%s", output.out, output.err);
}
END_TEST

static const char SYMBOLS[] =
    "0\n1\n2\n3\n4\n5\n6\n7\n8\n9\n:\n;\n=\n?\n@\nA\nB\nC\nD\nE\nF\nG\nH\nI\nJ\nK\nL\nM\nN\nO\nP\n";

#define PLAIN LAYERS(2, EMBEDDING("2") FLATTEN OUTPUT(""))
#define SUM(embedding, linear) \
    LAYERS(2, EMBEDDING("2, 'weight': " embedding) FLATTEN OUTPUT(", 'bias': false, 'weight': " linear))
#define HIDDEN(weight) LAYERS(1, EMBEDDING("2") LINEAR("3, 'weight': " weight) TANH OUTPUT(", 'weight': 'zeros'"))
#define WHOLE_NAMES LAYERS(4, EMBEDDING("4") TANH OUTPUT(""))
#define RATE_0 "--set train.lr=0"
#define FULL_BATCH "--set 'train.batch_size=\"all\"'"

static const struct {
    const char *kind, *model, *options, *part, *absent, *names;
} PICTURES[] = {
    {"embedding", PLAIN, "", .part = ">second dimension of the embedding<"},
    {"embedding", LAYERS(2, EMBEDDING("3") FLATTEN OUTPUT("")), "", .part = ">second principal component ("},
    // All points are one: nothing to scale the axes by.
    {"embedding", SUM("'zeros'", "'zeros'"), RATE_0, .part = ">P<", .names = SYMBOLS},
    {"embedding", SUM("{'constant': 1e30}", "'zeros'"), RATE_0, .part = ">y<"},
    // Equal logits: the first symbols of the vocabulary, in its order.
    {"next", SUM("'zeros'", "'zeros'"), RATE_0, "The 30 likeliest of 32 symbols. ", ">O</text>", SYMBOLS},
    {"activations", HIDDEN("'ones'"), FULL_BATCH, .part = ">Step 30, rate 0.1, a minibatch of 64 examples."},
    {"activations", HIDDEN("'zeros'"), RATE_0, .part = ">layer 2 tanh: mean 0.00, deviation 0.00, 0.0 % flat<"},
    {"activations", WHOLE_NAMES, "", .part = ">Step 30, rate 0.1, a minibatch of 32 names."},
    {"predictions", WHOLE_NAMES, "", .part = "begins the name."},
    {"gradients", HIDDEN("'zeros'"), RATE_0, .part = ">layer 2 tanh: mean 0.0e+00, deviation 0.0e+00<"},
    {"updates", PLAIN, "--steps 450", .part = ">The first 450 steps, trained again "},
    // So much work per step that 20 steps are enough.
    {"updates", LAYERS(1, EMBEDDING("2000") FLATTEN OUTPUT("")), "--set train.batch_size=26000",
     .part = ">The first 20 steps, trained again ", .names = "ab\nba\n"},
    {"lr-find", SUM("'zeros'", "'zeros'"), "", .part = " The loss falls by no"},
    {"lr-find", SUM("{'normal': 1e10}", "{'normal': 1e-12}"), "--steps 1", .part = "No rate here lowers the loss."},
    {"lr-find", PLAIN, "", .part = "The smoothed loss is lowest at the"},
    {"loss", PLAIN, FULL_BATCH, .part = ">full batches<", .absent = "mean"},
    {"loss", PLAIN, "--set 'train.lr=[[0,0.2],[15,0.05]]'", .part = ">learning rate (right)<"},
    {"loss", PLAIN, "--set train.lr=0.1", .part = ">minibatches<", .absent = "(right)"},
};

START_TEST(each_kind_says_what_it_shows) {
    for (size_t i = 0; i < COUNT(PICTURES); i++) {
        const char *run = make_model("run", PICTURES[i].names, PICTURES[i].model, PICTURES[i].options);
        const char *svg = draw(run, PICTURES[i].kind);
        EXPECT_PARTS(svg, PICTURES[i].part);
        if (PICTURES[i].absent) ck_assert_ptr_null(strstr(svg, PICTURES[i].absent));
    }
}
END_TEST

// The step's statistics in the key are those of nomen diagnose.
START_TEST(histograms_are_of_the_step_that_diagnose_shows) {
    const char *run = make_run();
    const char *row = strstr(nomen("diagnose '%s' --csv", run).out, "layers.3,tanh,");
    double mean, deviation, flat, grad_mean, grad_deviation;
    ck_assert_int_eq(
        sscanf(row, "layers.3,tanh,%lf,%lf,%lf,%*f,%lf,%lf", &mean, &deviation, &flat, &grad_mean, &grad_deviation), 5);
    EXPECT_PARTS(draw(run, "activations"),
                 textf(">layer 3 tanh: mean %.2f, deviation %.2f, %.1f %% flat<", mean, deviation, flat));
    EXPECT_PARTS(draw(run, "gradients"), textf(">layer 3 tanh: mean %.1e, deviation %.1e<", grad_mean, grad_deviation));
}
END_TEST

// Counted by hand in the sixteen names.
START_TEST(bigrams_are_counted) {
    const char *svg = draw(make_model("run", NULL, PLAIN, "--steps 1"), "bigrams");
    static const char *const cells[][2] = {{"a.", "6"}, {".a", "1"}, {"da", "3"},
                                           {"on", "1"}, {"..", "0"}, {"am", "1"}};
    for (size_t i = 0; i < COUNT(cells); i++) ck_assert_str_eq(cell_of(svg, cells[i][0]), cells[i][1]);
    EXPECT_PARTS(svg, " among 64 pairs");
}
END_TEST

// The 27 most frequent letters are separated by symbols that occur once: no pair of the table is in the data.
START_TEST(a_table_without_a_coloured_cell_is_drawn) {
    char names[1024], *at = names;
    uint32_t rare = 0x4e00;
    for (int i = 0; i < 27 * 3; i++) {
        at += utf8_encode(rare++, at);
        *at++ = (char)(i % 3 < 2 ? 'A' + i / 3 : '\n');
    }
    *at = '\0';
    const char *svg = draw(make_model("run", names, COUNTS(2, 0), ""), "bigrams");
    ck_assert_str_eq(cell_of(svg, "A."), "0");
    ck_assert_str_eq(cell_of(svg, "AB"), "0");
    EXPECT_PARTS(svg, "The 28 most frequent of 109 symbols. ");
}
END_TEST

START_TEST(predictions_of_counts) {
    // p = (6 + 1) / (10 + 20): 6 of 10 a's end a name, and there are 20 symbols.
    ck_assert_str_eq(cell_of(draw(make_model("run", NULL, COUNTS(2, 1), ""), "predictions"), "a."), "23");
    // No name begins with y: nothing is known of what follows it there. After a, d is sure.
    const char *svg = draw(make_model("run", NULL, COUNTS(3, 0), ""), "predictions");
    ck_assert_str_eq(cell_of(svg, "ya"), "-");
    ck_assert_str_eq(cell_of(svg, "ad"), "100");
    EXPECT_PARTS(svg, "context of 2 symbols is .,");
    // Without a context all rows are the same: 10 of 64 characters are a.
    svg = draw(make_model("run", NULL, COUNTS(1, 0), ""), "predictions");
    ck_assert_str_eq(cell_of(svg, "aa"), "16");
    ck_assert_str_eq(cell_of(svg, "ba"), "16");
    ck_assert_ptr_null(strstr(svg, " symbols is .,"));
}
END_TEST

#define ATTENTION "{'type': 'attention', 'heads': 2}, "

START_TEST(attention_has_a_map_per_head) {
    const char *model = LAYERS(4, EMBEDDING("4") "{'type': 'position'}, " ATTENTION ATTENTION OUTPUT(""));
    const char *run = make_model("run", NULL, model, "");
    ok(nomen("plot '%s' attention -p da --out '%s'", run, scratch("drawn")));
    const char *svg = read_picture(scratch("drawn"), "attention");
    EXPECT_PARTS(svg, ">layer 2 attention, head 1<", ">layer 2 attention, head 2<", ">layer 3 attention, head 1<",
                 ">layer 3 attention, head 2<");
    ck_assert_uint_eq(count(svg, ">d</text>"), 8);
    EXPECT_PARTS(nomen("plot '%s' --out '%s'", run, scratch("all")).out, "/attention.svg\n");
    const char *likeliest = nomen("sample '%s' -n 1 -t 0", run).out;
    ck_assert_int_ne(*likeliest, '\n');
    EXPECT_PARTS(read_picture(scratch("all"), "attention"), textf(">%c</text>", *likeliest));
    const char *too_long = "expected at most 3 characters, the longest name that the model reads whole, found 4";
    expect_refusal(nomen("plot '%s' attention -p dada", run), 1, "nomen: attention: --prefix: %s", too_long);
    expect_refusal(nomen("plot '%s' next -p da", run), 2,
                   "nomen: --prefix: only the picture attention has one; see nomen plot --help");
    expect_refusal(nomen("plot '%s' attention", make_model("run", NULL, PLAIN, "")), 1,
                   "nomen: attention: the model has no attention layer");
}
END_TEST

static const char *const METRICS[][2] = {
    // Means over 10, 10 and 5 steps.
    {"0,0.1,27,,,1,\n10,0.1,22,,,1,2.5\n20,0.1,21,,,1,2.25\n25,0.1,,2.1,,1,2\n", ">mean of every 10 minibatches<"},
    // Older versions wrote no means.
    {"0,0.1,2,,,1,\n10,0.1,2.5,,,1,\n", ">single minibatches, one per row<"},
    {"0,0.1,27,,,1,\n9,0.1,2.2,2.1,,1,\n", ">loss (nats per character, logarithmic axis)<"},
    {"0,0.1,3,,,1,\n", "'#loss-Pt6' transform="}, // a point
    {"0,0.1,1e38,3,2,1,\n10,0.1,1e-38,1e38,inf,1,\n", ">dev split<"},
};

START_TEST(losses_of_any_size_are_drawn) {
    const char *run = make_model("run", NULL, PLAIN, "");
    for (size_t i = 0; i < COUNT(METRICS); i++) {
        write_text(inside(run, "metrics.csv"),
                   textf("step,lr,loss,train_loss,dev_loss,seconds,mean_loss\n%s", METRICS[i][0]));
        const char *svg = draw(run, "loss");
        EXPECT_PARTS(svg, METRICS[i][1]);
        ck_assert_uint_lt(count(svg, "</text>"), 40); // tics
    }
}
END_TEST

START_TEST(runs_are_compared) {
    const char *words = "", *out = scratch("out"), *a = scratch("a"), *b = scratch("b");
    ck_assert_int_eq(train("a", "--steps 60 --quiet --seeds 3").status, 0);
    ck_assert_int_eq(train("b", "--steps 60 --quiet --set train.lr=0.05").status, 0);
    ck_assert_str_eq(nomen("plot '%s' '%s' --out '%s'", a, b, out).err, "");
    // The numbers are those of nomen compare.
    const char *compared = nomen("compare '%s' '%s' --json", a, b).out;
    double mean = strtod(strstr(strstr(compared, "\"dev\""), "\"mean\":") + strlen("\"mean\":"), NULL);
    EXPECT_PARTS(read_picture(out, "compare"), ">dev loss (nats per character)<", " over 3 seeds<",
                 textf(": %.4f, deviation ", mean));
    // A directory of seeds is one group.
    ck_assert_str_eq(nomen("plot '%s'", a).out, textf("%s/plots/compare.svg\n", a));
    // A directory of one seed is that run.
    ck_assert_int_eq(train("g", "--steps 1 --quiet --seeds 1").status, 0);
    EXPECT_PARTS(draw(scratch("g"), "loss"), ": seed-2147483647<");
    // Twelve groups are the most.
    for (size_t i = 0; i < 13; i++) words = textf("%s '%s%zu'", words, b, i);
    shell("for r in %s; do cp -r '%s' \"$r\"; done", words, b);
    expect_refusal(nomen("plot %s --out '%s'", words, scratch("none")), 1,
                   "nomen: %s12: expected at most 12 runs, or groups of seeds, in one picture", b);
    ck_assert(!exists(scratch("none")));
}
END_TEST

// Runs that differ in more than their seed, or were measured on different examples, are no seeds of one training.
START_TEST(different_runs_are_no_group) {
    static const char *const other[] = {"dab\nbob\nada\nian\nina\nann\nnan\nbea\nabe\nbab\n", NULL, NULL};
    static const char *const models[] = {PLAIN, LAYERS(1, EMBEDDING("3") OUTPUT("")), COUNTS(2, 1)};
    for (size_t i = 0; i < COUNT(models); i++) {
        make_model("x", NULL, PLAIN, "");
        make_model("y", other[i], models[i], "");
        shell("cd '%s' && rm -rf all && mkdir all && mv x y all", scratch("."));
        const char *svg = draw(scratch("all"), "compare");
        EXPECT_PARTS(svg, "/x: ", "/y: ", ">train loss (nats per character)<");
        ck_assert_ptr_null(strstr(svg, " seeds<"));
        ck_assert_int_eq(strstr(svg, " Not all runs were measured on the same examples.") != NULL, other[i] != NULL);
    }
}
END_TEST

START_TEST(png_and_directories) {
    const char *run = make_run();
    size_t n;
    ok(nomen("plot '%s/best.safetensors' next --format png", run));
    char *png = read_text(scratch("run/plots/next.png"), &n);
    ck_assert(n > 1000 && memcmp(png, "\x89PNG\r\n\x1a\n", 8) == 0);
    ck_assert_uint_eq(count(ok(nomen("plot '%s' next next --format svg --out '%s'", run, scratch("x/y z"))), "\n"), 1);
    read_picture(scratch("x/y z"), "next");
    Output output = nomen("plot '%s/model.safetensors' --out '%s'", run, scratch("m"));
    ck_assert_int_eq(output.status, 0);
    EXPECT_PARTS(output.err, "no loss: ", " is a model file; only a run directory has metrics\n");
    const char *help = nomen("plot --help").out;
    for (size_t i = 0; i < N_PLOT_KINDS; i++) EXPECT_PARTS(help, PLOT_KINDS[i].name);
}
END_TEST

SUITE(cli_plot, NEEDS_NOTHING) {
    ADD(a_network_has_every_kind);
    ADD(each_kind_says_what_it_shows);
    ADD(histograms_are_of_the_step_that_diagnose_shows);
    ADD(bigrams_are_counted);
    ADD(a_table_without_a_coloured_cell_is_drawn);
    ADD(predictions_of_counts);
    ADD(attention_has_a_map_per_head);
    ADD(losses_of_any_size_are_drawn);
    ADD(runs_are_compared);
    ADD(different_runs_are_no_group);
    ADD(png_and_directories);
}
