// nomen report: the page, and what it says of a run. tests/browser opens pages in a browser.
#include "cli/plot.h"

#include <math.h>
#include <sys/stat.h>

// Writes the page without pictures, which must print just this on standard error, and returns it.
static const char *report_noting(const char *run, const char *note) {
    Output output = nomen("report '%s' --no-plots", run);
    ck_assert_str_eq(output.err, note);
    ck_assert_str_eq(output.out, textf("%s/report.html\n", run));
    return read_text(inside(run, "report.html"), NULL);
}

static const char *report(const char *run) { return report_noting(run, ""); }

// Returns the JSON of the model in the page.
static cJSON *model_of(const char *page) {
    static const char begin[] = "<script type=\"application/json\" id=\"model\">";
    const char *at = strstr(page, begin);
    ck_assert_ptr_nonnull(at);
    at += strlen(begin);
    return json_of(textf("%.*s", (int)(strstr(at, "</script>") - at), at));
}

START_TEST(a_page_is_one_file) {
    const char *run = make_run(), *page = report(run);
    ck_assert_int_eq(strncmp(page, "<!doctype html>\n", 16), 0);
    ck_assert_uint_lt(strlen(page), 200000);
    ck_assert_uint_eq(count(page, "http"), 2); // http-equiv, the namespace of SVG
    ck_assert_uint_eq(count(page, " src=") + count(page, "{{"), 0);
    EXPECT_PARTS(page, "script-src 'sha256-", "<title>run &middot; nomen</title>", "<h1><bdi>run</bdi></h1>",
                 "A network that sees 3 characters and predicts the next, trained on 12 names of <bdi>names.txt</bdi>.",
                 "<tr><th scope=\"row\">test</th><td>2</td>", "<h3>T = 1.5, adventurous</h3>", "layers.2.weight",
                 "&quot;path&quot;");
    ck_assert_str_eq(report(run), page);
}
END_TEST

// The losses are those of eval, the names those of sample --report.
START_TEST(the_page_says_what_the_commands_say) {
    const char *run = make_run(), *page = report(run);
    cJSON *losses = json_of(nomen("eval '%s' --json", run).out);
    char text[512];
    for (const cJSON *part = losses->child; part; part = part->next) {
        double loss = number_at(part, "loss");
        snprintf(text, sizeof text, "<td>%.4f</td><td>%.4f</td>", loss, exp(loss));
        EXPECT_PARTS(page, text);
    }
    char *names = nomen("sample '%s' -n 12 -t 0.5 --report", run).out;
    for (size_t i = 0; i < 12; i++, names = strchr(names, '\n') + 1) {
        char standing[8], name[128];
        double nll;
        ck_assert_int_eq(sscanf(names, "%lf\t%7[a-z]\t%127[a-z]", &nll, standing, name), 3);
        snprintf(text, sizeof text, "<bdi>%.40s</bdi></td><td>%.2f</td>", name, nll);
        EXPECT_PARTS(page, text);
    }
}
END_TEST

static double float_at(const char *base64, size_t index) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char bytes[4];
    for (size_t b = 0; b < 4; b++) {
        size_t bit = (index * 4 + b) * 8;
        unsigned first = (unsigned)(strchr(digits, base64[bit / 6]) - digits);
        unsigned second = (unsigned)(strchr(digits, base64[bit / 6 + 1]) - digits);
        bytes[b] = (unsigned char)(((first << 6 | second) >> (4 - bit % 6)) & 255);
    }
    uint32_t bits = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return (double)value;
}

START_TEST(the_page_holds_the_weights) {
    const char *run = make_run();
    cJSON *model = model_of(report(run));
    SafeTensors file = read_model(run, "model.safetensors");
    const cJSON *tensors = json_at(model, "tensors");
    ck_assert_int_eq(cJSON_GetArraySize(tensors), 5);
    for (const cJSON *tensor = tensors->child; tensor; tensor = tensor->next) {
        const FileTensor *expected = safetensors_find(&file, tensor->string);
        ck_assert_ptr_nonnull(expected);
        for (size_t i = 0; i < file_tensor_count(expected); i++) {
            float value;
            memcpy(&value, (const char *)expected->data + i * sizeof value, sizeof value);
            ck_assert_double_eq(float_at(tensor->valuestring, i), (double)value);
        }
    }
    expect_value(model, "symbols.1", "a");
    expect_value(model, "labels.0", "end .");
    ck_assert_int_eq(cJSON_GetArraySize(json_at(model, "labels")), 1);
}
END_TEST

