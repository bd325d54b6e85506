#include "data/names.h"

#include "base/hash.h"
#include "base/text.h"
#include "data/encoding.h"
#include "data/rows.h"

#include <string.h>

const char *const NORMAL_FORMS[] = {"NFC", NULL};

enum { WORD_BYTES = 7, NAMES_AT_ONCE = 64 };

// Trims and checks a line that is not plain ASCII.
static bool read_line(NameList *list, Bytes line, Bytes *name, Error *err) {
    *name = (Bytes){line.at, 0};
    bool started = false;
    for (size_t i = 0; i < line.n;) {
        uint32_t c;
        size_t length = utf8_decode(line.at + i, line.n - i, &c);
        if (length == 0 || c == 0) return encoding_error(list->file, line.at + i, err);
        bool is_space = utf8_is_space(c);
        if (!is_space && !started) name->at = line.at + i;
        started = started || !is_space;
        i += length;
        if (!is_space) name->n = (size_t)(line.at + i - name->at);
    }
    for (size_t i = 0; i < name->n;) {
        uint32_t c = 0;
        size_t length = utf8_decode(name->at + i, name->n - i, &c);
        if (c == '\n' || c == '\r') return error_set(err, "a line break inside the quoted name; remove it");
        if (c < 0x80 && utf8_is_control(c)) return encoding_error(list->file, name->at + i, err);
        if (utf8_is_control(c)) return error_set(err, "control character U+%04X; remove it", (unsigned)c);
        list->seen[c] = true;
        if (c > list->last_seen) list->last_seen = c;
        i += length;
    }
    return true;
}

// Lines are short, so a plain loop is faster than memchr. A line ends in LF, CR LF or CR; a NUL is behind the file.
static size_t count_lines(const char *at, size_t n) {
    size_t lines = 1;
    for (size_t i = 0; i < n; i++) lines += (at[i] == '\n') | ((at[i] == '\r') & (at[i + 1] != '\n'));
    return lines;
}

// Skips letters, digits and punctuation of ASCII, which need no trimming or checking. The NUL after the file stops it.
static const char *skip_plain(const char *at, bool *seen) {
    while (*at > ' ' && *at <= '~') seen[(unsigned char)*at++] = true;
    return at;
}

static void add_place(NameList *list, Bytes name) {
    if (name.n > 0)
        list->places[list->n++] = (NamePlace)(name.at - list->file.at) << NAME_LENGTH_BITS | (NamePlace)name.n;
}

static bool error_long(size_t line, Error *err) {
    return error_set(err, "line %zu: it has 256 MiB or more; put one name per line", line);
}

static bool split_lines(NameList *list, Error *err) {
    const char *at = list->file.at, *end = at + list->file.n;
    if (list->file.n >= 3 && memcmp(at, "\xEF\xBB\xBF", 3) == 0) at += 3;
    while (at < end) {
        size_t line = ++list->n_lines;
        const char *stop = skip_plain(at, list->seen);
        bool is_plain = stop == end || text_is_line_end(*stop);
        while (stop < end && !text_is_line_end(*stop)) stop++;
        Bytes name = {(char *)at, (size_t)(stop - at)};
        if (name.n > NAME_MAX_BYTES) return error_long(line, err);
        if (!is_plain && !read_line(list, name, &name, err)) return error_context(err, "line %zu", line);
        add_place(list, name);
        at = text_next_line(stop);
    }
    return true;
}

static bool read_weight(Bytes field, uint64_t *weight, Error *err) {
    char text[32] = "";
    if (field.n < sizeof text) text[rows_unquote(field, text)] = '\0';
    const char *at = text + strspn(text, " ");
    const size_t n = strcspn(at, " ");
    text[(size_t)(at - text) + n] = '\0';
    if (text_whole(at, 0, NAME_MAX_WEIGHT, weight)) return true;
    return error_set(err, "data.weight: expected a whole number from 0 to %u, found \"%.*s\"", NAME_MAX_WEIGHT,
                     (int)(field.n < 64 ? field.n : 64), field.at);
}

