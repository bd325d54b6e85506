// nomen sample through the built program: seeds, temperatures, prefixes, top-k and new names.
#include "cli/output.h"

static char *sample(const char *run, const char *options) { return ok(nomen("sample '%s' %s", run, options)); }

static const char *train_bigram(const char *changes) {
    ok(nomen("train configs/bigram-counts.json --quiet --force --run '%s' %s", scratch("counts"), changes));
    return scratch("counts");
}

static bool starts_with(const char *text, const char *start) { return strncmp(text, start, strlen(start)) == 0; }

START_TEST(a_seed_repeats_its_names) {
    const char *run = train_bigram("");
    static const struct {
        const char *a, *b;
        bool equal;
    } cases[] = {{"-s 7", "-s 7", true},
                 {"-s 7", "-s 8", false},
                 {"-s 2147483647", "", true},
                 {"", "-n 20", true},
                 {"-n 3 -t 0", "-n 3 -k 1 -s 99", true},
                 {"-n 3 -t 0", "-n 3 -t 0.001 -s 98", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        ck_assert_int_eq(strcmp(sample(run, cases[i].a), sample(run, cases[i].b)) == 0, cases[i].equal);
    ck_assert(starts_with(sample(run, "-n 40"), sample(run, "-n 7")));
    // Each temperature restarts the seed.
    ck_assert_str_eq(shell("\"$NOMEN\" sample '%s' -n 3 -t 0.5,1 | cut -f 2", run).out,
                     textf("%s%s", sample(run, "-n 3 -t 0.5"), sample(run, "-n 3")));
}
END_TEST

START_TEST(names_begin_with_the_prefix_and_may_be_new) {
    const char *run = train_bigram("");
    char *names = sample(run, "-n 30 -p mar"), line[256];
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) ck_assert(starts_with(name, "mar"));
    char *known = read_text(OUR_NAMES, NULL);
    size_t n = 0;
    names = sample(run, "-n 200 -t 0.7 --new");
    for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n"), n++) {
        snprintf(line, sizeof line, "\n%s\n", name);
        ck_assert_ptr_null(strstr(known, line));
    }
    ck_assert_uint_ge(n, 195); // strtok skips empty names
}
END_TEST

START_TEST(a_name_without_end_is_cut_at_100_characters) {
    char lines[2 * 401 + 1] = "";
    memset(lines, 'a', 2 * 401);
    lines[400] = lines[801] = '\n';
    Output output = nomen("sample '%s' -n 2 -t 0", train_counts(lines, 2, 0));
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(strlen(output.out), 202);
    ck_assert_str_eq(output.err, "nomen: 2 of the names were cut at 100 characters\n");
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

START_TEST(counts_of_any_length_sample) {
    char change[64];
    for (int n = 1; n <= 5; n++) {
        snprintf(change, sizeof change, "--set model.ngram=%d", n);
        const char *run = train_bigram(change);
        ck_assert_uint_ge(strlen(sample(run, "-n 5 --method race")), 5);
        cJSON *tree = json_of(ok(nomen("eval '%s' --json", run)));
        double loss = number_at(tree, "train.loss");
        ck_assert(loss > 1 && loss < 3);
        cJSON_Delete(tree);
    }
    expect_refusal(nomen("sample '%s' -n 3 -p qx", train_bigram("--set model.ngram=3 --set model.smoothing=0")), 1,
                   "nomen: the model gives no distribution after a context it never saw; train with model.smoothing "
                   "above 0, or use another prefix");
}
END_TEST

SUITE(sampler, NEEDS_NOTHING) {
    ADD(a_seed_repeats_its_names);
    ADD(names_begin_with_the_prefix_and_may_be_new);
    ADD(a_name_without_end_is_cut_at_100_characters);
    ADD(top_k_draws_from_the_likeliest_symbols);
    ADD(counts_of_any_length_sample);
}
