#include "cmd/share/command.h"
#include "config/find.h"

#include <string.h>

typedef struct ConfigsOptions {
    bool json;
} ConfigsOptions;

static const Option OPTIONS[] = {
    {"json", 0, OPTION_FLAG, offsetof(ConfigsOptions, json), NULL, "one JSON object: a path for each name", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "configs",
    .brief = "the configs that come with nomen, and where they are",
    .summary = "Lists the configs that a command takes by name, as in nomen train mlp: those of the directory configs "
               "here, then those that came with the program; each with its path.",
    .operand = "",
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(ConfigsOptions),
    .examples = "  nomen configs\n"
                "  nomen configs --json\n",
};

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)operands;
    const ConfigsOptions *o = options;
    NamedConfigs configs;
    Buffer out = {.arena = arena};
    if (!config_list(&configs, arena, err)) return command_failed(err);
    int widest = 0;
    for (size_t i = 0; i < configs.n; i++)
        if ((int)strlen(configs.items[i].name) > widest) widest = (int)strlen(configs.items[i].name);
    if (o->json) json_open(&out, '{');
    for (size_t i = 0; i < configs.n; i++) {
        const NamedConfig *config = &configs.items[i];
        if (o->json)
            json_add_text(&out, config->name, config->path);
        else
            buffer_print(&out, "%-*s  %s\n", widest, config->name, config->path);
    }
    if (o->json) {
        json_close(&out, '}');
        buffer_print(&out, "\n");
    }
    return command_print(&out, err);
}

const Command configs_command = {COMMANDS_SET_UP, &USAGE, run};