START_TEST(counts_have_a_page) {
    const char *run = make_model("run", "ab\nba\n", "'ngram': 3", "");
    ok(nomen("report '%s'", run));
    const char *page = read_text(inside(run, "report.html"), NULL);
    EXPECT_PARTS(page, "Counts of 3 characters in a row, in 2 names of <bdi>names.txt</bdi>.",
                 "Counts are added up, not trained: there are no gradients to look at.",
                 "<details><summary>Pictures that this run does not have</summary>\n<ul>\n"
                 "<li>loss: counts are not trained step by step</li>\n");
    ck_assert_ptr_null(strstr(page, "<li>compare"));
    expect_value(model_of(page), "counts", "AQAAAAEAAAABAAAAAQAAAAEAAAABAAAA");
}
END_TEST

START_TEST(names_stay_text) {
    const char *run = make_model("run", "<script>alert(1)</script>\n</style>{{model}}\n\"'`$\\--> ]]>\n<!--\n",
                                 COUNTS(16, 0), "--set 'name=<script>\"&'");
    const char *page = report(run);
    ck_assert_uint_eq(count(page, "<script"), 2);
    ck_assert_uint_eq(count(page, "</script"), 2);
    ck_assert_uint_eq(count(page, "</style"), 1);
    ck_assert_uint_eq(count(page, "<!--"), 0);
    EXPECT_PARTS(page, "&lt;script&gt;\\&quot;&amp;", "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>",
                 "<bdi>&lt;/style&gt;{{model}}</bdi>");
    model_of(page);
}
END_TEST

