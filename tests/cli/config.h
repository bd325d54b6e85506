// Configs for tests: written with ' for ", tried through the program.
#pragma once

#include "cli/refused.h"
#include "testing.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct Refused {
    const char *json, *message;
} Refused;

enum { JSON_BYTES = 16384 };

static const char NAMES[] = "ada\nbob\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n"; // 17 symbols with the boundary

#define EMBEDDING "{'type': 'embedding', 'dim': 4}"
#define FLATTEN "{'type': 'flatten'}"
#define VOCAB "{'type': 'linear', 'out': 'vocab'}"
#define LAYERS EMBEDDING ", " FLATTEN ", " VOCAB

// A config that trains, of the context, the layers, and more keys of "data", of "train" and of the config.
#define NETWORK(data, context, layers, train, more)                                                                \
    "{'data': {'path': 'names.txt'" data "}, 'model': {'context': " context ", 'layers': [" layers "]}, 'train': " \
    "{'steps': 3, 'batch_size': 4" train "}" more "}"

// Writes scratch("c.json") and its names file.
static inline const char *write_config(const char *json) {
    const char *path = scratch("c.json");
    write_json(path, "%s", json);
    write_text(scratch("names.txt"), NAMES);
    return path;
}

static inline const char *config_with(const char *data, const char *context, const char *layers, const char *train,
                                      const char *more) {
    return write_config(textf(NETWORK("%s", "%s", "%s", "%s", "%s"), data, context, layers, train, more));
}

static inline Output train(const char *path, const char *options) {
    return nomen("train '%s' --run '%s' %s", path, scratch("run"), options);
}

#define WHOLE "expected a whole number from "
#define NUMBER "expected a number from 0 to 1e+30, found "
#define HUGE_FOUND "a number beyond the range of a double"
#define DATA_PATH_MISSING \
    "data.path: missing key (the names file, one name per line; relative to the config's directory)"
