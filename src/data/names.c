#include "data/names.h"

#include "base/hash.h"
#include "base/text.h"

#include <string.h>

enum { WORD_BYTES = 7, NAMES_AT_ONCE = 64 };

// Trims a line and checks it; false, with the reason, where it holds what no name can hold.
static bool read_line(Bytes line, Bytes *name, Error *err) {
    *name = (Bytes){line.at, 0};
    bool started = false;
    for (size_t i = 0; i < line.n;) {
        uint32_t c;
        size_t length = utf8_decode(line.at + i, line.n - i, &c);
        if (length == 0)
            return error_set(err, "byte 0x%02x is not UTF-8; convert the file (iconv -t UTF-8)",
                             (unsigned)(unsigned char)line.at[i]);
        bool is_space = utf8_is_space(c) || (c == '\r' && i + 1 == line.n);
        if (!is_space && !started) name->at = line.at + i;
        started = started || !is_space;
        i += length;
        if (!is_space) name->n = (size_t)(line.at + i - name->at);
    }
    for (size_t i = 0; i < name->n;) {
        uint32_t c = 0;
        i += utf8_decode(name->at + i, name->n - i, &c);
        if (utf8_is_control(c)) return error_set(err, "control character U+%04X; remove it", (unsigned)c);
    }
    return true;
}

// Lines are short, so a plain loop beats a call of memchr for each.
static size_t count_lines(const char *at, size_t n) {
    size_t lines = 1;
    for (size_t i = 0; i < n; i++) lines += at[i] == '\n';
    return lines;
}

// The end of the letters, digits and punctuation of ASCII from `at` on, which no name needs trimmed or checked. The NUL
// behind the file ends them at the latest.
static const char *skip_plain(const char *at) {
    while (*at > ' ' && *at <= '~') at++;
    return at;
}

