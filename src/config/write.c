// Structs back to JSON, field by field as the tables say; what is written reads back the same.
#include "config/fields.h"

static void write_init(Buffer *out, const Init *init) {
    if (init->kind == INIT_NONE) {
        json_word(out, "false");
        return;
    }
    json_open(out, '{');
    for (size_t i = 0; i < N_INIT_FORMS; i++)
        if (INIT_FORMS[i].kind == init->kind) json_add_number(out, INIT_FORMS[i].number.name, init->value);
    if (init->kind == INIT_NORMAL) json_add_number(out, init_mean.name, init->mean);
    json_close(out, '}');
}

static void write_split(Buffer *out, const Split *split) {
    json_open(out, '[');
    for (size_t i = 0; i < SPLIT_PARTS; i++) json_number(out, split->parts[i]);
    json_close(out, ']');
}

static void write_schedule(Buffer *out, const Record *curve, const Schedule *schedule) {
    if (schedule->n == 0) {
        json_open(out, '{');
        fields_write(out, curve, &schedule->curve);
        json_close(out, '}');
        return;
    }
    json_open(out, '[');
    for (size_t i = 0; i < schedule->n; i++) {
        json_open(out, '[');
        json_whole(out, schedule->steps[i].from);
        json_number(out, schedule->steps[i].rate);
        json_close(out, ']');
    }
    json_close(out, ']');
}

static void write_typed(Buffer *out, const Typed *typed) {
    json_open(out, '{');
    json_add_text(out, "type", typed->record->name);
    fields_write(out, typed->record, typed->value);
    json_close(out, '}');
}

static void write_whole(Buffer *out, const Field *field, uint64_t value) {
    if (field->word && value == FIELD_WORD)
        json_text(out, field->word);
    else
        json_whole(out, value);
}

static bool is_zero(const void *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (((const unsigned char *)bytes)[i] != 0) return false;
    return true;
}

static size_t nullable_bytes(const Field *field) {
    return field->kind == FIELD_OBJECT  ? field->record->size
           : field->kind == FIELD_WHOLE ? sizeof(uint64_t)
                                        : sizeof(double);
}

static void write_field(Buffer *out, const Field *field, const void *in) {
    if (field->is_nullable && is_zero(in, nullable_bytes(field))) {
        json_word(out, "null");
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_CHOICE: json_text(out, *(const char *const *)in); return;
    case FIELD_BOOL: json_word(out, *(const bool *)in ? "true" : "false"); return;
    case FIELD_WHOLE: write_whole(out, field, *(const uint64_t *)in); return;
    case FIELD_MAYBE: {
        const MaybeWhole *maybe = in;
        if (maybe->given)
            json_whole(out, maybe->value);
        else
            json_word(out, "null");
        return;
    }
    case FIELD_NUMBER: json_number(out, *(const double *)in); return;
    case FIELD_INIT: write_init(out, in); return;
    case FIELD_SPLIT: write_split(out, in); return;
    case FIELD_SCHEDULE: write_schedule(out, field->record, in); return;
    case FIELD_OBJECT:
        json_open(out, '{');
        fields_write(out, field->record, in);
        json_close(out, '}');
        return;
    case FIELD_TYPED: write_typed(out, in); return;
    case FIELD_FIGURE:
    case FIELD_FIGURES:
    case FIELD_TEXTS: return; // only notes hold them
    case FIELD_LIST: {
        const TypedList *list = in;
        json_open(out, '[');
        for (size_t i = 0; i < list->n; i++) write_typed(out, &list->items[i]);
        json_close(out, ']');
        return;
    }
    }
}

void fields_write(Buffer *out, const Record *record, const void *in) {
    for (const Field *field = record->fields; field->name; field++) {
        if (field->is_note) continue;
        json_key(out, field->name);
        write_field(out, field, (const char *)in + field->offset);
    }
}
