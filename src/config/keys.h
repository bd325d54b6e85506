// Every key that a config can have, for those who write about them.
#ifndef NOMEN_CONFIG_KEYS_H
#define NOMEN_CONFIG_KEYS_H

#include "base/field.h"

// The configs whose kind calls for a key, or allows it: one of a network, one of counts, either.
typedef enum ConfigKind { CONFIG_EITHER, CONFIG_NETWORK, CONFIG_COUNTS } ConfigKind;

// `path` is the key's, such as "train.lr"; below a list of layers it is that of the list, "[]" behind it, and `type`
// the layer's type; NULL for a key that is in every object of its place. Below what may be left out, or is one of
// several types, `kind` is CONFIG_EITHER: there the object calls for its keys, and no kind of config does.
typedef void ConfigKeyVisit(void *context, const char *path, const char *type, ConfigKind kind, const Field *field);

// A key that may not be left out: without a default, or with an object for one that lacks such a key itself.
bool config_key_is_required(const Field *field);

// Visits all but those below `expect.unmet`, which are those of `expect` and `why`; of one object, a network's before
// those that only counts have.
void config_keys(ConfigKeyVisit *visit, void *context);

#endif
