// nomen plot on what is missing, damaged or hostile: a line that says so, and never a half-written file.
#include "cli/plot.h"

#include "base/buffer.h"
#include "draw/plot.h"

#include <sys/stat.h>
#include <unistd.h>

static void refuse_loss(const char *run, const char *metrics, const char *reason) {
    if (metrics) write_text(inside(run, "metrics.csv"), metrics);
    expect_refusal(nomen("plot '%s' loss", run), 1, "nomen: loss: %s%s", inside(run, "metrics.csv"), reason);
    ck_assert(!exists(inside(run, "plots")));
}

START_TEST(metrics_that_are_missing_or_none) {
    static const char cut[] = ": line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found \"step,lr,lo\"",
                      other[] = ": line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found \"a,b\"",
                      empty[] = ": expected \"step,lr,loss,train_loss,dev_loss,seconds\" and rows, found an empty file";
    const char *run = make_run();
    ck_assert_int_eq(unlink(inside(run, "metrics.csv")), 0);
    refuse_loss(run, NULL, ": no such file; nomen train writes it while it trains");
    refuse_loss(run, "", empty);
    refuse_loss(run, "step,lr,lo", cut);
    refuse_loss(run, "a,b\n1,2\n", other);
    refuse_loss(run, "step,lr,loss,train_loss,dev_loss,seconds\n",
                ": there is no row in it yet; nomen train adds one every train.log_every steps");
    write_text(inside(run, "metrics.csv"), "step,lr,loss,train_loss,dev_loss,seconds\n0,0.1,,,,1\n");
    expect_refusal(nomen("plot '%s' loss", run), 1, "nomen: loss: no row of metrics.csv has a loss");
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.err, "nomen: no loss: "));
    ck_assert(!exists(inside(run, "plots/loss.svg")) && exists(inside(run, "plots/updates.svg")));
}
END_TEST

START_TEST(a_row_cut_off_is_left_out_and_said) {
    const char *run = make_run();
    size_t n;
    char *text = read_text(inside(run, "metrics.csv"), &n), want[PATH_MAX + 64];
    write_bytes(inside(run, "metrics.csv"), text, n - 3);
    Output output = nomen("plot '%s' loss", run);
    snprintf(want, sizeof want, "nomen: %s/metrics.csv: its last row is cut off, and left out\n", run);
    ck_assert_str_eq(output.err, want);
    ck_assert_int_eq(output.status, 0);
    expect_picture(inside(run, "plots"), "loss", NULL);
}
END_TEST

// As compare does: it would be one curve upon another, or two seeds that are one.
START_TEST(a_run_that_is_given_twice) {
    const char *run = make_run();
    ck_assert_int_eq(nomen("--version >/dev/null; cd '%s' && mkdir -p g && cp -r run g/seed-1", scratch("")).status, 0);
    static const char *const operands[] = {"", "/", "/model.safetensors"};
    for (size_t i = 0; i < COUNT(operands); i++)
        expect_refusal(nomen("plot '%s' '%s%s' compare", run, run, operands[i]), 2,
                       "nomen: %s/model.safetensors is given twice; see nomen plot --help", run);
    expect_refusal(nomen("plot '%s' '%s/seed-1'", scratch("g"), scratch("g")), 2,
                   "nomen: %s/seed-1/model.safetensors is given twice; see nomen plot --help", scratch("g"));
    ck_assert(!exists(inside(run, "plots")));
}
END_TEST

START_TEST(operands_that_are_none) {
    const char *run = make_run();
    expect_refusal(nomen("plot"), 2, "nomen: RUN is missing; see nomen plot --help");
    expect_refusal(nomen("plot '%s'", scratch("none")), 1, "nomen: %s: no such run; nomen train makes one",
                   scratch("none"));
    expect_refusal(
        nomen("plot '%s' bigrm", run), 2,
        "nomen: \"bigrm\" is neither a run nor a kind of picture; did you mean bigrams? see nomen plot --help");
    expect_refusal(nomen("plot '%s' xyzzy", run), 2,
                   "nomen: \"xyzzy\" is neither a run nor a kind of picture; see nomen plot --help");
    // With a slash it is a run, even where there is none.
    expect_refusal(nomen("plot '%s' '%s'", run, scratch("bigrm")), 1, "nomen: %s: no such run; nomen train makes one",
                   scratch("bigrm"));
    expect_refusal(nomen("plot '%s' --format gif", run), 2,
                   "nomen: --format: expected svg or png, found \"gif\"; see nomen plot --help");
    expect_refusal(
        nomen("plot '%s' '%s' --data x", run, run), 2,
        "nomen: --data: it says where one run's names file lies, and 2 runs were given; see nomen plot --help");
    ck_assert(!exists(inside(run, "plots")));
}
END_TEST

