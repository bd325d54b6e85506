#include "testing.h"

#include "base/option.h"

#include <string.h>

enum { MAX_WORDS = 80, MAX_OPERANDS = 2 };

// The target of the options below.
typedef struct Got {
    bool quiet;
    const char *run, *method, *resume;
    WholeOption steps, count;
    TextList set;
} Got;

static Got got;

static const char *const methods[] = {"race", "inverse", NULL}, *const resumes[] = {"anyway", NULL};

static const Option options[] = {
    {"quiet", 'q', OPTION_FLAG, offsetof(Got, quiet), NULL, "print nothing but errors", 0, 0, NULL},
    {"run", 0, OPTION_TEXT, offsetof(Got, run), "DIR", "the run directory", 0, 0, NULL},
    {"steps", 's', OPTION_WHOLE, offsetof(Got, steps), "N", "how many steps", 1, 1000, NULL},
    {"count", 'n', OPTION_WHOLE, offsetof(Got, count), "N", "how many names", 0, UINT64_MAX, NULL},
    {"method", 'm', OPTION_CHOICE, offsetof(Got, method), "METHOD", "how to draw", 0, 0, methods},
    {"resume", 0, OPTION_MAYBE, offsetof(Got, resume), "anyway",
     "go on, which takes a help text that is too long for one line "
     "of eighty columns, and for two of them as well, so it must be broken between words",
     0, 0, resumes},
    {"set", 0, OPTION_LIST, offsetof(Got, set), "KEY=VALUE", "any key of the config, such as model.layers[2].out=300",
     0, 0, NULL},
    {"quieter", 0, OPTION_FLAG, offsetof(Got, quiet), NULL, "an option whose name begins like another's", 0, 0, NULL},
    {"an-option-with-a-long-name", 0, OPTION_TEXT, offsetof(Got, run), "SOMETHING", "its help begins on the next line",
     0, 0, NULL},
};

static const Usage usage = {
    .command = "train",
    .summary = "Trains.",
    .operand = "CONFIG",
    .max_operands = MAX_OPERANDS,
    .options = options,
    .n_options = COUNT(options),
    .size = sizeof(Got),
    .examples = "  nomen train configs/mlp.json\n",
};

static Texts operands = {.items = (const char *[MAX_OPERANDS]){NULL}};
static Error err;

// Parses the words of `line`, separated by single spaces.
static OptionResult parse(const char *line) {
    static char copy[1024];
    char *words[MAX_WORDS];
    size_t n = 0;
    ck_assert_uint_lt(strlen(line), sizeof copy);
    strcpy(copy, line);
    for (char *at = copy[0] ? copy : NULL; at; n++) {
        ck_assert_uint_lt(n, MAX_WORDS);
        words[n] = at;
        at = strchr(at, ' ');
        if (at) *at++ = '\0';
    }
    memset(&got, 0, sizeof got);
    return options_parse(&usage, n, words, &got, &operands, &err);
}

static void expect_run(const char *line) {
    OptionResult result = parse(line);
    ck_assert_msg(result == OPTIONS_RUN, "%s: %s", line, result == OPTIONS_WRONG ? err.text : "asked for help");
}

static void expect_wrong(const char *line, const char *reason) {
    err = (Error){0};
    ck_assert_int_eq(parse(line), OPTIONS_WRONG);
    ck_assert_str_eq(err.text,
                     textf("%s%s see nomen train --help", reason, reason[strlen(reason) - 1] == '?' ? "" : ";"));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
}

