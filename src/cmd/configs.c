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
    .summary = "Lists the configs that commands accept by name, as in nomen train mlp, and their files: first those in "
               "the directory ./configs, then those that come with nomen. Marks configs whose names file is missing.",
    .operand = "",
    OPTION_TABLE(OPTIONS, ConfigsOptions),
    .examples = "  nomen configs\n"
                "  nomen configs --json\n",
};

// Returns how to get the names file that the config lacks, or NULL. A file that is no config lacks none.
static const char *missing_names(const char *path) {
    Arena arena = {0};
    Config config;
    Error ignored;
    const char *remedy = config_load(&config, path, NULL, &arena, &ignored) ? config_missing_names(&config) : NULL;
    arena_free(&arena);
    return remedy;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)operands;
    const ConfigsOptions *o = options;
    NamedConfigs configs;
    Buffer out = {.arena = arena};
    const char *remedy = NULL;
    size_t n_missing = 0;
    if (!config_list(&configs, arena, err)) return false;
    if (o->json) json_open(&out, '{');
    for (size_t i = 0; i < configs.n; i++) {
        const NamedConfig *config = &configs.items[i];
        if (o->json) {
            json_add_text(&out, config->name, config->path);
            continue;
        }
        const char *missing = missing_names(config->path);
        buffer_print(&out, "%-23s  %s%s\n", config->name, config->path, missing ? "  (names missing)" : "");
        if (missing) remedy = missing;
        n_missing += missing != NULL;
    }
    if (o->json) json_close(&out, '}');
    if (o->json) buffer_print(&out, "\n");
    if (!command_print(&out, err)) return false;
    if (remedy)
        command_note("%zu config%s a names file; %s, or give --data FILE", n_missing,
                     n_missing == 1 ? " lacks" : "s lack", remedy);
    return true;
}

const Command configs_command = {COMMANDS_SET_UP, &USAGE, run};
