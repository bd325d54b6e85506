// Finds unusual characters by their properties in Unicode, which utf8proc has.
#include "data/audit.h"

#include "base/text.h"

#include <utf8proc.h>

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

enum { RARE_COUNT = 4, RARE_SHARE = 20 };

static bool is_stop(uint32_t c) { return c == '.' || c == 0x3002 || c == 0xFF0E; }

// Returns N_ODD_KINDS if the code point is not odd.
static OddKind kind_of(uint32_t c) {
    const utf8proc_property_t *property = utf8proc_get_property((utf8proc_int32_t)c);
    if (property->ignorable) return ODD_INVISIBLE;
    if (is_stop(c)) return ODD_STOP;
    switch (property->category) {
    case UTF8PROC_CATEGORY_ZS: return ODD_SPACE;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME: return ODD_COMBINING;
    case UTF8PROC_CATEGORY_ND: return ODD_DIGIT;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK: return ODD_PUNCTUATION;
    default: return c >= 0x80 ? ODD_BEYOND : N_ODD_KINDS;
    }
}

bool audit_is_invisible(uint32_t c) {
    OddKind kind = kind_of(c);
    return kind == ODD_INVISIBLE || kind == ODD_COMBINING || kind == ODD_SPACE;
}

static bool has_category(uint32_t c, utf8proc_category_t category) {
    return utf8proc_category((utf8proc_int32_t)c) == category;
}

// Sets the kinds of each symbol as bits, by code point.
static void mark_symbols(uint16_t *marks, const Audit *audit) {
    bool has_lower = false;
    for (size_t i = 0; i < audit->n_symbols; i++)
        has_lower |= has_category(audit->symbols[i].code_point, UTF8PROC_CATEGORY_LL);
    for (size_t i = 0; i < audit->n_symbols; i++) {
        AuditSymbol symbol = audit->symbols[i];
        uint32_t c = symbol.code_point;
        bool is_rare = symbol.count <= RARE_COUNT && symbol.count * RARE_SHARE * audit->n_symbols <= audit->n_chars;
        OddKind kind = kind_of(c);
        if (kind != N_ODD_KINDS) marks[c] |= (uint16_t)(1u << kind);
        if (has_lower && has_category(c, UTF8PROC_CATEGORY_LU)) marks[c] |= 1u << ODD_CASE;
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
    if (odd[ODD_COMBINING].names * 2 >= audit->list.n) odd[ODD_COMBINING].names = 0;
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
