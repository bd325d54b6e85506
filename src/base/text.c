#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

size_t utf8_decode(const char *bytes, size_t n, uint32_t *code_point) {
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *b = (const unsigned char *)bytes;
    if (b[0] < 0x80) {
        *code_point = b[0];
        return 1;
    }
    size_t length = b[0] >= 0xF0 && b[0] < 0xF8 ? 4 : b[0] >= 0xE0 ? 3 : b[0] >= 0xC0 ? 2 : 0;
    if (length == 0 || b[0] >= 0xF8 || n < length) return 0;
    uint32_t c = b[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((b[i] & 0xC0) != 0x80) return 0;
        c = c << 6 | (b[i] & 0x3Fu);
    }
    if (c < least[length] || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return 0;
    *code_point = c;
    return length;
}

size_t utf8_encode(uint32_t code_point, char bytes[UTF8_MAX_BYTES]) {
    static const unsigned char lead[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    if (code_point < 0x80) {
        bytes[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length; i-- > 1; code_point >>= 6) bytes[i] = (char)(0x80 | (code_point & 0x3F));
    bytes[0] = (char)(lead[length] | code_point);
    return length;
}

bool utf8_is_valid(const char *bytes, size_t n) {
    uint32_t c;
    for (size_t at = 0, length; at < n; at += length)
        if ((length = utf8_decode(bytes + at, n - at, &c)) == 0) return false;
    return true;
}

size_t utf8_whole(const char *bytes, size_t n) {
    while (n > 0 && ((unsigned char)bytes[n] & 0xC0) == 0x80) n--;
    return n;
}

size_t utf8_count(const char *bytes, size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) count += ((unsigned char)bytes[i] & 0xC0) != 0x80;
    return count;
}

size_t utf8_columns(const char *text) {
    size_t columns = 0;
    for (size_t n = strlen(text), at = 0; at < n;) {
        uint32_t c = 0;
        at += utf8_decode(text + at, n - at, &c);
        columns += (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
    }
    return columns;
}

static utf8proc_category_t category(uint32_t c) { return utf8proc_category((utf8proc_int32_t)c); }

bool utf8_is_space(uint32_t c) { return c == '\t' || category(c) == UTF8PROC_CATEGORY_ZS; }

bool utf8_is_control(uint32_t c) {
    utf8proc_category_t kind = category(c);
    return kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP;
}

bool utf8_is_mark(uint32_t c) {
    utf8proc_category_t kind = category(c);
    return kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME;
}

void text_sanitize(char *text) {
    for (size_t n = strlen(text), at = 0, length; at < n; at += length) {
        uint32_t c = 0;
        length = utf8_decode(text + at, n - at, &c);
        if (length == 0)
            length = 1;
        else if (utf8_is_control(c))
            memset(text + at, '?', length);
    }
}

bool text_number(const char *text, double *number) {
    if (text[0] == '\0' || strspn(text, "+-.0123456789eE") != strlen(text)) return false;
    char *end;
    *number = strtod(text, &end);
    return *end == '\0';
}

bool text_whole(const char *text, uint64_t min, uint64_t max, uint64_t *number) {
    uint64_t value = 0;
    if (*text == '\0') return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        if (__builtin_mul_overflow(value, 10u, &value)) return false;
        if (__builtin_add_overflow(value, (uint64_t)(*text - '0'), &value)) return false;
    }
    *number = value;
    return value >= min && value <= max;
}

bool text_ends_with(const char *text, const char *end) {
    size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

enum { NEAREST_BYTES = 64 };

// Counts insertions, deletions, changes and exchanges of two neighbours (optimal string alignment).
static size_t edit_distance(const char *a, const char *b) {
    size_t rows[3][NEAREST_BYTES + 1], n = strlen(b), length = strlen(a);
    for (size_t j = 0; j <= n; j++) rows[0][j] = j;
    for (size_t i = 1; i <= length; i++) {
        const size_t *before = rows[(i + 1) % 3], *above = rows[(i + 2) % 3];
        size_t *row = rows[i % 3];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = above[j - 1] + (a[i - 1] != b[j - 1]);
            size_t gap = (row[j - 1] < above[j] ? row[j - 1] : above[j]) + 1;
            row[j] = change < gap ? change : gap;
            if (i < 2 || j < 2 || a[i - 1] != b[j - 2] || a[i - 2] != b[j - 1]) continue;
            if (before[j - 2] + 1 < row[j]) row[j] = before[j - 2] + 1;
        }
    }
    return rows[length % 3][n];
}

static bool begins_with(const char *text, const char *beginning) {
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

// A word cut short is nearer than one with two edits, and one that is too long is the last resort.
static size_t distance_of(const char *word, const char *known) {
    const size_t edit = 2 * NEAREST_BYTES, edits = edit_distance(word, known);
    bool is_cut = begins_with(known, word);
    if (edits <= (strlen(word) + 1) / 3 && !(is_cut && edits > 1)) return edits * edit;
    if (is_cut) return edit + edits;
    return strlen(known) > 2 && begins_with(word, known) ? edit * edit + edits : SIZE_MAX;
}

size_t text_nearest(const char *word, const char *const *words, size_t n) {
    size_t best = n, best_distance = SIZE_MAX;
    if (word[0] == '\0' || strlen(word) > NEAREST_BYTES) return n;
    for (size_t i = 0; i < n; i++) {
        if (!words[i] || strlen(words[i]) > NEAREST_BYTES) continue;
        size_t distance = distance_of(word, words[i]);
        if (distance >= best_distance) continue;
        best = i;
        best_distance = distance;
    }
    return best;
}

static bool describes(const char *text, const char *word) {
    for (; *word; text++, word++)
        if (*text != *word && !(*text == ' ' && (*word == '-' || *word == '_'))) return false;
    return true;
}

size_t text_described(const char *word, const char *const *texts, size_t n) {
    size_t i = strlen(word) < 3 ? n : 0;
    while (i < n && !(texts[i] && describes(texts[i], word))) i++;
    return i;
}
