// nomen among other programs: what it prints for them, readers that go away, file names that are hard to write.
#include "cli/run.h"

#include "cmd/share/command.h"

#include <cJSON.h>

// Every command that prints a listing, with %s the directory of a run and its config.
static const char *const LISTINGS[] = {
    "sample '%s/run' -n 2000",
    "sample '%s/run' --json",
    "sample '%s/run' --report",
    "eval '%s/run'",
    "eval '%s/run' --json",
    "next '%s/run'",
    "next '%s/run' --json",
    "info '%s/run'",
    "info '%s/run' --json",
    "audit '%s/c.json'",
    "audit '%s/c.json' --json",
    "diagnose '%s/run'",
    "diagnose '%s/run' --csv",
    "gradcheck '%s/c.json'",
    "gradcheck '%s/c.json' --json",
    "lr-find '%s/c.json'",
    "lr-find '%s/c.json' --csv",
    "score '%s/run' data/names.txt",
    "compare '%1$s/run' '%1$s/run/best.safetensors'",
    "compare '%1$s/run' '%1$s/run/best.safetensors' --json",
    "verify '%s/e.json'",
    "verify '%s/e.json' --json",
    "calibrate '%s/run'",
    "softmax 1 2 3",
    "softmax 1 2 3 --json",
    "init",
    "configs",
    "configs --json",
    "schema",
    "completion bash",
    "completion zsh",
    "man",
    "train '%s/c.json' --run '%s/other' --steps 20 --force",
    "",
    "report '%s/run' --no-plots",
    "train --help",
};

static const char *dir(void) {
    make_run();
    const char *expecting = "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"ngram\": 2}, \"expect\": {\"counts\": "
                            "{\".a\": \"1\"}, \"unmet\": {\"why\": \"x\", \"train_loss\": \"1\"}}}";
    write_text(scratch("e.json"), expecting);
    return scratch("");
}

START_TEST(a_reader_that_goes_away_is_no_failure) {
    const char *at = dir();
    for (size_t i = 0; i < COUNT(LISTINGS); i++) {
        char words[512];
        int n = snprintf(words, sizeof words, LISTINGS[i], at, at);
        ck_assert_int_lt(n, (int)sizeof words);
        Output output = nomen("--version >/dev/null; { sleep 0.02; \"${NOMEN:-build/nomen}\" %s; } | :", words);
        ck_assert_msg(output.err[0] == '\0' || strncmp(LISTINGS[i], "calibrate", 9) == 0, "%s: %s", words, output.err);
        Output head = nomen("%s | head -n 1", words);
        ck_assert_msg(strchr(head.out, '\n') == strrchr(head.out, '\n'), "%s: %s", words, head.out);
    }
}
END_TEST

// All of it one JSON value a line, with these keys in the first; nothing else on either output.
static void expect_json(Output output, const char *keys) {
    ck_assert_int_eq(output.status, 0);
    ck_assert_str_eq(output.err, "");
    for (char *line = output.out, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        cJSON *tree = cJSON_ParseWithOpts(line, NULL, 1);
        ck_assert_msg(tree != NULL, "no JSON: %s", line);
        for (const char *key = keys; line == output.out && *key; key += strlen(key) + 1)
            ck_assert_msg(cJSON_HasObjectItem(tree, key), "no %s in %s", key, line);
        cJSON_Delete(tree);
    }
}

START_TEST(json_has_its_names_and_nothing_beside_it) {
    const char *at = dir();
    expect_json(nomen("sample '%s/run' --json", at), "temperature\0name\0");
    expect_json(nomen("sample '%s/run' --json --report", at), "temperature\0name\0nll_per_char\0part\0");
    expect_json(nomen("next '%s/run' --json", at), "context\0symbols\0temperatures\0probabilities\0");
    expect_json(nomen("eval '%s/run' --json", at), "train\0dev\0test\0");
    expect_json(nomen("info '%s/run' --json", at), "name\0model\0context\0parameters\0layers\0tensors\0data\0step\0");
    expect_json(nomen("audit '%s/c.json' --json", at), "names\0split\0lengths\0symbols\0order\0");
    expect_json(nomen("gradcheck '%s/c.json' --json", at), "loss\0");
    expect_json(nomen("score '%s/run' '%s/names.txt' --json", at, at), "names\0all\0");
    expect_json(nomen("compare '%s/run' '%s/run/best.safetensors' --json", at, at), "groups\0");
    expect_json(nomen("verify '%s/e.json' --json", at), "configs\0agrees\0off\0unmet\0left_out\0");
    expect_json(nomen("softmax 1 2 3 --json"), "logits\0");
    expect_json(nomen("configs --json"), "mlp\0bigram\0");
}
END_TEST

