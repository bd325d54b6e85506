// A trainer for a small network on our own names, without a run directory.
#pragma once

#include "testing.h"

#include "train/trainer.h"

#include <string.h>

typedef struct SmallNetwork {
    Arena arena;
    Config config;
    Dataset dataset;
    Trainer trainer;
} SmallNetwork;

#define MLP_LAYERS                                                                                \
    "{'type':'embedding','dim':4},{'type':'flatten'},{'type':'linear','out':20},{'type':'tanh'}," \
    "{'type':'linear','out':'vocab'}"
#define BATCHNORM_LAYERS                                                                                            \
    "{'type':'embedding','dim':4},{'type':'batchnorm'},{'type':'flatten'},{'type':'linear','out':20,'bias':false}," \
    "{'type':'batchnorm','running':'deviation','eps':0},{'type':'tanh'},{'type':'linear','out':'vocab'}"
// Reads whole names.
#define NAMES_LAYERS                                                                                        \
    "{'type':'embedding','dim':4},{'type':'residual','layers':[{'type':'linear','out':20},{'type':'tanh'}," \
    "{'type':'linear','out':4}]},{'type':'linear','out':'vocab'}"

// Loads a config and its data. `layers` and `train`, the members of the config's "train", may have single quotes.
static inline void small_network_load(SmallNetwork *f, size_t context, const char *layers, const char *train) {
    Error err;
    *f = (SmallNetwork){0};
    char *text = arena_format(&f->arena, &err,
                              "{'data':{'path':'%s','shuffle_seed':1},'model':{'context':%zu,'layers':[%s]},"
                              "'train':{%s}}",
                              path_absolute(&f->arena, OUR_NAMES, &err), context, layers, train);
    for (char *at = text; (at = strchr(at, '\''));) *at = '"';
    bool ok = config_parse(&f->config, text, "test.json", NULL, &f->arena, &err) &&
              dataset_load(&f->dataset, &f->config.data, WORLD_ALONE, NULL, &f->arena, &err);
    ck_assert_msg(ok, "%s", err.text);
}

// Creates the trainer again.
static inline void small_network_start(SmallNetwork *f, bool by_rows) {
    Error err;
    ck_assert_msg(trainer_create(&f->trainer, &f->config, &f->dataset, by_rows, &f->arena, &err), "%s", err.text);
}
