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

static void walk(const Walk *w, const char *above, const char *type, const Record *record) {
    for (const Field *field = record->fields; field->name; field++) {
        char path[KEY_PATH_BYTES];
        snprintf(path, sizeof path, "%s%s%s", above, above[0] ? "." : "", field->name);
        w->visit(w->context, path, type, field);
        if (field->record && !(field->kind == FIELD_OBJECT && field->is_note)) walk(w, path, type, field->record);
        if (field->kind == FIELD_LIST) strncat(path, "[]", sizeof path - strlen(path) - 1);
        for (size_t i = 0; field->registry && field->registry(i); i++)
            walk(w, path, field->registry(i)->name, field->registry(i));
    }
}

void config_keys(ConfigKeyVisit *visit, void *context) {
    const Walk w = {visit, context};
    walk(&w, "", NULL, &network_config);
    for (const Field *field = counts_config.fields; field->name; field++)
        if (strcmp(field->name, "model") == 0) walk(&w, "model", NULL, field->record);
}
