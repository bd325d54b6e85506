// nomen plot through the built program: every kind of picture, and what it says.
#include "cli/plot.h"

#include "draw/plot.h"

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

START_TEST(a_network_has_every_kind) {
    const char *run = make_run(), *dir = scratch("run/plots");
    Snapshot before = take(run);
    Output output = nomen("plot '%s'", run);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    char want[PATH_MAX * 16] = "";
    size_t n = 0;
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (PLOT_KINDS[i]->takes_several) continue;
        n += (size_t)snprintf(want + n, sizeof want - n, "%s/plots/%s.svg\n", run, PLOT_KINDS[i]->name);
        expect_picture(dir, PLOT_KINDS[i]->name, NULL);
    }
    ck_assert_str_eq(output.out, want);
    expect_untouched(run, &before);
    ck_assert_ptr_null(strstr(nomen("--version >/dev/null; ls '%s'", dir).out, ".tmp"));
    expect_picture(dir, "loss",
                   (const char *const[]){"loss (nats a character)", "step (updates made)", "train split", "dev split",
                                         "minibatches", "rate 0.1", ""});
    expect_picture(dir, "embedding", (const char *const[]){"a", "y", ".", ""});
    expect_picture(dir, "updates",
                   (const char *const[]){"layers.0.weight", "layers.2.weight", "layers.4.weight", "1e-3, about right",
                                         "log10 of update / weight", ""});
    expect_picture(dir, "lr-find", (const char *const[]){"smoothed", "learning rate (logarithmic axis)", ""});
    expect_picture(dir, "next", (const char *const[]){"T = 0.1", "T = 0.5", "T = 1", "T = 2", "T = 10", "a", ""});
    // The same again, to the byte.
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (PLOT_KINDS[i]->takes_several) continue;
        const char *kind = PLOT_KINDS[i]->name;
        char *first = expect_picture(dir, kind, NULL);
        ck_assert_int_eq(nomen("plot '%s' %s", run, kind).status, 0);
        ck_assert_str_eq(expect_picture(dir, kind, NULL), first);
    }
}
END_TEST

// Counted by hand in the sixteen names: six end in a, one begins with a, "da" and "dd"...
START_TEST(bigrams_are_counted) {
    ck_assert_int_eq(train("run", "--steps 1 --quiet --set data.split=[1]").status, 0);
    ck_assert_int_eq(nomen("plot '%s' bigrams", scratch("run")).status, 0);
    const char *svg = expect_picture(scratch("run/plots"), "bigrams", NULL);
    static const char *const cells[][2] = {{"a.", "6"}, {".a", "1"}, {"da", "3"},
                                           {"on", "1"}, {"..", "0"}, {"am", "1"}};
    for (size_t i = 0; i < COUNT(cells); i++) ck_assert_str_eq(cell_of(svg, cells[i][0]), cells[i][1]);
    ck_assert_ptr_nonnull(strstr(svg, " of 64 pairs"));
}
END_TEST

static const char *make_counts(double smoothing) {
    char config[256];
    write_text(scratch("names.txt"), NAMES);
    snprintf(config, sizeof config,
             "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, \"model\": {\"ngram\": 2, \"smoothing\": %g}}",
             smoothing);
    write_text(scratch("counts.json"), config);
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet --force", scratch("counts.json"), scratch("counts")).status,
                     0);
    return scratch("counts");
}

START_TEST(counts_have_what_applies_and_say_the_rest) {
    const char *run = make_counts(1);
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(count_lines(output.out), 3);
    ck_assert_str_eq(output.err, "nomen: no loss: counts are not trained step by step\n"
                                 "nomen: no embedding: counts have no embedding\n"
                                 "nomen: no activations, gradients, updates, lr-find: counts have no gradients\n");
    // p = (6 + 1) / (13 + 20) of the 13 a's, with 20 symbols.
    const char *svg = expect_picture(scratch("counts/plots"), "predictions", NULL);
    Output next = nomen("next '%s' -p a", run);
    ck_assert_ptr_nonnull(strstr(next.out, "0.2"));
    ck_assert_double_eq_tol(strtod(cell_of(svg, "a."), NULL), 100 * strtod(strstr(next.out, "0."), NULL), 0.5);
    expect_refusal(nomen("plot '%s' next embedding", run), 1, "nomen: embedding: counts have no embedding");
    // Without smoothing, what was never seen has no distribution; the rest is drawn.
    run = make_counts(0);
    ck_assert_int_eq(nomen("plot '%s'", run).status, 0);
    svg = expect_picture(scratch("counts/plots"), "predictions", NULL);
    ck_assert_str_eq(cell_of(svg, "kg"), "0");
}
END_TEST

