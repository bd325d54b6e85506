// nomen score and nomen sample --report through the built program.
#include "cli/run.h"

#include <cjson/cJSON.h>
#include <math.h>

static const char HEADER[] = "line,name,examples,nll,nll_per_char,perplexity,rank\n";

// Counts of these names, split as `split` says.
static const char *make_counts(const char *names, const char *split, const char *model) {
    char config[256];
    snprintf(config, sizeof config, "{\"data\":{\"path\":\"names.txt\",%s},\"model\":{%s}}", split, model);
    write_text(scratch("names.txt"), names);
    write_text(scratch("c.json"), config);
    Output made = nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    return scratch("run");
}

static const char *make_small_counts(void) {
    return make_counts("a\nab\n", "\"split\":[1]", "\"ngram\":2,\"smoothing\":1");
}

// Scores these bytes as a file and as standard input, which must come to the same.
static Output score_bytes(const char *run, const char *options, const void *bytes, size_t n) {
    const char *path = scratch("score.txt");
    write_bytes(path, bytes, n);
    Output file = nomen("score '%s' '%s' %s", run, path, options);
    Output bare = nomen("score '%s' %s <'%s'", run, options, path);
    Output dash = nomen("score '%s' - %s <'%s'", run, options, path);
    ck_assert_str_eq(bare.out, file.out);
    ck_assert_str_eq(dash.out, file.out);
    ck_assert_str_eq(dash.err, bare.err);
    ck_assert_int_eq(bare.status, file.status);
    return file;
}

static Output score(const char *run, const char *options, const char *text) {
    return score_bytes(run, options, text, strlen(text));
}

static cJSON *json_of(Output output) {
    ck_assert_msg(output.status == 0, "%s", output.err);
    cJSON *tree = cJSON_Parse(output.out);
    ck_assert_msg(tree != NULL, "no JSON: %s", output.out);
    return tree;
}

static const cJSON *member(const cJSON *tree, const char *key) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, key);
    ck_assert_msg(item != NULL, "no %s", key);
    return item;
}

static double number(const cJSON *tree, const char *key) {
    ck_assert_msg(cJSON_IsNumber(member(tree, key)), "%s is no number", key);
    return member(tree, key)->valuedouble;
}

START_TEST(a_table_and_csv_in_the_order_of_the_lines) {
    const char *run = make_small_counts(), *text = "\xEF\xBB\xBF"
                                                   "a\r\n\r\n  ba\t\r\n \r\nab";
    Output table = score(run, "", text), csv = score(run, "--csv", text);
    ck_assert_str_eq(table.out, "    line     rank         nll  per char  perplexity  name\n"
                                "       1        2      1.4271    0.7136      2.0412  a\n"
                                "       3        3      3.9120    1.3040      3.6840  ba\n"
                                "       5        1      2.1203    0.7068      2.0274  ab\n"
                                "     all               7.4594    0.9324      2.5407  3 names\n");
    ck_assert_str_eq(table.err, "");
    ck_assert_int_eq(table.status, 0);
    ck_assert_int_eq(strncmp(csv.out, HEADER, sizeof HEADER - 1), 0);
    ck_assert_ptr_nonnull(strstr(csv.out, "\n1,a,2,1.427116"));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n3,ba,3,3.912023"));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n5,ab,3,2.120263"));
}
END_TEST