static bool split_lines(NameList *list, Arena *arena, Error *err) {
    const char *at = list->file.at, *end = at + list->file.n;
    if (list->file.n == 0) return error_set(err, "the file is empty; put one name a line into it");
    list->places = arena_alloc(arena, count_lines(at, list->file.n), sizeof *list->places, err);
    if (!list->places) return false;
    if (list->file.n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    for (size_t line = 1; at < end; line++) {
        const char *stop = skip_plain(at);
        bool is_plain = stop == end || *stop == '\n';
        if (!is_plain) stop = memchr(stop, '\n', (size_t)(end - stop));
        if (!stop) stop = end;
        Bytes name = {(char *)at, (size_t)(stop - at)};
        if (name.n > NAME_MAX_BYTES)
            return error_set(err, "line %zu: it has 256 MiB or more; put one name a line", line);
        if (!is_plain && !read_line(name, &name, err)) return error_context(err, "line %zu", line);
        if (name.n > 0)
            list->places[list->n++] = (NamePlace)(name.at - list->file.at) << NAME_LENGTH_BITS | (NamePlace)name.n;
        at = stop + 1;
    }
    return list->n > 0 || error_set(err, "only blank lines; put one name a line into it");
}

bool names_read(NameList *list, const char *path, Arena *arena, Error *err) {
    *list = (NameList){.path = path ? path : STANDARD_INPUT};
    bool is_large = path && file_size(path) >= NAMES_MAX_BYTES;
    if (!is_large && !(path ? file_read(path, arena, &list->file, err) : file_read_input(arena, &list->file, err)))
        return false;
    if (is_large || list->file.n >= NAMES_MAX_BYTES)
        return error_set(err, "%s: a names file must be smaller than 64 GiB", list->path);
    if (!split_lines(list, arena, err)) return error_context(err, "%s", list->path);
    sha256_hex(list->file.at, list->file.n, list->sha256);
    return true;
}

size_t names_line(const NameList *list, Bytes name) { return names_next_line(1, (Bytes){list->file.at, 0}, name); }

size_t names_next_line(size_t line, Bytes before, Bytes name) {
    return line - 1 + count_lines(before.at, (size_t)(name.at - before.at));
}

// Seven bytes a word, and the length before them, as a last word may begin with zeros.
static uint64_t hash(const NameSet *set, const char *bytes, size_t n) {
    const unsigned char *at = (const unsigned char *)bytes;
    uint64_t sum = n;
    for (size_t i = 0; i < n;) {
        uint64_t word = 0;
        for (size_t end = n - i > WORD_BYTES ? i + WORD_BYTES : n; i < end; i++) word = word << 8 | at[i];
        sum = hash_add(sum, set->base, word);
    }
    return hash_end(sum, set->base);
}

static uint32_t low_bits(const NameSet *set) { return (uint32_t)(set->n_slots - 1); }

static uint32_t hash_bits(const NameSet *set, uint64_t hash) { return (uint32_t)(hash >> 32) & ~low_bits(set); }

static uint32_t held_index(const NameSet *set, uint32_t held) { return (held & low_bits(set)) - 1; }

// The slot that holds the name, or the free one where it belongs.
static size_t find_slot(const NameSet *set, uint64_t hash, const char *bytes, size_t n) {
    uint32_t slot = (uint32_t)hash & low_bits(set), bits = hash_bits(set, hash);
    for (uint32_t held; (held = set->slots[slot]) != 0; slot = (slot + 1) & low_bits(set)) {
        if ((held & ~low_bits(set)) != bits) continue;
        Bytes name = name_in(set->file, set->places[held_index(set, held)]);
        if (name.n == n && memcmp(name.at, bytes, n) == 0) break;
    }
    return slot;
}

static bool create_empty(NameSet *set, const NameList *list, Arena *arena, Error *err) {
    *set = (NameSet){.file = list->file.at, .places = list->places, .n_slots = 16};
    while (set->n_slots < 2 * list->n) set->n_slots *= 2;
    set->slots = arena_alloc(arena, set->n_slots, sizeof *set->slots, err);
    return set->slots && hash_draw_base(&set->base, err);
}

// The hashes of the next names from i on; how many. A large table lies in memory that no cache holds, so all their
// slots are asked for before the first is looked at.
static size_t hash_names(const NameSet *set, const NameList *list, size_t i, uint64_t hashes[NAMES_AT_ONCE]) {
    size_t left = list->n - i, n = left < NAMES_AT_ONCE ? left : NAMES_AT_ONCE;
    for (size_t k = 0; k < n; k++) {
        Bytes name = names_at(list, i + k);
        hashes[k] = hash(set, name.at, name.n);
        __builtin_prefetch(&set->slots[(uint32_t)hashes[k] & low_bits(set)], 1);
    }
    return n;
}

// Adds the name that is to be `index` where there is no equal one; whether there was none.
static bool add_name(NameSet *set, Bytes name, uint64_t hash, size_t index) {
    uint32_t *slot = &set->slots[find_slot(set, hash, name.at, name.n)];
    if (*slot) return false;
    *slot = hash_bits(set, hash) | ((uint32_t)index + 1);
    return true;
}

bool nameset_create(NameSet *set, const NameList *list, Arena *arena, Error *err) {
    if (!create_empty(set, list, arena, err)) return false;
    uint64_t hashes[NAMES_AT_ONCE];
    for (size_t i = 0, n; i < list->n; i += n) {
        n = hash_names(set, list, i, hashes);
        for (size_t k = 0; k < n; k++) add_name(set, names_at(list, i + k), hashes[k], i + k);
    }
    return true;
}

bool nameset_find(const NameSet *set, const char *bytes, size_t n, size_t *index) {
    uint32_t held = set->slots[find_slot(set, hash(set, bytes, n), bytes, n)];
    if (held) *index = held_index(set, held);
    return held != 0;
}

bool nameset_has(const NameSet *set, const char *bytes, size_t n) {
    size_t index;
    return nameset_find(set, bytes, n, &index);
}

bool names_make_unique(NameList *list, Error *err) {
    Arena scratch = {0};
    NameSet set;
    bool ok = create_empty(&set, list, &scratch, err);
    size_t kept = 0;
    uint64_t hashes[NAMES_AT_ONCE];
    for (size_t i = 0, n; ok && i < list->n; i += n) {
        n = hash_names(&set, list, i, hashes);
        for (size_t k = 0; k < n; k++) // never beyond i + k, so the set's own names stay where they are
            if (add_name(&set, names_at(list, i + k), hashes[k], kept)) list->places[kept++] = list->places[i + k];
    }
    if (ok) list->n = kept;
    arena_free(&scratch);
    return ok;
}
