// Names files through the built program: what is refused, in which words, and unusual lists that must work.
#include "testing.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

static const char CONFIG[] = "{\"data\": {\"path\": \"names.txt\", \"split\": %s}, \"model\": {\"context\": 2, "
                             "\"layers\": [{\"type\": \"embedding\", \"dim\": 4}, {\"type\": \"flatten\"}, "
                             "{\"type\": \"linear\", \"out\": \"vocab\"}]}, "
                             "\"train\": {\"steps\": 20, \"batch_size\": 8}, \"sample\": {\"count\": 30}}";

static const char *write_config(const char *split) {
    char text[1024];
    snprintf(text, sizeof text, CONFIG, split);
    write_text(scratch("c.json"), text);
    return scratch("c.json");
}

static Output train(const char *split) {
    return nomen("train '%s' --run '%s' --quiet --force", write_config(split), scratch("run"));
}

// The names file's path as the program prints it.
static const char *names_path(void) {
    static char path[PATH_MAX];
    ck_assert_ptr_nonnull(realpath(scratch(""), path));
    strcat(path, "/names.txt");
    return path;
}

// Training is refused with "nomen: THE NAMES FILE: MESSAGE", and no run is left.
static void refuse(const char *split, const char *message) {
    expect_refusal(train(split), 1, "nomen: %s: %s", names_path(), message);
    ck_assert_msg(!exists(scratch("run")), "a run directory was left: %s", message);
}

typedef struct BadFile {
    const char *bytes;
    size_t n;
    const char *message;
} BadFile;

#define BYTES(literal) literal, sizeof literal - 1

START_TEST(refuses_a_file_that_holds_no_names) {
    static const BadFile files[] = {
        {BYTES(""), "the file is empty; put one name a line into it"},
        {BYTES("\n"), "only blank lines; put one name a line into it"},
        {BYTES(" \n\t\n\r\n\xC2\xA0\n\xE3\x80\x80"), "only blank lines; put one name a line into it"},
        {BYTES("\xEF\xBB\xBF"), "only blank lines; put one name a line into it"},
        {BYTES("anna"), "a single name; two or more are needed to learn from"},
        {BYTES("\n\n  anna \r\n\n"), "a single name; two or more are needed to learn from"},
    };
    expect_refusal(train("[1]"), 1,
                   "nomen: %s: data.path: %s: no such file or directory; correct it, or give --data FILE",
                   scratch("c.json"), names_path());
    for (size_t i = 0; i < COUNT(files); i++) {
        write_bytes(scratch("names.txt"), files[i].bytes, files[i].n);
        refuse("[1]", files[i].message);
    }
}
END_TEST

START_TEST(says_on_which_line_a_file_is_no_text) {
#define NOT_UTF8(byte) "byte 0x" byte " is not UTF-8; convert the file (iconv -t UTF-8)"
    static const BadFile files[] = {
        {BYTES("ada\nJos\xE9\nbob\n"), "line 2: " NOT_UTF8("e9")},
        {BYTES("ada\r\n\r\n\nbob\xC3"), "line 4: " NOT_UTF8("c3")},
        {BYTES("\xFF\xFE"
               "a\0n\0"),
         "line 1: " NOT_UTF8("ff")},
        {BYTES("ada\n\xED\xA0\x80\n"), "line 2: " NOT_UTF8("ed")},
        {BYTES("ada\nbob\n\xC0\x80"), "line 3: " NOT_UTF8("c0")},
        {BYTES("ada\nbo\0b\n"), "line 2: control character U+0000; remove it"},
        {BYTES("ada\nbob\n\0"), "line 3: control character U+0000; remove it"},
        {BYTES("ada\tbyron\nbob\n"), "line 1: control character U+0009; remove it"},
        {BYTES("ada\nbob\x1B[0m\n"), "line 2: control character U+001B; remove it"},
        {BYTES("ada\nb\x7F\n"), "line 2: control character U+007F; remove it"},
        {BYTES("ada\nb\xC2\x85z\n"), "line 2: control character U+0085; remove it"},
        {BYTES("ada\nb\xE2\x80\xA8z\n"), "line 2: control character U+2028; remove it"},
        {BYTES("ada\rbob\rcid"), "line 1: control character U+000D; remove it"},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        write_bytes(scratch("names.txt"), files[i].bytes, files[i].n);
        refuse("[1]", files[i].message);
    }
}
END_TEST

