#include "testing.h"

#include "config/config.h"

#include <string.h>

static Config parse(const char *text, Arena *arena) {
    Config config;
    Error err;
    ck_assert_msg(config_parse(&config, text, strlen(text), "/directory/some.json", arena, &err), "%s", err.text);
    return config;
}

static const char *write_config(const Config *config, Arena *arena) {
    Buffer out = {.arena = arena};
    Error err;
    config_write(config, &out);
    const char *text = buffer_text(&out, &err);
    ck_assert_ptr_nonnull(text);
    return text;
}

static const char SHORT[] = "{\"data\":{\"path\":\"names.txt\"},\"model\":{\"context\":2,\"layers\":"
                            "[{\"type\":\"embedding\",\"dim\":3},{\"type\":\"flatten\"},"
                            "{\"type\":\"linear\",\"out\":\"vocab\"}]},\"train\":{\"steps\":5}}";

START_TEST(what_is_left_out_gets_its_default) {
    Arena arena = {0};
    Config config = parse(SHORT, &arena);
    ck_assert_str_eq(config.name, "some");
    ck_assert_uint_eq(config.seed, 2147483647);
    ck_assert_str_eq(config.data.path, "/directory/names.txt");
    ck_assert(!config.data.shuffle_seed.given && !config.data.unique);
    ck_assert_uint_eq(config.train.batch_size, 32);
    ck_assert_uint_eq(config.train.log_every, 1000);
    ck_assert_uint_eq(config.train.eval_every, 20000);
    ck_assert_uint_eq(config.train.checkpoint_every, 20000);
    ck_assert_str_eq(config.sample.method, "race");
    ck_assert_str_eq(
        write_config(&config, &arena),
        "{\"name\":\"some\",\"seed\":2147483647,\"data\":{\"path\":\"/directory/names.txt\",\"split\":[0.8,0.1,0.1],"
        "\"shuffle_seed\":null,\"unique\":false},\"model\":{\"context\":2,\"layers\":[{\"type\":\"embedding\",\"dim\":"
        "3,"
        "\"weight\":{\"normal\":1,\"mean\":0}},{\"type\":\"flatten\",\"n\":null},{\"type\":\"linear\",\"out\":"
        "\"vocab\","
        "\"weight\":{\"kaiming_normal\":1},\"bias\":{\"constant\":0}}]},\"train\":{\"steps\":5,\"batch_size\":32,"
        "\"optimizer\":{\"type\":\"sgd\",\"momentum\":0,\"nesterov\":false},\"lr\":[[0,0.1]],\"l2_mean\":0,\"clip_"
        "norm\":null,\"early_stop\":null,\"log_every\":1000,\"eval_every\":20000,"
        "\"checkpoint_every\":20000},\"sample\":{\"count\":20,\"temperature\":1,\"method\":\"race\"}}");
    arena_free(&arena);
}
END_TEST

START_TEST(a_written_config_reads_back_the_same) {
    static const char *const texts[] = {
        SHORT,
        "{\"name\":\"a b\",\"seed\":9007199254740991,\"data\":{\"path\":\"/x\",\"split\":[0.9,0.1],\"shuffle_seed\":0,"
        "\"unique\":true},\"model\":{\"context\":1,\"layers\":[{\"type\":\"embedding\",\"dim\":\"vocab\","
        "\"weight\":{\"normal\":0.1,\"mean\":-3}}]},\"train\":{\"steps\":1,\"batch_size\":\"all\",\"lr\":[[0,0.1],"
        "[7,1e-3]],\"l2_mean\":0.01}}",
        "{\"data\":{\"path\":\"/x\"},\"model\":{\"ngram\":3,\"smoothing\":0.30000000000000004}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Arena arena = {0};
        Config config = parse(texts[i], &arena);
        const char *once = write_config(&config, &arena);
        Config again = parse(once, &arena);
        ck_assert_str_eq(write_config(&again, &arena), once);
        Error err;
        ck_assert(config_can_resume(once, once, &err));
        arena_free(&arena);
    }
}
END_TEST