// The figures in the key are those of nomen diagnose.
START_TEST(histograms_are_of_the_step_that_diagnose_shows) {
    const char *run = make_run();
    ck_assert_int_eq(nomen("plot '%s' activations gradients", run).status, 0);
    const char *row = strstr(nomen("diagnose '%s' --csv", run).out, "layers.3,tanh,");
    double mean, deviation, flat, grad_mean, grad_deviation;
    ck_assert_int_eq(
        sscanf(row, "layers.3,tanh,%lf,%lf,%lf,%*f,%lf,%lf", &mean, &deviation, &flat, &grad_mean, &grad_deviation), 5);
    char outputs[128], gradients[128];
    snprintf(outputs, sizeof outputs, "layer 3, tanh: mean %.2f, deviation %.2f, %.1f %% flat", mean, deviation, flat);
    snprintf(gradients, sizeof gradients, "layer 3, tanh: mean %.1e, deviation %.1e", grad_mean, grad_deviation);
    expect_picture(scratch("run/plots"), "activations", (const char *const[]){outputs, ""});
    expect_picture(scratch("run/plots"), "gradients", (const char *const[]){gradients, ""});
}
END_TEST

START_TEST(a_rate_that_changes_is_marked) {
    ck_assert_int_eq(train("steps", "--steps 100 --quiet --set 'train.lr=[[0,0.2],[50,0.05]]'").status, 0);
    ck_assert_int_eq(nomen("plot '%s' loss", scratch("steps")).status, 0);
    expect_picture(scratch("steps/plots"), "loss", (const char *const[]){"rate 0.2", "rate 0.05", ""});
    static const char curve[] = "'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"cosine\",\"steps\":100}'";
    ck_assert_int_eq(
        nomen("train '%s' --run '%s' --steps 100 --quiet --set %s", write_config(), scratch("curve"), curve).status, 0);
    ck_assert_int_eq(nomen("plot '%s' loss", scratch("curve")).status, 0);
    expect_picture(scratch("curve/plots"), "loss", (const char *const[]){"learning rate", "learning rate (right)", ""});
}
END_TEST

static size_t count(const char *text, const char *part) {
    size_t n = 0;
    for (; (text = strstr(text, part)); text++) n++;
    return n;
}

START_TEST(few_steps_and_few_rows_are_drawn_as_they_are) {
    ck_assert_int_eq(train("few", "--steps 3 --quiet --set train.log_every=1").status, 0);
    ck_assert_int_eq(nomen("plot '%s' loss updates", scratch("few")).status, 0);
    for (size_t i = 0; i < 2; i++) {
        const char *svg = expect_picture(scratch("few/plots"), i == 0 ? "loss" : "updates", NULL);
        for (const char *step = "123"; *step; step++) {
            char text[32];
            snprintf(text, sizeof text, "\"middle\">%c</text>", *step);
            ck_assert_uint_eq(count(svg, text), 1);
        }
        ck_assert_ptr_null(strstr(svg, ">minibatches, smoothed</text>"));
    }
    // One row alone is a point, of which the key shows another.
    write_text(scratch("few/metrics.csv"), "step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,3,,,1\n");
    ck_assert_int_eq(nomen("plot '%s' loss", scratch("few")).status, 0);
    ck_assert_uint_eq(count(expect_picture(scratch("few/plots"), "loss", NULL), "href='#loss-Pt6' transform="), 2);
}
END_TEST