START_TEST(refuses_a_split_that_leaves_a_part_empty) {
    write_text(scratch("names.txt"), "ada\nbob\ncid\ndea\n");
    refuse("[0.8, 0.1, 0.1]", "the split leaves dev empty (0.1 of 4 names); add names or change data.split");
    refuse("[0.1, 0.9]", "the split leaves train empty (0.1 of 4 names); add names or change data.split");
    refuse("[0.5, 0.4999999999999, 1e-13]",
           "the split leaves test empty (1e-13 of 4 names); add names or change data.split");
}
END_TEST

START_TEST(refuses_a_dir_for_the_names) {
    char dir[PATH_MAX];
    write_text(scratch("c.json"), "{\"data\": {\"path\": \".\"}, \"model\": {\"ngram\": 2}}");
    ck_assert_ptr_nonnull(realpath(scratch(""), dir));
    expect_refusal(nomen("train '%s' --run '%s'", scratch("c.json"), scratch("run")), 1,
                   "nomen: %s: expected a file, found a directory", dir);
    expect_refusal(nomen("train '%s' --run '%s' --data '%s/nope.txt'", scratch("c.json"), scratch("run"), dir), 1,
                   "nomen: %s/nope.txt: no such file or directory", dir);
    ck_assert(!exists(scratch("run")));
}
END_TEST

START_TEST(a_refused_file_does_not_touch_the_run_that_is_there) {
    write_text(scratch("names.txt"), "ada\nbob\n");
    ck_assert_int_eq(train("[1]").status, 0);
    size_t n, n_after;
    char *before = read_text(scratch("run/model.safetensors"), &n);
    write_text(scratch("names.txt"), "ada\nb\x01\n");
    expect_refusal(train("[1]"), 1, "nomen: %s: line 2: control character U+0001; remove it", names_path());
    char *after = read_text(scratch("run/model.safetensors"), &n_after);
    ck_assert_uint_eq(n, n_after);
    ck_assert_mem_eq(before, after, n);
    ck_assert(exists(scratch("run/config.json")) && exists(scratch("run/metrics.csv")));
}
END_TEST

// Every sampled line holds only symbols of `names` and at most 100 of them.
static void expect_symbols_of(const char *names, const char *sampled) {
    size_t length = 0;
    for (size_t at = 0, n, all = strlen(sampled); at < all; at += n) {
        uint32_t c, known = 0;
        n = utf8_decode(sampled + at, all - at, &c);
        ck_assert_msg(n > 0, "a sample is no UTF-8");
        length = c == '\n' ? 0 : length + 1;
        ck_assert_uint_le(length, 100);
        for (size_t k = 0, m; names[k] && known != c; k += m) m = utf8_decode(names + k, strlen(names + k), &known);
        ck_assert_msg(known == c, "U+%04X stands in no name", (unsigned)c);
    }
}

static size_t count_lines(const char *text) {
    size_t n = 0;
    for (; *text; text++) n += *text == '\n';
    return n;
}

// Trains on the names, evaluates, samples, and samples with the prefix; returns what eval --json printed.
static char *use(const char *names, const char *prefix) {
    write_text(scratch("names.txt"), names);
    Output trained = train("[1]");
    ck_assert_str_eq(trained.err, "");
    ck_assert_int_eq(trained.status, 0);
    Output evaluated = nomen("eval '%s' --json", scratch("run")), sampled = nomen("sample '%s'", scratch("run"));
    ck_assert_msg(strncmp(evaluated.out, "{\"train\":{\"loss\":", 17) == 0, "%s", evaluated.out);
    ck_assert_int_eq(sampled.status, 0);
    ck_assert_uint_eq(count_lines(sampled.out), 30);
    expect_symbols_of(names, sampled.out);
    Output begun = nomen("sample '%s' -n 3 -t 0.5,1 -p '%s'", scratch("run"), prefix);
    ck_assert_int_eq(begun.status, 0);
    ck_assert_uint_eq(count_lines(begun.out), 6);
    for (char *line = begun.out; *line; line = strchr(line, '\n') + 1) {
        char *name = strchr(line, '\t');
        ck_assert_msg(name && strncmp(name + 1, prefix, strlen(prefix)) == 0, "%s", begun.out);
    }
    return evaluated.out;
}

