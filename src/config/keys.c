#include "config/keys.h"

#include "config/fields.h"

#include <stdio.h>
#include <string.h>

bool config_key_is_required(const Field *field) {
    if (!field->preset) return !field->is_note;
    if (field->kind != FIELD_OBJECT || field->is_nullable) return false;
    for (const Field *inner = field->record->fields; inner->name; inner++)
        if (config_key_is_required(inner)) return true;
    return false;
}

typedef struct Walk {
    ConfigKeyVisit *visit;
    void *context;
} Walk;

static void key_path(char path[KEY_PATH_BYTES], const char *above, const char *name) {
    snprintf(path, KEY_PATH_BYTES, "%s%s%s", above, above[0] ? "." : "", name);
}

static void walk(const Walk *w, const char *above, const char *type, ConfigKind kind, const Record *record);

// A key, and those below it.
static void walk_key(const Walk *w, const char *above, const char *type, ConfigKind kind, const Field *field) {
    char path[KEY_PATH_BYTES];
    key_path(path, above, field->name);
    w->visit(w->context, path, type, kind, field);
    if (field->record) walk(w, path, type, config_key_is_required(field) ? kind : CONFIG_EITHER, field->record);
    if (field->kind == FIELD_LIST) strncat(path, "[]", sizeof path - strlen(path) - 1);
    for (size_t i = 0; field->registry && field->registry(i); i++)
        walk(w, path, field->registry(i)->name, CONFIG_EITHER, field->registry(i));
}

static void walk(const Walk *w, const char *above, const char *type, ConfigKind kind, const Record *record) {
    for (const Field *field = record->fields; field->name; field++) walk_key(w, above, type, kind, field);
}

static const Field *find_field(const Record *record, const char *name) {
    for (const Field *field = record->fields; field->name; field++)
        if (strcmp(field->name, name) == 0) return field;
    return NULL;
}

// Of a block that both kinds of model have, each with its own keys: what both know is visited once. Of `unmet`, such a
// block within `expect`, only itself, since its keys are those around it.
static void walk_both(const Walk *w, const char *above, const Record *network, const Record *counts) {
    for (const Field *field = network->fields; field->name; field++) {
        const Field *other = find_field(counts, field->name);
        if (!other || other->record == field->record) {
            walk_key(w, above, NULL, other ? CONFIG_EITHER : CONFIG_NETWORK, field);
            continue;
        }
        char path[KEY_PATH_BYTES];
        key_path(path, above, field->name);
        w->visit(w->context, path, NULL, CONFIG_EITHER, field);
        if (!above[0]) walk_both(w, path, field->record, other->record);
    }
    for (const Field *field = counts->fields; field->name; field++)
        if (!find_field(network, field->name)) walk_key(w, above, NULL, CONFIG_COUNTS, field);
}

void config_keys(ConfigKeyVisit *visit, void *context) {
    walk_both(&(Walk){visit, context}, "", &network_config, &counts_config);
}