// How far up and down the curve in this colour goes, the key's line aside.
static double height_of(const char *svg, const char *colour) {
    char begin[64];
    double low = 1e9, high = -1e9, y;
    snprintf(begin, sizeof begin, "<path stroke='%s' d='M", colour);
    const char *at = strstr(svg, begin);
    ck_assert_ptr_nonnull(at);
    const char *end = strchr(at, '>');
    at = strstr(at + strlen(begin), " M");
    ck_assert_ptr_nonnull(at);
    for (; at && at < end; at = strchr(at + 1, ' ')) {
        if (sscanf(at, " %*[ML]%*f,%lf", &y) < 1) continue;
        low = y < low ? y : low;
        high = y > high ? y : high;
    }
    return high - low;
}

START_TEST(noise_is_smoothed) {
    const char *run = make_run();
    for (size_t n = 15; n <= 200; n += 185) {
        char text[8192] = "step,lr,loss,train_loss,dev_loss,seconds\n";
        for (size_t i = 0, at = strlen(text); i < n; i++)
            at += (size_t)snprintf(text + at, sizeof text - at, "%zu,0.1,%d,,,1\n", i, i % 2 ? 2 : 4);
        write_text(inside(run, "metrics.csv"), text);
        ck_assert_int_eq(nomen("plot '%s' loss", run).status, 0);
        const char *svg =
            expect_picture(inside(run, "plots"), "loss", (const char *const[]){"minibatches, smoothed", ""});
        ck_assert_double_lt(height_of(svg, "#767676"), height_of(svg, "#c4c4c4") / 3);
    }
}
END_TEST

// There is no noise in them, and a mean would lag behind.
START_TEST(full_batches_are_drawn_as_they_are) {
    ck_assert_int_eq(train("run", "--steps 400 --quiet --set 'train.batch_size=\"all\"'").status, 0);
    ck_assert_int_eq(nomen("plot '%s' loss", scratch("run")).status, 0);
    const char *svg = expect_picture(scratch("run/plots"), "loss", (const char *const[]){"full batches", ""});
    ck_assert_ptr_null(strstr(svg, "smoothed"));
    ck_assert_ptr_null(strstr(svg, "minibatch"));
}
END_TEST

// The first x of a path in this colour that is no line of the key.
static double first_x(const char *svg, const char *colour) {
    char begin[64];
    snprintf(begin, sizeof begin, "<path stroke='%s' d='M", colour);
    const char *at = strstr(svg, begin);
    ck_assert_ptr_nonnull(at);
    at = strstr(at + strlen(begin), " M");
    ck_assert_ptr_nonnull(at);
    return strtod(at + 2, NULL);
}

START_TEST(the_rate_finder_draws_what_it_looks_at) {
    const char *run = make_run();
    ck_assert_int_eq(nomen("plot '%s' lr-find", run).status, 0);
    const char *svg = expect_picture(scratch("run/plots"), "lr-find", NULL);
    // The smoothed curve begins half a window later, and 51 of 1000 steps are a window.
    double minibatches = first_x(svg, "#c4c4c4"), smoothed = first_x(svg, "#0072b2"), right = 769.9;
    ck_assert_double_eq_tol((smoothed - minibatches) / (right - minibatches), 0.025, 0.004);
}
END_TEST

START_TEST(losses_of_any_size_are_drawn) {
    const char *run = make_run();
    static const char *const rows[] = {"0,0.1,1e308,,,1\n", "0,0.1,1e308,3,2,1\n10,0.1,1e-300,1e308,inf,1\n",
                                       "0,0.1,2,3,2,1\n10,0.1,-1e308,1,1,1\n"};
    for (size_t i = 0; i < COUNT(rows); i++) {
        char text[512];
        snprintf(text, sizeof text, "step,lr,loss,train_loss,dev_loss,seconds\n%s", rows[i]);
        write_text(inside(run, "metrics.csv"), text);
        Output output = nomen("plot '%s' loss", run);
        ck_assert_str_eq(output.err, "");
        ck_assert_uint_lt(count(expect_picture(scratch("run/plots"), "loss", NULL), "</text>"), 40);
    }
}
END_TEST

START_TEST(a_diverged_run_has_gaps_that_are_named) {
    ck_assert_int_eq(train("far", "--steps 30 --quiet --set train.lr=1e6").status, 0);
    ck_assert_int_eq(nomen("plot '%s' updates", scratch("far")).status, 0);
    ck_assert_ptr_nonnull(strstr(expect_picture(scratch("far/plots"), "updates", NULL), "Gaps: there the update is 0"));
}
END_TEST

