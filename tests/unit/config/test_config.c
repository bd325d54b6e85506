#include "testing.h"

#include "config/config.h"

#include <string.h>

static Arena arena; // freed when each test ends

// Returns JSON with ' for ".
static char *json(const char *text) {
    Error err;
    char *quoted = arena_copy(&arena, text, strlen(text), &err);
    for (char *at = quoted; (at = strchr(at, '\'')); at++) *at = '"';
    return quoted;
}

static Config parse(const char *text) {
    Config config;
    Error err;
    ck_assert_msg(config_parse(&config, text, "/directory/some.json", NULL, &arena, &err), "%s", err.text);
    return config;
}

static const char *write_config(const Config *config) {
    Buffer out = {.arena = &arena};
    Error err;
    config_write(config, &out);
    return buffer_text(&out, &err);
}

static const char SHORT[] = "{'data':{'path':'names.txt'},'model':{'context':2,'layers':[{'type':'embedding','dim':3},"
                            "{'type':'flatten'},{'type':'linear','out':'vocab'}]},'train':{'steps':5}}";

// SHORT as it is written.
static const char COMPLETE[] =
    "{'name':'some','seed':2147483647,"
    "'data':{'path':'/directory/names.txt','split':[0.8,0.1,0.1],'shuffle_seed':null,'unique':false},"
    "'model':{'context':2,'layers':[{'type':'embedding','dim':3,'weight':{'normal':1,'mean':0}},"
    "{'type':'flatten','n':null},"
    "{'type':'linear','out':'vocab','weight':{'kaiming_normal':1},'bias':{'constant':0}}]},"
    "'train':{'steps':5,'batch_size':32,'shards':1,'optimizer':{'type':'sgd','momentum':0,'nesterov':false},'lr':[[0,0."
    "1]],"
    "'l2_mean':0,'clip_norm':null,'early_stop':null,'log_every':1000,'eval_every':20000,'checkpoint_every':20000},"
    "'sample':{'count':20,'temperature':1,'method':'race'}}";

START_TEST(a_written_config_is_complete_and_reads_back_the_same) {
    static const char *const texts[] = {
        SHORT,
        "{'$schema':'x.json','name':'a "
        "b','seed':9007199254740991,'data':{'path':'/x','split':[0.9,0.1],'shuffle_seed':0,'unique':true,'column':'a',"
        "'weight':2,'normalize':'NFC'},"
        "'model':{'context':1,'layers':[{'type':'embedding','dim':'vocab','weight':{'normal':0.1,'mean':-3}}]},"
        "'train':{'steps':1,'batch_size':'all','lr':[[0,0.1],[7,1e-3]],'l2_mean':0.01,'clip_norm':2,"
        "'early_stop':{'patience':3}}}",
        "{'random':'microgpt','data':{'path':'/x'},'model':{'context':1,'layers':[{'type':'embedding','dim':4,'weight':"
        "'torch'},{'type':'linear','out':'vocab','weight':'torch','bias':'torch'}]},'train':{'steps':1},'sample':"
        "{'method':'choices'}}",
        "{'data':{'path':'/x'},'model':{'ngram':3,'smoothing':0.30000000000000004}}",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        Config config = parse(json(texts[i]));
        const char *once = write_config(&config);
        Config again = parse(once);
        if (i == 0) ck_assert_str_eq(once, json(COMPLETE));
        ck_assert_str_eq(write_config(&again), once);
        ck_assert_ptr_null(strstr(once, "$schema"));
    }
    arena_free(&arena);
}
END_TEST

typedef bool Compare(const Config *first, const Config *second, Error *err);

// Compares COMPLETE with itself after `from` is replaced.
static void expect_difference(Compare *compare, const char *from, const char *to, const char *error) {
    Error err = {0};
    const char *old = json(COMPLETE), *at = strstr(old, json(from));
    ck_assert_ptr_nonnull(at);
    char *new = arena_format(&arena, &err, "%.*s%s%s", (int)(at - old), old, json(to), at + strlen(from));
    const Config first = parse(old), second = parse(new);
    ck_assert_int_eq(compare(&first, &second, &err), error == NULL);
    ck_assert_str_eq(err.text, error ? json(error) : "");
}

START_TEST(a_resumed_run_may_differ_in_few_keys) {
    static const char *const cases[][3] = {
        {"'steps':5", "'steps':50", NULL},
        {"'log_every':1000", "'log_every':1", NULL},
        {"/directory/names.txt", "/elsewhere", NULL},
        {"'seed':2147483647", "'seed':1", "seed: expected 2147483647, found 1"},
        {"[[0,0.1]]", "[[0,0.2]]", "train.lr[0][1]: expected 0.1, found 0.2"},
        {"'dim':3", "'dim':4", "model.layers[0].dim: expected 3, found 4"},
        {"[[0,0.1]]", "[[0,0.1],[4,0.2]]", "train.lr[1]: expected nothing, found [4,0.2]"},
        {"'lr':[[0,0.1]]", "'lr':{'from':0.1,'to':0}",
         "train.lr: expected [[0,0.1]], found "
         "{'from':0.1,'to':0,'shape':'cosine','warmup':0,'steps':5}"},
        {"{'type':'flatten','n':null},", "{'type':'flatten','n':null},{'type':'tanh'},",
         "model.layers[2].type: expected 'linear', found 'tanh'"},
        {"{'type':'flatten','n':null},", "", "model.layers[1].type: expected 'flatten', found 'linear'"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_difference(config_can_resume, cases[i][0], cases[i][1], cases[i][2]);
    static const char counts[] = "{'name':'some','data':{'path':'/directory/names.txt'},'model':{'ngram':2}}";
    Error err;
    const Config old = parse(json(counts)), new = parse(json(COMPLETE));
    ck_assert(!config_can_resume(&old, &new, &err));
    ck_assert_str_eq(err.text, "model.ngram: expected 2, found nothing");
    arena_free(&arena);
}
END_TEST

START_TEST(runs_of_several_seeds_differ_in_what_does_not_train) {
    static const char *const cases[][3] = {
        {"'seed':2147483647", "'seed':1", NULL},
        {"'name':'some'", "'name':'other'", NULL},
        {"'count':20", "'count':3", NULL},
        {"'eval_every':20000", "'eval_every':3", NULL},
        {"'batch_size':32", "'batch_size':4", "train.batch_size: expected 32, found 4"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_difference(config_same_but_seed, cases[i][0], cases[i][1], cases[i][2]);
    arena_free(&arena);
}
END_TEST

SUITE(config, NEEDS_NOTHING) {
    ADD(a_written_config_is_complete_and_reads_back_the_same);
    ADD(a_resumed_run_may_differ_in_few_keys);
    ADD(runs_of_several_seeds_differ_in_what_does_not_train);
}
