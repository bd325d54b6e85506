#include "base/json.h"
#include "cmd/share/command.h"
#include "config/config.h"

typedef struct ConfigsOptions {
    bool json;
} ConfigsOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(ConfigsOptions, json), NULL, "print a JSON object with a path for each name"},
};

static const Usage USAGE = {
    .command = "configs",
    .brief = "list the configs known by name, and their files",
    .summary = "Lists the configs that commands accept by name, as in nomen train mlp, with their files: those in the "
               "directory ./configs, then those that came with nomen.",
    .operand = "",
    OPTION_TABLE(OPTIONS, ConfigsOptions),
    .examples = "  nomen configs\n"
                "  nomen configs --json\n",
};

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)operands;
    const ConfigsOptions *o = options;
    NamedConfigs configs;
    Buffer out = {.arena = arena};
    if (!config_list(&configs, arena, err)) return false;
    if (o->json) json_open(&out, '{');
    for (size_t i = 0; i < configs.n; i++) {
        const NamedConfig *config = &configs.items[i];
        if (o->json)
            json_add_text(&out, config->name, config->path);
        else
            buffer_print(&out, "%-23s  %s\n", config->name, config->path);
    }
    if (o->json) json_close(&out, '}');
    if (o->json) buffer_print(&out, "\n");
    return command_print(&out, err);
}

const Command configs_command = {COMMANDS_SET_UP, &USAGE, run};
