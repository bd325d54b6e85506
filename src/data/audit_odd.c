// Finds unusual characters by ranges of code points (Unicode 15). The ranges cover what occurs in lists of names: not
// all punctuation of Unicode, and not the vowel signs of Indic scripts, which are part of the spelling.
#include "data/audit.h"

#include "base/text.h"

const char *const ODD_KINDS[N_ODD_KINDS] = {"white_space", "invisible",  "combining",    "full_stop", "digit",
                                            "punctuation", "upper_case", "beyond_ascii", "rare"};

enum { RARE_COUNT = 4, RARE_SHARE = 20 };

typedef struct Range {
    uint32_t first, last;
    OddKind kind;
} Range;

static const Range RANGES[] = {
    {0xA0, 0xA0, ODD_INVISIBLE},       // no-break space
    {0xAD, 0xAD, ODD_INVISIBLE},       // soft hyphen
    {0x34F, 0x34F, ODD_INVISIBLE},     // grapheme joiner
    {0x61C, 0x61C, ODD_INVISIBLE},     // Arabic letter mark
    {0x115F, 0x1160, ODD_INVISIBLE},   // Hangul fillers
    {0x180B, 0x180E, ODD_INVISIBLE},   // Mongolian selectors and separator
    {0x200B, 0x200F, ODD_INVISIBLE},   // zero-width space and joiners, marks of direction
    {0x202A, 0x202F, ODD_INVISIBLE},   // direction, narrow no-break space
    {0x2060, 0x206F, ODD_INVISIBLE},   // word joiner and other format characters
    {0x3164, 0x3164, ODD_INVISIBLE},   // Hangul filler
    {0xFE00, 0xFE0F, ODD_INVISIBLE},   // variation selectors
    {0xFEFF, 0xFEFF, ODD_INVISIBLE},   // zero-width no-break space, a byte order mark out of place
    {0xFFA0, 0xFFA0, ODD_INVISIBLE},   // half-width Hangul filler
    {0xE0000, 0xE01EF, ODD_INVISIBLE}, // tags, further variation selectors
    {0x300, 0x36F, ODD_COMBINING},
    {0x483, 0x489, ODD_COMBINING},
    {0x591, 0x5BD, ODD_COMBINING},
    {0x64B, 0x65F, ODD_COMBINING},
    {0x1AB0, 0x1AFF, ODD_COMBINING},
    {0x1DC0, 0x1DFF, ODD_COMBINING},
    {0x20D0, 0x20FF, ODD_COMBINING},
    {0x3099, 0x309A, ODD_COMBINING},
    {0xFE20, 0xFE2F, ODD_COMBINING},
    {'.', '.', ODD_STOP},
    {0x3002, 0x3002, ODD_STOP},
    {0xFF0E, 0xFF0E, ODD_STOP},
    {'0', '9', ODD_DIGIT},
    {0x660, 0x669, ODD_DIGIT},
    {0x6F0, 0x6F9, ODD_DIGIT},
    {0x966, 0x96F, ODD_DIGIT},
    {0xFF10, 0xFF19, ODD_DIGIT},
    {0x21, 0x2F, ODD_PUNCTUATION},
    {0x3A, 0x40, ODD_PUNCTUATION},
    {0x5B, 0x60, ODD_PUNCTUATION},
    {0x7B, 0x7E, ODD_PUNCTUATION},
    {0xA1, 0xA9, ODD_PUNCTUATION},
    {0xAB, 0xB4, ODD_PUNCTUATION},
    {0xB6, 0xB9, ODD_PUNCTUATION},
    {0xBB, 0xBF, ODD_PUNCTUATION},
    {0xD7, 0xD7, ODD_PUNCTUATION},
    {0xF7, 0xF7, ODD_PUNCTUATION},
    {0x2010, 0x2027, ODD_PUNCTUATION},
    {0x2030, 0x205E, ODD_PUNCTUATION},
    {0x3001, 0x3001, ODD_PUNCTUATION},
    {0x3003, 0x3003, ODD_PUNCTUATION},
    {0x3008, 0x3020, ODD_PUNCTUATION},
    {0xFF01, 0xFF0F, ODD_PUNCTUATION},
    {0xFF1A, 0xFF20, ODD_PUNCTUATION},
};

