#include "study/sample_report.h"

#include "study/score.h"

#include <string.h>

DrawMethod sample_method(const char *name) {
    size_t method = DRAW_RACE;
    while (strcmp(name, SAMPLE_METHODS[method]) != 0) method++;
    return (DrawMethod)method;
}

const char *sample_kind_name(size_t kind) {
    return kind < N_PARTS ? PART_NAMES[kind] : kind == SAMPLE_NEW ? "new" : "blank";
}

bool sample_parts_load(NameParts *parts, bool *has_changed, const SavedModel *saved, Arena *arena, Error *err) {
    NameList names;
    Cut cut;
    const DataConfig *data = &saved->config.data;
    if (!path_check(data->path, PATH_FILE, err) || !names_read(&names, data->path, &data->format, arena, err))
        return false;
    *has_changed = strcmp(names.sha256, saved->file.data_sha256) != 0;
    return (!data->unique || names_make_unique(&names, err)) && dataset_cut(&cut, data, &names, true, err) &&
           name_parts_create(parts, &names, &cut, arena, err);
}

size_t sample_text(SampledName *name, const SavedModel *saved, char text[SAMPLE_MAX_BYTES]) {
    char plain[SAMPLE_MAX_BYTES];
    int32_t points[2 * SAMPLE_MAX_BYTES + 1];
    if (!saved->config.data.format.normalize) return sampled_name_trim(name, &saved->file.vocab, text);
    return nfc_compose(plain, sampled_name_trim(name, &saved->file.vocab, plain), points, text);
}

NameReport sample_report_add(SampleReport *report, Model *model, const NameParts *parts, const SampledName *name,
                             const char *text, size_t n) {
    uint16_t ids[SAMPLE_MAX_SYMBOLS + 1];
    float losses[SAMPLE_MAX_SYMBOLS + 1];
    bool has_end = !model_reads_names(model) || name->n <= model->context; // the model has a position for it
    size_t examples = name->n + has_end, kind = 0;
    memcpy(ids, name->ids, name->n * sizeof *ids);
    ids[name->n] = BOUNDARY;
    score_stream(model, ids, examples, losses);
    double nll = score_sum(examples, losses);
    unsigned marks = parts ? name_parts_find(parts, text, n) : 0;
    while (kind < N_PARTS && !(marks & 1u << kind)) kind++;
    if (n == 0) kind = SAMPLE_BLANK;
    report->names++;
    report->examples += examples;
    report->kinds[kind]++;
    report->nll += nll;
    return (NameReport){nll / (double)examples, kind};
}
