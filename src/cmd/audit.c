#include "cmd/audit_report.h"
#include "cmd/share/command.h"
#include "config/config.h"
#include "config/find.h"

typedef struct AuditOptions {
    bool json;
} AuditOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(AuditOptions, json), NULL, "one JSON object instead of a report", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "audit",
    .brief = "questions to ask of a names file before training",
    .summary = "Says what to know of a names file before training on it: names that come twice,\n"
               "in two parts of the split too, lengths, symbols, order, odd characters. A CONFIG\n"
               "(.json) says how its names are split; a FILE is split 0.8, 0.1, 0.1 in its own\n"
               "order.",
    .operand = "FILE|CONFIG",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(AuditOptions),
    .examples = "  nomen audit data/names.txt\n"
                "  nomen audit mlp --json\n",
};

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const AuditOptions *o = options;
    const char *operand = config_find(operands->items[0], arena, err);
    if (!operand) return command_failed(err);
    Config config = {0};
    Audit audit;
    // The defaults of a config's "data".
    config.data = (DataConfig){.path = operand, .split = {{0.8, 0.1, 0.1}}};
    if (text_ends_with(operand, ".json") &&
        (!config_load(&config, operand, NULL, arena, err) || !config_check_names(&config, false, err)))
        return command_failed(err);
    if (!audit_load(&audit, &config.data, arena, err)) return command_failed(err);
    command_note_config(operands->items[0], operand);
    bool ok = o->json ? report_json(&audit, config.data.path, arena, err)
                      : report_print(&audit, config.data.path, arena, err);
    return ok ? command_done(err) : command_failed(err);
}

const Command audit_command = {COMMANDS_LOOK, &USAGE, run};
