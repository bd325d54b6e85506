// Files made to do harm: each is refused at once, in one line. `make fuzz` tries random bytes (tests/fuzz); here are
// its findings and files too large for it.
#include "cli/run.h"

#include "base/buffer.h"

#include <math.h>

enum { MIB = 1 << 20, SECONDS = 100 };

// Runs `nomen WORDS` in the scratch directory and fails the test if that takes long.
static Output at_once(const char *words) {
    Output output = shell("cd '%s' && timeout %d \"$NOMEN\" %s", scratch("."), SECONDS, words);
    ck_assert_msg(output.status != 124, "%s took more than %d s", words, SECONDS);
    return output;
}

static const char DEEP[] = "{'data': {'path': 'names.txt'}, 'model': {'context': 3, 'layers': [{'type': 'embedding', "
                           "'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 8}, {'type': 'batchnorm', "
                           "'running': '%s'}, {'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}]}, 'train': "
                           "{'optimizer': {'type': 'adamw'}}}";

// A run with running statistics and squared gradients, which cannot be negative.
static const char *make_deep_run(const char *running) {
    const char *run = scratch("deep");
    write_text(scratch("names.txt"), NAMES);
    write_json(scratch("deep.json"), DEEP, running);
    Output output = nomen("train '%s' --run '%s' --steps 20 --quiet --force", scratch("deep.json"), run);
    ck_assert_msg(output.status == 0, "%s", output.err);
    return run;
}

// A tensor that holds `first` and `second` in turn.
typedef struct BadTensor {
    const char *command, *tensor;
    float first, second;
    const char *message;
} BadTensor;

START_TEST(weights_and_running_statistics_are_checked) {
    static const BadTensor cases[] = {
        {"eval", "layers.2.weight", NAN, 1, "layers.2.weight: expected finite numbers, found nan"},
        {"sample", "layers.2.weight", INFINITY, 1, "layers.2.weight: expected finite numbers, found inf"},
        {"next", "layers.2.weight", 0, -INFINITY, "layers.2.weight: expected finite numbers, found -inf"},
        {"info", "layers.3.running_mean", NAN, 1, "layers.3.running_mean: expected finite numbers, found nan"},
        {"score", "layers.3.running_variance", 0, -0.5F,
         "layers.3.running_variance: expected finite numbers of 0 or more, found -0.5"},
        {"diagnose", "layers.3.running_variance", 1, INFINITY,
         "layers.3.running_variance: expected finite numbers of 0 or more, found inf"},
        {"report", "layers.3.running_variance", -2, 1,
         "layers.3.running_variance: expected finite numbers of 0 or more, found -2"},
    };
    const char *run = make_deep_run("variance");
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *copy = with_numbers(run, cases[i].tensor, cases[i].first, cases[i].second);
        expect_refusal(nomen("%s '%s'", cases[i].command, copy), 1,
                       "nomen: %s: tensor %s; restore the file or train again", copy, cases[i].message);
    }
    ck_assert_int_eq(nomen("eval '%s'", with_numbers(run, "layers.3.running_mean", -1, 1)).status, 0);
    const char *copy = with_numbers(make_deep_run("deviation"), "layers.3.running_deviation", -2, 1);
    expect_refusal(nomen("eval '%s'", copy), 1,
                   "nomen: %s: tensor layers.3.running_deviation: expected finite numbers of 0 or more, found -2; "
                   "restore the file or train again",
                   copy);
}
END_TEST

