// What the tests of configs through the built program share.
#ifndef NOMEN_TESTS_CLI_CONFIG_H
#define NOMEN_TESTS_CLI_CONFIG_H

#include "cli/refused.h"
#include "testing.h"

#include "base/text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// JSON in these tables is written with ' for ", which no case here needs otherwise.
typedef struct Refused {
    const char *json, *message;
} Refused;

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { JSON_BYTES = 16384 };

static const char NAMES[] = "ada\nbob\ncid\ndea\neli\nfay\ngus\nhal\nida\njon\n"; // 17 symbols with the boundary

// A config that trains; %s are the context, the layers, more keys of "data" and of "train", more keys.
static const char CONFIG[] = "{'data': {'path': 'names.txt'%s}, 'model': {'context': %s, 'layers': [%s]}, "
                             "'train': {'steps': 3, 'batch_size': 4%s}%s}";
static const char LAYERS[] = "{'type': 'embedding', 'dim': 4}, {'type': 'flatten'}, {'type': 'linear', 'out': 'vocab'}";

static inline const char *write_config(const char *json) {
    static char text[JSON_BYTES];
    ck_assert_uint_lt(strlen(json), sizeof text);
    strcpy(text, json);
    for (char *at = text; *at; at++)
        if (*at == '\'') *at = '"';
    const char *path = scratch("c.json");
    write_text(path, text);
    write_text(scratch("names.txt"), NAMES);
    return path;
}

static inline const char *config_with(const char *data, const char *context, const char *layers, const char *train,
                                      const char *more) {
    static char json[JSON_BYTES];
    int n = snprintf(json, sizeof json, CONFIG, data, context, layers, train, more);
    ck_assert(n > 0 && (size_t)n < sizeof json);
    return write_config(json);
}

static inline Output train(const char *path, const char *options) {
    return nomen("train '%s' --run '%s' %s", path, scratch("run"), options);
}

// Training a config at `path` is refused with "nomen: PATH: MESSAGE", and nothing is left behind.
static inline void refuse(const char *path, const char *message) {
    expect_refusal(train(path, ""), 1, "nomen: %s: %s", path, message);
    ck_assert_msg(!exists(scratch("run")), "a run directory was left: %s", message);
    keep_refused(path, "", message);
}

// One line, whatever it says, and nothing is left behind.
static inline void refuse_somehow(Output output) {
    ck_assert_int_eq(output.status, 1);
    ck_assert_str_eq(output.out, "");
    ck_assert_msg(strncmp(output.err, "nomen: ", 7) == 0 && strchr(output.err, '\n') == strrchr(output.err, '\n'), "%s",
                  output.err);
    ck_assert(!exists(scratch("run")));
}

static inline void accept(const char *path, const char *options) {
    Output output = train(path, options);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(output.status, 0);
    ck_assert(exists(scratch("run/model.safetensors")));
    ck_assert_int_eq(nomen("eval '%s'", scratch("run")).status, 0);
}

#define EMBEDDING "{'type': 'embedding', 'dim': 4}"
#define FLATTEN "{'type': 'flatten'}"
#define VOCAB "{'type': 'linear', 'out': 'vocab'}"

#define WHOLE "expected a whole number from "
#define NUMBER "expected a number from 0 to 1e+30, found "
#define HUGE_FOUND "a number beyond the range of a double"
#define DATA_PATH_MISSING \
    "data.path: missing key (the names file, one name per line; relative to the config's directory)"

#endif
