#include "cmd/describe.h"

#include "base/text.h"
#include "data/audit.h"

#include <stdio.h>

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

size_t describe_symbol_columns(uint32_t code_point) {
    char text[DESCRIBE_SYMBOL_BYTES];
    return utf8_columns(describe_symbol(code_point, text));
}

const char *describe_shape(size_t n_dims, const size_t *dims, char text[DESCRIBE_SHAPE_BYTES]) {
    int n = 0;
    text[0] = '\0';
    for (size_t d = 0; d < n_dims; d++)
        n += snprintf(text + n, DESCRIBE_SHAPE_BYTES - (size_t)n, "%s%zu", d > 0 ? " x " : "", dims[d]);
    return text;
}

void describe_split(const DataConfig *config) {
    printf("split %g, %g, %g, ", config->split.parts[0], config->split.parts[1], config->split.parts[2]);
    if (config->shuffle_seed.given)
        printf("shuffled with seed %llu", (unsigned long long)config->shuffle_seed.value);
    else
        printf("in file order");
    if (config->unique) printf(", each name once");
}
