#include "base/nfc.h"

#include "base/text.h"

#include <string.h>
#include <utf8proc.h>

enum { FIRST_LEAD_BYTE = 0xCC }; // of U+0300: any text of lower code points is in NFC

static bool may_change(const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)bytes[i] >= FIRST_LEAD_BYTE) return true;
    return false;
}

size_t nfc_compose(const char *bytes, size_t n, int32_t *points, char *out) {
    const utf8proc_option_t form = UTF8PROC_STABLE | UTF8PROC_COMPOSE;
    const utf8proc_ssize_t room = (utf8proc_ssize_t)(2 * n);
    utf8proc_ssize_t length = -1;
    if (may_change(bytes, n))
        length = utf8proc_decompose((const utf8proc_uint8_t *)bytes, (utf8proc_ssize_t)n, points, room, form);
    if (length >= 0 && length <= room) length = utf8proc_reencode(points, length, form);
    const bool is_copy = length < 0 || (size_t)length > NFC_GROWTH * n;
    memcpy(out, is_copy ? bytes : (const char *)points, is_copy ? n : (size_t)length);
    return is_copy ? n : (size_t)length;
}

typedef struct Composer {
    Bytes out;
    int32_t *points; // (2 room + 1)
    char *line;      // (NFC_GROWTH room)
    size_t room;
    Arena scratch;
} Composer;

static bool make_room(Composer *c, size_t n, Error *err) {
    if (c->line && n <= c->room) return true;
    arena_free(&c->scratch);
    c->room = size_mul(n, 2);
    c->points = arena_alloc(&c->scratch, size_add(size_mul(c->room, 2), 1), sizeof *c->points, err);
    c->line = arena_alloc(&c->scratch, size_mul(c->room, NFC_GROWTH), 1, err);
    return c->points && c->line;
}

// Appends a line. The copy begins with the first line that changes.
static bool add_line(Composer *c, Bytes text, const char *at, size_t n, bool *changes, Arena *arena, Error *err) {
    const char *line = at;
    size_t length = n;
    *changes = false;
    if (may_change(at, n)) {
        if (!make_room(c, n, err)) return false;
        length = nfc_compose(at, n, c->points, c->line);
        *changes = length != n || memcmp(at, c->line, n) != 0;
        line = c->line;
    }
    if (*changes && !c->out.at) {
        c->out = (Bytes){arena_alloc(arena, size_add(size_mul(text.n, NFC_GROWTH), 1), 1, err), (size_t)(at - text.at)};
        if (!c->out.at) return false;
        memcpy(c->out.at, text.at, c->out.n);
    }
    if (c->out.at) memcpy(c->out.at + c->out.n, line, length);
    c->out.n += length;
    return true;
}

bool nfc_compose_lines(Bytes *text, NfcChanges *changes, Arena *arena, Error *err) {
    Composer c = {.room = 0};
    const char *at = text->at, *end = at + text->n;
    bool ok = true;
    *changes = (NfcChanges){0};
    for (size_t line = 1; ok && at < end; line++) {
        bool has_changed;
        const char *stop = at;
        while (stop < end && !text_is_line_end(*stop)) stop++;
        const char *next = stop < end ? text_next_line(stop) : end;
        ok = add_line(&c, *text, at, (size_t)(next - at), &has_changed, arena, err);
        if (has_changed && changes->lines++ == 0) changes->first_line = line;
        at = next;
    }
    if (c.out.at) *text = c.out; // the NUL is there, because arena memory is zeroed
    arena_free(&c.scratch);
    return ok;
}
