// What nomen sample --report measures of sampled names: how likely the model finds them, and which parts of the data
// contain them.
#pragma once

#include "base/buffer.h"
#include "data/dataset.h"
#include "study/sampler.h"
#include "train/load.h"

// What a sampled name is: a Part, the first that contains it, or one of these.
enum { SAMPLE_NEW = N_PARTS, SAMPLE_BLANK, N_SAMPLE_KINDS };

typedef struct NameReport {
    double nll; // the mean of -log p over the symbols and the end of the name, at temperature 1
    size_t kind;
} NameReport;

// Sums over the names of one temperature. {0} at first.
typedef struct SampleReport {
    uint64_t names, examples, kinds[N_SAMPLE_KINDS]; // names of each kind
    double nll;
} SampleReport;

// The method with this name, one of SAMPLE_METHODS.
DrawMethod sample_method(const char *name);

// "train", "dev", "test", "new" or "blank".
const char *sample_kind_name(size_t kind);

// Reads the names file of a run and splits it as training did. Sets *has_changed if the run was trained on another
// file.
bool sample_parts_load(NameParts *parts, bool *has_changed, const SavedModel *saved, Arena *arena, Error *err);

// Trims the name, and writes its text as the run reads its names file: normalized if the config says so. Returns its
// length.
size_t sample_text(SampledName *name, const SavedModel *saved, char text[SAMPLE_MAX_BYTES]);

// Adds a trimmed name, whose text has n bytes, to the report. If `parts` is NULL, no name is in a part.
NameReport sample_report_add(SampleReport *report, Model *model, const NameParts *parts, const SampledName *name,
                             const char *text, size_t n);
