// The schema that editors complete and check configs with.
#ifndef NOMEN_CONFIG_SCHEMA_H
#define NOMEN_CONFIG_SCHEMA_H

#include "base/buffer.h"

// A JSON Schema (2020-12) of every config, compact. It refuses what config_load refuses, as far as a schema can tell.
void config_schema(Buffer *out);

#endif
