#include "cmd/audit_report.h"
#include "cmd/command.h"
#include "run/config.h"

#include <string.h>

static bool parse(bool *json, const char **operand, size_t argc, char **argv, int *status, Error *err) {
    const Option options[] = {
        {"json", 0, OPTION_FLAG, json, NULL, "one JSON object instead of a report", 0, 0, NULL},
    };
    const Usage usage = {
        .command = "audit",
        .summary = "Says what to know of a names file before training on it: names that come twice,\n"
                   "in two parts of the split too, lengths, symbols, order, odd characters. A CONFIG\n"
                   "(.json) says how its names are split; a FILE is split 0.8, 0.1, 0.1 in its own\n"
                   "order.",
        .operand = "FILE|CONFIG",
        .min_operands = 1,
        .max_operands = 1,
        .options = options,
        .n_options = sizeof options / sizeof *options,
        .examples = "  nomen audit data/names.txt\n"
                    "  nomen audit configs/mlp.json --json\n",
    };
    size_t n;
    return command_options(&usage, argc, argv, operand, &n, status, err);
}

static bool is_config(const char *operand) {
    size_t n = strlen(operand);
    return n >= 5 && strcmp(operand + n - 5, ".json") == 0;
}

static int run(size_t argc, char **argv, Arena *arena, Error *err) {
    bool json = false;
    const char *operand;
    int status;
    Config config = {0};
    Audit audit;
    if (!parse(&json, &operand, argc, argv, &status, err)) return status;
    // The defaults of a config's "data".
    config.data = (DataConfig){.path = operand, .split = {{0.8, 0.1, 0.1}}};
    if (is_config(operand) && !config_load(&config, operand, NULL, 0, arena, err)) return command_failed(err);
    if (!audit_load(&audit, &config.data, arena, err)) return command_failed(err);
    bool ok =
        json ? report_json(&audit, config.data.path, arena, err) : report_print(&audit, config.data.path, arena, err);
    return ok ? command_done(err) : command_failed(err);
}

const Command audit_command = {"audit", "questions to ask of a names file before training", run};
