// nomen plot with missing, damaged or hostile input: one line of error, no half-written file, text that stays text.
#include "cli/plot.h"

#include <sys/stat.h>

#define HEADER "step,lr,loss,train_loss,dev_loss,seconds"

START_TEST(metrics_that_are_missing_or_damaged) {
    const char *run = make_run(), *metrics = scratch("run/metrics.csv");
    size_t n;
    char *whole = read_text(metrics, &n);
    write_text(metrics, HEADER "\n");
    expect_refusal(nomen("plot '%s' loss", run), 1,
                   "nomen: loss: %s: no rows yet; nomen train adds one every train.log_every steps", metrics);
    ck_assert(!exists(scratch("run/plots")));
    write_text(metrics, HEADER "\n0,0.1,,,,1\n");
    expect_refusal(nomen("plot '%s' loss", run), 1, "nomen: loss: no row of metrics.csv has a loss");
    EXPECT_PARTS(nomen("plot '%s'", run).err, "nomen: no loss: ");
    ck_assert(!exists(scratch("run/plots/loss.svg")) && exists(scratch("run/plots/updates.svg")));
    write_bytes(metrics, whole, n - 3);
    ck_assert_str_eq(nomen("plot '%s' loss", run).err, "");
    // A run without measured splits cannot be compared.
    const char *other = make_model("other", NULL, COUNTS(2, 1), "");
    write_text(metrics, HEADER "\n0,0.1,3,,,1\n");
    expect_refusal(nomen("plot '%s' '%s' --out '%s'", run, other, scratch("out")), 1,
                   "nomen: compare: not all runs have measured a split yet (train.eval_every)");
    remove(metrics);
    expect_refusal(nomen("plot '%s' '%s' --out '%s'", run, other, scratch("out")), 1,
                   "nomen: compare: %s: no such file or directory", metrics);
}
END_TEST

START_TEST(a_model_has_what_applies_and_says_the_rest) {
    const char *run = make_model("counts", NULL, COUNTS(2, 1), "");
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(count(output.out, "\n"), 3);
    ck_assert_str_eq(output.err, "nomen: no loss: counts are not trained step by step\n"
                                 "nomen: no embedding: counts have no embedding\n"
                                 "nomen: no activations, gradients, updates, lr-find: counts have no gradients\n");
    expect_refusal(nomen("plot '%s' next embedding", run), 1, "nomen: embedding: counts have no embedding");
    run = make_model("linear", NULL, LAYERS(1, EMBEDDING("1") OUTPUT("")), "");
    expect_refusal(nomen("plot '%s' gradients", run), 1,
                   "nomen: gradients: the network has no layer tanh, sigmoid, relu or rnn");
    expect_refusal(nomen("plot '%s' embedding", run), 1, "nomen: embedding: the embedding has a single dimension");
    // Weights that give no distribution, and weights that give no step: the batch has no spread to divide by.
    run = make_model("ten", NULL, LAYERS(1, EMBEDDING("2, 'weight': {'constant': 10}") OUTPUT("")), "--set train.lr=0");
    const char *copy = with_numbers(run, "layers.1.weight", 3e38F, 3e38F);
    expect_refusal(nomen("plot '%s' next", copy), 1,
                   "nomen: next: the model gives no distribution at a name's beginning");
    run = make_model("bn", NULL, LAYERS(1, EMBEDDING("2") "{'type': 'batchnorm', 'eps': 0}, " TANH OUTPUT("")), "");
    output = nomen("plot '%s' activations", with_numbers(run, "layers.0.weight", 0, 0));
    ck_assert_int_eq(output.status, 1);
    ck_assert_msg(strncmp(output.err, "nomen: activations: ", 20) == 0, "%s", output.err);
    EXPECT_PARTS(output.err, "the output of model.layers[1] (batchnorm) overflows");
    ck_assert(!exists(scratch("plots")));
}
END_TEST

