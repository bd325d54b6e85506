// A config: read from JSON by the tables in config_tables.c and of the layers, checked, every default filled in.
#ifndef NOMEN_CONFIG_CONFIG_H
#define NOMEN_CONFIG_CONFIG_H

#include "base/buffer.h"
#include "base/file.h"
#include "config/expect.h"
#include "data/dataset.h"
#include "nn/model.h"

// Training ends where `patience` evaluations in a row have not brought the dev loss below that of the last gain by more
// than `least_gain`.
typedef struct EarlyStop {
    uint64_t patience; // 0: never
    double least_gain;
} EarlyStop;

typedef struct TrainConfig {
    uint64_t steps;
    uint64_t batch_size; // FIELD_WORD: the whole train split
    Typed optimizer;     // an OptimizerType's record
    Schedule lr;
    double l2_mean;   // lambda of the loss's term lambda mean(W^2)
    double clip_norm; // 0: none
    EarlyStop early_stop;
    uint64_t log_every, eval_every, checkpoint_every;
} TrainConfig;

typedef struct SampleConfig {
    uint64_t count;
    double temperature;
    const char *method; // one of SAMPLE_METHODS
} SampleConfig;

extern const char *const SAMPLE_METHODS[]; // "race", "inverse", NULL

typedef struct Config {
    const char *schema; // for editors; never written
    const char *name;
    uint64_t seed;
    DataConfig data; // its path is absolute
    ModelConfig model;
    TrainConfig train; // all zero for an n-gram
    SampleConfig sample;
    Expect expect; // never written: it says nothing about what is trained
} Config;

// One change to a config before it is read: "train.lr" or "model.layers[2].out", and the value as JSON (text that is
// no JSON stands for itself as a string, unless it begins as a list or an object does).
typedef struct ConfigChange {
    const char *key, *value;
} ConfigChange;

// The change that makes `file`, from the current directory, the config's names file.
bool config_data_change(ConfigChange *change, const char *file, Arena *arena, Error *err);

// Reads the file at `path` with the changes applied. Errors name the file and the line and column, or the key: no JSON,
// an unknown, doubled or missing key, a wrong type, a number out of range.
bool config_load(Config *config, const char *path, const ConfigChange *changes, size_t n_changes, Arena *arena,
                 Error *err);

// False where the names file, as the config loaded from `path` itself and no change has it, is not there; the error
// names the config's key, and the way there is beside correcting it.
#define GIVE_DATA "give --data FILE"
bool config_check_names(const Config *config, const char *path, const ConfigChange *changes, size_t n_changes,
                        const char *other_way, Error *err);

// Reads JSON text as config_write makes it; `path` is the file named in errors.
bool config_parse(Config *config, const char *text, size_t n, const char *path, Arena *arena, Error *err);

// The complete config, but for `expect`, as one JSON object, compact, keys in the tables' order.
void config_write(const Config *config, Buffer *out);

// The same for a person to read, with a newline at the end. NULL, with `err`, where memory runs out.
const char *config_print(const Config *config, Arena *arena, Error *err);

// True where a run made with config text `old` may go on with `new`: only steps, the three _every settings and
// data.path (the data is compared by its hash) differ. Otherwise false, with the first difference in `err`.
bool config_can_resume(const char *old, const char *new, Error *err);

// True where two runs, by their config texts, are one training from two seeds: besides the seed only what trains
// nothing differs (name, where the names file lies, sample, the three _every settings, but with early stop eval_every,
// which it counts by). Otherwise false, with the first difference in `err`.
bool config_same_but_seed(const char *first, const char *second, Error *err);

#endif
