#include "study/fold.h"
#include "cmd/share/command.h"
#include "train/run_dir.h"

typedef struct FoldOptions {
    const char *out;
} FoldOptions;

static const Option OPTIONS[] = {
    {"out", 'o', OPTION_TEXT, offsetof(FoldOptions, out), "FILE",
     "the new model file (default: folded.safetensors beside the run's model)"},
};

static const Usage USAGE = {
    .command = "fold",
    .brief = "merge batch norm into the linear layers before it",
    .summary = "Writes a model file that predicts the same without batch norm. After training, a batchnorm layer "
               "scales and shifts its channels by fixed numbers. The new file has these numbers in the weight and bias "
               "of the linear layer before it. Losses change only by rounding, by less than 1e-6. The run does not "
               "change.\n\nEvery command that takes a RUN takes the new file.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, FoldOptions),
    .examples = "  nomen fold runs/normed\n"
                "  nomen eval runs/normed/folded.safetensors\n"
                "  nomen fold runs/normed/best.safetensors --out plain.safetensors\n",
};

// Returns the path of the new file, which must not be one of the run's.
static const char *out_path(const SavedModel *saved, const char *out, Arena *arena, Error *err) {
    const char *model = saved->file.path, *dir = path_dir(arena, model, err);
    const char *path = out ? out : dir ? path_join(arena, dir, "folded.safetensors", err) : NULL;
    const char *const inputs[] = {model, saved->config.data.path};
    return path && command_output_is_free(path, inputs, sizeof inputs / sizeof *inputs, err) ? path : NULL;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const FoldOptions *o = options;
    SavedModel saved;
    Folded folded;
    if (!load_model(&saved, operands->items[0], arena, err)) return false;
    if (!fold(&folded, &saved, arena, err)) return error_context(err, "%s", operands->items[0]);
    const char *path = out_path(&saved, o->out, arena, err);
    const char *quoted = path ? path_quote(path, arena, err) : NULL;
    if (!quoted || !fold_write(path, &folded, &saved, err)) return false;
    printf("folded %zu batchnorm layer%s into the linear before %s: %zu parameters instead of %zu; wrote %s\n",
           folded.n_layers, folded.n_layers == 1 ? "" : "s", folded.n_layers == 1 ? "it" : "each",
           folded.model.network.n_parameters, saved.model.network.n_parameters, quoted);
    printf("next: nomen eval %s\n", quoted);
    return true;
}

const Command fold_command = {COMMANDS_TEACH, &USAGE, run};