START_TEST(an_optimizers_state_is_checked_as_weights_are) {
    static const BadTensor cases[] = {
        {"", "state.optimizer.second_moment.layers.0.weight", 0, -1,
         ": expected finite numbers of 0 or more, found -1"},
        {"", "state.optimizer.second_moment.layers.0.weight", INFINITY, 0,
         ": expected finite numbers of 0 or more, found inf"},
        {"", "state.optimizer.first_moment.layers.2.bias", -1, NAN, ": expected finite numbers, found nan"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *run = make_deep_run("variance");
        const char *copy = with_numbers(run, cases[i].tensor, cases[i].first, cases[i].second);
        ck_assert_int_eq(rename(copy, inside(run, "model.safetensors")), 0);
        expect_refusal(nomen("train '%s' --run '%s' --steps 40 --quiet --resume", scratch("deep.json"), run), 1,
                       "nomen: %s/model.safetensors: tensor %s%s; restore the file or train again", run,
                       cases[i].tensor, cases[i].message);
    }
}
END_TEST

// Products of 3e38 are infinite, and of both signs.
START_TEST(weights_whose_logits_overflow_are_refused) {
    static const char *const commands[] = {"sample",      "sample -t 0", "next",        "next --json", "eval",
                                           "eval --json", "score",       "score --csv", "compare run"};
    const char *copy = with_numbers(make_run(), "layers.4.weight", 3e38F, -3e38F);
    for (size_t i = 0; i < COUNT(commands); i++)
        expect_refusal(shell("cd '%s'; \"$NOMEN\" %s '%s' <names.txt", scratch("."), commands[i], copy), 1,
                       "nomen: %s: the model gives no distribution: its logits are not finite, though its weights are; "
                       "train again, with a lower train.lr",
                       copy);
}
END_TEST

START_TEST(a_model_file_cannot_control_the_terminal) {
    const char *run = make_run();
    const char *copy = with_text(run, "vocabulary", "[\"\",\"\\u001b\",\"b\"]");
    expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: vocabulary: symbol 1 is invalid or out of order", copy);
    copy = with_text(run, "data_sha256", "\x1b[2J");
    expect_refusal(nomen("info '%s'", copy), 1, "nomen: %s: data_sha256 is not a SHA-256", copy);
    char *config = read_text(inside(run, "config.json"), NULL);
    char *path = strstr(config, "names.txt");
    memcpy(path, "\\u001b[J", 9);
    memmove(path + 9 - 1, path + 9, strlen(path + 9) + 1);
    Output info = nomen("info '%s'", with_text(run, "config", config));
    ck_assert_int_eq(info.status, 0);
    ck_assert(!strchr(info.out, '\x1b') && strstr(info.out, "?[J"));
}
END_TEST

START_TEST(a_line_of_4_mib_is_a_name) {
    size_t n = 4 * MIB;
    const char *path = scratch("long.txt");
    char *line = malloc(n + 4);
    ck_assert_ptr_nonnull(line);
    memset(line, 'a', n);
    memcpy(line + n, "\nb\n", 4);
    write_text(path, line);
    write_json(scratch("c.json"), "{'data': {'path': 'long.txt', 'split': [1]}, 'model': {'ngram': 2}}");
    Output trained = at_once("train c.json --run run");
    ck_assert_msg(strstr(trained.out, "2 names, 3 symbols; train 4194307 examples"), "%s%s", trained.out, trained.err);
    line[0] = (char)0xFF;
    write_bytes(path, line, n);
    expect_refusal(at_once("score run <long.txt"), 1,
                   "nomen: standard input: line 1: byte 0xff is not UTF-8; if the file is Latin-1 or Windows-1252, "
                   "convert it: iconv -f WINDOWS-1252 -t UTF-8 FILE > NEW");
    free(line);
}
END_TEST

// A config of `before`, n times `item`, and `behind`. A key is followed by its number and a value.
typedef struct LargeConfig {
    const char *before, *item, *behind, *message;
    size_t n;
    bool is_key;
} LargeConfig;

static void write_large(const LargeConfig *config) {
    Arena arena = {0};
    Error err = {0};
    Buffer text = {.arena = &arena};
    buffer_print(&text, "%s", config->before);
    for (size_t i = 0; i < config->n; i++) {
        buffer_add(&text, config->item, strlen(config->item));
        if (config->is_key) buffer_print(&text, "%zu\": \"1\", ", i);
    }
    buffer_print(&text, "%s", config->behind);
    write_text(scratch("c.json"), buffer_text(&text, &err));
    arena_free(&arena);
}

// Many keys, digits or levels could take a reader too much time or stack.
START_TEST(a_large_config_is_refused_at_once) {
    static const LargeConfig cases[] = {
        {"{", "\"k", "\"k\": 1}", "k0: unknown key", 30000, true},
        {"{\"data\": {\"path\": \"n\"}, \"model\": {\"ngram\": 2}, \"expect\": {\"counts\": {", "\"a",
         "\"b\": \"x\"}}}", "expect.counts", 30000, true},
        {"{\"seed\": ", "9", "}", "seed: expected a whole number from 0 to 9007199254740991, found a number beyond",
         100000, false},
        {"", "[", "", "line 1, column 1001: not JSON", MIB, false},
        {"", "{\"a\":", "", "line 1, column 5001: not JSON", MIB / 8, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        write_large(&cases[i]);
        Output output = at_once("train c.json --run run");
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg(strstr(output.err, cases[i].message), "%s", output.err);
        ck_assert_ptr_eq(strchr(output.err, '\n'), strrchr(output.err, '\n'));
        ck_assert(!exists(scratch("run")));
    }
}
END_TEST

START_TEST(a_header_that_promises_too_much_is_refused) {
    const char *run = make_run(), *copy = scratch("copy.safetensors");
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    static const unsigned char lengths[] = {0x7F, 0x80, 0xFF};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        bytes[7] = (char)lengths[i];
        write_bytes(copy, bytes, n);
        expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: truncated, or not a model file", copy);
    }
    copy = with_text(run, "config", "{\"data\": {\"path\": \"x\"}, \"model\": {\"ngram\": 2, \"smoothing\": 1e999}}");
    expect_refusal(
        nomen("eval '%s'", copy), 1,
        "nomen: %s: model.smoothing: expected a number from 0 to 1e+09, found a number beyond the range of a "
        "double",
        copy);
    static char deep[100001];
    memset(deep, '[', sizeof deep - 1);
    copy = with_text(run, "config", deep);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: line 1, column 1001: not JSON, here or just before", copy);
    enum { MANY = 3 * 65535 + 3 };
    static char many[MANY + 2] = "[\"\"";
    for (size_t at = 3; at < MANY; at += 3) memcpy(many + at, ",\"\"", 3);
    many[MANY] = ']';
    copy = with_text(run, "vocabulary", many);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: vocabulary: expected a list of 2 to 65535 symbols", copy);
    copy = with_text(run, "vocabulary", deep);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: vocabulary: expected a list of 2 to 65535 symbols", copy);
}
END_TEST

// The file may grow or shrink after it was opened.
START_TEST(a_file_may_change_while_it_is_read) {
    make_run();
    Output output =
        shell("cd '%s' && cp run/model.safetensors whole && cp whole changing && "
              "{ while [ -e whole ]; do : >changing; cat whole whole >changing; cat whole >changing; done 2>&- & } && "
              "for i in $(seq 20); do \"$NOMEN\" info changing; echo \"status $?\"; done 2>&1; rm whole; wait",
              scratch("."));
    for (char *line = strtok(output.out, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "status ", 7) == 0)
            ck_assert_msg(strcmp(line, "status 0") == 0 || strcmp(line, "status 1") == 0, "%s", line);
        if (strncmp(line, "nomen: ", 7) == 0)
            ck_assert_msg(strstr(line, "truncated, or not a model file") || strstr(line, "its checksum does not match"),
                          "%s", line);
    }
}
END_TEST

