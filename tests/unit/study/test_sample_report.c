// nomen sample --report through the built program.
#include "cli/output.h"
#include "cli/run.h"

// Split after 10 and 11 names: "ann" is in train and in dev, "non" only in test.
static const char SPLIT_NAMES[] = "ann\nbob\nann\nabo\nnab\nnan\nbab\noba\nana\nbon\nann\nnon\nnon\n";
static const char *const PARTS[] = {"train", "dev", "test", "new"};

static const char *make_split_run(const char *data) {
    char config[256];
    snprintf(config, sizeof config, "{\"data\":{\"path\":\"names.txt\"%s},\"model\":{\"ngram\":3,\"smoothing\":0.3}}",
             data);
    write_text(scratch("names.txt"), SPLIT_NAMES);
    write_text(scratch("c.json"), config);
    ok(nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run")));
    return scratch("run");
}

static char *sample(const char *run, const char *options) { return ok(nomen("sample '%s' %s", run, options)); }

// Cuts the text at the first `stop` and returns the rest.
static char *cut(char *text, char stop) {
    char *at = strchr(text, stop);
    ck_assert_msg(at != NULL, "no %d in \"%s\"", stop, text);
    *at = '\0';
    return at + 1;
}

static size_t part_of(const char *name) {
    size_t line = 0;
    for (const char *at = SPLIT_NAMES; *at; at = strchr(at, '\n') + 1, line++)
        if (strcspn(at, "\n") == strlen(name) && strncmp(at, name, strlen(name)) == 0)
            return line < 10 ? 0 : line < 11 ? 1 : 2;
    return 3;
}

// The nll per character that nomen score gives, such as "0.7136".
static const char *score_of(const char *run, const char *name) {
    write_text(scratch("score.txt"), name);
    char *field = nomen("score '%s' '%s' --csv", run, scratch("score.txt")).out;
    field = cut(field, '\n');
    for (int i = 0; i < 4; i++) field = cut(field, ',');
    static char text[32];
    snprintf(text, sizeof text, "%.4f", strtod(field, NULL));
    return text;
}

START_TEST(each_name_has_its_score_and_part) {
    const char *run = make_split_run("");
    char *names = sample(run, "-n 1000"), *rows = sample(run, "-n 1000 --report");
    size_t counts[COUNT(PARTS)] = {0};
    for (size_t i = 0; i < 1000; i++) {
        char *name = names, *row = rows;
        names = cut(names, '\n');
        rows = cut(rows, '\n');
        char *part = cut(row, '\t');
        ck_assert_str_eq(cut(part, '\t'), name);
        ck_assert_str_eq(part, PARTS[part_of(name)]);
        counts[part_of(name)]++;
        if (i < 20 && name[0]) ck_assert_str_eq(row, score_of(run, name)); // an empty name is no line to score
    }
    expect_words(sample(run, "-n 1 --report"), "\tall\t1 name: ");
    char last[128];
    snprintf(last, sizeof last, "all\t1000 names: train %.1f %%, dev 0.0 %%, test %.1f %%, new %.1f %%\n",
             (double)counts[0] / 10, (double)counts[2] / 10, (double)counts[3] / 10);
    ck_assert_str_eq(cut(rows, '\t'), last);
    ck_assert(counts[0] > 0 && counts[2] > 0 && counts[3] > 0);
}
END_TEST

START_TEST(parts_are_those_of_the_split_of_the_run) {
    const char *run = make_split_run(",\"split\":[0.5,0.25,0.25],\"unique\":true,\"shuffle_seed\":7");
    char *rows = sample(run, "-n 300 --report");
    // What random.seed(7); random.shuffle(words) makes of ann bob abo nab nan bab oba ana bon non, cut at 5 and 7.
    static const char *const parts[] = {" bon nab bob nan ana ", " ann non ", " oba abo bab "};
    for (size_t i = 0; i < 300; i++) {
        char *row = rows, word[256];
        rows = cut(rows, '\n');
        char *part = cut(row, '\t');
        snprintf(word, sizeof word, " %s ", cut(part, '\t'));
        for (size_t p = 0; p < COUNT(parts); p++)
            ck_assert_int_eq(strstr(parts[p], word) != NULL, strcmp(part, PARTS[p]) == 0);
    }
}
END_TEST

START_TEST(the_names_file_must_be_unchanged_but_may_move) {
    const char *run = make_split_run("");
    char path[PATH_MAX], *rows = sample(run, "-n 30 --report");
    ck_assert_ptr_nonnull(realpath(scratch("names.txt"), path));
    expect_refusal(nomen("sample '%s' --report --data '%s'", run, scratch("moved.txt")), 1,
                   "nomen: --report: %s: no such file or directory", scratch("moved.txt"));
    ck_assert_int_eq(rename(path, scratch("moved.txt")), 0);
    expect_refusal(nomen("sample '%s' --report", run), 1,
                   "nomen: --report: %s: no such file or directory; --data names its new place", path);
    ck_assert_str_eq(ok(nomen("sample '%s' -n 30 --report --data '%s'", run, scratch("moved.txt"))), rows);
    write_text(path, "ann\nbob\n");
    expect_refusal(nomen("sample '%s' --report", run), 1,
                   "nomen: --report: %s: it has changed since the run was trained on it, and its split with it; put "
                   "it back",
                   path);
}
END_TEST

SUITE(sample_report, NEEDS_NOTHING) {
    ADD(each_name_has_its_score_and_part);
    ADD(parts_are_those_of_the_split_of_the_run);
    ADD(the_names_file_must_be_unchanged_but_may_move);
}