START_TEST(learns_from_names_of_any_script) {
    static const struct {
        const char *names, *prefix;
    } lists[] = {
        {"zo\xC3\xAB\nren\xC3\xA9"
         "e\n\xC3\xA9mile\nfran\xC3\xA7ois\nj\xC3\xBCrgen\n",
         "\xC3\xA9m"},
        {"\xCE\xB1\xCE\xBD\xCE\xBD\xCE\xB1\n\xCE\xB5\xCE\xBB\xCE\xAD\xCE\xBD\xCE\xB7\n", "\xCE\xB5\xCE\xBB"},
        {"\xE3\x81\x95\xE3\x81\x8F\xE3\x82\x89\n\xE9\x99\xBD\xE8\x8F\x9C\n\xE7\xBE\x8E\xE5\x92\xB2\n", "\xE9\x99\xBD"},
        {"\xF0\x9F\x98\x80\xF0\x9F\x98\x81\n\xF0\x9F\x98\x81\xF0\x9F\x98\x82\n", "\xF0\x9F\x98\x80"},
        {"san jos\xC3\xA9\nsan juan de los lagos\nnew york\n  los angeles  \n", "san j"},
        {"st. ives\nst. albans\nj.r.r.\n.\n", "st."},
        {"\"quoted\"\nback\\slash\n{a}\n%s%n\n", "\"q"},
        {"a\nb\n", "a"},
        {"aaaa\naaaa\n", "aa"},
    };
    for (size_t i = 0; i < COUNT(lists); i++) use(lists[i].names, lists[i].prefix);
}
END_TEST

START_TEST(reads_crlf_and_a_byte_order_mark_as_plain_lines) {
    char *plain = use("ada\nzo\xC3\xAB\nbob\n", "b");
    write_bytes(scratch("names.txt"), BYTES("\xEF\xBB\xBF"
                                            "ada\r\n\r\n  zo\xC3\xAB\t\r\n\xC2\xA0 bob"));
    ck_assert_int_eq(train("[1]").status, 0);
    ck_assert_str_eq(nomen("eval '%s' --json", scratch("run")).out, plain);
    ck_assert_ptr_null(strchr(nomen("sample '%s'", scratch("run")).out, '\r'));
}
END_TEST

START_TEST(a_full_stop_in_a_name_does_not_end_it) {
    write_text(scratch("names.txt"), "a.b\na.b\n");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, "
                                  "\"model\": {\"ngram\": 2, \"smoothing\": 0}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s'", scratch("c.json"), scratch("run")).status, 0);
    Output output = nomen("sample '%s' -n 3", scratch("run"));
    ck_assert_str_eq(output.err, "");
    ck_assert_str_eq(output.out, "a.b\na.b\na.b\n");
    ck_assert_str_eq(nomen("sample '%s' -n 1 -p a. -t 0", scratch("run")).out, "a.b\n");
}
END_TEST

START_TEST(equal_names_can_be_counted_once) {
    write_text(scratch("names.txt"), "ada\nada\nbob\nada\n");
    Output all = nomen("train '%s' --run '%s'", write_config("[1]"), scratch("run"));
    ck_assert_msg(strstr(all.out, "c: 4 names, 5 symbols; train 16 examples"), "%s", all.out);
    Output once = nomen("train '%s' --run '%s' --set data.unique=true", scratch("c.json"), scratch("run2"));
    ck_assert_msg(strstr(once.out, "c: 2 names, 5 symbols; train 8 examples"), "%s", once.out);
    write_text(scratch("names.txt"), "ada\nada\nada\n");
    expect_refusal(nomen("train '%s' --run '%s' --set data.unique=true", scratch("c.json"), scratch("run3")), 1,
                   "nomen: %s: a single name; two or more are needed to learn from", names_path());
}
END_TEST