// Who opens a pipe waits for its writer, perhaps forever.
START_TEST(a_pipe_in_place_of_a_file_is_refused) {
    static const struct {
        const char *file, *words;
    } cases[] = {
        {"names.txt", "eval run"},
        {"names.txt", "compare run run/best.safetensors"},
        {"names.txt", "diagnose run"},
        {"names.txt", "sample run --report"},
        {"run/metrics.csv", "train c.json --run run --resume --steps 200 --quiet"},
        {"run/model.safetensors", "eval run"},
        {"run/model.safetensors", "train c.json --run run --resume --steps 200 --quiet"},
        {"run/best.safetensors", "compare run --best"},
    };
    make_run();
    for (size_t i = 0; i < COUNT(cases); i++) {
        shell("cd '%s' && mv %s kept && mkfifo %s", scratch("."), cases[i].file, cases[i].file);
        Output output = at_once(cases[i].words);
        ck_assert_msg(output.status == 1 && strstr(output.err, cases[i].file) &&
                          strstr(output.err, ": expected a file, found a special file"),
                      "%s: %d: %s", cases[i].words, output.status, output.err);
        shell("cd '%s' && mv kept %s", scratch("."), cases[i].file);
    }
    // A page leaves the rows out.
    shell("cd '%s' && rm run/metrics.csv && mkfifo run/metrics.csv", scratch("."));
    Output output = at_once("report run --no-plots");
    ck_assert_msg(output.status == 0 && strstr(output.err, "run/metrics.csv: expected a file, found a special file"),
                  "%s", output.err);
}
END_TEST

// Without models among its seeds the fuzz target would find nothing.
START_TEST(the_seeds_of_the_model_target_are_models) {
    static const char *const seeds[] = {"bigram", "mlp", "bn"};
    for (size_t i = 0; i < COUNT(seeds); i++)
        ck_assert_int_eq(nomen("next tests/fuzz/corpus/model/%s.safetensors", seeds[i]).status, 0);
}
END_TEST

SUITE(cli_hostile, NEEDS_NOTHING) {
    ADD(weights_and_running_statistics_are_checked);
    ADD(an_optimizers_state_is_checked_as_weights_are);
    ADD(weights_whose_logits_overflow_are_refused);
    ADD(a_model_file_cannot_control_the_terminal);
    ADD(a_line_of_4_mib_is_a_name);
    ADD(a_large_config_is_refused_at_once);
    ADD(a_header_that_promises_too_much_is_refused);
    ADD(a_pipe_in_place_of_a_file_is_refused);
    ADD(a_file_may_change_while_it_is_read);
    ADD(the_seeds_of_the_model_target_are_models);
}
