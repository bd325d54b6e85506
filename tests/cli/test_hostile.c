// Files made to do harm, through the built program: each ends in one line, at once, whatever they promise. What bytes
// alone can do, make fuzz looks for (tests/fuzz); here stand its findings and what it is too small for.
#include "cli/run.h"

#include "base/buffer.h"

#include <math.h>

enum { MIB = 1 << 20, SECONDS = 100 };

// As `nomen`, and a test that takes longer than a file of its size should has failed.
static Output at_once(const char *words) {
    Output output = nomen("--version >/dev/null; timeout %d \"${NOMEN:-build/nomen}\" %s", SECONDS, words);
    ck_assert_msg(output.status != 124, "%s took more than %d s", words, SECONDS);
    return output;
}

// A model file of `run` with another text in its metadata, and the right checksum.
static const char *with_text(const char *run, const char *key, const char *value) {
    Arena arena = {0};
    Error err = {0};
    SafeTensors content;
    const char *copy = scratch("copy.safetensors");
    ck_assert(safetensors_read(inside(run, "model.safetensors"), &content, &arena, &err));
    size_t i = 0;
    while (strcmp(content.texts[i].key, key) != 0) ck_assert_uint_lt(++i, content.n_texts);
    content.texts[i].value = value;
    ck_assert(safetensors_write(copy, &content, &err));
    arena_free(&arena);
    return copy;
}

START_TEST(weights_that_are_not_finite_are_refused) {
    const char *run = make_run();
    static const char *const commands[] = {"eval", "sample", "next", "info", "score", "diagnose"};
    static const float numbers[] = {NAN, INFINITY, -INFINITY};
    static const char *const found[] = {"nan", "inf", "-inf"};
    for (size_t i = 0; i < COUNT(commands); i++) {
        const char *copy = with_numbers(run, "layers.2.weight", numbers[i % COUNT(numbers)], 1);
        expect_refusal(nomen("%s '%s'", commands[i], copy), 1,
                       "nomen: %s: tensor layers.2.weight[0][0]: expected a finite number, found %s; restore the file "
                       "or train again",
                       copy, found[i % COUNT(numbers)]);
    }
}
END_TEST

// A run with running variances and means of squares; returns its path.
static const char *make_deep_run(const char *spread) {
    char config[1024];
    const char *run = scratch("deep");
    snprintf(config, sizeof config,
             "{\"data\": {\"path\": \"names.txt\"}, \"model\": {\"context\": 3, \"layers\": [{\"type\": "
             "\"embedding\", \"dim\": 4}, {\"type\": \"flatten\"}, {\"type\": \"linear\", \"out\": 8}, {\"type\": "
             "\"batchnorm\", \"running\": \"%s\"}, {\"type\": \"tanh\"}, {\"type\": \"linear\", \"out\": "
             "\"vocab\"}]}, \"train\": {\"optimizer\": {\"type\": \"adamw\"}}}",
             spread);
    write_text(scratch("names.txt"), NAMES);
    write_text(scratch("deep.json"), config);
    Output output = nomen("train '%s' --run '%s' --steps 20 --quiet --force", scratch("deep.json"), run);
    ck_assert_msg(output.status == 0, "%s", output.err);
    return run;
}

START_TEST(figures_that_cannot_be_negative_are_refused) {
    static const char *const commands[] = {"eval", "sample", "next", "info", "score", "diagnose", "report"};
    const char *run = make_deep_run("variance");
    for (size_t i = 0; i < COUNT(commands); i++) {
        const char *copy = with_numbers(run, "layers.3.running_variance", 0, -0.5F);
        expect_refusal(nomen("%s '%s'", commands[i], copy), 1,
                       "nomen: %s: tensor layers.3.running_variance[1]: expected a finite number of 0 or more, found "
                       "-0.5; restore the file or train again",
                       copy);
    }
    const char *copy = with_numbers(run, "layers.3.running_mean", -1, 1);
    ck_assert_int_eq(nomen("eval '%s'", copy).status, 0);
    copy = with_numbers(make_deep_run("deviation"), "layers.3.running_deviation", -2, 1);
    expect_refusal(nomen("eval '%s'", copy), 1,
                   "nomen: %s: tensor layers.3.running_deviation[0]: expected a finite number of 0 or more, found -2; "
                   "restore the file or train again",
                   copy);
}
END_TEST

