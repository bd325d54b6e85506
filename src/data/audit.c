#include "data/audit.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

// Inserts a repeated name into the examples, which are sorted by count.
static void keep_example(AuditNames *names, AuditRepeat repeat) {
    size_t at = names->n_examples;
    while (at > 0 && names->examples[at - 1].count < repeat.count) at--;
    if (at == AUDIT_EXAMPLES) return;
    if (names->n_examples < AUDIT_EXAMPLES) names->n_examples++;
    for (size_t i = names->n_examples - 1; i > at; i--) names->examples[i] = names->examples[i - 1];
    names->examples[at] = repeat;
}

static bool count_names(AuditNames *names, const NameList *list, Error *err) {
    Arena scratch = {0};
    NameSet set;
    size_t n = list->file.n;
    uint32_t *counts = arena_alloc(&scratch, list->n, sizeof *counts, err);
    bool ok = counts && name_set_create(&set, list, &scratch, err);
    bool ends_line = list->file.at[n - 1] == '\n';
    *names = (AuditNames){.names = list->n};
    names->lines = names_line(list, (Bytes){list->file.at + n, 0}) - ends_line;
    names->blank = names->lines - list->n;
    for (size_t i = 0, first = 0; ok && i < list->n; i++)
        if (name_set_find(&set, names_at(list, i).at, names_at(list, i).n, &first)) counts[first]++;
    for (size_t i = 0; ok && i < list->n; i++) {
        names->distinct += counts[i] > 0;
        names->repeated += counts[i] > 1;
        if (counts[i] > 1) keep_example(names, (AuditRepeat){names_at(list, i), counts[i]});
    }
    arena_free(&scratch);
    return ok;
}

static bool count_lengths(AuditLengths *lengths, const NameList *list, Arena *arena, Error *err) {
    size_t total = 0;
    *lengths = (AuditLengths){.shortest = SIZE_MAX};
    for (size_t i = 0; i < list->n; i++) {
        size_t n = utf8_count(names_at(list, i).at, names_at(list, i).n);
        if (n < lengths->shortest) lengths->shortest = n;
        if (n > lengths->longest) lengths->longest = n;
        total += n;
    }
    lengths->mean = (double)total / (double)list->n;
    size_t *counts = arena_alloc(arena, lengths->longest + 1, sizeof *counts, err);
    for (size_t i = 0; counts && i < list->n; i++) counts[utf8_count(names_at(list, i).at, names_at(list, i).n)]++;
    lengths->counts = counts;
    return counts != NULL;
}

static int by_count(const void *a, const void *b) {
    const AuditSymbol *x = a, *y = b;
    if (x->count != y->count) return x->count > y->count ? -1 : 1;
    return (x->code_point > y->code_point) - (x->code_point < y->code_point);
}

static bool count_symbols(AuditSymbols *symbols, const NameList *list, Arena *arena, Error *err) {
    Arena scratch = {0};
    Vocab vocab;
    size_t *counts = arena_alloc(&scratch, UTF8_CODE_POINTS, sizeof *counts, err);
    bool ok = counts && vocab_create(&vocab, list, &scratch, err);
    AuditSymbol *items = ok ? arena_alloc(arena, vocab.n - 1, sizeof *items, err) : NULL;
    *symbols = (AuditSymbols){.items = items};
    for (size_t i = 0; items && i < list->n; i++) {
        Bytes name = names_at(list, i);
        for (size_t at = 0; at < name.n; symbols->total++) {
            uint32_t c = 0;
            at += utf8_decode(name.at + at, name.n - at, &c);
            counts[c]++;
        }
    }
    for (size_t id = 1; items && id < vocab.n; id++)
        items[symbols->n++] = (AuditSymbol){vocab.code_points[id], counts[vocab.code_points[id]]};
    if (items) qsort(items, symbols->n, sizeof *items, by_count);
    arena_free(&scratch);
    return items != NULL;
}

static void count_parts(AuditSplit *split, const NameList *list, const Cut *cut, const NameParts *parts) {
    static const uint8_t pairs[N_PAIRS] = {[TRAIN_DEV] = 1u << PART_TRAIN | 1u << PART_DEV,
                                           [TRAIN_TEST] = 1u << PART_TRAIN | 1u << PART_TEST,
                                           [DEV_TEST] = 1u << PART_DEV | 1u << PART_TEST};
    for (size_t k = 0, p = 0; k < list->n; k++) {
        Bytes name = names_at(list, cut->order[k]);
        while (k >= cut->ends[p]) p++;
        AuditPart *part = &split->parts[p];
        part->names++;
        part->examples += utf8_count(name.at, name.n) + 1;
        if (p != PART_TRAIN) part->in_train += (name_parts_find(parts, name.at, name.n) & 1u << PART_TRAIN) != 0;
    }
    for (size_t i = 0; i < list->n; i++)
        for (size_t pair = 0; pair < N_PAIRS; pair++)
            split->shared[pair] += (parts->marks[i] & pairs[pair]) == pairs[pair];
}

static bool audit_split(AuditSplit *split, const DataConfig *config, const NameList *list, Arena *arena, Error *err) {
    Arena scratch = {0};
    Cut cut;
    NameParts parts;
    Error refusal;
    *split = (AuditSplit){0};
    bool ok = dataset_cut(&cut, config, list->n, false, &scratch, &refusal);
    if (!ok && refusal.kind == ERROR_MEMORY) *err = refusal;
    if (!ok && refusal.kind != ERROR_MEMORY) {
        split->refusal = arena_copy(arena, refusal.text, strlen(refusal.text), err);
        ok = split->refusal && dataset_cut(&cut, config, list->n, true, &scratch, err);
    }
    ok = ok && name_parts_create(&parts, list, &cut, &scratch, err);
    if (ok) count_parts(split, list, &cut, &parts);
    arena_free(&scratch);
    return ok;
}

bool audit_load(Audit *audit, const DataConfig *config, Arena *arena, Error *err) {
    NameList *list = &audit->list;
    *audit = (Audit){.config = *config};
    if (!names_read(list, config->path, arena, err)) return false;
    bool ok = count_names(&audit->names, list, err) && count_lengths(&audit->lengths, list, arena, err) &&
              count_symbols(&audit->symbols, list, arena, err) && audit_odd(audit->odd, list, &audit->symbols, err) &&
              audit_order(&audit->order, list, audit->names.distinct, err);
    if (ok && config->unique) ok = names_make_unique(list, err);
    return ok && audit_split(&audit->split, config, list, arena, err) &&
           audit_skews(audit->skews, list, audit->split.parts[PART_TRAIN].names, err);
}

bool audit_is_skewed(const Audit *audit) {
    const AuditSplit *split = &audit->split;
    if (audit->config.shuffle_seed.given || split->parts[PART_TRAIN].names == 0) return false;
    if (split->parts[PART_DEV].names + split->parts[PART_TEST].names == 0) return false;
    for (size_t t = 0; t < N_TRAITS; t++)
        if (audit->skews[t].is_skewed) return true;
    return audit->order.kind >= ORDER_SORTED && audit->order.kind <= ORDER_NEARLY_REVERSED;
}