// What a page says of runs that were trained in different ways.
START_TEST(the_page_says_how_it_was_trained) {
    static const char *const cases[][2] = {
        {"--set 'train.lr=[[0,0.2],[50,0.05]]'", "; rate 0.2 at first<"},
        {"--set 'train.lr={\"from\":0.2,\"to\":0.01,\"shape\":\"cosine\",\"steps\":100,\"warmup\":10}'",
         "; rate 0.2 at first<"},
        {"--set 'train.batch_size=\"all\"'", "100 steps with the whole train split, by sgd; rate 0.1<"},
        {"--set train.lr=0 --set train.early_stop.patience=1 --steps 200", "after 100 of 200 steps (early stop)."},
        {"--set data.split=[1]", "<dt>train loss</dt>"},
        {"--set 'model.layers=[{\"type\":\"embedding\",\"dim\":4},{\"type\":\"linear\",\"out\":\"vocab\"}]'",
         "100 steps with 32 names each, by sgd; rate 0.1<"},
        {"--set train.lr=3", "best.safetensors has the weights with the lowest dev loss measured, "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        ck_assert_str_eq(train("c", textf("--steps 100 --quiet --force %s", cases[i][0])).err, "");
        const char *page = report(scratch("c"));
        EXPECT_PARTS(page, cases[i][1]);
    }
}
END_TEST

// Writes the page of a model file, without pictures.
static const char *report_file(const char *file) {
    Output output =
        nomen("report '%s' --no-plots --out '%s' --data '%s'", file, scratch("page.html"), scratch("names.txt"));
    ck_assert_str_eq(output.err, "");
    return read_text(scratch("page.html"), NULL);
}

START_TEST(a_model_file_has_a_page) {
    static const double seconds = 120;
    const char *run = make_run(), *best = scratch("run/best.safetensors");
    expect_refusal(nomen("report '%s' --no-plots", best), 2,
                   "nomen: %s is a model file; --out sets the page's file; see nomen report --help", best);
    EXPECT_PARTS(report_file(best), "The weights of this page are those of one model file",
                 "<h1><bdi>run/best.safetensors</bdi></h1>");
    EXPECT_PARTS(report_file(with_data(run, "state.seconds", &seconds)), "<dd>2 min</dd>");
    // A model too large for a page.
    run =
        make_model("run", "ab\nba\n", LAYERS(1, EMBEDDING("700000") OUTPUT("")), "--steps 1 --set train.batch_size=1");
    const char *page = report(run);
    ck_assert_uint_lt(strlen(page), 200000);
    EXPECT_PARTS(text_at(model_of(page), "missing"), "too large");
    // The weights have losses, by the running statistics; the batch of a step has no spread to divide by.
    run = make_model("bn", NULL, LAYERS(1, EMBEDDING("2") "{'type': 'batchnorm', 'eps': 0}, " OUTPUT("")), "");
    page = report_file(with_numbers(run, "layers.0.weight", 0, 0));
    EXPECT_PARTS(page, "<p class=\"note\">", "the output of model.layers[1] (batchnorm) overflows");
    ck_assert_ptr_null(strstr(page, "Outputs of each layer"));
}
END_TEST

// Each of three parts of the page shows a hundred names, the first twelve one by one.
START_TEST(blank_names_are_not_new) {
    const char *run = make_model("run", "a\na\n", COUNTS(2, 1), "--set data.split=[1]");
    size_t n = count(nomen("sample '%s' -n 100 -t 1.5 --report", run).out, "\tblank\t\n");
    EXPECT_PARTS(report(run), "(empty)<bdi></bdi></td>", "<td class=\"where\">blank</td>",
                 textf(", %zu are blank.", n));
}
END_TEST

// A name is cut at a hundred characters, where none may end.
START_TEST(odd_names_are_cut_or_improbable) {
    const char *names = textf("%0300db\n%0300db\n", 0, 0);
    EXPECT_PARTS(report(make_model("run", names, COUNTS(2, 0), "")),
                 "&hellip;</td><td>&infin;</td><td class=\"where\">new</td>");
}
END_TEST

START_TEST(without_its_names_a_run_has_a_page) {
    const char *run = make_run(), *names = scratch("names.txt");
    write_text(names, "other\nnames\n");
    EXPECT_PARTS(nomen("report '%s' --no-plots", run).err, "; the page has no parts that need the names\n");
    ck_assert_int_eq(remove(names), 0);
    const char *page =
        report_noting(run, textf("nomen: %s: no such file or directory; put it back, or name "
                                 "its new place with --data FILE; the page has no parts that need the names\n",
                                 names));
    EXPECT_PARTS(page,
                 "The page has no parts that need the names: ", "A step needs the names, which are not available.",
                 "<h3>T = 0.5, careful</h3>");
    ck_assert_uint_eq(count(page, ">train</td>"), 0);
    model_of(page);
    ck_assert_ptr_null(strstr(page, "<dt>perplexity</dt>"));
    write_text(scratch("moved.txt"), NAMES);
    nomen("report '%s' --no-plots --data '%s'", run, scratch("moved.txt"));
    EXPECT_PARTS(read_text(scratch("run/report.html"), NULL), "trained on 12 names of <bdi>moved.txt</bdi>.");
    expect_refusal(nomen("report '%s' --data '%s'", run, names), 1, "nomen: %s: no such file or directory; put it back",
                   names);
}
END_TEST

START_TEST(a_page_that_cannot_be_made_leaves_the_old_one) {
    const char *run = make_run(), *page = scratch("run/report.html"), *dir = scratch("dir");
    write_text(page, "old");
    mkdir(dir, 0777);
    expect_refusal(nomen("report '%s' --no-plots --out '%s/x.html'", run, scratch("no")), 1,
                   "nomen: %s/x.html: no such file or directory", scratch("no"));
    expect_refusal(nomen("report '%s' --no-plots --out '%s'", run, dir), 1,
                   "nomen: %s: expected a file, found a directory", dir);
    mkdir(scratch("group"), 0777);
    shell("cp -r '%s' '%s'", run, scratch("group/a"));
    expect_refusal(nomen("report '%s'", scratch("group")), 1,
                   "nomen: %s: it holds runs, such as those of several seeds; name one, such as %s", scratch("group"),
                   scratch("group/a"));
    Output output = shell("PATH=/nowhere \"$NOMEN\" report '%s'", run);
    ck_assert_int_eq(output.status, 1);
    EXPECT_PARTS(output.err, "apt install gnuplot-nox", "; --no-plots makes the page without pictures\n");
    ck_assert_uint_eq(count(output.err, "\n"), 1);
    ck_assert_str_eq(read_text(page, NULL), "old");
    ck_assert_str_eq(shell("ls '%s' '%s' | grep -c html", run, scratch(".")).out, "1\n");
}
END_TEST

START_TEST(pictures_are_in_the_page) {
    const char *run = make_run();
    ck_assert_str_eq(nomen("report '%s'", run).err, "");
    size_t n;
    const char *page = read_text(inside(run, "report.html"), &n);
    size_t n_captions = 0;
    for (size_t i = 0; i < N_PLOT_KINDS; i++) n_captions += PLOT_KINDS[i].caption != NULL;
    ck_assert_uint_eq(count(page, "<svg aria-label=\""), n_captions);
    ck_assert_uint_eq(count(page, "<svg"), count(page, "<figcaption>"));
    ck_assert_uint_eq(count(page, "<svg"), count(page, " role=\"img\""));
    ck_assert_uint_eq(count(page, "<details>"), 1); // the config: no picture is missing
    ck_assert_uint_lt(n, 1000000);
}
END_TEST

SUITE(cli_report, NEEDS_NOTHING) {
    ADD(a_page_is_one_file);
    ADD(the_page_says_what_the_commands_say);
    ADD(the_page_holds_the_weights);
    ADD(counts_have_a_page);
    ADD(names_stay_text);
    ADD(the_page_says_how_it_was_trained);
    ADD(a_model_file_has_a_page);
    ADD(blank_names_are_not_new);
    ADD(odd_names_are_cut_or_improbable);
    ADD(without_its_names_a_run_has_a_page);
    ADD(a_page_that_cannot_be_made_leaves_the_old_one);
    ADD(pictures_are_in_the_page);
}