// The first weights are in the run; the rate that follows makes them infinite.
START_TEST(a_training_that_fails_has_no_picture) {
    make_model("run", NULL, LAYERS(1, EMBEDDING("2") OUTPUT("")), "--steps 1");
    Output output = nomen("train '%s' --run '%s' --quiet --force --set train.checkpoint_every=10 --steps 30 --set "
                          "'train.lr=[[0,0.1],[20,1e30]]'",
                          scratch("m.json"), scratch("run"));
    ck_assert_int_eq(output.status, 1);
    output = nomen("plot '%s' updates", scratch("run"));
    ck_assert_msg(output.status == 1 && strncmp(output.err, "nomen: updates: ", 16) == 0, "%s", output.err);
    EXPECT_PARTS(output.err, " is not finite, because ");
}
END_TEST

START_TEST(operands_and_options) {
    const char *run = make_run(), *none = scratch("none"), *file = scratch("file"), *out = scratch("out");
    shell("cd '%s' && echo kept >file && mkdir -p out/next.svg g && cp -r run g/seed-1", scratch("."));
    static const char help[] = "; see nomen plot --help";
    expect_refusal(nomen("plot '%s' '%s'", run, none), 1, "nomen: %s: no such run; nomen train makes one", none);
    expect_refusal(nomen("plot '%s' bigrm", run), 2,
                   "nomen: unknown run or kind of picture \"bigrm\"; did you mean bigrams? see nomen plot --help");
    expect_refusal(nomen("plot '%s' '%s' --data x", run, run), 2, "nomen: --data: expected one run, found 2%s", help);
    expect_refusal(nomen("plot '%s' next --out '%s'", run, file), 1, "nomen: %s: expected a directory, found a file",
                   file);
    expect_refusal(nomen("plot '%s' next --out '%s'", run, out), 1,
                   "nomen: %s/next.svg: expected a file, found a directory", out);
    ck_assert_str_eq(read_text(file, NULL), "kept\n");
    ck_assert_str_eq(shell("ls '%s'", out).out, "next.svg\n");
    // The kind must suit the number of runs.
    expect_refusal(nomen("plot '%s' compare", run), 2,
                   "nomen: compare: this picture compares runs, and one run was given%s", help);
    shell("cd '%s' && cp -r run other", scratch("."));
    expect_refusal(nomen("plot '%s' '%s' loss", run, scratch("other")), 2,
                   "nomen: loss: this picture shows one run, and several were given%s", help);
    ck_assert(!exists(scratch("run/plots")));
}
END_TEST

