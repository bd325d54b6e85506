// What nomen sample --report says of the names made: how likely the model finds each, and where it stands.
#ifndef NOMEN_STUDY_SAMPLE_REPORT_H
#define NOMEN_STUDY_SAMPLE_REPORT_H

#include "base/buffer.h"
#include "data/parts.h"
#include "study/sampler.h"
#include "train/load.h"

// Of the names of one temperature. {0} has none yet.
typedef struct SampleReport {
    uint64_t names, examples, standing[N_PARTS + 1]; // by the first part a name stands in, the new ones last
    double nll;
} SampleReport;

typedef struct SampleStanding {
    double nll;      // the mean of -log p over the name's symbols and its end, at temperature 1
    size_t standing; // the first part it stands in; N_PARTS for a new one
} SampleStanding;

// The method of that name, one of SAMPLE_METHODS.
DrawMethod sample_method(const char *name);

// "train", "dev", "test" or "new".
const char *sample_standing_name(size_t standing);

// The names file of a run, as it is now: *has_changed says whether that is another than the run was trained on. Where
// it is gone, as load_check_names.
bool sample_names_read(NameList *names, bool *has_changed, const SavedModel *saved, const char *if_gone, Arena *arena,
                       Error *err);

// The parts of an unchanged names file, as training cut it. The list's file and places must live as long.
bool sample_parts_create(NameParts *parts, NameList *names, const DataConfig *data, Arena *arena, Error *err);

// Counts a name that was made in; `text`, n bytes, is the name. Where `parts` is NULL, its standing means nothing.
SampleStanding sample_report_add(SampleReport *report, Model *model, const NameParts *parts, const SampledName *name,
                                 const char *text, size_t n);

// Prints the line with the shares; the members of a JSON object with them.
void sample_report_add_shares(const SampleReport *report, Buffer *out);

#endif
