// nomen report through the built program; tests/browser looks at its pages in a browser.
#include "cli/report.h"

#include <cjson/cJSON.h>
#include <dirent.h>
#include <math.h>
#include <sys/stat.h>

// The JSON of the model in the page.
static cJSON *model_of(const char *page) {
    static const char begin[] = "<script type=\"application/json\" id=\"model\">";
    const char *at = strstr(page, begin);
    ck_assert_ptr_nonnull(at);
    at += strlen(begin);
    cJSON *tree = cJSON_ParseWithLength(at, (size_t)(strstr(at, "</script>") - at));
    ck_assert_ptr_nonnull(tree);
    return tree;
}

static const cJSON *member(const cJSON *tree, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, key);
    ck_assert_msg(item != NULL, "no %s", key);
    return item;
}

static void expect_no_temporary(const char *dir) {
    DIR *entries = opendir(dir);
    ck_assert_ptr_nonnull(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        ck_assert_msg(!strstr(entry->d_name, ".html"), "%s was left", entry->d_name);
    closedir(entries);
}

START_TEST(a_page_is_one_file) {
    const char *run = make_run(), *page = report(run);
    ck_assert_int_eq(strncmp(page, "<!doctype html>\n", 16), 0);
    ck_assert_uint_lt(strlen(page), 200000);
    ck_assert_uint_eq(count(page, "http"), 1); // http-equiv
    ck_assert_uint_eq(count(page, " src="), 0);
    ck_assert_uint_eq(count(page, "{{"), 0);
    expect_part(page, "script-src 'sha256-");
    expect_part(page, "<title>run &middot; nomen</title>");
    expect_part(page, "<h1><bdi>run</bdi></h1>");
    expect_part(page, "A network that sees 3 characters and says which comes next, trained on 12 names of "
                      "<bdi>names.txt</bdi>. Its config is called <bdi>c</bdi>.");
    expect_part(page, "<tr><th scope=\"row\">test</th><td>2</td>");
    expect_part(page, "<h3>T = 1.5, adventurous</h3>");
    expect_part(page, "layers.2.weight");
    expect_part(page, "&quot;path&quot;");
    ck_assert_str_eq(report(run), page);
}
END_TEST

// The losses are those of eval, the names those of sample --report.
START_TEST(the_page_says_what_the_commands_say) {
    const char *run = make_run(), *page = report(run);
    cJSON *losses = cJSON_Parse(nomen("eval '%s' --json", run).out);
    char text[512];
    for (const cJSON *part = losses->child; part; part = part->next) {
        double loss = member(part, "loss")->valuedouble;
        snprintf(text, sizeof text, "<td>%.4f</td><td>%.4f</td>", loss, exp(loss));
        expect_part(page, text);
    }
    cJSON_Delete(losses);
    char *names = nomen("sample '%s' -n 12 -t 0.5 --report", run).out;
    for (size_t i = 0; i < 12; i++, names = strchr(names, '\n') + 1) {
        char standing[8], name[128];
        double nll;
        ck_assert_int_eq(sscanf(names, "%lf\t%7[a-z]\t%127[a-z]", &nll, standing, name), 3);
        snprintf(text, sizeof text, "<bdi>%.40s</bdi></td><td>%.2f</td>", name, nll);
        expect_part(page, text);
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
    const cJSON *tensors = member(model, "tensors");
    ck_assert_int_eq(cJSON_GetArraySize(tensors), 5);
    for (const cJSON *tensor = tensors->child; tensor; tensor = tensor->next) {
        const FileTensor *expected = safetensors_find(&file, tensor->string);
        ck_assert_ptr_nonnull(expected);
        for (size_t i = 0; i < file_tensor_count(expected); i++) {
            float value;
            memcpy(&value, (const char *)expected->data + i * sizeof value, sizeof value);
            ck_assert_double_eq(float_at(member(tensor, "f32")->valuestring, i), (double)value);
        }
    }
    ck_assert_str_eq(cJSON_GetArrayItem(member(model, "symbols"), 1)->valuestring, "a");
    ck_assert_str_eq(member(member(model, "labels"), "0")->valuestring, "end .");
    ck_assert_int_eq(cJSON_GetArraySize(member(model, "labels")), 1);
    cJSON_Delete(model);
}
END_TEST

START_TEST(counts_have_a_page) {
    const char *run = make_counts("ab\nba\n", "\"ngram\":3"), *page = report(run);
    expect_part(page, "Counts of 3 characters in a row, in 2 names of <bdi>names.txt</bdi>. Its config");
    expect_part(page, "Counts are added up, not trained: there are no gradients to look at.");
    cJSON *model = model_of(page);
    ck_assert_str_eq(member(model, "counts")->valuestring, "AQAAAAEAAAABAAAAAQAAAAEAAAABAAAA");
    cJSON_Delete(model);
}
END_TEST

START_TEST(names_stay_text) {
    static const char hostile[] = "<script>alert(1)</script>\n</style>{{model}}\n\"'`$\\--> ]]>\n<!--\n";
    write_text(scratch("names.txt"), hostile);
    write_text(scratch("c.json"), "{\"name\":\"<script>\\\"'&\",\"data\":{\"path\":\"names.txt\",\"split\":[1]},"
                                  "\"model\":{\"ngram\":16,\"smoothing\":0}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")).status, 0);
    const char *page = report(scratch("run"));
    ck_assert_uint_eq(count(page, "<script"), 2);
    ck_assert_uint_eq(count(page, "</script"), 2);
    ck_assert_uint_eq(count(page, "</style"), 1);
    ck_assert_uint_eq(count(page, "<!--"), 0);
    expect_part(page, "Its config is called <bdi>&lt;script&gt;&quot;&#39;&amp;</bdi>.");
    expect_part(page, "<bdi>&lt;script&gt;alert(1)&lt;/script&gt;</bdi>");
    expect_part(page, "<bdi>&lt;/style&gt;{{model}}</bdi>");
    cJSON_Delete(model_of(page));
}
END_TEST

