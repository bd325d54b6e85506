// Names files through the built program: how a refusal reads, and unusual files that work. test_names.c and
// test_dataset.c have the other cases.
#include "testing.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(text) text, sizeof text - 1

static void write_config(const char *split) {
    write_json(scratch("c.json"),
               "{'data': {'path': 'names.txt', 'split': %s}, 'model': {'context': 2, 'layers': [{'type': 'embedding', "
               "'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}]}, 'train': {'steps': 20, "
               "'batch_size': 8}, 'sample': {'count': 30}}",
               split);
}

static Output train(const char *options) {
    return nomen("train '%s' --run '%s' %s", scratch("c.json"), scratch("run"), options);
}

static void make_run(const char *names) {
    write_text(scratch("names.txt"), names);
    write_config("[1]");
    Output output = train("--quiet --force");
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
}

// The names file's path as the program prints it.
static const char *names_path(void) {
    static char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch(""), path));
    strcat(path, "/names.txt");
    return path;
}

START_TEST(a_names_file_that_cannot_train_is_refused) {
    static const struct {
        const char *names, *split, *message;
    } cases[] = {
        {"\n \n", "[1]", "only blank lines; put one name per line into it"},
        {"\n\n  anna \r\n\n", "[1]", "a single name; training needs at least two"},
        {"ada\r\n\r\n\nbob\xC3", "[1]",
         "line 4: byte 0xc3 is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252 -t "
         "UTF-8 FILE > NEW"},
        {"ada\nbob\x1B[0m\n", "[1]", "line 2: control character U+001B; remove it"},
        {"ada\nbob\ncid\ndea\n", "[0.8, 0.1, 0.1]",
         "the split leaves dev empty (0.1 of 4 names); add names or change data.split"},
        {"ada\nbob\ncid\ndea\n", "[0.5, 0.4999999999999, 1e-13]",
         "the split leaves test empty (1e-13 of 4 names); add names or change data.split"},
    };
    write_config("[1]");
    expect_refusal(train(""), 1, "nomen: %s: data.path: %s: no such file or directory; correct it, or give --data FILE",
                   scratch("c.json"), names_path());
    expect_refusal(train("--data /no.txt"), 1, "nomen: /no.txt: no such file or directory");
    expect_refusal(train("--data /"), 1, "nomen: /: expected a file, found a directory");
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_text(scratch("names.txt"), cases[i].names);
        write_config(cases[i].split);
        expect_refusal(train(""), 1, "nomen: %s: %s", names_path(), cases[i].message);
        ck_assert_msg(!exists(scratch("run")), "a run directory was left: %s", cases[i].message);
    }
}
END_TEST

START_TEST(the_command_for_another_encoding_works) {
    static const struct {
        const char *bytes;
        size_t n;
    } cases[] = {{BYTES("zo\xEB\n\x8Ama\n")},
                 {BYTES("\xFF\xFEz\0o\0\xEB\0\n\0\x60\x01m\0a\0\n\0")},
                 {BYTES("z\0o\0\xEB\0\n\0\x60\x01m\0a\0\n\0")},
                 {BYTES("\0z\0o\0\xEB\0\n\x01\x60\0m\0a\0\n")}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_bytes(scratch("FILE"), cases[i].bytes, cases[i].n);
        Output output = nomen("audit '%s'", scratch("FILE"));
        const char *command = strstr(output.err, "iconv -f ");
        ck_assert_msg(command, "%s", output.err);
        ck_assert_int_eq(shell("cd '%s' && %.*s", scratch(""), (int)strcspn(command, "\n"), command).status, 0);
        ck_assert_str_eq(read_text(scratch("NEW"), NULL), "zo\xC3\xAB\n\xC5\xA0ma\n");
    }
}
END_TEST

START_TEST(a_refused_file_does_not_touch_the_run_that_is_there) {
    make_run("ada\nbob\n");
    size_t n, n_after;
    char *before = read_text(scratch("run/model.safetensors"), &n);
    write_text(scratch("names.txt"), "ada\nb\x01\n");
    expect_refusal(train("--quiet --force"), 1, "nomen: %s: line 2: control character U+0001; remove it", names_path());
    char *after = read_text(scratch("run/model.safetensors"), &n_after);
    ck_assert_uint_eq(n, n_after);
    ck_assert_mem_eq(before, after, n);
    ck_assert(exists(scratch("run/config.json")) && exists(scratch("run/metrics.csv")));
}
END_TEST