START_TEST(unknown_characters_are_reported_and_the_rest_scored) {
    const char *run = make_small_counts(), *text = "ab\n\naz\na\n\xC3\xA9\n";
    Output output = score(run, "--csv", text);
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_nonnull(strstr(output.out, "\n3,az,,,,,\n4,a,2,"));
    ck_assert_ptr_nonnull(strstr(output.out, "\n5,\xC3\xA9,,,,,\n"));
    char expected[3 * PATH_MAX];
    const char *path = scratch("score.txt");
    snprintf(expected, sizeof expected,
             "nomen: %s: line 3: \"z\" (U+007A) is not in the model's vocabulary\n"
             "nomen: %s: line 5: \"\xC3\xA9\" (U+00E9) is not in the model's vocabulary\n"
             "nomen: %s: 2 of 4 names not scored\n",
             path, path, path);
    ck_assert_str_eq(output.err, expected);
    // Ten are told, and how many more there are.
    output = score(run, "--csv", "a\nz\nz\nz\nz\nz\nz\nz\nz\nz\nz\nz\na\nz\n");
    snprintf(expected, sizeof expected,
             "nomen: %s: line 11: \"z\" (U+007A) is not in the model's vocabulary\n"
             "nomen: %s: 2 more such lines\n"
             "nomen: %s: 12 of 14 names not scored\n",
             path, path, path);
    ck_assert_int_eq(output.status, 0);
    ck_assert_msg(strlen(output.err) > strlen(expected), "%s", output.err);
    ck_assert_str_eq(output.err + strlen(output.err) - strlen(expected), expected);
    ck_assert_ptr_nonnull(
        strstr(score(run, "", text).out, "       3        -           -         -           -  az\n"));
    ck_assert_ptr_nonnull(strstr(score(run, "--per-char", text).out, "line 3: az\nnot scored\n\nline 4: a\n"));
    ck_assert_ptr_nonnull(strstr(score(run, "--per-char --csv", text).out, "\n3,az,,,,\n4,a,1,a,"));
    cJSON *tree = json_of(score(run, "--json", text));
    const cJSON *az = cJSON_GetArrayItem(member(tree, "names"), 1);
    ck_assert(cJSON_IsFalse(member(az, "scored")));
    ck_assert_ptr_null(cJSON_GetObjectItemCaseSensitive(az, "nll"));
    ck_assert_double_eq(number(member(tree, "all"), "names"), 4);
    ck_assert_double_eq(number(member(tree, "all"), "scored"), 2);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(hostile_input_is_one_clear_line) {
    const char *run = make_small_counts(), *path = scratch("score.txt");
    static const struct {
        const char *bytes;
        size_t n;
        const char *message;
    } cases[] = {
        {"", 0, "the file is empty; put one name a line into it"},
        {"\n \r\n\t\n", 6, "only blank lines; put one name a line into it"},
        {"ab\na\0b\n", 7, "line 2: control character U+0000; remove it"},
        {"ab\n\nb\xFF\n", 7, "line 3: byte 0xff is not UTF-8; convert the file (iconv -t UTF-8)"},
        {"z\ny\n", 4, "none of the 2 names can be scored; line 1: \"z\" (U+007A) is not in the model's vocabulary"},
        {"\nz", 2, "line 2: \"z\" (U+007A) is not in the model's vocabulary"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_bytes(path, cases[i].bytes, cases[i].n);
        expect_refusal(nomen("score '%s' '%s' --json", run, path), 1, "nomen: %s: %s", path, cases[i].message);
        expect_refusal(nomen("score '%s' <'%s'", run, path), 1, "nomen: standard input: %s", cases[i].message);
    }
    expect_refusal(nomen("score '%s' '%s'", run, scratch("nowhere")), 1, "nomen: %s: no such file or directory",
                   scratch("nowhere"));
    expect_refusal(nomen("score '%s' '%s'", run, run), 1, "nomen: %s: expected a file, found a directory", run);
    expect_refusal(nomen("score '%s' <'%s'", run, run), 1, "nomen: standard input: expected a file, found a directory");
    expect_refusal(nomen("score '%s' <&-", run), 1,
                   "nomen: standard input: the file is empty; put one name a line into it");
    expect_refusal(nomen("score '%s'", scratch("names.txt")), 1,
                   "nomen: %s: expected a run's directory or model file, found a text", scratch("names.txt"));
    expect_refusal(nomen("score"), 2, "nomen: RUN is missing; see nomen score --help");
    expect_refusal(nomen("score '%s' --csv --json", run), 2,
                   "nomen: --csv and --json: expected one of them; see nomen score --help");
}
END_TEST

START_TEST(a_very_long_line_is_a_name) {
    enum { LENGTH = 1 << 20 };
    static char line[LENGTH + 3];
    memset(line, 'a', LENGTH);
    memcpy(line + LENGTH, "\nb", 3);
    cJSON *tree = json_of(score(make_small_counts(), "--json", line));
    const cJSON *names = member(tree, "names");
    const cJSON *longest = cJSON_GetArrayItem(names, 0);
    // p(a|.) p(a|a)^(LENGTH - 1) p(.|a)
    double nll = -log(3.0 / 5) - (LENGTH - 1) * log(1.0 / 5) - log(2.0 / 5);
    ck_assert_double_eq(number(longest, "examples"), LENGTH + 1);
    ck_assert_double_eq_tol(number(longest, "nll"), nll, 1e-6 * nll);
    ck_assert_double_eq(number(cJSON_GetArrayItem(names, 1), "line"), 2);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(csv_and_json_quote_what_names_hold) {
    const char *run = make_counts("a, b\nthe \"x\"\n", "\"split\":[1]", "\"ngram\":2,\"smoothing\":1");
    const char *text = "a, b\n\"\nax\n";
    Output csv = score(run, "--csv", text);
    ck_assert_ptr_nonnull(strstr(csv.out, "\n1,\"a, b\",5,"));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n2,\"\"\"\",2,"));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n3,ax,3,"));
    csv = score(run, "--csv --per-char", text);
    ck_assert_ptr_nonnull(strstr(csv.out, "\n1,\"a, b\",2,\",\","));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n1,\"a, b\",3, ,"));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n2,\"\"\"\",1,\"\"\"\","));
    ck_assert_ptr_nonnull(strstr(csv.out, "\n2,\"\"\"\",2,,"));
    cJSON *tree = json_of(score(run, "--json", text));
    ck_assert_str_eq(member(cJSON_GetArrayItem(member(tree, "names"), 1), "name")->valuestring, "\"");
    cJSON_Delete(tree);
}
END_TEST

