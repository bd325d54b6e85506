#include "study/describe.h"

#include "base/format.h"
#include "base/json.h"
#include "base/real.h"
#include "base/text.h"
#include "data/audit.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *describe_symbol(uint32_t code_point, char text[DESCRIBE_SYMBOL_BYTES]) {
    if (code_point == BOUNDARY)
        snprintf(text, DESCRIBE_SYMBOL_BYTES, "end .");
    else if (code_point == ' ')
        snprintf(text, DESCRIBE_SYMBOL_BYTES, "space");
    else if (audit_is_invisible(code_point))
        snprintf(text, DESCRIBE_SYMBOL_BYTES, "U+%04X", (unsigned)code_point);
    else
        text[utf8_encode(code_point, text)] = '\0';
    return text;
}

void json_symbol(Buffer *out, uint32_t code_point) {
    char bytes[UTF8_MAX_BYTES];
    json_bytes(out, bytes, code_point == BOUNDARY ? 0 : utf8_encode(code_point, bytes));
}

const char *describe_shape(size_t n_dims, const size_t *dims, char text[DESCRIBE_SHAPE_BYTES]) {
    int n = 0;
    text[0] = '\0';
    for (size_t d = 0; d < n_dims; d++)
        n += snprintf(text + n, DESCRIBE_SHAPE_BYTES - (size_t)n, "%s%zu", d > 0 ? " x " : "", dims[d]);
    return text;
}

const char *describe_example(Shape shape, bool is_ids, char text[DESCRIBE_SHAPE_BYTES]) {
    const size_t dims[] = {shape.t, shape.c};
    if (!is_ids) return describe_shape(2, dims, text);
    snprintf(text, DESCRIBE_SHAPE_BYTES, "%zu ids", shape.t);
    return text;
}

const char *describe_layer(const Layer *layer, char text[DESCRIBE_SHAPE_BYTES]) {
    static const char word[] = "layers.";
    size_t n = 0;
    for (const char *at = layer->name; *at && n + 1 < DESCRIBE_SHAPE_BYTES; at++) {
        if (strncmp(at, word, sizeof word - 1) == 0) at += sizeof word - 1;
        text[n++] = *at;
    }
    snprintf(text + n, DESCRIBE_SHAPE_BYTES - n, " %s", layer->type->record.name);
    return text;
}

const char *describe_split(const DataConfig *config, char text[DESCRIBE_SPLIT_BYTES]) {
    const double *parts = config->split.parts;
    char order[48] = "in file order";
    uint64_t seed;
    if (data_is_shuffled(config, &seed))
        snprintf(order, sizeof order, "shuffled with seed %llu", (unsigned long long)seed);
    snprintf(text, DESCRIBE_SPLIT_BYTES, "split %g, %g, %g, %s%s", parts[0], parts[1], parts[2], order,
             config->unique ? ", each name once" : "");
    return text;
}

bool describe_noise(double train_loss, size_t symbols, char text[DESCRIBE_NOISE_BYTES]) {
    static const double least = 0.001; // equal logits are no noise
    const double uniform = real_log((double)symbols);
    char found[FORMAT_BYTES], guessing[FORMAT_BYTES];
    if (!isfinite(train_loss) || train_loss <= uniform + least) return false;
    snprintf(text, DESCRIBE_NOISE_BYTES,
             "train loss %s is above %s, the loss of uniform guessing, so names are noise; %s",
             format_loss(train_loss, found), format_loss(uniform, guessing),
             train_loss > 2 * uniform ? "a lower train.lr helps" : "more steps or a lower train.lr help");
    return true;
}