START_TEST(new_names_stand_nowhere_in_the_file) {
    write_text(scratch("names.txt"), "ab\nba\nabab\nb\n");
    ck_assert_int_eq(train("[1]").status, 0);
    Output output = nomen("sample '%s' --new -n 50", scratch("run"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_uint_eq(count_lines(output.out), 50);
    static const char *const known[] = {"\nab\n", "\nba\n", "\nabab\n", "\nb\n"};
    for (size_t i = 0; i < COUNT(known); i++) ck_assert_ptr_null(strstr(output.out, known[i]));
}
END_TEST

// What is new is so beside the names of today.
START_TEST(new_goes_by_the_names_there_are_now) {
    write_text(scratch("names.txt"), "ab\nba\nabab\nb\n");
    ck_assert_int_eq(train("[1]").status, 0);
    write_text(scratch("names.txt"), "a\nbb\n");
    Output output = nomen("sample '%s' --new -n 50", scratch("run"));
    ck_assert_int_eq(output.status, 0);
    ck_assert_msg(strstr(output.err, " has changed since the run was trained on it; --new goes by what it holds now\n"),
                  "%s", output.err);
    ck_assert(strstr(output.out, "\nab\n") && !strstr(output.out, "\na\n") && !strstr(output.out, "\nbb\n"));
    ck_assert_int_eq(remove(scratch("names.txt")), 0);
    expect_refusal(nomen("sample '%s' --new", scratch("run")), 1,
                   "nomen: --new: %s: no such file or directory; --data says where it lies now", names_path());
    write_text(scratch("moved.txt"), "ab\nba\nabab\nb\n");
    output = nomen("sample '%s' --new -n 50 --data '%s'", scratch("run"), scratch("moved.txt"));
    ck_assert_str_eq(output.err, "");
    ck_assert_ptr_null(strstr(output.out, "\nab\n"));
}
END_TEST

START_TEST(a_seed_at_random_is_said_and_draws_the_same_again) {
    write_text(scratch("names.txt"), "ab\nba\nabab\nb\n");
    ck_assert_int_eq(train("[1]").status, 0);
    Output output = nomen("sample '%s' -n 50 -s random", scratch("run"));
    ck_assert_int_eq(output.status, 0);
    unsigned long long seed;
    ck_assert_int_eq(sscanf(output.err, "nomen: seed %llu\n", &seed), 1);
    ck_assert_uint_le(seed, 0xFFFFFFFF);
    ck_assert_str_eq(nomen("sample '%s' -n 50 -s %llu", scratch("run"), seed).out, output.out);
}
END_TEST

START_TEST(new_gives_up_where_there_is_nothing_new) {
    write_text(scratch("names.txt"), "ab\nab\n");
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"names.txt\", \"split\": [1]}, "
                                  "\"model\": {\"ngram\": 2, \"smoothing\": 0}}");
    ck_assert_int_eq(nomen("train '%s' --run '%s'", scratch("c.json"), scratch("run")).status, 0);
    expect_refusal(nomen("sample '%s' --new -n 3", scratch("run")), 1,
                   "nomen: --new: 0 of 3 names after 3000 draws; the rest stand in %s already", names_path());
}
END_TEST

SUITE(cli_data, NEEDS_NOTHING) {
    ADD(refuses_a_file_that_holds_no_names);
    ADD(says_on_which_line_a_file_is_no_text);
    ADD(refuses_a_split_that_leaves_a_part_empty);
    ADD(refuses_a_dir_for_the_names);
    ADD(a_refused_file_does_not_touch_the_run_that_is_there);
    ADD(learns_from_names_of_any_script);
    ADD(reads_crlf_and_a_byte_order_mark_as_plain_lines);
    ADD(a_full_stop_in_a_name_does_not_end_it);
    ADD(equal_names_can_be_counted_once);
    ADD(new_names_stand_nowhere_in_the_file);
    ADD(new_goes_by_the_names_there_are_now);
    ADD(a_seed_at_random_is_said_and_draws_the_same_again);
    ADD(new_gives_up_where_there_is_nothing_new);
}
