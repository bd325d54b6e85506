#include "config/config.h"

#include "base/json.h"
#include "base/text.h"
#include "config/fields.h"
#include "nn/layer.h"

#include <stdio.h>
#include <string.h>

bool field_is_required(const Field *field) {
    if (!field->preset) return !field->is_note;
    if (field->kind != FIELD_OBJECT || field->is_nullable) return false;
    for (const Field *inner = field->record->fields; inner->name; inner++)
        if (field_is_required(inner)) return true;
    return false;
}

static void define_config(Buffer *out, const char *name, ConfigKind kind) {
    json_add_open(out, name, '{');
    fields_describe(&(Writer){out, kind}, &config_record, false);
    json_close(out, '}');
}

void config_schema(Buffer *out) {
    const Writer writer = {.out = out};
    json_open(out, '{');
    json_format(out,
                "'$schema': 'https://json-schema.org/draft/2020-12/schema', 'title': 'a config of nomen', "
                "'type': 'object', "
                "'if': {'properties': {'model': {'type': 'object', 'required': ['ngram']}}, 'required': ['model']}, "
                "'then': {'$ref': '#/$defs/counts_config'}, 'else': {'$ref': '#/$defs/network_config'}");
    json_add_open(out, "$defs", '{');
    define_config(out, "network_config", CONFIG_NETWORK);
    define_config(out, "counts_config", CONFIG_COUNTS);
    json_add_open(out, "layer", '{');
    typed_value.describe(&writer, &(Field){.registry = layer_registry});
    json_close(out, '}');
    json_add_open(out, "initial_value", '{');
    json_add_open(out, "anyOf", '[');
    json_format(out, "{'enum': ['zeros', 'ones', 'torch']}");
    for (size_t kind = INIT_CONSTANT; kind < N_INIT_FORMS; kind++) {
        json_open(out, '{');
        fields_describe(&writer, &INIT_FORMS[kind], false);
        json_close(out, '}');
    }
    json_close(out, ']');
    json_close(out, '}');
    json_close(out, '}');
    json_close(out, '}');
}

static void visit_keys(ConfigKeyVisit *visit, void *context, const char *above, const char *type, ConfigKind kind,
                       const Record *record, Registry *inside) {
    for (const Field *field = record->fields; field->name; field++) {
        char path[KEY_PATH_BYTES];
        ConfigKind own = field->only == CONFIG_ANY ? kind : field->only;
        int length = snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "." : "", field->name);
        if (length >= KEY_PATH_BYTES) continue; // no key is as long, but gcc -O3 cannot know that
        visit(context, path, type, own, field);
        if (field->record && strcmp(path, "expect.unmet") != 0)
            visit_keys(visit, context, path, type, field_is_required(field) ? own : CONFIG_ANY, field->record, inside);
        if (field->kind == FIELD_LIST) strncat(path, "[]", sizeof path - strlen(path) - 1);
        if (!field->registry || field->registry == inside) continue; // the layers in a layer have the same keys again
        for (size_t i = 0; field->registry(i); i++)
            visit_keys(visit, context, path, field->registry(i)->name, CONFIG_ANY, field->registry(i), field->registry);
    }
}

void config_keys(ConfigKeyVisit *visit, void *context) {
    visit_keys(visit, context, "", NULL, CONFIG_ANY, &config_record, NULL);
}

enum { MAX_NAMED = 256 };

typedef struct NamedKeys {
    bool in_lists; // the keys of layers, which are second to all others
    size_t n;
    const Field *fields[MAX_NAMED];
    const char *names[MAX_NAMED], *helps[MAX_NAMED];
    char paths[MAX_NAMED][KEY_PATH_BYTES];
} NamedKeys;

static void add_named(void *context, const char *path, const char *type, ConfigKind kind, const Field *field) {
    (void)type;
    (void)kind;
    NamedKeys *keys = context;
    const char *list = strstr(path, "[]");
    if ((list != NULL) != keys->in_lists || strncmp(path, "expect", 6) == 0 || keys->n == MAX_NAMED) return;
    keys->fields[keys->n] = field;
    keys->names[keys->n] = field->name;
    keys->helps[keys->n] = field->help;
    if (list)
        snprintf(keys->paths[keys->n], KEY_PATH_BYTES, "%.*s[N]%s", (int)(list - path), path, list + 2);
    else
        snprintf(keys->paths[keys->n], KEY_PATH_BYTES, "%s", path);
    keys->n++;
}

const Field *config_key_find(const char *name, char path[KEY_PATH_BYTES]) {
    NamedKeys keys = {0};
    config_keys(add_named, &keys);
    keys.in_lists = true;
    config_keys(add_named, &keys);
    size_t i = text_nearest(name, keys.names, keys.n);
    if (i == keys.n) i = text_described(name, keys.helps, keys.n);
    if (i == keys.n) return NULL;
    memcpy(path, keys.paths[i], KEY_PATH_BYTES);
    return keys.fields[i];
}
