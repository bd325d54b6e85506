// nomen sample --report through the built program.
#include "cli/run.h"

// Cut behind ten and eleven lines: "ann" stands in dev as well as in train, "non" in test alone.
static const char SPLIT_NAMES[] = "ann\nbob\nann\nabo\nnab\nnan\nbab\noba\nana\nbon\nann\nnon\nnon\n";
static const char *const STANDINGS[] = {"train", "dev", "test", "new"};

static const char *make_split_run(const char *data) {
    char config[256];
    snprintf(config, sizeof config, "{\"data\":{\"path\":\"names.txt\"%s},\"model\":{\"ngram\":3,\"smoothing\":0.3}}",
             data);
    write_text(scratch("names.txt"), SPLIT_NAMES);
    write_text(scratch("c.json"), config);
    Output made = nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    return scratch("run");
}

static char *sample(const char *run, const char *options) {
    Output output = nomen("sample '%s' %s", run, options);
    ck_assert_msg(output.status == 0, "%s", output.err);
    ck_assert_str_eq(output.err, "");
    return output.out;
}

// Cuts the text behind its first `stop`, and returns the rest.
static char *cut(char *text, char stop) {
    char *at = strchr(text, stop);
    ck_assert_msg(at != NULL, "no %d in \"%s\"", stop, text);
    *at = '\0';
    return at + 1;
}

static size_t standing_of(const char *name) {
    size_t line = 0;
    for (const char *at = SPLIT_NAMES; *at; at = strchr(at, '\n') + 1, line++)
        if (strcspn(at, "\n") == strlen(name) && strncmp(at, name, strlen(name)) == 0)
            return line < 10 ? 0 : line < 11 ? 1 : 2;
    return 3;
}

// "0.7136" as nomen score has it.
static const char *score_of(const char *run, const char *name) {
    write_text(scratch("score.txt"), name);
    char *field = nomen("score '%s' '%s' --csv", run, scratch("score.txt")).out;
    field = cut(field, '\n');
    for (int i = 0; i < 4; i++) field = cut(field, ',');
    static char text[32];
    snprintf(text, sizeof text, "%.4f", strtod(field, NULL));
    return text;
}

START_TEST(each_name_has_its_score_and_where_it_stands) {
    const char *run = make_split_run("");
    char *names = sample(run, "-n 1000"), *rows = sample(run, "-n 1000 --report");
    size_t counts[COUNT(STANDINGS)] = {0};
    for (size_t i = 0; i < 1000; i++) {
        char *name = names, *row = rows;
        names = cut(names, '\n');
        rows = cut(rows, '\n');
        char *standing = cut(row, '\t');
        ck_assert_str_eq(cut(standing, '\t'), name);
        ck_assert_str_eq(standing, STANDINGS[standing_of(name)]);
        counts[standing_of(name)]++;
        if (i < 20 && name[0]) ck_assert_str_eq(row, score_of(run, name)); // an empty name is no line to score
    }
    char last[128];
    snprintf(last, sizeof last, "all\t1000 names: train %.1f %%, dev 0.0 %%, test %.1f %%, new %.1f %%\n",
             (double)counts[0] / 10, (double)counts[2] / 10, (double)counts[3] / 10);
    ck_assert_str_eq(cut(rows, '\t'), last);
    ck_assert(counts[0] > 0 && counts[2] > 0 && counts[3] > 0);
}
END_TEST

// In its own order "non" stands in test; "unique" leaves ten names, and the shuffle puts them elsewhere.
START_TEST(a_single_name_is_called_one) {
    char *last = strchr(sample(make_split_run(""), "-n 1 --report"), '\n') + 1;
    ck_assert_msg(strstr(last, "\tall\t1 name: "), "%s", last);
}
END_TEST

START_TEST(parts_are_those_of_the_runs_own_split) {
    const char *run = make_split_run(",\"split\":[0.5,0.25,0.25],\"unique\":true,\"shuffle_seed\":7");
    char *rows = sample(run, "-n 300 --report");
    // What random.seed(7); random.shuffle(words) makes of ann bob abo nab nan bab oba ana bon non, cut at 5 and 7.
    static const char *const parts[] = {" bon nab bob nan ana ", " ann non ", " oba abo bab "};
    for (size_t i = 0; i < 300; i++) {
        char *row = rows, word[256];
        rows = cut(rows, '\n');
        char *standing = cut(row, '\t');
        snprintf(word, sizeof word, " %s ", cut(standing, '\t'));
        for (size_t p = 0; p < COUNT(parts); p++)
            ck_assert_int_eq(strstr(parts[p], word) != NULL, strcmp(standing, STANDINGS[p]) == 0);
    }
}
END_TEST

START_TEST(several_temperatures_keep_their_column) {
    const char *run = make_split_run("");
    char *both = sample(run, "-n 2 -t 0.5,1 --report");
    static const char *const alone[] = {"0.5", "1"};
    for (size_t t = 0; t < COUNT(alone); t++) {
        char options[64];
        snprintf(options, sizeof options, "-n 2 -t %s --report", alone[t]);
        char *rows = sample(run, options);
        for (size_t i = 0; i < 3; i++) {
            char *row = rows, *with_temperature = both;
            rows = cut(rows, '\n');
            both = cut(both, '\n');
            ck_assert_str_eq(cut(with_temperature, '\t'), row);
            ck_assert_str_eq(with_temperature, alone[t]);
        }
        ck_assert_str_eq(rows, "");
    }
    ck_assert_str_eq(both, "");
}
END_TEST

START_TEST(new_names_are_all_new) {
    char *rows = sample(make_split_run(""), "-n 30 --new --report");
    ck_assert_ptr_null(strstr(rows, "\ttrain\t"));
    ck_assert_ptr_nonnull(strstr(rows, "\tall\t30 names: train 0.0 %, dev 0.0 %, test 0.0 %, new 100.0 %\n"));
}
END_TEST

START_TEST(a_names_file_that_changed_or_went_is_refused) {
    const char *run = make_split_run("");
    char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    write_text(path, "ann\nbob\n");
    expect_refusal(nomen("sample '%s' --report", run), 1,
                   "nomen: --report: %s: it has changed since the run was trained on it, and its split with it; put "
                   "it back",
                   path);
    expect_refusal(nomen("sample '%s' --report --data '%s'", run, scratch("moved.txt")), 1,
                   "nomen: --report: %s: no such file or directory", scratch("moved.txt"));
    ck_assert_int_eq(remove(path), 0);
    expect_refusal(nomen("sample '%s' --report", run), 1,
                   "nomen: --report: %s: no such file or directory; --data says where it lies now", path);
}
END_TEST

START_TEST(a_names_file_that_moved_serves_from_its_new_place) {
    const char *run = make_split_run("");
    char path[PATH_MAX], *rows = sample(run, "-n 30 --report");
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    ck_assert_int_eq(rename(path, scratch("moved.txt")), 0);
    Output output = nomen("sample '%s' -n 30 --report --data '%s'", run, scratch("moved.txt"));
    ck_assert_str_eq(output.err, "");
    ck_assert_str_eq(output.out, rows);
}
END_TEST

SUITE(sample_report, NEEDS_NOTHING) {
    ADD(each_name_has_its_score_and_where_it_stands);
    ADD(a_single_name_is_called_one);
    ADD(parts_are_those_of_the_runs_own_split);
    ADD(several_temperatures_keep_their_column);
    ADD(new_names_are_all_new);
    ADD(a_names_file_that_changed_or_went_is_refused);
    ADD(a_names_file_that_moved_serves_from_its_new_place);
}