// Training would go on with roots of negative numbers.
START_TEST(an_optimizers_state_is_checked_as_weights_are) {
    static const struct {
        const char *tensor, *message;
        float first, second;
    } cases[] = {
        {"state.optimizer.second_moment.layers.0.weight", "[0][1]: expected a finite number of 0 or more, found -1", 0,
         -1},
        {"state.optimizer.second_moment.layers.0.weight", "[0][0]: expected a finite number of 0 or more, found inf",
         INFINITY, 0},
        {"state.optimizer.first_moment.layers.2.bias", "[1]: expected a finite number, found nan", -1, NAN},
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
START_TEST(weights_that_overflow_are_told_from_counts_never_seen) {
    const char *copy = with_numbers(make_run(), "layers.4.weight", 3e38F, -3e38F);
    static const char *const commands[] = {"sample",      "next",  "next --json", "eval",
                                           "eval --json", "score", "score --csv", "compare run"};
    for (size_t i = 0; i < COUNT(commands); i++)
        expect_refusal(
            nomen("--version >/dev/null; N=$(realpath ${NOMEN:-build/nomen}); cd '%s'; $N %s '%s' <names.txt",
                  scratch("."), commands[i], copy),
            1,
            "nomen: %s: the model gives no distribution: its logits are not finite, though its weights are; "
            "train again, with a lower train.lr",
            copy);
}
END_TEST

START_TEST(a_model_file_cannot_speak_to_the_terminal) {
    const char *run = make_run();
    const char *copy = with_text(run, "vocabulary", "[\"\",\"\\u001b\",\"b\"]");
    expect_refusal(nomen("sample '%s'", copy), 1, "nomen: %s: vocabulary: symbol 1 is none, or out of order", copy);
    copy = with_text(run, "data_sha256", "\x1b[2J");
    expect_refusal(nomen("info '%s'", copy), 1, "nomen: %s: data_sha256 is no SHA-256", copy);
    char *config = read_text(inside(run, "config.json"), NULL);
    char *path = strstr(config, "names.txt");
    memcpy(path, "\\u001b[J", 9);
    memmove(path + 9 - 1, path + 9, strlen(path + 9) + 1);
    Output info = nomen("info '%s'", with_text(run, "config", config));
    ck_assert_int_eq(info.status, 0);
    ck_assert_ptr_null(strchr(info.out, '\x1b'));
    ck_assert_ptr_nonnull(strstr(info.out, "?[J"));
}
END_TEST

START_TEST(a_vocabulary_of_a_million_is_refused) {
    Arena arena = {0};
    Error err = {0};
    Buffer list = {.arena = &arena}, lines = {.arena = &arena};
    buffer_print(&list, "[\"\"");
    for (uint32_t c = 0x10000; c < 0x10000 + 1000000; c++) {
        char bytes[UTF8_MAX_BYTES];
        size_t n = utf8_encode(c, bytes);
        buffer_print(&list, ",\"%.*s\"", (int)n, bytes);
        buffer_print(&lines, "%.*s\n", (int)n, bytes);
    }
    buffer_print(&list, "]");
    const char *copy = with_text(make_run(), "vocabulary", buffer_text(&list, &err));
    expect_refusal(nomen("info '%s'", copy), 1, "nomen: %s: vocabulary: expected a list of 2 to 65535 symbols", copy);
    write_config();
    write_text(scratch("names.txt"), buffer_text(&lines, &err));
    expect_refusal(nomen("train '%s' --run '%s'", scratch("c.json"), scratch("other")), 1,
                   "nomen: %s: 1000001 different symbols; at most 65535 can be told apart", scratch("names.txt"));
    arena_free(&arena);
}
END_TEST

START_TEST(a_line_of_64_mib_is_a_name) {
    const char *path = scratch("long.txt");
    char *line = malloc(64 * MIB + 4), words[1024];
    ck_assert_ptr_nonnull(line);
    memset(line, 'a', 64 * MIB);
    memcpy(line + 64 * MIB, "\nb\n", 4);
    write_bytes(path, line, 64 * MIB + 3);
    write_text(scratch("c.json"), "{\"data\": {\"path\": \"long.txt\", \"split\": [1]}, \"model\": {\"ngram\": 2}}");
    snprintf(words, sizeof words, "train '%s' --run '%s'", scratch("c.json"), scratch("run"));
    Output trained = at_once(words);
    ck_assert_msg(strstr(trained.out, "2 names, 3 symbols; train 67108867 examples"), "%s%s", trained.out, trained.err);
    memset(line, 0xFF, 1);
    write_bytes(path, line, 64 * MIB);
    expect_refusal(nomen("score '%s' <'%s'", scratch("run"), path), 1,
                   "nomen: standard input: line 1: byte 0xff is not UTF-8; convert the file (iconv -t UTF-8)");
    free(line);
}
END_TEST

// A config that is `before`, then n times `item`, with a number behind it where it is a key, and `behind`.
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

// Keys, digits and depth: what takes a reader more than its size, or more stack than there is.
START_TEST(a_large_config_is_refused_at_once) {
    static const LargeConfig cases[] = {
        {"{", "\"k", "\"k\": 1}", "k0: unknown key", 300000, true},
        {"{\"data\": {\"path\": \"n\"}, \"model\": {\"ngram\": 2}, \"expect\": {\"counts\": {", "\"a",
         "\"b\": \"x\"}}}", "expect.counts", 300000, true},
        {"{\"seed\": ", "9", "}", "seed: expected a whole number from 0 to 9007199254740991, found a number beyond",
         1000000, false},
        {"", "[", "", "line 1, column 1001: not JSON", 8 * MIB, false},
        {"", "{\"a\":", "", "line 1, column 5001: not JSON", MIB, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char words[1024];
        write_large(&cases[i]);
        snprintf(words, sizeof words, "train '%s' --run '%s'", scratch("c.json"), scratch("run"));
        Output output = at_once(words);
        ck_assert_int_eq(output.status, 1);
        ck_assert_msg(strstr(output.err, cases[i].message), "%s", output.err);
        ck_assert_ptr_eq(strchr(output.err, '\n'), strrchr(output.err, '\n'));
        ck_assert(!exists(scratch("run")));
    }
}
END_TEST

// What a model file's config and header may promise; the file is a sound one otherwise.
START_TEST(a_header_that_promises_too_much_is_refused) {
    const char *run = make_run(), *copy = scratch("copy.safetensors");
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    static const unsigned char lengths[] = {0x7F, 0x80, 0xFF};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        bytes[7] = (char)lengths[i];
        write_bytes(copy, bytes, n);
        expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: it is cut short, or no safetensors file", copy);
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
    copy = with_text(run, "vocabulary", deep);
    expect_refusal(nomen("eval '%s'", copy), 1, "nomen: %s: vocabulary: expected a list of 2 to 65535 symbols", copy);
}
END_TEST

// A pipe says nothing of how much will come, and a file may have become longer or shorter than it was when it was
// opened.
START_TEST(a_file_may_change_while_it_is_read) {
    const char *run = make_run();
    size_t n;
    char *bytes = read_text(inside(run, "model.safetensors"), &n);
    Output piped = nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && mkfifo names && "
                         "{ { cat names.txt; sleep 0.1; seq 100000 | tr 0-9 a-j; } >names & } && "
                         "\"$N\" train c.json --data names --run piped --steps 1",
                         scratch(""));
    ck_assert_int_eq(piped.status, 0);
    ck_assert_msg(strstr(piped.out, "100016 names"), "%s", piped.out);
    write_bytes(scratch("changing"), bytes, n);
    Output output =
        nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && cp changing whole && "
              "{ while [ -e whole ]; do : >changing; cat whole whole >changing; cat whole >changing; done 2>&- & } && "
              "for i in $(seq 40); do \"$N\" info changing; echo \"status $?\"; done 2>&1; rm whole; wait",
              scratch(""));
    for (char *line = strtok(output.out, "\n"); line; line = strtok(NULL, "\n")) {
        if (strncmp(line, "status ", 7) == 0)
            ck_assert_msg(strcmp(line, "status 0") == 0 || strcmp(line, "status 1") == 0, "%s", line);
        if (strncmp(line, "nomen: ", 7) == 0)
            ck_assert_msg(strstr(line, "it is cut short, or no safetensors file") ||
                              strstr(line, "its checksum does not match"),
                          "%s", line);
    }
}
END_TEST

START_TEST(a_pipe_for_names_holds_nobody_up) {
    static const char *const commands[] = {"eval run", "compare run run/best.safetensors", "diagnose run",
                                           "sample run --report"};
    make_run();
    for (size_t i = 0; i < COUNT(commands); i++) {
        Output output =
            nomen("--version >/dev/null; N=$(realpath \"${NOMEN:-build/nomen}\"); cd '%s' && rm names.txt && "
                  "mkfifo names.txt && timeout %d \"$N\" %s",
                  scratch("."), SECONDS, commands[i]);
        ck_assert_msg(output.status == 1 && strstr(output.err, "/names.txt: expected a file, found a pipe\n"),
                      "%s: %d: %s", commands[i], output.status, output.err);
    }
}
END_TEST

// Every seed of the model target is a model file still; of one that is not, nothing would be found.
START_TEST(the_seeds_of_the_model_target_are_models) {
    static const char *const seeds[] = {"bigram", "mlp", "bn"};
    for (size_t i = 0; i < COUNT(seeds); i++)
        ck_assert_int_eq(nomen("next tests/fuzz/corpus/model/%s.safetensors", seeds[i]).status, 0);
}
END_TEST

SUITE(cli_hostile, NEEDS_NOTHING) {
    ADD(weights_that_are_not_finite_are_refused);
    ADD(figures_that_cannot_be_negative_are_refused);
    ADD(an_optimizers_state_is_checked_as_weights_are);
    ADD(weights_that_overflow_are_told_from_counts_never_seen);
    ADD(a_model_file_cannot_speak_to_the_terminal);
    ADD(a_vocabulary_of_a_million_is_refused);
    ADD(a_line_of_64_mib_is_a_name);
    ADD(a_large_config_is_refused_at_once);
    ADD(a_header_that_promises_too_much_is_refused);
    ADD(a_pipe_for_names_holds_nobody_up);
    ADD(a_file_may_change_while_it_is_read);
    ADD(the_seeds_of_the_model_target_are_models);
}
