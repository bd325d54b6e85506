// nomen among other programs: readers that go away, JSON, and file names that are hard to write.
#include "cli/run.h"

#include "cmd/share/command.h"

#include <cJSON.h>

// Makes the directory run with the config c.json, and e.json with statistics to verify.
static void make_files(void) {
    make_run();
    write_json(scratch("e.json"), "{'data': {'path': 'names.txt'}, 'model': {'ngram': 2}, 'expect': {'counts': {'.a': "
                                  "'1'}, 'unmet': {'why': 'x', 'train_loss': '1'}}}");
}

// Every command that prints a listing.
static const char *const LISTINGS[] = {
    "sample run -n 2000",
    "sample run --json",
    "sample run --report --json",
    "eval run",
    "eval run --json",
    "next run",
    "next run --json",
    "info run",
    "info run --json",
    "audit c.json",
    "audit c.json --json",
    "diagnose run",
    "diagnose run --csv",
    "gradcheck c.json",
    "gradcheck c.json --json",
    "lr-find c.json --steps 20",
    "lr-find c.json --steps 20 --csv",
    "score run names.txt",
    "score run names.txt --json",
    "compare run run/best.safetensors",
    "compare run run/best.safetensors --json",
    "verify e.json",
    "verify e.json --json",
    "calibrate run",
    "softmax 1 2 3",
    "softmax 1 2 3 --json",
    "init --data names.txt",
    "configs",
    "configs --json",
    "schema",
    "completion bash",
    "completion zsh",
    "man",
    "train c.json --run other --steps 20 --force",
    "",
    "report run --no-plots",
    "train --help",
};

START_TEST(a_reader_that_goes_away_is_no_failure) {
    make_files();
    for (size_t i = 0; i < COUNT(LISTINGS); i++) {
        Output output = shell("cd '%s'; { sleep 0.01; \"$NOMEN\" %s; } | :", scratch("."), LISTINGS[i]);
        ck_assert_msg(output.err[0] == '\0' || strncmp(LISTINGS[i], "calibrate", 9) == 0, "%s: %s", LISTINGS[i],
                      output.err);
        Output head = shell("cd '%s'; \"$NOMEN\" %s | head -n 1", scratch("."), LISTINGS[i]);
        ck_assert_msg(strchr(head.out, '\n') == strrchr(head.out, '\n'), "%s: %s", LISTINGS[i], head.out);
    }
}
END_TEST

START_TEST(json_output_is_one_object_per_line_and_nothing_else) {
    make_files();
    for (size_t i = 0; i < COUNT(LISTINGS); i++) {
        if (!strstr(LISTINGS[i], "--json")) continue;
        Output output = nomen_in_scratch(LISTINGS[i]);
        ck_assert_msg(output.status == 0 && output.err[0] == '\0' && output.out[0], "%s: %s", LISTINGS[i], output.err);
        for (char *line = output.out, *end; (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            cJSON *tree = cJSON_ParseWithOpts(line, NULL, 1);
            ck_assert_msg(cJSON_IsObject(tree), "%s: %s", LISTINGS[i], line);
            cJSON_Delete(tree);
        }
    }
}
END_TEST

START_TEST(sample_draws_the_same_names_as_json) {
    const char *run = make_run();
    Output names = nomen("sample '%s' -n 3 -t 1", run), json = nomen("sample '%s' -n 3 -t 1 --json", run);
    char *line = json.out;
    for (char *name = names.out, *end; (end = strchr(name, '\n')); name = end + 1, line = strchr(line, '\n') + 1) {
        const char *expected = textf("{\"temperature\":1,\"name\":\"%.*s\"}\n", (int)(end - name), name);
        ck_assert_msg(strncmp(line, expected, strlen(expected)) == 0, "%s is not %s", line, expected);
    }
    ck_assert_str_eq(line, "");
}
END_TEST

START_TEST(file_names_may_have_spaces_and_dashes) {
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
    write_config();
    write_text(scratch("-n.txt"), NAMES);
    write_text(scratch("-x.json"), CONFIG);
    write_text(scratch("a b 'c'.json"), CONFIG);
    for (size_t i = 0; i < COUNT(words); i++) {
        Output output = nomen_in_scratch(words[i]);
        ck_assert_msg(output.status == 0, "%s: %s", words[i], output.err);
    }
    ck_assert(exists(scratch("-r/model.safetensors")) && exists(scratch("r s/model.safetensors")));
    ck_assert(exists(scratch("-i.json")) && exists(scratch("-d.safetensors")));
}
END_TEST

// The printed command is quoted for the shell, whatever the run is called.
START_TEST(the_next_command_can_be_typed_as_it_is_printed) {
    static const char *const names[] = {"plain", "a b", "it's", "'", "-x", "-o'$(touch X)'", "\"`touch X`\\"};
    write_config();
    for (size_t i = 0; i < COUNT(names); i++) {
        setenv("RUN", names[i], 1);
        Output trained = nomen_in_scratch("train c.json --steps 5 --run=\"$RUN\"");
        char *next = strstr(trained.out, "\nnext: nomen ");
        ck_assert_msg(trained.status == 0 && next, "%s: %s%s", names[i], trained.out, trained.err);
        next += strlen("\nnext: nomen ");
        next[strcspn(next, "\n")] = '\0';
        Output sampled = nomen_in_scratch(next);
        ck_assert_msg(sampled.status == 0 && sampled.out[0], "%s: %s", next, sampled.err);
    }
    ck_assert(!exists(scratch("X")));
    Arena arena = {0};
    Error err;
    ck_assert_str_eq(path_quote("", &arena, &err), "''");
    arena_free(&arena);
}
END_TEST

SUITE(cli_pipes, NEEDS_NOTHING) {
    ADD(a_reader_that_goes_away_is_no_failure);
    ADD(json_output_is_one_object_per_line_and_nothing_else);
    ADD(sample_draws_the_same_names_as_json);
    ADD(file_names_may_have_spaces_and_dashes);
    ADD(the_next_command_can_be_typed_as_it_is_printed);
}