START_TEST(every_kind_takes_its_value) {
    expect_run("mlp.json");
    ck_assert_uint_eq(operands.n, 1);
    ck_assert_str_eq(operands.items[0], "mlp.json");
    ck_assert(!got.quiet && !got.run && !got.method && !got.resume && !got.steps.given && got.set.n == 0);
    // as the next word
    expect_run("--quiet --run a/b --steps 20 --method inverse --set a=1 mlp.json --set b=2=3");
    ck_assert(got.quiet && got.steps.given && got.steps.value == 20 && got.set.n == 2);
    ck_assert_str_eq(got.run, "a/b");
    ck_assert_str_eq(got.method, "inverse");
    ck_assert_str_eq(got.set.items[0], "a=1");
    ck_assert_str_eq(got.set.items[1], "b=2=3");
    ck_assert_str_eq(operands.items[0], "mlp.json");
    // after an equals sign
    expect_run("mlp.json --run=x=y --steps=7 --method=race --set=k=v --count=18446744073709551615");
    ck_assert_str_eq(got.run, "x=y");
    ck_assert_str_eq(got.method, "race");
    ck_assert_str_eq(got.set.items[0], "k=v");
    ck_assert(got.steps.value == 7 && got.count.value == UINT64_MAX);
    // with a short name, attached or apart
    expect_run("mlp.json -q -s12 -n 5 -mrace");
    ck_assert(got.quiet && got.steps.value == 12 && got.count.value == 5);
    ck_assert_str_eq(got.method, "race");
    // optional
    expect_run("--resume mlp.json");
    ck_assert_str_eq(got.resume, "");
    ck_assert_str_eq(operands.items[0], "mlp.json");
    expect_run("--resume=anyway mlp.json");
    ck_assert_str_eq(got.resume, "anyway");
}
END_TEST

START_TEST(the_last_of_equal_options_counts) {
    expect_run("mlp.json -s 1 --steps=2 --run a --run=b");
    ck_assert_uint_eq(got.steps.value, 2);
    ck_assert_str_eq(got.run, "b");
    expect_run("mlp.json --quieter"); // its name begins like another's
    ck_assert(got.quiet);
    expect_run("mlp.json --run -1000");
    ck_assert_str_eq(got.run, "-1000");
}
END_TEST

START_TEST(operands_may_look_like_options) {
    static const struct {
        const char *line, *operands[2];
    } cases[] = {{"-q -- --run", {"--run"}},
                 {"-- -- --help", {"--", "--help"}},
                 {"-1000 -.5", {"-1000", "-.5"}},
                 {"-", {"-"}},
                 {"-inf", {"-inf"}}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_run(cases[i].line);
        ck_assert_uint_eq(operands.n, cases[i].operands[1] ? 2 : 1);
        for (size_t k = 0; k < operands.n; k++) ck_assert_str_eq(operands.items[k], cases[i].operands[k]);
    }
}
END_TEST

