// What nomen sample --report measures of sampled names: how likely the model finds them, and which parts of the data
// contain them.
#pragma once

#include "base/buffer.h"
#include "data/dataset.h"
#include "study/sampler.h"
#include "train/load.h"

typedef struct NameReport {
    double nll;  // the mean of -log p over the symbols and the end of the name, at temperature 1
    size_t part; // the first part of the split that contains the name; N_PARTS for a new name
} NameReport;

// Sums over the names of one temperature. {0} at first.
typedef struct SampleReport {
    uint64_t names, examples, parts[N_PARTS + 1]; // names in each part, new ones last
    double nll;
} SampleReport;

// The method with this name, one of SAMPLE_METHODS.
DrawMethod sample_method(const char *name);

// "train", "dev", "test" or "new".
const char *sample_part_name(size_t part);

// Reads the names file of a run and splits it as training did. Sets *has_changed if the run was trained on another
// file.
bool sample_parts_load(NameParts *parts, bool *has_changed, const SavedModel *saved, Arena *arena, Error *err);

// Adds a sampled name, whose text has n bytes, to the report. If `parts` is NULL, every name counts as new.
NameReport sample_report_add(SampleReport *report, Model *model, const NameParts *parts, const SampledName *name,
                             const char *text, size_t n);