// Returns N_ODD_KINDS if the code point is not odd.
static OddKind kind_of(uint32_t c) {
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++)
        if (c >= RANGES[i].first && c <= RANGES[i].last) return RANGES[i].kind;
    return utf8_is_space(c) ? ODD_SPACE : c >= 0x80 ? ODD_BEYOND : N_ODD_KINDS;
}

bool audit_is_invisible(uint32_t c) {
    OddKind kind = kind_of(c);
    return kind == ODD_INVISIBLE || kind == ODD_COMBINING || kind == ODD_SPACE;
}

typedef enum Case { CASE_NONE, CASE_UPPER, CASE_LOWER } Case;

// Knows Latin letters (with Latin-1 and Extended-A), Greek, Cyrillic and Armenian.
static Case case_of(uint32_t c) {
    if (c >= 0x100 && c <= 0x17F) {
        bool odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
        if (c == 0x138 || c == 0x149 || c == 0x17F) return CASE_LOWER;
        return c == 0x178 || (c & 1) == odd_is_upper ? CASE_UPPER : CASE_LOWER;
    }
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x386 && c <= 0x3AB && c != 0x390) ||
        (c >= 0x400 && c <= 0x42F) || (c >= 0x531 && c <= 0x556))
        return c == 0x387 ? CASE_NONE : CASE_UPPER;
    if ((c >= 'a' && c <= 'z') || (c >= 0xDF && c <= 0xFF && c != 0xF7) || c == 0x390 || (c >= 0x3AC && c <= 0x3CE) ||
        (c >= 0x430 && c <= 0x45F) || (c >= 0x561 && c <= 0x587))
        return CASE_LOWER;
    return CASE_NONE;
}

static bool is_rare(const AuditSymbols *symbols, size_t count) {
    return count <= RARE_COUNT && count * RARE_SHARE * symbols->n <= symbols->total;
}

// Sets the kinds of each symbol as bits, by code point.
static void mark_symbols(uint16_t *marks, const AuditSymbols *symbols) {
    bool has_lower = false;
    for (size_t i = 0; i < symbols->n; i++)
        has_lower = has_lower || case_of(symbols->items[i].code_point) == CASE_LOWER;
    for (size_t i = 0; i < symbols->n; i++) {
        uint32_t c = symbols->items[i].code_point;
        OddKind kind = kind_of(c);
        if (kind != N_ODD_KINDS) marks[c] |= (uint16_t)(1u << kind);
        if (has_lower && case_of(c) == CASE_UPPER) marks[c] |= 1u << ODD_CASE;
        if (is_rare(symbols, symbols->items[i].count)) marks[c] |= 1u << ODD_RARE;
    }
}

static void count_names(AuditOdd odd[N_ODD_KINDS], const NameList *list, const uint16_t *marks) {
    for (size_t i = 0; i < list->n; i++) {
        Bytes name = names_at(list, i);
        unsigned kinds = 0;
        for (size_t at = 0; at < name.n;) {
            uint32_t c = 0;
            at += utf8_decode(name.at + at, name.n - at, &c);
            kinds |= marks[c];
        }
        for (size_t k = 0; kinds && k < N_ODD_KINDS; k++) {
            if (!(kinds >> k & 1)) continue;
            if (odd[k].names++ == 0) odd[k].first = name;
        }
    }
}

bool audit_odd(AuditOdd odd[N_ODD_KINDS], const NameList *list, const AuditSymbols *symbols, Error *err) {
    Arena scratch = {0};
    uint16_t *marks = arena_alloc(&scratch, UTF8_CODE_POINTS, sizeof *marks, err);
    if (!marks) return false;
    for (size_t k = 0; k < N_ODD_KINDS; k++) odd[k] = (AuditOdd){0};
    mark_symbols(marks, symbols);
    count_names(odd, list, marks);
    if (odd[ODD_BEYOND].names * 2 >= list->n) odd[ODD_BEYOND] = (AuditOdd){0};
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        if (odd[k].names == 0) continue;
        odd[k].line = names_line(list, odd[k].first);
        for (size_t i = 0; i < symbols->n; i++) {
            uint32_t c = symbols->items[i].code_point;
            if (!(marks[c] >> k & 1)) continue;
            if (odd[k].n_symbols < AUDIT_ODD_SYMBOLS) odd[k].symbols[odd[k].n_symbols] = c;
            odd[k].n_symbols++;
        }
    }
    arena_free(&scratch);
    return true;
}
