#include "cmd/audit_report.h"
#include "cmd/share/command.h"
#include "config/config.h"
#include "config/find.h"
#include "study/describe.h"

#include <math.h>

typedef struct AuditOptions {
    bool json;
} AuditOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(AuditOptions, json), NULL, "one JSON object instead of a report"},
};

static const Usage USAGE = {
    .command = "audit",
    .brief = "questions to ask of a names file before training",
    .summary = "Reports what to know about a names file before training on it: repeated names, also\n"
               "across the parts of the split, lengths, symbols, order, odd characters. A CONFIG\n"
               "(.json) states how its names are split; a FILE is split 0.8, 0.1, 0.1 in file order.",
    .operand = "FILE|CONFIG",
    OPTION_TABLE(OPTIONS, AuditOptions),
    .examples = "  nomen audit data/names.txt\n"
                "  nomen audit mlp --json\n",
};

// The skewed trait whose value differs most; N_TRAITS if none is skewed.
static size_t most_skewed(const AuditSkew skews[N_TRAITS]) {
    size_t most = N_TRAITS;
    double largest = -1;
    for (size_t t = 0; t < N_TRAITS; t++) {
        double difference = fabs(skews[t].train - skews[t].rest);
        if (!skews[t].is_skewed || difference <= largest) continue;
        most = t;
        largest = difference;
    }
    return most;
}

static void warn_of_skew(Buffer *warnings, const AuditSkew skews[N_TRAITS]) {
    char symbol[DESCRIBE_SYMBOL_BYTES];
    size_t t = most_skewed(skews);
    buffer_print(warnings, "the split is in file order, and dev and test differ from train: ");
    if (t == N_TRAITS)
        buffer_print(warnings, "the file is sorted, and they are its end");
    else if (t == TRAIT_LENGTH)
        buffer_print(warnings, "names of %u character%s: ", (unsigned)skews[t].value, skews[t].value == 1 ? "" : "s");
    else
        buffer_print(warnings, "names that %s \"%s\": ", t == TRAIT_FIRST ? "begin with" : "end in",
                     describe_symbol(skews[t].value, symbol));
    if (t != N_TRAITS)
        buffer_print(warnings, "%.1f %% of train, %.1f %% of dev and test", 100 * skews[t].train, 100 * skews[t].rest);
    buffer_print(warnings, "; \"shuffle_seed\": 42 in the config's \"data\" shuffles the names first\n");
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const AuditOptions *o = options;
    const char *operand = config_find(operands->items[0], arena, err);
    if (!operand) return false;
    Config config = {0};
    Audit audit;
    Buffer out = {.arena = arena}, warnings = {.arena = arena};
    // The defaults of a config's "data".
    config.data = (DataConfig){.path = operand, .split = {{0.8, 0.1, 0.1}}};
    if (text_ends_with(operand, ".json") &&
        (!config_load(&config, operand, NULL, arena, err) || !config_check_names(&config, false, err)))
        return false;
    if (!audit_load(&audit, &config.data, arena, err)) return false;
    if (audit.split.refusal) buffer_print(&warnings, "training will be refused: %s\n", audit.split.refusal);
    if (audit_is_skewed(&audit)) warn_of_skew(&warnings, audit.skews);
    const char *text = buffer_text(&warnings, err);
    if (!text) return false;
    command_note_config(operands->items[0], operand);
    audit_report(&out, &audit, text, config.data.path, o->json);
    return command_print(&out, err);
}

const Command audit_command = {COMMANDS_LOOK, &USAGE, run};
