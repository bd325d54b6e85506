#include "base/json.h"
#include "cmd/share/command.h"
#include "config/config.h"

static const Usage USAGE = {
    .command = "schema",
    .brief = "print the JSON Schema of configs, for editors",
    .summary = "Prints the JSON Schema (2020-12) of nomen's configs, the same as configs/schema.json. An editor that "
               "knows JSON Schema completes and checks a config with a key such as \"$schema\": \"schema.json\". nomen "
               "ignores that key.",
    .operand = "",
    .examples = "  nomen schema\n"
                "  nomen schema > config.schema.json\n",
};

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    (void)options;
    (void)operands;
    Buffer compact = {.arena = arena}, out = {.arena = arena};
    config_schema(&compact);
    const char *text = buffer_text(&compact, err);
    if (!text) return false;
    json_indent(&out, text);
    return command_print(&out, err);
}

const Command schema_command = {COMMANDS_SET_UP, &USAGE, run};