START_TEST(probability_0_is_inf_and_null) {
    const char *run = make_counts("ab\nab\n", "\"split\":[1]", "\"ngram\":3,\"smoothing\":0");
    ck_assert_str_eq(score(run, "--csv", "ab\nba\n").out + sizeof HEADER - 1, "1,ab,3,0,0,1,1\n2,ba,3,inf,inf,inf,2\n");
    ck_assert_str_eq(score(run, "--csv --per-char", "ba\n").out,
                     "line,name,position,char,nll,p\n1,ba,1,b,inf,0\n1,ba,2,a,,\n1,ba,3,,,\n");
    Output table = score(run, "--per-char", "ba\n");
    ck_assert_ptr_nonnull(strstr(table.out, "rank 1, nll inf, per char inf, perplexity inf\n"));
    ck_assert_ptr_nonnull(strstr(table.out, "  a            -         -\n"));
    cJSON *tree = json_of(score(run, "--json --per-char", "ba\n"));
    const cJSON *name = cJSON_GetArrayItem(member(tree, "names"), 0);
    const cJSON *b = cJSON_GetArrayItem(member(name, "chars"), 0);
    ck_assert(cJSON_IsNull(member(name, "nll")) && cJSON_IsNull(member(name, "perplexity")));
    ck_assert(cJSON_IsNull(member(b, "nll")));
    ck_assert_double_eq(number(b, "p"), 0);
    ck_assert(cJSON_IsNull(member(member(tree, "all"), "nll")));
    cJSON_Delete(tree);
}
END_TEST

// nomen next --json: every symbol by its id, with the probabilities that nomen score has.
START_TEST(next_prints_json) {
    const char *run = make_small_counts();
    cJSON *tree = json_of(nomen("next '%s' --prefix ba --temperature 1,2 --json", run));
    const cJSON *symbols = member(tree, "symbols"), *rows = member(tree, "probabilities");
    static const double expected[] = {2.0 / 5, 1.0 / 5,
                                      2.0 / 5}; // after "a" in "a", "ab": the end, a, b; each count + 1
    static const char *const names[] = {"", "a", "b"};
    ck_assert_str_eq(cJSON_GetArrayItem(member(tree, "context"), 0)->valuestring, "a");
    ck_assert_int_eq(cJSON_GetArraySize(symbols), 3);
    ck_assert_int_eq(cJSON_GetArraySize(rows), 2);
    double roots = sqrt(expected[0]) + sqrt(expected[1]) + sqrt(expected[2]);
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(cJSON_GetArrayItem(symbols, i)->valuestring, names[i]);
        const cJSON *sharp = cJSON_GetArrayItem(rows, 0), *flat = cJSON_GetArrayItem(rows, 1);
        ck_assert_double_eq_tol(cJSON_GetArrayItem(sharp, i)->valuedouble, expected[i], 1e-6);
        ck_assert_double_eq_tol(cJSON_GetArrayItem(flat, i)->valuedouble, sqrt(expected[i]) / roots, 1e-6);
    }
    cJSON_Delete(tree);
    run = make_counts("ab\nab\n", "\"split\":[1]", "\"ngram\":3,\"smoothing\":0");
    expect_refusal(nomen("next '%s' --prefix b --json", run), 1,
                   "nomen: the model never saw this context, and without smoothing gives no distribution");
}
END_TEST