// Quotes are taken off in place, so names stay parts of the file.
static bool read_row(NameList *list, const Rows *rows, const Columns *columns, Error *err) {
    const size_t before = list->n;
    uint64_t weight = 1;
    if (rows->n_fields < columns->n)
        return error_set(err, "line %zu: expected at least %zu columns, found %zu", rows->line, columns->n,
                         rows->n_fields);
    if (list->weights && !read_weight(columns->fields[columns->weight], &weight, err))
        return error_context(err, "line %zu", rows->line);
    if (weight == 0) return true;
    Bytes field = columns->fields[columns->column], name = {field.at, rows_unquote(field, field.at)};
    if (name.n > NAME_MAX_BYTES) return error_long(rows->line, err);
    if (!read_line(list, name, &name, err)) return error_context(err, "line %zu", rows->line);
    add_place(list, name);
    if (list->weights && list->n > before) list->weights[before] = weight;
    return true;
}

static bool split_rows(NameList *list, const NameFormat *format, Arena *arena, Error *err) {
    Rows rows = rows_begin(list->file);
    Columns columns;
    if (!rows_find_columns(&rows, format->column, format->weight, &columns, arena, err)) return false;
    for (;;) {
        if (!rows_next(&rows, columns.n, columns.fields, err)) return false;
        if (rows.n_fields == 0) return true;
        list->n_lines++;
        if (!read_row(list, &rows, &columns, err)) return false;
    }
}

static bool split(NameList *list, const NameFormat *format, Arena *arena, Error *err) {
    if (list->file.n == 0) return error_set(err, "the file is empty; put one name per line into it");
    if (format->normalize && !nfc_compose_lines(&list->file, &list->changes, arena, err)) return false;
    list->places = arena_alloc(arena, count_lines(list->file.at, list->file.n), sizeof *list->places, err);
    list->seen = arena_alloc(arena, UTF8_CODE_POINTS, sizeof *list->seen, err);
    list->last_seen = '~';
    if (!list->places || !list->seen) return false;
    if (column_is_given(format->weight)) {
        list->weights = arena_alloc(arena, count_lines(list->file.at, list->file.n), sizeof *list->weights, err);
        if (!list->weights) return false;
    }
    bool is_table = column_is_given(format->column);
    if (!(is_table ? split_rows(list, format, arena, err) : split_lines(list, err))) return false;
    if (format->column.name && list->n_lines == 0) return error_set(err, "only a header; no names below it");
    return list->n > 0 ||
           error_set(err, list->weights ? "no row has a name and a weight above 0; is data.weight the right column?"
                                        : "only blank lines; put one name per line into it");
}

bool names_read(NameList *list, const char *path, const NameFormat *format, Arena *arena, Error *err) {
    *list = (NameList){.path = path ? path : STANDARD_INPUT};
    if (!(path ? file_read(path, arena, &list->file, err) : file_read_input(arena, &list->file, err))) return false;
    if ((uint64_t)list->file.n >= NAMES_MAX_BYTES)
        return error_set(err, "%s: a names file must be smaller than 64 GiB", list->path);
    sha256_hex(list->file.at, list->file.n, list->sha256);
    static const NameFormat plain = {0};
    return split(list, format ? format : &plain, arena, err) || error_context(err, "%s", list->path);
}

static bool same_column(ColumnName a, ColumnName b) {
    return a.number == b.number && (a.name && b.name ? strcmp(a.name, b.name) == 0 : a.name == b.name);
}

bool name_format_same(const NameFormat *a, const NameFormat *b) {
    return same_column(a->column, b->column) && same_column(a->weight, b->weight) && a->normalize == b->normalize;
}

bool names_guess(NameFormat *format, TableGuess *table, const char *path, Arena *arena, Error *err) {
    Arena scratch = {0};
    Bytes file;
    *format = (NameFormat){.normalize = NORMAL_FORMS[0]};
    bool ok = file_read(path, &scratch, &file, err) && rows_guess_table(file, table, arena, err);
    arena_free(&scratch);
    if (ok) format->column = table->column;
    return ok;
}

size_t names_line(const NameList *list, Bytes name) { return names_next_line(1, (Bytes){list->file.at, 0}, name); }

size_t names_next_line(size_t line, Bytes before, Bytes name) {
    return line - 1 + count_lines(before.at, (size_t)(name.at - before.at));
}

// Seven bytes per word, and the length first, because a last word may begin with zeros.
static uint64_t hash(const NameSet *set, const char *bytes, size_t n) {
    const unsigned char *at = (const unsigned char *)bytes;
    uint64_t sum = n;
    for (size_t i = 0; i < n;) {
        uint64_t word = 0;
        for (size_t end = n - i > WORD_BYTES ? i + WORD_BYTES : n; i < end; i++) word = word << 8 | at[i];
        sum = hash_add(sum, set->slots.base, word);
    }
    return hash_end(sum, set->slots.base);
}