START_TEST(a_names_file_that_is_gone_or_has_changed) {
    const char *run = make_run();
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    ck_assert_int_eq(rename(path, scratch("moved.txt")), 0);
    expect_refusal(nomen("plot '%s' bigrams", run), 1,
                   "nomen: bigrams: %s: no such file or directory; --data says where it lies now", path);
    Output output = nomen("plot '%s'", run);
    ck_assert_int_eq(output.status, 0);
    char want[PATH_MAX + 200];
    snprintf(want, sizeof want,
             "nomen: no bigrams, activations, gradients, updates, lr-find: %s: no such file or directory; --data says "
             "where it lies now\n",
             path);
    ck_assert_str_eq(output.err, want);
    ck_assert(exists(inside(run, "plots/predictions.svg")) && !exists(inside(run, "plots/bigrams.svg")));
    ck_assert_str_eq(nomen("plot '%s' bigrams --data '%s'", run, scratch("moved.txt")).err, "");
    expect_picture(inside(run, "plots"), "bigrams", NULL);
    write_text(path, "ada\nbob\n");
    expect_refusal(nomen("plot '%s' updates", run), 1,
                   "nomen: updates: %s: it has changed since the run was trained on it; put it back, or see nomen eval "
                   "--data",
                   path);
    output = nomen("plot '%s' --data '%s'", run, scratch("none.txt"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
}
END_TEST

START_TEST(a_dir_that_cannot_be_written) {
    const char *run = make_run();
    write_text(scratch("file"), "kept");
    expect_refusal(nomen("plot '%s' next --out '%s'", run, scratch("file")), 1,
                   "nomen: %s: expected a directory, found a file", scratch("file"));
    expect_refusal(nomen("plot '%s' next --out '%s/sub'", run, scratch("file")), 1, "nomen: %s/sub: not a directory",
                   scratch("file"));
    ck_assert_str_eq(read_text(scratch("file"), NULL), "kept");
    expect_refusal(nomen("plot '%s' --out ''", run), 2,
                   "nomen: --out: expected a directory, found \"\"; see nomen plot --help");
    ck_assert_int_eq(mkdir(scratch("out"), 0755), 0);
    ck_assert_int_eq(mkdir(scratch("out/next.svg"), 0755), 0);
    expect_refusal(nomen("plot '%s' next --out '%s'", run, scratch("out")), 1, "nomen: %s/next.svg: is a directory",
                   scratch("out"));
    ck_assert_str_eq(nomen("--version >/dev/null; ls '%s'", scratch("out")).out, "next.svg\n");
}
END_TEST

// A program called gnuplot that does this, found before any other.
static void put_gnuplot(const char *script) {
    char search[PATH_MAX * 4];
    mkdir(scratch("bin"), 0755);
    write_text(scratch("bin/gnuplot"), script);
    ck_assert_int_eq(chmod(scratch("bin/gnuplot"), 0755), 0);
    snprintf(search, sizeof search, "%s:%s", scratch("bin"), getenv("PATH"));
    setenv("PATH", search, 1);
}

START_TEST(gnuplot_missing) {
    const char *run = make_run();
    setenv("PATH", scratch("nowhere"), 1);
    expect_refusal(nomen("plot '%s'", run), 1,
                   "nomen: loss: gnuplot draws the pictures, and is not here; install it, on Debian and Ubuntu by apt "
                   "install gnuplot-nox, on macOS by brew install gnuplot");
    ck_assert(!exists(inside(run, "plots")));
}
END_TEST

START_TEST(gnuplot_failing) {
    const char *run = make_run();
    put_gnuplot("#!/bin/sh\ncat >/dev/null\necho '' >&2\necho 'gnuplot> set x' >&2\necho '    ^' >&2\n"
                "echo 'line 0: all is lost' >&2\necho more >&2\nexit 1\n");
    expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: line 0: all is lost");
    // The script, how it fails; blank lines and the echo of a command say nothing.
    static const char *const silent[][2] = {
        {"exit 2", "it failed with exit status 2 and did not say why"},
        {"exit 255", "it failed with exit status 255 and did not say why"},
        {"cat >/dev/null; exit 0", "it failed with exit status 0 and did not say why"},
        {"cat >/dev/null; printf '\\n  \\n \\t' >&2; exit 1", "it failed with exit status 1 and did not say why"},
        {"cat >/dev/null; printf 'gnuplot> plot\\n   ^' >&2; exit 1",
         "it failed with exit status 1 and did not say why"},
        {"cat >/dev/null; printf 'a\\033[2Jb' >&2; exit 1", "a?[2Jb"},
    };
    for (size_t i = 0; i < COUNT(silent); i++) {
        char script[128];
        snprintf(script, sizeof script, "#!/bin/sh\n%s\n", silent[i][0]);
        put_gnuplot(script);
        expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: %s", silent[i][1]);
    }
    // Of a long line as much as a person reads, and no half of a symbol.
    put_gnuplot("#!/bin/sh\ncat >/dev/null\nprintf 'x%0298d\\303\\251yz' 0 >&2\nexit 1\n");
    expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: x%0298d", 0);
    put_gnuplot("#!/bin/sh\ncat >/dev/null\necho nonsense\n");
    expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: what it drew is no SVG");
    static const char *const pngs[] = {"nonsense", "nonsense of many bytes", "\\211PNG\\r\\n\\032\\nIHDR",
                                       "\\211PNG\\r\\n\\032\\nIHDR and no end", "IEND\\256\\102\\140\\202"};
    for (size_t i = 0; i < COUNT(pngs); i++) {
        char script[128];
        snprintf(script, sizeof script, "#!/bin/sh\ncat >/dev/null\nprintf '%s'\n", pngs[i]);
        put_gnuplot(script);
        expect_refusal(nomen("plot '%s' --format png", run), 1, "nomen: loss: gnuplot: what it drew is no whole PNG");
    }
    put_gnuplot("#!/bin/sh\ncat >/dev/null\nprintf 'line \\377\\n' >&2\nexit 1\n");
    expect_refusal(nomen("plot '%s'", run), 1, "nomen: loss: gnuplot: line ?");
    put_gnuplot("#!/bin/sh\nkill -9 $$\n");
    expect_refusal(nomen("plot '%s' --format png", run), 1, "nomen: loss: gnuplot: signal 9 ended it");
    ck_assert(!exists(inside(run, "plots")));
}
END_TEST

// Every symbol of these is drawn, in a table of most of them.
static const char HOSTILE[] = "<script>x</script>\n\"; system(\"touch X\"); \"\n'; system('touch X') #\n`touch X`\n"
                              "$(touch X)\n</svg>\n@x{a}_b^c%d\na\\nb\\\n&amp;&lt;\n]]>\nEND\n.a. b\n\xd7\xa2\xd7\x91\n"
                              "\xe6\x97\xa5\xe6\x9c\xac\nx\xe2\x80\x8by\ne\xcc\x81\n'a\n''b\n";

START_TEST(a_hostile_names_file_changes_nothing_but_text) {
    const char *config = write_config();
    write_text(scratch("names.txt"), HOSTILE);
    ck_assert_int_eq(
        nomen("train '%s' --run '%s' --steps 60 --quiet --set data.split=[1]", config, scratch("h")).status, 0);
    Output output = nomen("plot '%s'", scratch("h"));
    ck_assert_str_eq(output.err, "");
    for (size_t i = 0; i < N_PLOT_KINDS; i++)
        if (!PLOT_KINDS[i]->takes_several) expect_picture(scratch("h/plots"), PLOT_KINDS[i]->name, NULL);
    output = nomen("plot '%s' embedding next --format png", scratch("h"));
    ck_assert_str_eq(output.err,
                     "nomen: a PNG shows characters that fonts often lack by their codes, such as U+65E5; an "
                     "SVG shows them all\n");
    expect_picture(scratch("h/plots"), "embedding",
                   (const char *const[]){"&lt;", "&gt;", "&amp;",  "'",      "\"",     "`",      "$",
                                         "\\",   "@",    "{",      "_",      "^",      "%",      "#",
                                         "END",  ".",    "\u2423", "U+200B", "U+0301", "\u65e5", ""});
    ck_assert(!exists("X") && !exists(scratch("X")));
}
END_TEST

// Pairs of characters that mean something to gnuplot, a shell or XML, the i-th of them i + 1 times.
START_TEST(hostile_characters_are_counted_like_any) {
    static const char *const pairs[][2] = {{"<&", "&lt;&amp;"}, {">\"", "&gt;\""}, {"'\\", "'\\"}, {"`$", "`$"},
                                           {"@{", "@{"},        {"_^", "_^"},      {"%#", "%#"},   {"4;", "4;"}};
    Arena arena = {0};
    Error err;
    Buffer names = {.arena = &arena};
    for (size_t i = 0; i < COUNT(pairs); i++)
        for (size_t k = 0; k <= i; k++) buffer_print(&names, "%s\n", pairs[i][0]);
    const char *config = write_config();
    write_text(scratch("names.txt"), buffer_text(&names, &err));
    ck_assert_int_eq(nomen("train '%s' --run '%s' --steps 1 --quiet --set data.split=[1]", config, scratch("h")).status,
                     0);
    ck_assert_int_eq(nomen("plot '%s' bigrams", scratch("h")).status, 0);
    const char *svg = expect_picture(scratch("h/plots"), "bigrams", NULL);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        char count[8];
        snprintf(count, sizeof count, "%zu", i + 1);
        ck_assert_str_eq(cell_of(svg, pairs[i][1]), count);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_hostile_run_name_changes_nothing_but_text) {
    const char *run = make_run(),
               *hostile = scratch("\"; system(\"touch X\")\n`touch X`#\xff' \"$`\\'{}<b>&amp;]]>\\n 0.12");
    ck_assert_int_eq(rename(run, hostile), 0);
    setenv("HOSTILE", hostile, 1);
    Output output = nomen("plot \"$HOSTILE\"");
    ck_assert_str_eq(output.err, "");
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (PLOT_KINDS[i]->takes_several) continue;
        const char *svg = expect_picture(inside(hostile, "plots"), PLOT_KINDS[i]->name, NULL);
        ck_assert_ptr_nonnull(strstr(svg, "'{}&lt;b&gt;&amp;amp;]]&gt;\\n 0.12</text>"));
        ck_assert_ptr_nonnull(strstr(svg, "'{}&lt;b&gt;&amp;amp;]]&gt;\\n 0.12</title>"));
    }
    ck_assert_int_eq(train("b", "--steps 100 --quiet").status, 0);
    ck_assert_str_eq(nomen("plot \"$HOSTILE\" '%s' --out '%s'", scratch("b"), scratch("out")).err, "");
    const char *svg = expect_picture(scratch("out"), "compare", NULL);
    ck_assert_ptr_nonnull(strstr(svg, "'{}&lt;b&gt;&amp;amp;]]&gt;\\n 0.12: "));
    ck_assert(!exists("X") && !exists(scratch("X")));
}
END_TEST

// Five thousand symbols: the table of the most frequent, and all pictures of a size that a page can hold.
START_TEST(a_vocabulary_of_thousands) {
    Arena arena = {0};
    Error err;
    Buffer names = {.arena = &arena};
    for (uint32_t i = 0; i < 4999; i++) {
        char symbol[UTF8_MAX_BYTES];
        buffer_add(&names, symbol, utf8_encode(0x4e00 + i, symbol));
        if (i % 2) buffer_print(&names, "abc\n");
    }
    buffer_print(&names, "\n");
    const char *config = write_config();
    write_text(scratch("names.txt"), buffer_text(&names, &err));
    ck_assert_int_eq(nomen("train '%s' --run '%s' --steps 20 --quiet", config, scratch("big")).status, 0);
    Output output = nomen("plot '%s'", scratch("big"));
    ck_assert_str_eq(output.err, "");
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (PLOT_KINDS[i]->takes_several) continue;
        const char *kind = PLOT_KINDS[i]->name;
        const char *svg = expect_picture(scratch("big/plots"), kind, NULL);
        bool is_table = strcmp(kind, "bigrams") == 0 || strcmp(kind, "predictions") == 0;
        ck_assert_msg(strlen(svg) < (is_table ? 250000 : 60000), "%s takes %zu bytes", kind, strlen(svg));
    }
    const char *svg = expect_picture(scratch("big/plots"), "bigrams", (const char *const[]){"ab", "c.", ""});
    ck_assert_ptr_nonnull(strstr(svg, ">The 28 most frequent of 5003 symbols. "));
    svg = expect_picture(scratch("big/plots"), "next", NULL);
    ck_assert_ptr_nonnull(strstr(svg, ">The 30 likeliest of 5003 symbols. "));
    arena_free(&arena);
}
END_TEST

SUITE(cli_plot_refused, NEEDS_NOTHING) {
    ADD(metrics_that_are_missing_or_none);
    ADD(a_row_cut_off_is_left_out_and_said);
    ADD(a_run_that_is_given_twice);
    ADD(operands_that_are_none);
    ADD(a_names_file_that_is_gone_or_has_changed);
    ADD(a_dir_that_cannot_be_written);
    ADD(gnuplot_missing);
    ADD(gnuplot_failing);
    ADD(a_hostile_names_file_changes_nothing_but_text);
    ADD(hostile_characters_are_counted_like_any);
    ADD(a_hostile_run_name_changes_nothing_but_text);
    ADD(a_vocabulary_of_thousands);
}