// What nomen next says of the end after each prefix of a name is what --per-char has of its characters.
START_TEST(characters_have_the_probabilities_of_next) {
    const char *run = make_run();
    cJSON *tree = json_of(score(run, "--json --per-char", "dean\n"));
    const cJSON *name = cJSON_GetArrayItem(member(tree, "names"), 0), *chars = member(name, "chars");
    static const char *const prefixes[] = {"", "d", "de", "dea", "dean"}, *const labels[] = {"d", "e", "a", "n",
                                                                                             "end ."};
    double nll = 0;
    ck_assert_int_eq(cJSON_GetArraySize(chars), 5);
    for (int i = 0; i < 5; i++) {
        const cJSON *item = cJSON_GetArrayItem(chars, i);
        char row[16];
        snprintf(row, sizeof row, "\n%-5s  ", labels[i]);
        Output next = nomen("next '%s' --prefix '%s'", run, prefixes[i]);
        const char *found = strstr(next.out, row);
        ck_assert_msg(found != NULL, "\"%s\" stands not in:\n%s", row, next.out);
        ck_assert_double_eq_tol(strtod(found + strlen(row), NULL), number(item, "p"), 0.50001e-4);
        ck_assert_str_eq(member(item, "char")->valuestring, i < 4 ? labels[i] : "");
        nll -= log(number(item, "p"));
    }
    ck_assert_double_eq_tol(number(name, "nll"), nll, 1e-6);
    ck_assert_double_eq_tol(number(name, "perplexity"), exp(nll / 5), 1e-5);
    cJSON_Delete(tree);
}
END_TEST

START_TEST(bars_fit_80_columns) {
    const char *run = make_small_counts();
    write_text(scratch("score.txt"), "bbbb\n");
    static const char *const locales[][2] = {{"C", "####"}, {"C.UTF-8", "\xE2\x96\x88"}};
    for (size_t i = 0; i < COUNT(locales); i++) {
        Output output = nomen("--version >'%s'; LC_ALL=%s \"${NOMEN:-build/nomen}\" score '%s' '%s' --per-char",
                              scratch("version"), locales[i][0], run, scratch("score.txt"));
        ck_assert_msg(output.status == 0, "%s", output.err);
        ck_assert_ptr_nonnull(strstr(output.out, locales[i][1]));
        for (const char *line = output.out; *line; line = strchr(line, '\n') + 1)
            ck_assert_uint_le(utf8_count(line, strcspn(line, "\n")), 80);
    }
}
END_TEST

// A character that was sure to come has no bar, and nothing where one would stand.
START_TEST(what_is_certain_has_no_bar) {
    const char *run = make_counts("ab\nab\n", "\"split\":[1]", "\"ngram\":3,\"smoothing\":0");
    Output output = score(run, "--per-char", "ab\n");
    ck_assert_ptr_nonnull(strstr(output.out, "  a       1.0000    0.0000\n  b       1.0000    0.0000\n"));
}
END_TEST

START_TEST(a_file_has_the_loss_that_eval_prints) {
    const char *run = make_run();
    cJSON *all = json_of(nomen("score '%s' '%s' --json", run, scratch("names.txt")));
    cJSON *split = json_of(nomen("eval '%s' --json", run));
    static const char *const parts[] = {"train", "dev", "test"};
    double sum = 0, n = 0;
    for (size_t p = 0; p < COUNT(parts); p++) {
        const cJSON *part = member(split, parts[p]);
        sum += number(part, "loss") * number(part, "examples");
        n += number(part, "examples");
    }
    ck_assert_double_eq(number(member(all, "all"), "examples"), n);
    ck_assert_double_eq_tol(number(member(all, "all"), "nll_per_char"), sum / n, 1e-12);
    cJSON_Delete(all);
    cJSON_Delete(split);
}
END_TEST

SUITE(cli_score, NEEDS_NOTHING) {
    ADD(a_table_and_csv_in_the_order_of_the_lines);
    ADD(unknown_characters_are_reported_and_the_rest_scored);
    ADD(hostile_input_is_one_clear_line);
    ADD(a_very_long_line_is_a_name);
    ADD(csv_and_json_quote_what_names_hold);
    ADD(probability_0_is_inf_and_null);
    ADD(next_prints_json);
    ADD(characters_have_the_probabilities_of_next);
    ADD(bars_fit_80_columns);
    ADD(what_is_certain_has_no_bar);
    ADD(a_file_has_the_loss_that_eval_prints);
}
