// nomen sample through the built program: seeds, temperatures, top-k, blank and repeated names, and reports.
// test_data.c has new names and prefixes.
#include "cli/output.h"
#include "cli/run.h"

// Split after 10 and 11 names: "ann" is in train and in dev, "non" only in test.
static const char SPLIT_NAMES[] = "ann\nbob\nann\nabo\nnab\nnan\nbab\noba\nana\nbon\nann\nnon\nnon\n";
static const char *const PARTS[] = {"train", "dev", "test", "new", "blank"};

static const char *make_split_run(const char *data) {
    write_text(scratch("names.txt"), SPLIT_NAMES);
    write_text(scratch("c.json"),
               textf("{\"data\":{\"path\":\"names.txt\"%s},\"model\":{\"ngram\":3,\"smoothing\":0.3}}", data));
    ok(nomen("train '%s' --run '%s' --quiet --force", scratch("c.json"), scratch("run")));
    return scratch("run");
}

// The names. Standard error may report blank ones.
static char *sample(const char *run, const char *options) {
    Output output = nomen("sample '%s' %s", run, options);
    ck_assert_msg(output.status == 0, "%s", output.err);
    return output.out;
}

// Cuts the text at the first `stop` and returns the rest.
static char *cut(char *text, char stop) {
    char *at = strchr(text, stop);
    ck_assert_msg(at != NULL, "no %d in \"%s\"", stop, text);
    *at = '\0';
    return at + 1;
}

static size_t part_of(const char *name) {
    size_t line = 0;
    if (name[0] == '\0') return 4;
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
    return textf("%.4f", strtod(field, NULL));
}

START_TEST(a_seed_repeats_its_names) {
    const char *run = make_split_run("");
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {{"-s 7", "-s 7", true},
                 {"-s 7", "-s 8", false},
                 {"-s 2147483647", "", true},
                 {"", "-n 20", true},
                 {"-n 3 -t 0", "-n 3 -k 1 -s 99", true},
                 {"-n 3 -t 0", "-n 3 -t 0.001 -s 98", true}};
    for (size_t i = 0; i < COUNT(cases); i++)
        ck_assert_int_eq(strcmp(sample(run, cases[i].a), sample(run, cases[i].b)) == 0, cases[i].equal);
    ck_assert_ptr_nonnull(strstr(sample(run, "-n 40"), sample(run, "-n 7")));
    // Each temperature restarts the seed.
    ck_assert_str_eq(shell("\"$NOMEN\" sample '%s' -n 3 -t 0.5,1 | cut -f 2", run).out,
                     textf("%s%s", sample(run, "-n 3 -t 0.5"), sample(run, "-n 3")));
}
END_TEST

START_TEST(a_name_without_end_is_cut_at_100_characters) {
    char lines[2 * 401 + 1] = "";
    memset(lines, 'a', 2 * 401);
    lines[400] = lines[801] = '\n';
    Output output = nomen("sample '%s' -n 2 -t 0", train_counts(lines, 2, 0));
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(strlen(output.out), 202);
    ck_assert_str_eq(output.err, "nomen: 2 names were cut at 100 characters\n");
}
END_TEST

// Among equally likely symbols, the first in the vocabulary are kept. k at or above its size changes nothing.
START_TEST(top_k_draws_from_the_likeliest_symbols) {
    const char *run = train_counts("da\ncb\nbc\nad\n", 1, 1);
    char *two = sample(run, "-n 50 --top-k 3"), *all = sample(run, "-n 50 --top-k 5");
    ck_assert_uint_eq(strspn(two, "ab\n"), strlen(two));
    ck_assert(strchr(two, 'a') && strchr(two, 'b'));
    ck_assert_str_eq(all, sample(run, "-n 50"));
    ck_assert_str_eq(all, sample(run, "-n 50 --top-k 9"));
}
END_TEST

START_TEST(a_context_that_counts_never_saw_is_refused) {
    expect_refusal(nomen("sample '%s' -p ba", train_counts("ab\nab\n", 3, 0)), 1,
                   "nomen: the model gives no distribution after a context it never saw; train with model.smoothing "
                   "above 0, or use another prefix");
}
END_TEST

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
    const char *last =
        textf("all\t1000 names: train %.1f %%, dev 0.0 %%, test %.1f %%, new %.1f %%, blank %.1f %%\n",
              (double)counts[0] / 10, (double)counts[2] / 10, (double)counts[3] / 10, (double)counts[4] / 10);
    ck_assert_str_eq(cut(rows, '\t'), last);
    ck_assert(counts[0] > 0 && counts[2] > 0 && counts[3] > 0 && counts[4] > 0);
    double mean = strtod(rows, NULL);
    cJSON *all = json_of(strstr(sample(run, "-n 1000 --report --json"), "{\"temperature\":1,\"all\""));
    ck_assert_double_eq(number_at(all, "all.names"), 1000);
    ck_assert_double_eq_tol(number_at(all, "all.nll_per_char"), mean, 0.00005);
    for (size_t p = 0; p < COUNT(PARTS); p++)
        ck_assert_double_eq_tol(number_at(all, textf("all.%s", PARTS[p])), (double)counts[p] / 1000, 1e-9);
}
END_TEST

static size_t count_lines(const char *text, const char *line) {
    size_t n = 0, length = strlen(line);
    for (const char *at = text; *at; at = strchr(at, '\n') + 1)
        n += strcspn(at, "\n") == length && strncmp(at, line, length) == 0;
    return n;
}