START_TEST(changes_apply_before_the_config_is_read) {
    Arena arena = {0};
    Error err;
    Config config;
    const char *path = scratch("c.json");
    write_text(path, SHORT);
    static const char *const set[] = {"model.layers[0].dim=9", "model.layers.2.bias=false", "train.lr=[[0,1],[5,0.5]]",
                                      "sample.method=inverse", "name=other"};
    const ConfigChanges changes = {.n = sizeof set / sizeof *set, .set = set};
    ck_assert_msg(config_load(&config, path, &changes, &arena, &err), "%s", err.text);
    ck_assert_str_eq(config.name, "other");
    ck_assert_str_eq(config.sample.method, "inverse");
    ck_assert_uint_eq(config.train.lr.n, 2);
    ck_assert_ptr_nonnull(strstr(write_config(&config, &arena), "\"dim\":9"));
    ck_assert_ptr_nonnull(strstr(write_config(&config, &arena), "\"bias\":false"));
    arena_free(&arena);
}
END_TEST

START_TEST(resuming_allows_only_what_may_differ) {
    static const struct {
        const char *from, *to, *error; // replaces the first `from`; NULL: may differ
    } cases[] = {
        {"\"steps\":5", "\"steps\":50", NULL},
        {"\"log_every\":1000", "\"log_every\":1", NULL},
        {"/directory/names.txt", "/elsewhere", NULL},
        {"\"seed\":2147483647", "\"seed\":1", "seed: the run has 2147483647, the config says 1"},
        {"[[0,0.1]]", "[[0,0.2]]", "train.lr[0][1]: the run has 0.1, the config says 0.2"},
        {"\"dim\":3", "\"dim\":4", "model.layers[0].dim: the run has 3, the config says 4"},
        {"[[0,0.1]]", "[[0,0.1],[4,0.2]]", "train.lr[1]: the run has nothing, the config says [4,0.2]"},
        {"\"lr\":[[0,0.1]]", "\"lr\":{\"from\":0.1,\"to\":0}",
         "train.lr: the run has [[0,0.1]], the config says "
         "{\"from\":0.1,\"to\":0,\"shape\":\"cosine\",\"warmup\":0,\"steps\":5}"},
        {"{\"type\":\"flatten\",\"n\":null},", "{\"type\":\"flatten\",\"n\":null},{\"type\":\"tanh\"},",
         "model.layers[2].type: the run has \"linear\", the config says \"tanh\""},
        {"{\"type\":\"flatten\",\"n\":null},", "",
         "model.layers[1].type: the run has \"flatten\", the config says "
         "\"linear\""},
    };
    Arena arena = {0};
    Config config = parse(SHORT, &arena);
    const char *old = write_config(&config, &arena);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Error err = {0};
        const char *at = strstr(old, cases[i].from);
        ck_assert_ptr_nonnull(at);
        char *new =
            arena_format(&arena, &err, "%.*s%s%s", (int)(at - old), old, cases[i].to, at + strlen(cases[i].from));
        ck_assert_int_eq(config_can_resume(old, new, &err), cases[i].error == NULL);
        ck_assert_str_eq(err.text, cases[i].error ? cases[i].error : "");
    }
    arena_free(&arena);
}
END_TEST

// Whichever of both has more.
START_TEST(what_one_config_has_alone_differs) {
    static const char counts[] =
        "{\"name\":\"some\",\"data\":{\"path\":\"/directory/names.txt\"},\"model\":{\"ngram\":2}}";
    Arena arena = {0};
    Config config = parse(SHORT, &arena);
    const char *network = write_config(&config, &arena);
    const char *at = strstr(network, "[[0,0.1]]");
    Error err = {0};
    char *longer = arena_format(&arena, &err, "%.*s[[0,0.1],[4,0.2]]%s", (int)(at - network), network, at + 9);
    ck_assert(!config_can_resume(longer, network, &err));
    ck_assert_str_eq(err.text, "train.lr[1]: the run has [4,0.2], the config says nothing");
    ck_assert(!config_can_resume(counts, network, &err));
    ck_assert_str_eq(err.text, "model.ngram: the run has 2, the config says nothing");
    arena_free(&arena);
}
END_TEST

START_TEST(a_path_without_a_file_gives_no_name) {
    Arena arena = {0};
    Config config;
    Error err;
    ck_assert(!config_parse(&config, SHORT, strlen(SHORT), "/directory/", &arena, &err));
    ck_assert_str_eq(err.text,
                     "/directory/: name: expected a directory name without \"/\", control characters or a leading "
                     "\".\", found \"\"");
    arena_free(&arena);
}
END_TEST

SUITE(config, NEEDS_NOTHING) {
    ADD(what_is_left_out_gets_its_default);
    ADD(a_written_config_reads_back_the_same);
    ADD(changes_apply_before_the_config_is_read);
    ADD(resuming_allows_only_what_may_differ);
    ADD(what_one_config_has_alone_differs);
    ADD(a_path_without_a_file_gives_no_name);
}