// Expects only symbols of `names` in the samples, and at most 100 per line.
static void expect_symbols_of(const char *names, const char *sampled) {
    size_t length = 0;
    for (size_t at = 0, n, all = strlen(sampled); at < all; at += n) {
        uint32_t c, known = 0;
        n = utf8_decode(sampled + at, all - at, &c);
        ck_assert_msg(n > 0, "a sample is not UTF-8");
        length = c == '\n' ? 0 : length + 1;
        ck_assert_uint_le(length, 100);
        for (size_t k = 0, m; names[k] && known != c; k += m) m = utf8_decode(names + k, strlen(names + k), &known);
        ck_assert_msg(known == c, "no name has U+%04X", (unsigned)c);
    }
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

START_TEST(learns_from_names_of_any_script) {
    static const struct {
        const char *names, *prefix;
    } lists[] = {
        {"zo\xC3\xAB\nren\xC3\xA9\n\xC3\xA9mile\nfran\xC3\xA7ois\nj\xC3\xBCrgen\n", "\xC3\xA9m"},
        {"\xE3\x81\x95\xE3\x81\x8F\xE3\x82\x89\n\xE9\x99\xBD\xE8\x8F\x9C\n\xE7\xBE\x8E\xE5\x92\xB2\n", "\xE9\x99\xBD"},
        {"\xF0\x9F\x98\x80\xF0\x9F\x98\x81\n\xF0\x9F\x98\x81\xF0\x9F\x98\x82\n", "\xF0\x9F\x98\x80"},
        {"san jos\xC3\xA9\nsan juan de los lagos\n  los angeles  \nst. ives\n.\n", "san j"},
        {"\"quoted\"\nback\\slash\n{a}\n%s%n\n", "\"q"},
        {"aaaa\naaaa\n", "aa"},
    };
    for (size_t i = 0; i < COUNT(lists); i++) {
        const char *names = lists[i].names, *prefix = lists[i].prefix;
        make_run(names);
        Output evaluated = nomen("eval '%s' --json", scratch("run")), sampled = nomen("sample '%s'", scratch("run"));
        ck_assert_msg(strncmp(evaluated.out, "{\"train\":{\"loss\":", 17) == 0, "%s", evaluated.out);
        ck_assert_int_eq(sampled.status, 0);
        ck_assert_uint_eq(count_lines(sampled.out), 30);
        expect_symbols_of(names, sampled.out);
        Output begun = nomen("sample '%s' -n 3 -t 0.5,1 -p '%s'", scratch("run"), prefix);
        ck_assert_uint_eq(count_lines(begun.out), 6);
        for (char *line = begun.out; *line; line = strchr(line, '\n') + 1) {
            char *name = strchr(line, '\t');
            ck_assert_msg(name && strncmp(name + 1, prefix, strlen(prefix)) == 0, "%s", begun.out);
        }
    }
}
END_TEST

START_TEST(new_names_are_not_in_the_file_as_it_is_now) {
    static const char *const known[] = {"\nab\n", "\nba\n", "\nabab\n", "\nb\n"};
    make_run("ab\nba\nabab\nb\n");
    Output output = nomen("sample '%s' --new -n 50", scratch("run"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(count_lines(output.out), 50);
    for (size_t i = 0; i < COUNT(known); i++) ck_assert_ptr_null(strstr(output.out, known[i]));
    write_text(scratch("names.txt"), "a\nbb\n");
    output = nomen("sample '%s' --new -n 50", scratch("run"));
    ck_assert_msg(strstr(output.err, " has changed since the run was trained on it; --new uses its present names\n"),
                  "%s", output.err);
    ck_assert(strstr(output.out, "\nab\n") && !strstr(output.out, "\na\n") && !strstr(output.out, "\nbb\n"));
    ck_assert_int_eq(rename(scratch("names.txt"), scratch("moved.txt")), 0);
    expect_refusal(nomen("sample '%s' --new", scratch("run")), 1,
                   "nomen: --new: %s: no such file or directory; put it back, or name its new place with --data FILE",
                   names_path());
    write_text(scratch("moved.txt"), "ab\nba\nabab\nb\n");
    output = nomen("sample '%s' --new -n 50 --data '%s'", scratch("run"), scratch("moved.txt"));
    ck_assert_str_eq(output.err, "");
    ck_assert_ptr_null(strstr(output.out, "\nab\n"));
}
END_TEST

START_TEST(new_gives_up_if_nothing_is_new) {
    write_text(scratch("names.txt"), "ab\nab\n");
    write_json(scratch("c.json"),
               "{'data': {'path': 'names.txt', 'split': [1]}, 'model': {'ngram': 2, 'smoothing': 0}}");
    ck_assert_int_eq(train("--quiet").status, 0);
    expect_refusal(nomen("sample '%s' --new -n 3", scratch("run")), 1,
                   "nomen: --new: 0 of 3 names after 3000 draws; all others are blank or in the names file; a "
                   "smaller -n or a higher -t helps");
}
END_TEST

#define TABLE "name,count\nemma,3\nava,2\nzoe,1\n"

START_TEST(a_table_is_noticed_and_its_column_read) {
    static const char note[] = "names.txt is a table; data.column takes the names from the column \"name\"; "
                               "data.weight can count each row by the column \"count\"\n";
    make_run("ab\nba\n");
    write_text(scratch("names.txt"), TABLE);
    Output output = train("--force");
    ck_assert_msg(strstr(output.err, "names.txt seems to be a table, and each row is read as one name"), "%s",
                  output.err);
    write_text(scratch("names.txt"), "# a comment\n" TABLE TABLE TABLE);
    output = train("--force");
    ck_assert_msg(strstr(output.err, "names.txt seems to be a table, but line 1 has 1 column, not 2; each row"), "%s",
                  output.err);
    write_text(scratch("names.txt"), TABLE);
    output = nomen("init counts --data '%s' -o '%s'", scratch("names.txt"), scratch("init.json"));
    ck_assert_msg(strstr(output.err, note), "%s", output.err);
    output = nomen("train '%s' --run '%s'", scratch("init.json"), scratch("init"));
    ck_assert_msg(strstr(output.out, "3 names, 7 symbols;"), "%s%s", output.out, output.err);
    ck_assert_str_eq(output.err, "");
    ck_assert_str_eq(nomen("eval '%s'", scratch("init")).err, "");
    output = nomen("eval '%s' --data '%s'", scratch("init"), scratch("init.json"));
    ck_assert_msg(strstr(output.err, "init.json: line 1: data.column: no column \"name\"; the header has "), "%s",
                  output.err);
}
END_TEST

static const char *eval_with(const char *data, const char *model) {
    write_json(scratch("c.json"), "{'data': {%s, 'split': [1]}, %s}", data, model);
    Output output = train("--quiet --force");
    ck_assert_msg(output.status == 0, "%s", output.err);
    return nomen("eval '%s' --json", scratch("run")).out;
}

#define NETWORK(layers, train) "'model': {'context': 4, 'layers': [" layers "]}, 'train': {'steps': 40, " train "}"

START_TEST(a_weight_counts_like_repeated_names) {
    static const char *const models[] = {
        "'model': {'ngram': 2}",
        NETWORK("{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}",
                "'batch_size': 8"),
        NETWORK("{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}",
                "'batch_size': 'all'"),
        NETWORK("{'type': 'embedding', 'dim': 4}, {'type': 'rnn', 'out': 8}, {'type': 'linear', 'out': 'vocab'}",
                "'batch_size': 8"),
        NETWORK("{'type': 'embedding', 'dim': 4}, {'type': 'rnn', 'out': 8}, {'type': 'linear', 'out': 'vocab'}",
                "'batch_size': 'all'"),
    };
    write_text(scratch("w.csv"), "name,n\nemma, 3\nava,1\nmia,0\nemma,\"2\"\nolivia,1\n");
    write_text(scratch("repeated.txt"), "emma\nemma\nemma\nava\nemma\nemma\nolivia\n");
    for (size_t i = 0; i < COUNT(models); i++) {
        const char *weighted = eval_with("'path': 'w.csv', 'column': 'name', 'weight': 'n'", models[i]);
        ck_assert_str_eq(weighted, eval_with("'path': 'repeated.txt'", models[i]));
    }
    // The weights are shuffled with the names, and those of equal names are added.
    const char *unique =
        eval_with("'path': 'w.csv', 'column': 'name', 'weight': 2, 'unique': true, 'shuffle_seed': 1", models[0]);
    ck_assert_msg(strstr(unique, "\"examples\":36"), "%s", unique);
    write_text(scratch("one.csv"), "emma,5\nava,1\nolivia,1\n");
    ck_assert_str_eq(unique, eval_with("'path': 'one.csv', 'column': 1, 'weight': 2", models[0]));
}
END_TEST

START_TEST(a_weight_that_cannot_count_is_refused) {
    static const char *const cases[][3] = {
        {"'column': 1, 'weight': 2", "a,1\nb,x\n",
         "line 2: data.weight: expected a whole number from 0 to 4294967295, found \"x\""},
        {"'column': 1, 'weight': 2", "a,1\nb,4294967296\n",
         "line 2: data.weight: expected a whole number from 0 to 4294967295, found \"4294967296\""},
        {"'column': 1, 'weight': 2", "a,1\nb\n", "line 2: expected at least 2 columns, found 1"},
        {"'column': 'a', 'weight': 'b'", "a,c\nb,1\n",
         "line 1: data.weight: no column \"b\"; the header has \"a\", \"c\""},
        {"'column': 1, 'weight': 2", "a,0\n,1\n",
         "no row has a name and a weight above 0; is data.weight the right column?"},
        {"'column': 1, 'weight': 2, 'unique': true", "a,4294967295\na,1\nb,1\n",
         "data.weight: equal names weigh more than 4294967295; divide the weights"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_text(scratch("names.txt"), cases[i][1]);
        write_json(scratch("c.json"), "{'data': {'path': 'names.txt', %s}, 'model': {'ngram': 2}}", cases[i][0]);
        expect_refusal(train(""), 1, "nomen: %s: %s", names_path(), cases[i][2]);
    }
    write_text(scratch("names.txt"), "aaa,4294967295\nb,1\n");
    write_json(scratch("c.json"),
               "{'data': {'path': 'names.txt', 'column': 1, 'weight': 2, 'split': [1]}, 'model': {'ngram': 2}}");
    expect_refusal(train("--quiet"), 1, "nomen: %s: data.weight: a count above 4294967295", scratch("c.json"));
    write_json(scratch("c.json"), "{'data': {'path': 'names.txt', 'weight': 2}, 'model': {'ngram': 2}}");
    expect_refusal(train(""), 1, "nomen: %s: data.weight: the names need a column too; add data.column",
                   scratch("c.json"));
    write_json(scratch("c.json"),
               "{'random': 'makemore', 'data': {'path': 'names.txt', 'column': 1, 'weight': 2}, " NETWORK(
                   "{'type': 'embedding', 'dim': 'vocab'}", "'lr': 1") "}");
    expect_refusal(train(""), 1,
                   "nomen: %s: data.weight: with random \"makemore\" every name counts once; remove weight",
                   scratch("c.json"));
}
END_TEST

#define E_MARK "e\xCC\x81"

START_TEST(samples_are_normalized_as_the_names_are) {
    write_text(scratch("names.txt"), E_MARK "\nq\xCC\x81\ne\nae\n");
    write_json(scratch("c.json"),
               "{'data': {'path': 'names.txt', 'split': [1], 'normalize': 'NFC'}, 'model': {'ngram': 2}}");
    ck_assert_int_eq(train("--quiet").status, 0);
    Output output = nomen("sample '%s' --new -n 1000", scratch("run"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_ptr_null(strstr(output.out, E_MARK));
    ck_assert_ptr_null(strstr(output.out, "\n\xC3\xA9\n"));
    output = nomen("sample '%s' --report -n 1000", scratch("run"));
    ck_assert_ptr_nonnull(strstr(output.out, "\ttrain\t\xC3\xA9\n"));
    ck_assert_ptr_null(strstr(output.out, "\tnew\t\xC3\xA9\n"));
    output = nomen("score '%s' '%s'", scratch("run"), scratch("names.txt"));
    ck_assert_msg(strstr(output.out, "\xC3\xA9\n"), "%s%s", output.out, output.err);
    output = nomen("sample '%s' -n 1 -p '" E_MARK "'", scratch("run"));
    ck_assert_msg(strncmp(output.out, "\xC3\xA9", 2) == 0, "%s%s", output.out, output.err);
    ck_assert_str_eq(nomen("next '%s' -p '" E_MARK "'", scratch("run")).out,
                     nomen("next '%s' -p '\xC3\xA9'", scratch("run")).out);
    expect_refusal(nomen("next '%s' -p 'e\xCC\x82'", scratch("run")), 1,
                   "nomen: --prefix: \"\xC3\xAA\" (U+00EA) is not in the model's vocabulary");
}
END_TEST

START_TEST(a_random_seed_is_printed_and_draws_the_same_again) {
    unsigned long long seed;
    make_run("ab\nba\nabab\nb\n");
    Output output = nomen("sample '%s' -n 50 -s random", scratch("run"));
    ck_assert_int_eq(sscanf(output.err, "nomen: seed %llu\n", &seed), 1);
    ck_assert_uint_le(seed, 0xFFFFFFFF);
    ck_assert_str_eq(nomen("sample '%s' -n 50 -s %llu", scratch("run"), seed).out, output.out);
}
END_TEST

SUITE(cli_data, NEEDS_NOTHING) {
    ADD(a_names_file_that_cannot_train_is_refused);
    ADD(the_command_for_another_encoding_works);
    ADD(a_refused_file_does_not_touch_the_run_that_is_there);
    ADD(learns_from_names_of_any_script);
    ADD(new_names_are_not_in_the_file_as_it_is_now);
    ADD(new_gives_up_if_nothing_is_new);
    ADD(a_table_is_noticed_and_its_column_read);
    ADD(a_weight_counts_like_repeated_names);
    ADD(a_weight_that_cannot_count_is_refused);
    ADD(samples_are_normalized_as_the_names_are);
    ADD(a_random_seed_is_printed_and_draws_the_same_again);
}