// Names that are gone or are others leave their parts of the page out, which is said.
START_TEST(without_the_names_the_rest_stands) {
    const char *run = make_run(), *names = scratch("names.txt");
    char note[PATH_MAX + 200];
    write_text(names, "other\nnames\n");
    Output changed = nomen("report '%s' --no-plots", run);
    ck_assert_int_eq(changed.status, 0);
    ck_assert_ptr_nonnull(strstr(changed.err, "; the page leaves out what needs the names\n"));
    ck_assert_int_eq(remove(names), 0);
    snprintf(note, sizeof note,
             "nomen: %s: no such file or directory; --data says where it lies now; the page leaves out what needs the "
             "names\n",
             names);
    const char *page = report_noting(run, note);
    expect_part(page, "What needs the names is left out: ");
    expect_part(page, "As measured while it trained, at step 100.");
    expect_part(page, "A step needs the names, which are not here.");
    expect_part(page, "<h3>T = 0.5, careful</h3>");
    ck_assert_uint_eq(count(page, ">train</td>"), 0);
    cJSON_Delete(model_of(page));
    write_text(scratch("moved.txt"), NAMES);
    Output moved = nomen("report '%s' --no-plots --data '%s'", run, scratch("moved.txt"));
    ck_assert_str_eq(moved.err, "");
    expect_part(read_text(inside(run, "report.html"), NULL), "trained on 12 names of <bdi>moved.txt</bdi>.");
    expect_refusal(nomen("report '%s' --data '%s'", run, names), 1, "nomen: %s: no such file or directory", names);
}
END_TEST

START_TEST(metrics_that_are_gone_or_damaged_are_said) {
    const char *run = make_run(), *metrics = scratch("run/metrics.csv");
    char note[PATH_MAX + 200];
    size_t n;
    char *whole = read_text(metrics, &n);
    const char *page = report(run);
    expect_part(page, "They are also the best that were measured");
    write_bytes(metrics, whole, n - 3);
    snprintf(note, sizeof note, "nomen: %s: its last row is cut off, and left out\n", metrics);
    report_noting(run, note);
    write_text(metrics, "");
    snprintf(note, sizeof note,
             "nomen: %s: expected \"step,lr,loss,train_loss,dev_loss,seconds\" and rows, found an empty file; the page "
             "leaves out what needs the metrics\n",
             metrics);
    expect_part(report_noting(run, note), "belongs to the weights in best.safetensors");
    // What a file says reaches no terminal as an order.
    write_text(metrics, "step\x1b[31m\x07\n");
    snprintf(note, sizeof note,
             "nomen: %s: line 1: expected \"step,lr,loss,train_loss,dev_loss,seconds\", found \"step?[31m?\"; the page "
             "leaves out what needs the metrics\n",
             metrics);
    report_noting(run, note);
    ck_assert_int_eq(remove(metrics), 0);
    snprintf(note, sizeof note,
             "nomen: %s: no such file; nomen train writes it while it trains; the page leaves out what needs the "
             "metrics\n",
             metrics);
    report_noting(run, note);
}
END_TEST

START_TEST(a_model_file_needs_a_place_for_its_page) {
    const char *run = make_run(), *best = inside(run, "best.safetensors"), *out = scratch("page.html");
    expect_refusal(nomen("report '%s' --no-plots", best), 2,
                   "nomen: %s is a model file; --out says where the page goes; see nomen report --help", best);
    Output output = nomen("report '%s' --no-plots --out '%s'", best, out);
    ck_assert_str_eq(output.err, "");
    expect_part(read_text(out, NULL), "The weights of this page are those of one model file");
    expect_part(read_text(out, NULL), "<h1><bdi>run/best.safetensors</bdi></h1>");
}
END_TEST