START_TEST(wrong_words_are_named) {
    static const char *const cases[][2] = {
        {"mlp.json --qui", "unknown option \"--qui\"; did you mean --quiet?"},
        {"mlp.json --stesp 5", "unknown option \"--stesp\"; did you mean --steps?"},
        {"mlp.json --stesp=5", "unknown option \"--stesp=5\"; did you mean --steps?"},
        {"mlp.json --hlep", "unknown option \"--hlep\"; did you mean --help?"},
        {"mlp.json --temperature", "unknown option \"--temperature\""},
        {"mlp.json -x", "unknown option \"-x\""},
        {"-:5", "unknown option \"-:5\""},
        {"-/5", "unknown option \"-/5\""},
        {"-.x", "unknown option \"-.x\""},
        {"mlp.json --run", "--run needs a value: DIR"},
        {"mlp.json --run=", "--run: expected a directory, found \"\""},
        {"mlp.json -s", "--steps needs a value: N"},
        {"mlp.json --set", "--set needs a value: KEY=VALUE"},
        {"mlp.json --quiet=yes", "--quiet takes no value, found \"yes\""},
        {"mlp.json -qs", "--quiet takes no value, found \"s\""},
        {"mlp.json --method gumbel", "--method: expected race or inverse, found \"gumbel\""},
        {"--resume=now mlp.json", "--resume: expected anyway, found \"now\""},
        {"--resume= mlp.json", "--resume: expected anyway, found \"\""},
        {"mlp.json --steps -5", "--steps: expected a whole number from 1 to 1000, found \"-5\""},
        {"mlp.json --steps=0", "--steps: expected a whole number from 1 to 1000, found \"0\""},
        {"mlp.json --steps=1001", "--steps: expected a whole number from 1 to 1000, found \"1001\""},
        {"mlp.json --steps=1e2", "--steps: expected a whole number from 1 to 1000, found \"1e2\""},
        {"", "expected CONFIG"},
        {"--quiet --run x", "expected CONFIG"},
        {"--", "expected CONFIG"},
        {"a b c", "unexpected argument \"c\""},
        {"a b -- c", "unexpected argument \"c\""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) expect_wrong(cases[i][0], cases[i][1]);
    expect_wrong(textf("mlp.json --%070d", 7), textf("unknown option \"--%070d\"", 7));
}
END_TEST

START_TEST(a_list_has_room_for_64_words) {
    char line[1024] = "x";
    for (int i = 0; i < OPTION_LIST_ITEMS; i++) strcat(line, " --set=a=b");
    expect_run(line);
    ck_assert_uint_eq(got.set.n, OPTION_LIST_ITEMS);
    strcat(line, " --set=c");
    expect_wrong(line, "--set: given more than 64 times");
}
END_TEST

START_TEST(help_may_be_anywhere) {
    static const char *const lines[] = {"--help", "-h", "a -q --help", "a b --help c d"};
    for (size_t i = 0; i < COUNT(lines); i++) ck_assert_int_eq(parse(lines[i]), OPTIONS_HELP);
    expect_run("a --run --help"); // the value of --run
    ck_assert_str_eq(got.run, "--help");
}
END_TEST

START_TEST(a_long_reason_keeps_the_hint_at_the_help) {
    static const char end[] = "; see nomen train --help";
    memset(err.text, 'x', sizeof err.text - 1);
    err.text[sizeof err.text - 1] = '\0';
    ck_assert(!options_wrong(&usage, &err));
    ck_assert_int_eq(err.kind, ERROR_USAGE);
    ck_assert_str_eq(err.text + strlen(err.text) - strlen(end), end);
}
END_TEST

// Returns the help, which lives as long as the test.
static const char *help(void) {
    static Arena arena;
    Buffer out = {.arena = &arena};
    options_help(&usage, &out);
    const char *text = buffer_text(&out, &err);
    ck_assert_ptr_nonnull(text);
    return text;
}

START_TEST(the_help_shows_every_option_and_example) {
    static const char *const lines[] = {
        "usage: nomen train CONFIG [OPTION]...\n\nTrains.\n\n",
        "\n  -q, --quiet             print nothing but errors\n",
        "\n      --run DIR           the run directory\n",
        "\n  -s, --steps N           how many steps\n",
        "\n  -m, --method METHOD     how to draw\n",
        "\n      --resume[=anyway]   go on, which takes a help text that is too long for\n",
        "\n                          one line of eighty columns, ",
        "\n      --set KEY=VALUE     any key of the config, such as model.layers[2].out=300\n",
        "\n      --an-option-with-a-long-name SOMETHING\n                          its help begins on the next line\n",
        "\n  -h, --help              show this page\n",
        "\nexamples:\n  nomen train configs/mlp.json\n",
    };
    for (size_t i = 0; i < COUNT(lines); i++)
        ck_assert_msg(strstr(help(), lines[i]) != NULL, "\"%s\" is not in \"%s\"", lines[i], help());
}
END_TEST

SUITE(option, NEEDS_NOTHING) {
    ADD(every_kind_takes_its_value);
    ADD(the_last_of_equal_options_counts);
    ADD(operands_may_look_like_options);
    ADD(wrong_words_are_named);
    ADD(a_list_has_room_for_64_words);
    ADD(help_may_be_anywhere);
    ADD(a_long_reason_keeps_the_hint_at_the_help);
    ADD(the_help_shows_every_option_and_example);
}
