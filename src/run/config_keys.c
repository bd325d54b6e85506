#include "run/config_keys.h"

#include "run/config_fields.h"

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

static void walk(const Walk *w, const char *above, const char *type, ConfigKind kind, const Record *record);

// A key, and those below it.
static void walk_key(const Walk *w, const char *above, const char *type, ConfigKind kind, const Field *field) {
    char path[KEY_PATH_BYTES];
    snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "." : "", field->name);
    w->visit(w->context, path, type, kind, field);
    if (field->record && !(field->kind == FIELD_OBJECT && field->is_note))
        walk(w, path, type, config_key_is_required(field) ? kind : CONFIG_EITHER, field->record);
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

void config_keys(ConfigKeyVisit *visit, void *context) {
    const Walk w = {visit, context};
    for (const Field *field = network_config.fields; field->name; field++) {
        const Field *other = find_field(&counts_config, field->name);
        if (!other || other->record == field->record || field->is_note) {
            walk_key(&w, "", NULL, other ? CONFIG_EITHER : CONFIG_NETWORK, field);
            continue;
        }
        visit(context, field->name, NULL, CONFIG_EITHER, field);
        walk(&w, field->name, NULL, CONFIG_NETWORK, field->record);
        walk(&w, field->name, NULL, CONFIG_COUNTS, other->record);
    }
}
