// What nomen sample --report says of the names made: how likely the model finds each, and where it stands.
#ifndef NOMEN_CMD_SAMPLE_REPORT_H
#define NOMEN_CMD_SAMPLE_REPORT_H

#include "data/parts.h"
#include "nn/model.h"
#include "run/sampler.h"

// Of the names of one temperature. {0} has none yet.
typedef struct SampleReport {
    uint64_t names, examples, standing[N_PARTS + 1]; // by the first part a name stands in, the new ones last
    double nll;
} SampleReport;

// Prints the mean of -log p over the name's symbols and its end, at temperature 1, and "train", "dev", "test" or "new",
// a tab behind each; `text`, n bytes, is the name.
void sample_report_name(SampleReport *report, Model *model, const NameParts *parts, const SampledName *name,
                        const char *text, size_t n);

// Prints the line with the shares.
void sample_report_shares(const SampleReport *report);

#endif