START_TEST(a_names_file_that_is_gone_or_has_changed) {
    const char *run = make_run();
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    ck_assert_int_eq(rename(path, scratch("moved.txt")), 0);
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_str_eq(output.err,
                     textf("nomen: no bigrams, activations, gradients, updates, lr-find: %s: no such file or "
                           "directory; put it back, or name its new place with --data FILE\n",
                           path));
    ck_assert(exists(scratch("run/plots/predictions.svg")) && !exists(scratch("run/plots/bigrams.svg")));
    ck_assert_str_eq(nomen("plot '%s' bigrams --data '%s'", run, scratch("moved.txt")).err, "");
    read_picture(scratch("run/plots"), "bigrams");
    write_text(path, "ada\nbob\n");
    expect_refusal(nomen("plot '%s' updates", run), 1,
                   "nomen: updates: %s: it has changed since the run was trained on it; put it back, or name its new "
                   "place with --data FILE",
                   path);
    output = nomen("plot '%s' --data '%s'", run, scratch("none.txt"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
}
END_TEST

START_TEST(gnuplot_missing_or_failing) {
    // What gnuplot does, and what nomen says of it. The last line gives the reason.
    static const char *const cases[][2] = {
        {"cat >/dev/null; exit 0", "failed with exit status 0 and no message"},
        {"cat >/dev/null; printf '\\ngnuplot> set x\\n    ^\\n  line 0: lost\\n\\n' >&2; exit 1", "line 0: lost"},
        {"cat >/dev/null; printf ' \\n\\t\\n' >&2; exit 1", "failed with exit status 1 and no message"},
        {"cat >/dev/null; printf 'a\\033[2Jb' >&2; exit 1", "a?[2Jb"},
        {"cat >/dev/null; echo '<svg><script>x</script></svg>'",
         "expected an SVG without scripts, found something else"},
        {"kill -9 $$", "failed with exit status 137 and no message"},
    };
    const char *run = make_run(), *old = getenv("PATH");
    ck_assert_int_eq(mkdir(scratch("bin"), 0755), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_text(scratch("bin/gnuplot"), textf("#!/bin/sh\n%s\n", cases[i][0]));
        ck_assert_int_eq(chmod(scratch("bin/gnuplot"), 0755), 0);
        setenv("PATH", textf("%s:%s", scratch("bin"), old), 1);
        expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: %s", cases[i][1]);
    }
    setenv("PATH", scratch("nowhere"), 1);
    expect_refusal(nomen("plot '%s'", run), 1,
                   "nomen: loss: gnuplot draws the pictures and is not installed; install it with apt install "
                   "gnuplot-nox (Debian, Ubuntu) or brew install gnuplot (macOS)");
    ck_assert(!exists(scratch("run/plots")));
}
END_TEST

// All of these symbols are drawn. Pairs such as "<&" mean something to gnuplot, a shell or XML.
static const char HOSTILE[] = "<script>x</script>\n\"; system(\"touch X\"); \"\n'; system('touch X') #\n`touch X`\n"
                              "$(touch X)\n</svg>\n@x{a}_b^c%d\na\\nb\\\n&amp;&lt;\n]]>\nEND\n.a. b\n\xd7\xa2\xd7\x91\n"
                              "\xe6\x97\xa5\xe6\x9c\xac\nx\xe2\x80\x8by\ne\xcc\x81\n'a\n''b\n";

START_TEST(hostile_names_stay_text) {
    const char *run = make_model("h", HOSTILE, LAYERS(2, EMBEDDING("2") FLATTEN LINEAR("4") TANH OUTPUT("")), "");
    static const char *const kinds[] = {"bigrams", "predictions", "next"}; // all that show symbols
    for (size_t i = 0; i < COUNT(kinds); i++) draw(run, kinds[i]);
    EXPECT_PARTS(draw(run, "embedding"), ">&lt;<", ">&gt;<", ">&amp;<", ">'<", ">\"<", ">`<", ">$<", ">\\<", ">@<",
                 ">{<", ">_<", ">^<", ">%<", ">#<", ">END<", ">.<", ">\u2423<", ">U+200B<", ">U+0301<", ">\u65e5<");
    ck_assert_str_eq(nomen("plot '%s' embedding next --format png", run).err, "");
    ck_assert(!exists("X") && !exists(scratch("X")));
}
END_TEST

START_TEST(a_hostile_run_name_stays_text) {
    const char *run = make_run(),
               *hostile = scratch("\"; system(\"touch X\")\n`touch X`#\xff' \"$`\\'{}<b>&amp;]]>\\n 0.12");
    ck_assert_int_eq(rename(run, hostile), 0);
    setenv("HOSTILE", hostile, 1);
    ck_assert_str_eq(nomen("plot \"$HOSTILE\" loss").err, "");
    EXPECT_PARTS(read_picture(inside(hostile, "plots"), "loss"), "'{}&lt;b&gt;&amp;amp;]]&gt;\\n 0.12</text>");
    ck_assert_int_eq(train("b", "--steps 100 --quiet").status, 0);
    ck_assert_str_eq(nomen("plot \"$HOSTILE\" '%s' --out '%s'", scratch("b"), scratch("out")).err, "");
    EXPECT_PARTS(read_picture(scratch("out"), "compare"), "'{}&lt;b&gt;&amp;amp;]]&gt;\\n 0.12: ");
    ck_assert(!exists("X") && !exists(scratch("X")));
}
END_TEST

SUITE(cli_plot_refused, NEEDS_NOTHING) {
    ADD(metrics_that_are_missing_or_damaged);
    ADD(a_model_has_what_applies_and_says_the_rest);
    ADD(a_training_that_fails_has_no_picture);
    ADD(operands_and_options);
    ADD(a_names_file_that_is_gone_or_has_changed);
    ADD(gnuplot_missing_or_failing);
    ADD(hostile_names_stay_text);
    ADD(a_hostile_run_name_stays_text);
}