START_TEST(runs_are_compared) {
    char a[256], b[256], curve[256];
    ck_assert_int_eq(train("a", "--steps 100 --quiet --seeds 3").status, 0);
    ck_assert_int_eq(train("b", "--steps 100 --quiet --set train.lr=0.05").status, 0);
    ck_assert_int_eq(nomen("plot '%s' '%s' --out '%s'", scratch("a"), scratch("b"), scratch("out")).status, 0);
    char *svg = expect_picture(scratch("out"), "compare", (const char *const[]){"last loss", ""});
    ck_assert_ptr_nonnull(strstr(svg, " over 3 seeds</text>"));
    // The numbers are those of nomen compare.
    const char *compared = nomen("compare '%s' '%s' --json", scratch("a"), scratch("b")).out;
    double mean = strtod(strstr(strstr(compared, "\"dev\""), "\"mean\":") + strlen("\"mean\":"), NULL);
    snprintf(curve, sizeof curve, ": %.4f, deviation ", mean);
    ck_assert_msg(strstr(svg, curve) != NULL, "no %s in it; %s", curve, compared);
    // A directory of one run a seed is a group by itself; one of different runs stands for its runs.
    Output output = nomen("plot '%s'", scratch("a"));
    snprintf(a, sizeof a, "%s/plots/compare.svg\n", scratch("a"));
    ck_assert_str_eq(output.out, a);
    expect_refusal(nomen("plot '%s' '%s' loss", scratch("a"), scratch("b")), 2,
                   "nomen: loss: 4 runs were given, and this picture is of one; see nomen plot --help");
    expect_refusal(nomen("plot '%s' compare", scratch("b")), 2,
                   "nomen: compare: one run was given, and this picture compares two or more; see nomen plot --help");
    // A run that cannot be compared is named in one line.
    snprintf(b, sizeof b, "%s/metrics.csv", scratch("b"));
    ck_assert_int_eq(remove(b), 0);
    expect_refusal(nomen("plot '%s' '%s' --out '%s'", scratch("a"), scratch("b"), scratch("out2")), 1,
                   "nomen: compare: %s: no such file; nomen train writes it while it trains", b);
}
END_TEST

START_TEST(png_and_dirs) {
    const char *run = make_run();
    size_t n;
    Output output = nomen("plot '%s/best.safetensors' next --format png", run);
    ck_assert_str_eq(output.err, "");
    char *png = read_text(scratch("run/plots/next.png"), &n);
    ck_assert(n > 1000 && memcmp(png, "\x89PNG\r\n\x1a\n", 8) == 0);
    output = nomen("plot '%s' next next --format svg --out '%s'", run, scratch("x/y z"));
    ck_assert_uint_eq(count_lines(output.out), 1);
    expect_picture(scratch("x/y z"), "next", NULL);
    output = nomen("plot '%s/model.safetensors' --out '%s'", run, scratch("m"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.err, "no loss: "));
    ck_assert_ptr_nonnull(strstr(output.err, " is a model file; metrics.csv lies in the directory of a run\n"));
}
END_TEST

START_TEST(help_names_every_kind) {
    const char *help = nomen("plot --help").out;
    for (size_t i = 0; i < N_PLOT_KINDS; i++) ck_assert_ptr_nonnull(strstr(help, PLOT_KINDS[i]->name));
}
END_TEST

SUITE(cli_plot, NEEDS_NOTHING) {
    ADD(a_network_has_every_kind);
    ADD(bigrams_are_counted);
    ADD(counts_have_what_applies_and_say_the_rest);
    ADD(histograms_are_of_the_step_that_diagnose_shows);
    ADD(a_rate_that_changes_is_marked);
    ADD(few_steps_and_few_rows_are_drawn_as_they_are);
    ADD(noise_is_smoothed);
    ADD(full_batches_are_drawn_as_they_are);
    ADD(the_rate_finder_draws_what_it_looks_at);
    ADD(losses_of_any_size_are_drawn);
    ADD(a_diverged_run_has_gaps_that_are_named);
    ADD(runs_are_compared);
    ADD(png_and_dirs);
    ADD(help_names_every_kind);
}
