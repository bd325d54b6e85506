#include "cmd/share/command.h"

#include "base/text.h"
#include "train/run_dir.h"
#include "world/world.h"

#include <stdarg.h>
#include <string.h>

enum { NOTE_BYTES = 8192 };

bool command_print(Buffer *text, Error *err) {
    const char *bytes = buffer_text(text, err);
    if (!bytes) return false;
    fputs(bytes, stdout);
    if (text->n > 0 && bytes[text->n - 1] != '\n') putchar('\n');
    return true;
}

bool command_run(const Command *command, size_t argc, char **argv, Arena *arena, Error *err) {
    const Usage *usage = command->usage;
    void *options = arena_alloc(arena, 1, usage->size, err);
    Texts operands = {.items = arena_alloc(arena, argc, sizeof *operands.items, err)};
    Buffer help = {.arena = arena};
    if (!options || !operands.items) return false;
    switch (options_parse(usage, argc, argv, options, &operands, err)) {
    case OPTIONS_RUN:
        return command->run(options, &operands, arena, err) || (err->kind == ERROR_USAGE && options_wrong(usage, err));
    case OPTIONS_HELP: options_help(usage, &help); return command_print(&help, err);
    case OPTIONS_WRONG: break;
    }
    return false;
}

bool command_choose(const char *what, const char *operand, const char *const *choices, Error *err) {
    size_t n = 0;
    for (; choices[n]; n++)
        if (strcmp(choices[n], operand) == 0) return true;
    size_t near = text_nearest(operand, choices, n);
    if (near < n) return error_usage(err, "unknown %s \"%s\"; did you mean %s?", what, operand, choices[near]);
    char list[ERROR_TEXT_BYTES / 2];
    size_t used = 0;
    for (size_t i = 0; i < n && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", choices[i]);
    return error_usage(err, "unknown %s \"%s\"; expected one of %s", what, operand, list);
}

bool command_output_is_free(const char *out, const char *const *inputs, size_t n, Error *err) {
    Arena arena = {0};
    RunDir run = {0};
    const char *file = path_absolute(&arena, out, err), *dir = file ? path_dir(&arena, file, err) : NULL;
    bool ok = dir && run_dir(&run, dir, &arena, err), in_run = ok && run_dir_is_run(&run);
    const char *const files[] = {run.config, run.metrics, run.model, run.best};
    const size_t n_files = in_run ? sizeof files / sizeof *files : 0;
    for (size_t i = 0; ok && i < n + n_files; i++) {
        const char *other = i < n ? inputs[i] : files[i - n];
        if (path_same(out, other))
            ok = error_set(err, "%s: the output would replace %s; give another name", out, other);
    }
    arena_free(&arena);
    return ok;
}

void command_note_config(const char *operand, const char *path) {
    if (strcmp(operand, path) != 0) command_note("%s is %s", operand, path);
}

void command_note(const char *format, ...) {
    char text[NOTE_BYTES];
    va_list args;
    if (world_here().rank > 0) return; // process 0 prints the same note
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    text_sanitize(text);
    fflush(stdout);
    fprintf(stderr, "nomen: %s\n", text);
}

void command_note_cut(const Dataset *dataset, const Model *model) {
    if (!model_reads_names(model)) return;
    size_t longest, n = dataset_count_longer(dataset, model->context, &longest);
    char remedy[80] = "";
    if (longest < CONTEXT_MAX) snprintf(remedy, sizeof remedy, "; a context of %zu reads all names whole", longest + 1);
    if (n > 0)
        command_note("model.context: %zu name%s more than %zu characters and %s cut: losses count only characters "
                     "1 to %zu%s",
                     n, n == 1 ? " has" : "s have", model->context, n == 1 ? "is" : "are", model->context + 1, remedy);
}
