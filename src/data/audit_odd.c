// Finds unusual characters by ranges of code points (Unicode 15). The ranges cover what occurs in lists of names: not
// all punctuation of Unicode, and not the vowel signs of Indic scripts, which are part of the spelling.
#include "data/audit.h"

#include "base/text.h"

const OddType ODD_TYPES[N_ODD_KINDS] = {
    [ODD_SPACE] = {"white_space", "white space"},
    [ODD_INVISIBLE] = {"invisible", "invisible"},
    [ODD_COMBINING] = {"combining", "combining marks"},
    [ODD_STOP] = {"full_stop", "full stops"},
    [ODD_DIGIT] = {"digit", "digits"},
    [ODD_PUNCTUATION] = {"punctuation", "punctuation"},
    [ODD_CASE] = {"upper_case", "upper and lower case mixed"},
    [ODD_BEYOND] = {"beyond_ascii", "beyond ASCII"},
    [ODD_RARE] = {"rare", "rare symbols"},
};

enum { RARE_COUNT = 4, RARE_SHARE = 20, LOWER = 32 };

typedef struct Range {
    uint32_t first, last;
    OddKind kind;
} Range;

// The kind of a code point is that of the first range with it.
static const Range RANGES[] = {
    {0xA0, 0xA0, ODD_INVISIBLE},       // no-break space
    {0xAD, 0xAD, ODD_INVISIBLE},       // soft hyphen
    {0x61C, 0x61C, ODD_INVISIBLE},     // Arabic letter mark
    {0x200B, 0x200F, ODD_INVISIBLE},   // zero-width space and joiners, marks of direction
    {0x202A, 0x202F, ODD_INVISIBLE},   // direction, narrow no-break space
    {0x2060, 0x206F, ODD_INVISIBLE},   // word joiner and other format characters
    {0x3164, 0x3164, ODD_INVISIBLE},   // Hangul filler
    {0xFE00, 0xFE0F, ODD_INVISIBLE},   // variation selectors
    {0xFEFF, 0xFEFF, ODD_INVISIBLE},   // zero-width no-break space, a byte order mark out of place
    {0xE0000, 0xE01EF, ODD_INVISIBLE}, // tags, further variation selectors
    {0x300, 0x36F, ODD_COMBINING},
    {0x591, 0x5BD, ODD_COMBINING},
    {0x64B, 0x65F, ODD_COMBINING},
    {0x3099, 0x309A, ODD_COMBINING},
    {'.', '.', ODD_STOP},
    {0x3002, 0x3002, ODD_STOP},
    {0xFF0E, 0xFF0E, ODD_STOP},
    {'0', '9', ODD_DIGIT},
    {0x660, 0x669, ODD_DIGIT},
    {0x6F0, 0x6F9, ODD_DIGIT},
    {0x966, 0x96F, ODD_DIGIT},
    {0xFF10, 0xFF19, ODD_DIGIT},
    {'!', '@', ODD_PUNCTUATION},
    {'[', '`', ODD_PUNCTUATION},
    {'{', '~', ODD_PUNCTUATION},
    {0xA1, 0xBF, ODD_PUNCTUATION},
    {0xD7, 0xD7, ODD_PUNCTUATION},
    {0xF7, 0xF7, ODD_PUNCTUATION},
    {0x2010, 0x205E, ODD_PUNCTUATION},
    {0x3001, 0x3003, ODD_PUNCTUATION},
    {0x3008, 0x3020, ODD_PUNCTUATION},
    {0xFF01, 0xFF20, ODD_PUNCTUATION},
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

// Knows the letters whose lower case is LOWER code points on: of Latin (with Latin-1), Greek and Cyrillic. A file in
// mixed case has some of these.
static bool is_upper(uint32_t c) {
    return (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7) || (c >= 0x391 && c <= 0x3A9) ||
           (c >= 0x410 && c <= 0x42F);
}

// Sets the kinds of each symbol as bits, by code point.
static void mark_symbols(uint16_t *marks, const Audit *audit) {
    bool has_lower = false;
    for (size_t i = 0; i < audit->n_symbols; i++) has_lower |= is_upper(audit->symbols[i].code_point - LOWER);
    for (size_t i = 0; i < audit->n_symbols; i++) {
        AuditSymbol symbol = audit->symbols[i];
        uint32_t c = symbol.code_point;
        bool is_rare = symbol.count <= RARE_COUNT && symbol.count * RARE_SHARE * audit->n_symbols <= audit->n_chars;
        OddKind kind = kind_of(c);
        if (kind != N_ODD_KINDS) marks[c] |= (uint16_t)(1u << kind);
        if (has_lower && is_upper(c)) marks[c] |= 1u << ODD_CASE;
        if (is_rare) marks[c] |= 1u << ODD_RARE;
    }
}

static void find_names(AuditOdd odd[N_ODD_KINDS], const NameList *list, const uint16_t *marks) {
    for (size_t i = 0; i < list->n; i++) {
        Bytes name = names_at(list, i);
        unsigned kinds = 0;
        for (size_t at = 0; at < name.n;) {
            uint32_t c = 0;
            at += utf8_decode(name.at + at, name.n - at, &c);
            kinds |= marks[c];
        }
        for (size_t k = 0; kinds && k < N_ODD_KINDS; k++)
            if (kinds >> k & 1 && odd[k].names++ == 0) odd[k].first = name;
    }
}

bool audit_odd(Audit *audit, Error *err) {
    AuditOdd *odd = audit->odd;
    Arena scratch = {0};
    uint16_t *marks = arena_alloc(&scratch, UTF8_CODE_POINTS, sizeof *marks, err);
    if (!marks) return false;
    mark_symbols(marks, audit);
    find_names(odd, &audit->list, marks);
    if (odd[ODD_BEYOND].names * 2 >= audit->list.n) odd[ODD_BEYOND].names = 0;
    for (size_t k = 0; k < N_ODD_KINDS; k++) {
        if (odd[k].names > 0) odd[k].line = names_line(&audit->list, odd[k].first);
        for (size_t i = 0; i < audit->n_symbols; i++) {
            uint32_t c = audit->symbols[i].code_point;
            if (!(marks[c] >> k & 1)) continue;
            if (odd[k].n_symbols < AUDIT_ODD_SYMBOLS) odd[k].symbols[odd[k].n_symbols] = c;
            odd[k].n_symbols++;
        }
    }
    arena_free(&scratch);
    return true;
}
