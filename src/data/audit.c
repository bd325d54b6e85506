#include "data/audit.h"

#include "base/text.h"
#include "data/rows.h"

#include <stdlib.h>
#include <string.h>

enum { FEWEST_TO_SPLIT = 30, STARTER_SEED = 42 };

static void choose_split(DataConfig *config, size_t n_names) {
    const bool is_split = n_names >= FEWEST_TO_SPLIT;
    config->split = (Split){{is_split ? 0.8 : 1, is_split ? 0.1 : 0, is_split ? 0.1 : 0}};
    config->shuffle_seed = (MaybeWhole){is_split, STARTER_SEED};
}

// Inserts a repeated name into the examples, which are sorted by count.
static void keep_example(Audit *audit, AuditRepeat repeat) {
    AuditRepeat *most = audit->most_repeated;
    size_t at = audit->n_most_repeated;
    while (at > 0 && most[at - 1].count < repeat.count) at--;
    if (at == AUDIT_EXAMPLES) return;
    if (audit->n_most_repeated < AUDIT_EXAMPLES) audit->n_most_repeated++;
    memmove(&most[at + 1], &most[at], (audit->n_most_repeated - at - 1) * sizeof *most);
    most[at] = repeat;
}

static bool count_names(Audit *audit, Error *err) {
    const NameList *list = &audit->list;
    Arena scratch = {0};
    NameSet set;
    uint32_t *counts = arena_alloc(&scratch, list->n, sizeof *counts, err);
    bool ok = counts && name_set_create(&set, list, &scratch, err);
    audit->names = list->n;
    audit->lines = list->n_lines;
    audit->blank = audit->lines - list->n;
    for (size_t i = 0, first = 0; ok && i < list->n; i++)
        if (name_set_find(&set, names_at(list, i).at, names_at(list, i).n, &first)) counts[first]++;
    for (size_t i = 0; ok && i < list->n; i++) {
        audit->distinct += counts[i] > 0;
        audit->repeated += counts[i] > 1;
        if (counts[i] > 1) keep_example(audit, (AuditRepeat){names_at(list, i), counts[i]});
    }
    arena_free(&scratch);
    return ok;
}

static int by_count(const void *a, const void *b) {
    const AuditSymbol *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->code_point > y->code_point) - (x->code_point < y->code_point);
}

static bool count_lengths_and_symbols(Audit *audit, Arena *arena, Error *err) {
    const NameList *list = &audit->list;
    Arena scratch = {0};
    Vocab vocab;
    size_t most_bytes = 0;
    for (size_t i = 0; i < list->n; i++)
        if (names_at(list, i).n > most_bytes) most_bytes = names_at(list, i).n;
    size_t *lengths = arena_alloc(arena, most_bytes + 1, sizeof *lengths, err);
    size_t *counts = lengths ? arena_alloc(&scratch, UTF8_CODE_POINTS, sizeof *counts, err) : NULL;
    bool ok = counts && vocab_create(&vocab, list, &scratch, err);
    AuditSymbol *symbols = ok ? arena_alloc(arena, vocab.n - 1, sizeof *symbols, err) : NULL;
    for (size_t i = 0; symbols && i < list->n; i++) {
        Bytes name = names_at(list, i);
        size_t n = 0;
        for (size_t at = 0; at < name.n; n++) {
            uint32_t c = 0;
            at += utf8_decode(name.at + at, name.n - at, &c);
            counts[c]++;
        }
        if (lengths[n]++ == 0 && n > audit->longest) audit->longest = n;
        audit->n_chars += n;
    }
    for (size_t id = 1; symbols && id < vocab.n; id++)
        symbols[audit->n_symbols++] = (AuditSymbol){vocab.code_points[id], counts[vocab.code_points[id]]};
    if (symbols) qsort(symbols, audit->n_symbols, sizeof *symbols, by_count);
    audit->lengths = lengths;
    audit->symbols = symbols;
    arena_free(&scratch);
    return symbols != NULL;
}

static void count_parts(Audit *audit, const NameList *list, const Cut *cut, const NameParts *parts) {
    for (size_t k = 0, p = 0; k < list->n; k++) {
        Bytes name = names_at(list, k);
        while (k >= cut->ends[p]) p++;
        AuditPart *part = &audit->parts[p];
        part->names++;
        part->examples += utf8_count(name.at, name.n) + 1;
        if (p != PART_TRAIN) part->in_train += (name_parts_find(parts, name.at, name.n) & 1u << PART_TRAIN) != 0;
    }
}

static bool split_names(Audit *audit, Error *err) {
    Error *refusal = &audit->refusal;
    Arena scratch = {0};
    Cut cut;
    NameParts parts;
    NameList list = audit->list; // audit->list stays in the order of the file
    list.weights = NULL;         // lines are counted
    list.places = arena_alloc(&scratch, list.n, sizeof *list.places, err);
    if (!list.places) return false;
    memcpy(list.places, audit->list.places, list.n * sizeof *list.places);
    bool ok = dataset_cut(&cut, &audit->config, &list, false, refusal);
    ok = (ok || dataset_cut(&cut, &audit->config, &list, true, err)) &&
         name_parts_create(&parts, &list, &cut, &scratch, err);
    if (ok) count_parts(audit, &list, &cut, &parts);
    arena_free(&scratch);
    return ok;
}

// Finds what the format lacks.
static bool check_format(Audit *audit, bool is_guessed, Arena *arena, Error *err) {
    const NameFormat *format = &audit->config.format;
    Arena scratch = {0};
    Bytes file = audit->list.file;
    audit->nfc = audit->list.changes;
    bool ok = (format->normalize || nfc_compose_lines(&file, &audit->nfc, &scratch, err)) &&
              (is_guessed || column_is_given(format->column) ||
               rows_guess_table(audit->list.file, &audit->table, arena, err));
    arena_free(&scratch);
    return ok;
}

bool audit_load(Audit *audit, const DataConfig *config, Arena *arena, Error *err) {
    NameList *list = &audit->list;
    *audit = (Audit){.config = *config};
    bool has_split = config->split.parts[PART_TRAIN] > 0;
    if (!has_split && !names_guess(&audit->config.format, &audit->table, config->path, arena, err)) return false;
    if (!names_read(list, config->path, &audit->config.format, arena, err)) return false;
    if (!check_format(audit, !has_split, arena, err) || !count_names(audit, err)) return false;
    if (!count_lengths_and_symbols(audit, arena, err) || !audit_odd(audit, err)) return false;
    audit_order(&audit->order, list, audit->distinct);
    if (!has_split) choose_split(&audit->config, list->n);
    if (config->unique && !names_make_unique(list, err)) return false;
    return split_names(audit, err) && audit_skews(audit->skews, list, audit->parts[PART_TRAIN].names, err);
}

bool audit_is_skewed(const Audit *audit) {
    size_t n_train = audit->parts[PART_TRAIN].names;
    uint64_t seed;
    if (data_is_shuffled(&audit->config, &seed) || n_train == 0 || n_train == audit->list.n) return false;
    for (size_t t = 0; t < N_TRAITS; t++)
        if (audit->skews[t].is_skewed) return true;
    return audit->order.is_sorted;
}
