#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Names from a model of counts, made once a test.
static const char *make_counts(const char *changes) {
    const char *run = scratch("counts");
    Output made = nomen("train configs/bigram-counts.json --quiet --force --run %s %s", run, changes);
    ck_assert_msg(made.status == 0, "%s", made.err);
    return run;
}

static char *sample(const char *run, const char *options) {
    Output output = nomen("sample %s %s", run, options);
    ck_assert_msg(output.status == 0, "%s", output.err);
    return output.out;
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

START_TEST(the_first_names_do_not_depend_on_how_many_are_asked_for) {
    const char *run = make_counts("");
    ck_assert(starts_with(sample(run, "-n 40"), sample(run, "-n 7")));
    ck_assert_str_eq(sample(run, ""), sample(run, "-n 20"));
}
END_TEST

START_TEST(a_seed_repeats_and_another_differs) {
    const char *run = make_counts("");
    ck_assert_str_eq(sample(run, "-s 7"), sample(run, "-s 7"));
    ck_assert_str_ne(sample(run, "-s 7"), sample(run, "-s 8"));
    ck_assert_str_eq(sample(run, "-s 2147483647"), sample(run, ""));
    Output random = nomen("sample %s -s random", run);
    unsigned long long seed;
    ck_assert_int_eq(sscanf(random.err, "nomen: seed %llu\n", &seed), 1);
    char again[64];
    snprintf(again, sizeof again, "-s %llu", seed);
    ck_assert_str_eq(sample(run, again), random.out);
}
END_TEST

START_TEST(each_temperature_restarts_the_seed) {
    const char *run = make_counts("");
    char *both = sample(run, "-n 3 -t 0.5,1");
    char line[256] = "";
    for (char *name = strtok(sample(run, "-n 3 -t 0.5"), "\n"); name; name = strtok(NULL, "\n"))
        snprintf(line + strlen(line), sizeof line - strlen(line), "0.5\t%s\n", name);
    for (char *name = strtok(sample(run, "-n 3 -t 1"), "\n"); name; name = strtok(NULL, "\n"))
        snprintf(line + strlen(line), sizeof line - strlen(line), "1\t%s\n", name);
    ck_assert_str_eq(both, line);
}
END_TEST

START_TEST(temperature_zero_takes_the_most_likely_symbol) {
    const char *run = make_counts("");
    const char *names = sample(run, "-n 3 -t 0");
    int n = (int)strcspn(names, "\n");
    char want[256];
    snprintf(want, sizeof want, "%.*s\n%.*s\n%.*s\n", n, names, n, names, n, names);
    ck_assert_str_eq(names, want);
    ck_assert_str_eq(names, sample(run, "-n 3 -k 1 -s 99"));
    ck_assert_str_eq(names, sample(run, "-n 3 -t 0.001 -s 98"));
}
END_TEST

START_TEST(a_prefix_begins_every_name) {
    const char *run = make_counts("");
    char *names = sample(run, "-n 30 -p mar");
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) ck_assert(starts_with(name, "mar"));
}
END_TEST

START_TEST(new_names_stand_nowhere_in_the_file) {
    const char *run = make_counts("");
    char *known = read_text(OUR_NAMES, NULL), line[256];
    char *names = sample(run, "-n 200 -t 0.7 --new");
    size_t n = 0;
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n"), n++) {
        snprintf(line, sizeof line, "\n%s\n", name);
        ck_assert_ptr_null(strstr(known, line));
    }
    ck_assert_uint_ge(n, 195); // an empty name is a line too, which strtok passes over
}
END_TEST

START_TEST(new_gives_up_where_there_is_nothing_new) {
    const char *names = scratch("names.txt"), *run = scratch("run"), *config = scratch("c.json");
    write_text(names, "a\naa\n");
    write_text(config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":3,\"smoothing\":0}}");
    ck_assert_int_eq(nomen("train %s --quiet --run %s", config, run).status, 0);
    Output output = nomen("sample %s --new -n 2", run);
    ck_assert_int_eq(output.status, 1);
    ck_assert_ptr_nonnull(strstr(output.err, "nomen: --new: 0 of 2 names after 2000 draws"));
}
END_TEST

START_TEST(a_name_without_end_is_cut_at_100_characters) {
    const char *names = scratch("names.txt"), *run = scratch("run"), *config = scratch("c.json");
    char lines[2 * 401];
    memset(lines, 'a', sizeof lines);
    lines[400] = lines[801] = '\n';
    write_bytes(names, lines, sizeof lines);
    write_text(config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":2,\"smoothing\":0}}");
    ck_assert_int_eq(nomen("train %s --quiet --run %s", config, run).status, 0);
    Output output = nomen("sample %s -n 2 -t 0", run);
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(strlen(output.out), 202);
    ck_assert_str_eq(output.err, "nomen: 2 of the names were cut at 100 characters\n");
}
END_TEST

// Of symbols that are equally likely the first in the vocabulary are kept; as many as there are change nothing.
START_TEST(the_likeliest_symbols_alone_are_drawn) {
    const char *names = scratch("names.txt"), *run = scratch("run"), *config = scratch("c.json");
    write_text(names, "da\ncb\nbc\nad\n");
    write_text(config, "{\"data\":{\"path\":\"names.txt\",\"split\":[1]},\"model\":{\"ngram\":1}}");
    ck_assert_int_eq(nomen("train %s --quiet --run %s", config, run).status, 0);
    char *two = sample(run, "-n 50 --top-k 3"), *all = sample(run, "-n 50 --top-k 5");
    ck_assert_uint_eq(strspn(two, "ab\n"), strlen(two));
    ck_assert(strchr(two, 'a') && strchr(two, 'b'));
    ck_assert_str_eq(all, sample(run, "-n 50"));
    ck_assert_str_eq(all, sample(run, "-n 50 --top-k 9"));
}
END_TEST

START_TEST(a_context_that_was_never_seen_gives_nothing) {
    const char *run = make_counts("--set model.ngram=3 --set model.smoothing=0");
    expect_refusal(nomen("sample %s -n 3 -p qx", run), 1,
                   "nomen: the model gives no distribution after a context it never saw; train with model.smoothing "
                   "above 0, or use another prefix");
}
END_TEST

START_TEST(every_ngram_counts_and_samples) {
    char change[64];
    for (int n = 1; n <= 5; n++) {
        snprintf(change, sizeof change, "--set model.ngram=%d", n);
        const char *run = make_counts(change);
        char *names = sample(run, "-n 5 --method race");
        ck_assert_uint_ge(strlen(names), 5);
        Output output = nomen("eval %s --json", run);
        double loss;
        ck_assert_int_eq(sscanf(output.out, "{\"train\":{\"loss\":%lf", &loss), 1);
        ck_assert(loss > 1 && loss < 3);
    }
}
END_TEST

SUITE(sampler, NEEDS_NOTHING) {
    ADD(the_first_names_do_not_depend_on_how_many_are_asked_for);
    ADD(a_seed_repeats_and_another_differs);
    ADD(each_temperature_restarts_the_seed);
    ADD(temperature_zero_takes_the_most_likely_symbol);
    ADD(a_prefix_begins_every_name);
    ADD(new_names_stand_nowhere_in_the_file);
    ADD(new_gives_up_where_there_is_nothing_new);
    ADD(a_name_without_end_is_cut_at_100_characters);
    ADD(the_likeliest_symbols_alone_are_drawn);
    ADD(a_context_that_was_never_seen_gives_nothing);
    ADD(every_ngram_counts_and_samples);
}