START_TEST(blank_names_are_counted_and_not_new) {
    const char *run = train_counts("a\na\n", 2, 1);
    Output output = nomen("sample '%s' -n 200 -t 1,2 --json", run);
    size_t n = count_lines(output.out, "{\"temperature\":1,\"name\":\"\"}") +
               count_lines(output.out, "{\"temperature\":2,\"name\":\"\"}");
    ck_assert_uint_gt(n, 1);
    ck_assert_str_eq(output.err, textf("nomen: %zu of 400 names are blank; --new leaves out blank names\n", n));
    char *names = ok(nomen("sample '%s' -n 200 --new", run));
    ck_assert(count_lines(names, "aa") > 0 && count_lines(names, "") == 0 && count_lines(names, "a") == 0);
}
END_TEST

// What white space makes blank or equal to a name of the file is so, and names read back as they were printed.
START_TEST(names_are_trimmed_as_reading_does) {
    const char *run = train_counts("a b\nb\u3000a\n", 2, 1);
    char *rows = sample(run, "-n 300 --report"), *names = sample(run, "-n 300 --new");
    bool has_blank = false, has_known = false;
    for (size_t i = 0; i < 300; i++) {
        char *row = rows;
        rows = cut(rows, '\n');
        char *part = cut(row, '\t'), *name = cut(part, '\t');
        bool is_blank = name[0] == '\0', is_known = strcmp(name, "a b") == 0 || strcmp(name, "b\u3000a") == 0;
        ck_assert_str_eq(part, is_blank ? "blank" : is_known ? "train" : "new");
        has_blank = has_blank || is_blank;
        has_known = has_known || is_known;
        if (i >= 20 || is_blank) continue;
        ck_assert_str_eq(row, score_of(run, name));
    }
    ck_assert(has_blank && has_known);
    ck_assert(!strstr(names, "\n ") && !strstr(names, " \n") && !strstr(names, "\n\u3000") &&
              !strstr(names, "\u3000\n"));
    ck_assert(count_lines(names, "a b") == 0 && count_lines(names, "b\u3000a") == 0 && count_lines(names, "") == 0);
}
END_TEST

// The names are those without --distinct, but for repeated ones, at each temperature.
START_TEST(distinct_names_are_not_repeated) {
    const char *run = make_split_run("");
    char *all = sample(run, "-n 5000 -t 0.7"), *first[60], *found = sample(run, "-n 60 -t 0.7,2 --distinct");
    size_t n = 0;
    while (n < COUNT(first)) {
        char *name = all;
        all = cut(all, '\n');
        size_t i = 0;
        while (i < n && strcmp(first[i], name) != 0) i++;
        if (i == n) first[n++] = name;
    }
    for (size_t i = 0; i < COUNT(first); i++) {
        char *line = found;
        found = cut(found, '\n');
        ck_assert_str_eq(line, textf("0.7\t%s", first[i]));
    }
    for (size_t i = 0; i < COUNT(first); i++) {
        char *line = found;
        found = cut(found, '\n');
        ck_assert_uint_eq(count_lines(found, line), 0);
    }
    char *names = ok(nomen("sample '%s' -n 60 --new --distinct", run));
    for (size_t i = 0; i < 60; i++) {
        char *name = names;
        names = cut(names, '\n');
        ck_assert(part_of(name) == 3 && count_lines(names, name) == 0);
    }
}
END_TEST

START_TEST(distinct_gives_up_if_all_draws_repeat) {
    Output output = nomen("sample '%s' --distinct -n 3", train_counts("ab\nab\n", 2, 0));
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "ab\n");
    ck_assert_str_eq(output.err, "nomen: --distinct: 1 of 3 names after 3000 draws; all others are repeated; a smaller "
                                 "-n or a higher -t helps\n");
}
END_TEST

START_TEST(parts_are_those_of_the_split_of_the_run) {
    const char *run = make_split_run(",\"split\":[0.5,0.25,0.25],\"unique\":true,\"shuffle_seed\":7");
    char *rows = sample(run, "-n 300 --report");
    // What random.seed(7); random.shuffle(words) makes of ann bob abo nab nan bab oba ana bon non, cut at 5 and 7.
    static const char *const parts[] = {" bon nab bob nan ana ", " ann non ", " oba abo bab "};
    for (size_t i = 0; i < 300; i++) {
        char *row = rows;
        rows = cut(rows, '\n');
        char *part = cut(row, '\t');
        const char *word = textf(" %s ", cut(part, '\t'));
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
    expect_refusal(
        nomen("sample '%s' --report", run), 1,
        "nomen: --report: %s: no such file or directory; put it back, or name its new place with --data FILE", path);
    ck_assert_str_eq(ok(nomen("sample '%s' -n 30 --report --data '%s'", run, scratch("moved.txt"))), rows);
    write_text(path, "ann\nbob\n");
    expect_refusal(nomen("sample '%s' --report", run), 1,
                   "nomen: --report: %s: it has changed since the run was trained on it, so its split has too; put "
                   "it back",
                   path);
}
END_TEST

SUITE(cli_sample, NEEDS_NOTHING) {
    ADD(a_seed_repeats_its_names);
    ADD(a_name_without_end_is_cut_at_100_characters);
    ADD(top_k_draws_from_the_likeliest_symbols);
    ADD(a_context_that_counts_never_saw_is_refused);
    ADD(each_name_has_its_score_and_part);
    ADD(blank_names_are_counted_and_not_new);
    ADD(names_are_trimmed_as_reading_does);
    ADD(distinct_names_are_not_repeated);
    ADD(distinct_gives_up_if_all_draws_repeat);
    ADD(parts_are_those_of_the_split_of_the_run);
    ADD(the_names_file_must_be_unchanged_but_may_move);
}