// Returns the slot that holds the name, or the free one where it belongs.
static uint32_t *find_slot(const NameSet *set, uint64_t hash, const char *bytes, size_t n) {
    const HashSlots *slots = &set->slots;
    uint32_t slot = (uint32_t)hash & slots->mask;
    for (uint32_t value; (value = slots->at[slot]) != 0; slot = (slot + 1) & slots->mask) {
        if (!hash_slots_match(slots, value, hash)) continue;
        Bytes name = name_in(set->file, set->places[hash_slots_number(slots, value)]);
        if (name.n == n && memcmp(name.at, bytes, n) == 0) break;
    }
    return &slots->at[slot];
}

static bool add_weight(uint64_t *sum, uint64_t weight, Error *err) {
    *sum += weight;
    return *sum <= NAME_MAX_WEIGHT ||
           error_set(err, "data.weight: equal names weigh more than %u; divide the weights", NAME_MAX_WEIGHT);
}

// Adds the distinct names of the list. If `list` is to become unique, they are moved to its front.
static bool fill(NameSet *set, NameList *list, bool becomes_unique, Arena *arena, Error *err) {
    *set = (NameSet){.file = list->file.at, .places = list->places};
    if (!hash_slots_create(&set->slots, list->n, arena, err)) return false;
    size_t n_kept = 0;
    uint64_t hashes[NAMES_AT_ONCE];
    for (size_t begin = 0, n; begin < list->n; begin += n) {
        n = list->n - begin < NAMES_AT_ONCE ? list->n - begin : NAMES_AT_ONCE;
        // A large table lies outside the caches, so all slots are prefetched before the first is read.
        for (size_t k = 0; k < n; k++) {
            Bytes name = names_at(list, begin + k);
            hashes[k] = hash(set, name.at, name.n);
            __builtin_prefetch(&set->slots.at[hashes[k] & set->slots.mask], 1);
        }
        for (size_t i = begin; i < begin + n; i++) {
            Bytes name = names_at(list, i);
            uint32_t *slot = find_slot(set, hashes[i - begin], name.at, name.n);
            if (*slot && becomes_unique && list->weights &&
                !add_weight(&list->weights[hash_slots_number(&set->slots, *slot)], list->weights[i], err))
                return false;
            if (*slot) continue;
            size_t number = becomes_unique ? n_kept : i;
            if (becomes_unique && list->weights) list->weights[n_kept] = list->weights[i];
            *slot = hash_slots_value(&set->slots, hashes[i - begin], (uint32_t)number);
            if (becomes_unique) list->places[n_kept++] = list->places[i];
        }
    }
    if (becomes_unique) list->n = n_kept;
    return true;
}

bool name_set_create(NameSet *set, const NameList *list, Arena *arena, Error *err) {
    NameList copy = *list;
    return fill(set, &copy, false, arena, err);
}

bool name_set_find(const NameSet *set, const char *bytes, size_t n, size_t *index) {
    uint32_t value = *find_slot(set, hash(set, bytes, n), bytes, n);
    if (value) *index = hash_slots_number(&set->slots, value);
    return value != 0;
}

bool names_make_unique(NameList *list, Error *err) {
    Arena scratch = {0};
    NameSet set;
    bool ok = fill(&set, list, true, &scratch, err) || error_context(err, "%s", list->path);
    arena_free(&scratch);
    return ok;
}

bool growing_set_create(GrowingSet *growing, size_t n_most, Arena *arena, Error *err) {
    *growing = (GrowingSet){.text = {.arena = arena}};
    growing->places = arena_alloc(arena, n_most, sizeof *growing->places, err);
    growing->set.places = growing->places;
    return growing->places && hash_slots_create(&growing->set.slots, n_most, arena, err);
}

bool growing_set_add(GrowingSet *growing, const char *bytes, size_t n, bool *is_new, Error *err) {
    NameSet *set = &growing->set;
    uint64_t sum = hash(set, bytes, n);
    uint32_t *slot = find_slot(set, sum, bytes, n);
    *is_new = *slot == 0;
    if (!*is_new) return true;
    growing->places[growing->n] = (NamePlace)growing->text.n << NAME_LENGTH_BITS | (NamePlace)n;
    *slot = hash_slots_value(&set->slots, sum, (uint32_t)growing->n++);
    buffer_add(&growing->text, bytes, n);
    set->file = growing->text.bytes;
    return buffer_text(&growing->text, err) != NULL;
}