START_TEST(sample_says_the_same_as_json) {
    const char *run = make_run();
    Output names = nomen("sample '%s' -n 3 -t 1", run), json = nomen("sample '%s' -n 3 -t 1 --json", run);
    char *line = json.out;
    for (char *name = names.out, *end; (end = strchr(name, '\n')); name = end + 1, line = strchr(line, '\n') + 1) {
        char expected[256];
        snprintf(expected, sizeof expected, "{\"temperature\":1,\"name\":\"%.*s\"}\n", (int)(end - name), name);
        ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "%s is not %s", line, expected);
    }
    ck_assert_str_eq(line, "");
}
END_TEST

#define IN_SCRATCH "--version >/dev/null; nomen=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && \"$nomen\" "

START_TEST(takes_file_names_with_spaces_and_dashes) {
    const char *at = dir();
    write_text(scratch("-n.txt"), NAMES);
    write_text(scratch("-x.json"), read_text(scratch("c.json"), NULL));
    write_text(scratch("a b 'c'.json"), read_text(scratch("c.json"), NULL));
    static const char *const words[] = {
        "train --steps 5 --run -r -- -x.json",
        "train ./-x.json --steps 5 --run ./-r --resume",
        "eval -- -r",
        "sample ./-r -n 1",
        "train \"a b 'c'.json\" --steps 5 --run \"r s\"",
        "sample \"r s\" -n 1",
        "score -- -r -n.txt",
        "init --data=-n.txt -o -i.json",
        "train --data -n.txt --force --steps 5 --run=-r -- -i.json",
        "audit -- -n.txt",
        "compare -- -r \"r s\"",
        "gradcheck --dump -d.safetensors -- -x.json",
    };
    for (size_t i = 0; i < COUNT(words); i++) {
        Output output = nomen(IN_SCRATCH "%s", at, words[i]);
        ck_assert_msg(output.status == 0, "%s: %s", words[i], output.err);
    }
    ck_assert(exists(scratch("-r/model.safetensors")) && exists(scratch("r s/model.safetensors")));
    ck_assert(exists(scratch("-i.json")) && exists(scratch("-d.safetensors")));
}
END_TEST

// Whatever the run is called, the command that is printed for it does what it says.
START_TEST(the_next_command_can_be_typed_as_it_stands) {
    static const char *const names[] = {"plain", "a b", "it's", "'", "-x", "-o'$(touch X)'", "\"`touch X`\\"};
    const char *at = dir();
    for (size_t i = 0; i < COUNT(names); i++) {
        setenv("RUN", names[i], 1);
        Output trained = nomen(IN_SCRATCH "train c.json --steps 5 --run=\"$RUN\"", at);
        ck_assert_msg(trained.status == 0, "%s: %s", names[i], trained.err);
        char *next = strstr(trained.out, "\nnext: nomen ");
        ck_assert_msg(next, "%s: %s", names[i], trained.out);
        next += strlen("\nnext: nomen ");
        next[strcspn(next, "\n")] = '\0';
        Output sampled = nomen(IN_SCRATCH "%s", at, next);
        ck_assert_msg(sampled.status == 0 && sampled.out[0], "%s: %s", next, sampled.err);
    }
    ck_assert(!exists(scratch("X")));
    Arena arena = {0};
    Error err;
    ck_assert_str_eq(command_quote("", &arena, &err), "''");
    arena_free(&arena);
}
END_TEST

SUITE(cli_pipes, NEEDS_NOTHING) {
    ADD(a_reader_that_goes_away_is_no_failure);
    ADD(json_has_its_names_and_nothing_beside_it);
    ADD(sample_says_the_same_as_json);
    ADD(takes_file_names_with_spaces_and_dashes);
    ADD(the_next_command_can_be_typed_as_it_stands);
}