// More of them than a picture takes, and none twice the same.
START_TEST(several_runs_have_no_page) {
    const char *config = write_config();
    mkdir(scratch("many"), 0777);
    for (int i = 0; i < 13; i++)
        ck_assert_int_eq(nomen("train '%s' --run '%s/r%02d' --steps 1 --quiet --set 'model.layers[0].dim=%d'", config,
                               scratch("many"), i, i + 1)
                             .status,
                         0);
    expect_refusal(nomen("report '%s'", scratch("many")), 1, "nomen: %s: it holds runs; expected one, such as %s/r00",
                   scratch("many"), scratch("many"));
}
END_TEST

START_TEST(nothing_is_left_where_it_cannot_be_written) {
    const char *run = make_run();
    expect_refusal(nomen("report '%s' --no-plots --out '%s/x.html'", run, scratch("no")), 1,
                   "nomen: %s/x.html: no such file or directory", scratch("no"));
    mkdir(scratch("directory"), 0777);
    Output output = nomen("report '%s' --no-plots --out '%s'", run, scratch("directory"));
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
    expect_no_temporary(scratch(""));
    expect_no_temporary(run);
    ck_assert_int_eq(nomen("report '%s'", scratch("none")).status, 1);
    ck_assert_int_eq(nomen("report").status, 2);
    expect_refusal(nomen("report '%s' --out ''", run), 2,
                   "nomen: --out: expected a file, found \"\"; see nomen report --help");
}
END_TEST

START_TEST(without_gnuplot_the_old_page_stays) {
    const char *run = make_run();
    write_text(inside(run, "report.html"), "old");
    Output output =
        nomen("--version >'%s'; PATH=/nowhere \"${NOMEN:-build/nomen}\" report '%s'", scratch("version"), run);
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
    ck_assert_ptr_nonnull(strstr(output.err, "apt install gnuplot-nox"));
    ck_assert_ptr_nonnull(strstr(output.err, "; --no-plots makes the page without pictures\n"));
    ck_assert_ptr_eq(strchr(output.err, '\n'), strrchr(output.err, '\n'));
    ck_assert_str_eq(read_text(inside(run, "report.html"), NULL), "old");
}
END_TEST

START_TEST(pictures_are_in_the_page) {
    const char *run = make_run();
    Output output = nomen("report '%s'", run);
    ck_assert_str_eq(output.err, "");
    size_t n;
    const char *page = read_text(inside(run, "report.html"), &n);
    ck_assert_uint_ge(count(page, "<svg aria-label=\""), 5);
    ck_assert_uint_eq(count(page, "<svg"), count(page, "<figcaption>"));
    ck_assert_uint_eq(count(page, "<svg"), count(page, " role=\"img\""));
    for (const char *at = page; (at = strstr(at, "<figcaption>")); at += 12)
        ck_assert_msg(at[12] >= 'A' && at[12] <= 'Z', "no sentence: %.60s", at);
    ck_assert_uint_lt(n, 1000000);
    ck_assert_int_eq(nomen("report '%s'", run).status, 0);
    ck_assert_str_eq(read_text(inside(run, "report.html"), NULL), page);
}
END_TEST

// Beyond 4 million numbers the model stays out, and the page says so.
START_TEST(a_large_model_stays_out) {
    write_text(scratch("names.txt"), "ab\nba\n");
    write_text(scratch("c.json"),
               "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"context\":1,\"layers\":[{\"type\":"
               "\"embedding\",\"dim\":800000},{\"type\":\"linear\",\"out\":\"vocab\"}]},"
               "\"train\":{\"steps\":1,\"batch_size\":2}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s' --quiet", scratch("c.json"), scratch("run")).status, 0);
    const char *page = report(scratch("run"));
    ck_assert_uint_lt(strlen(page), 200000);
    cJSON *model = model_of(page);
    ck_assert_ptr_nonnull(strstr(member(model, "missing")->valuestring, "too large"));
    cJSON_Delete(model);
}
END_TEST

SUITE(cli_report, NEEDS_NOTHING) {
    ADD(a_page_is_one_file);
    ADD(the_page_says_what_the_commands_say);
    ADD(the_page_holds_the_weights);
    ADD(counts_have_a_page);
    ADD(names_stay_text);
    ADD(without_the_names_the_rest_stands);
    ADD(metrics_that_are_gone_or_damaged_are_said);
    ADD(a_model_file_needs_a_place_for_its_page);
    ADD(several_runs_have_no_page);
    ADD(nothing_is_left_where_it_cannot_be_written);
    ADD(without_gnuplot_the_old_page_stays);
    ADD(pictures_are_in_the_page);
    ADD(a_large_model_stays_out);
}
