// Input: a byte that selects the options, then a names file. An accepted file has a stream of valid ids, contexts that
// count each example once, and an audit.
#include "fuzz.h"

#include "base/text.h"
#include "data/audit.h"

enum { CONTEXT = 3 };

static const Split SPLITS[] = {{{0.8, 0.1, 0.1}}, {{1, 0, 0}}, {{0.5, 0.5, 0}}, {{0.1, 0, 0.9}}};

static void count_parts(const Dataset *dataset, Arena *arena) {
    Error err = {0};
    for (size_t p = 0; p < N_PARTS; p++) {
        ContextCounts counts;
        Span span = dataset->parts[p];
        if (span.begin == span.end) continue;
        fuzz_expect(context_counts_create(&counts, dataset->stream, span, NULL, CONTEXT, dataset->vocab.n, arena, &err),
                    "contexts", &err);
        fuzz_expect(counts.total == span.end - span.begin, "every example counted", NULL);
    }
}

static void check_stream(const Dataset *dataset) {
    for (size_t i = 0; i < dataset->n_stream; i++) {
        char bytes[UTF8_MAX_BYTES];
        uint16_t id = dataset->stream[i];
        fuzz_expect(id < dataset->vocab.n, "ids of the vocabulary", NULL);
        if (id != BOUNDARY) fuzz_expect(utf8_is_valid(bytes, vocab_decode(&dataset->vocab, id, bytes)), "UTF-8", NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Arena arena = {0};
    Error err = {0}, audit_err = {0};
    Dataset dataset, measured;
    Audit audit;
    uint8_t how = n > 0 ? data[0] : 0;
    DataConfig config = {.path = n > 0 ? fuzz_file(data + 1, n - 1) : fuzz_file(data, 0), .split = SPLITS[how & 3]};
    config.unique = how & 4;
    if (how & 16) config.format.normalize = NORMAL_FORMS[0];
    if (how & 32)
        config.format.column = how & 64 ? (ColumnName){.name = "name"} : (ColumnName){.number = 1 + (how & 1)};
    if (how & 128) config.format.weight.number = 2;
    config.shuffle_seed = (MaybeWhole){how & 8, how};
    bool audited = audit_load(&audit, &config, &arena, &audit_err);
    if (dataset_load(&dataset, &config, WORLD_ALONE, NULL, &arena, &err)) {
        fuzz_expect(audited && audit.refusal.text[0] == '\0', "what trains to be audited", &audit_err);
        check_stream(&dataset);
        count_parts(&dataset, &arena);
        bool ok = dataset_load(&measured, &config, WORLD_ALONE, &dataset.vocab, &arena, &err);
        fuzz_expect(ok && measured.n_stream == dataset.n_stream, "the same by its own vocabulary", &err);
    } else {
        fuzz_expect(!audited || audit.refusal.text[0] != '\0', "a refusal in the audit", NULL);
        fuzz_expect(err.text[0] != '\0', "a reason", NULL);
    }
    arena_free(&arena);
    return 0;
}
