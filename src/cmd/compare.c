#include "study/compare.h"
#include "cmd/share/command.h"
#include "cmd/share/comparison.h"

typedef struct CompareOptions {
    const char *split;
    bool best, json;
} CompareOptions;

static const char *const SPLITS[] = {"train", "dev", "test", NULL};

static const Option OPTIONS[] = {
    {"split", 0, OPTION_CHOICE, offsetof(CompareOptions, split), "SPLIT",
     "test the losses of this split: train, dev (default) or test", 0, 0, SPLITS},
    {"best", 0, OPTION_FLAG, offsetof(CompareOptions, best), NULL,
     "measure each run's best.safetensors instead of its last weights"},
    {"json", 0, OPTION_FLAG, offsetof(CompareOptions, json), NULL, "one JSON object instead of tables"},
};

static const Usage USAGE = {
    .command = "compare",
    .brief = "compare runs, and test if they differ beyond chance",
    .summary =
        "Compares runs. RUN is a run, or a directory of runs that differ only in their seed (made by nomen train "
        "--seeds N). Losses are the exact losses of the last weights. For several seeds, they are the mean and the "
        "sample standard deviation (sd).\n\nWelch's t-test compares each group with the first. p is the probability "
        "that seeds alone make a difference as large. A difference counts if p is below 0.05, or below 0.05/k with k "
        "groups after the first (Bonferroni). The test does not know which runs were tried and left out: for a run "
        "picked by its dev loss, use --split test. It is about other seeds, not about other names.",
    .operand = "RUN...",
    .max_operands = COMPARED_RUNS,
    OPTION_TABLE(OPTIONS, CompareOptions),
    .examples = "  nomen compare runs/mlp runs/short\n"
                "  nomen compare runs/mlp runs/three --split test --json\n",
};

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const CompareOptions *o = options;
    GroupFiles first;
    if (!compare_find(&first, operands->items[0], o->best, arena, err)) return false;
    if (operands->n == 1 && first.n == 1)
        return error_usage(err, "%s is one run; compare takes two or more, or a directory of one run per seed",
                           first.path);
    return comparison_print(operands->n, operands->items, o->split, o->best, o->json, arena, err);
}

const Command compare_command = {COMMANDS_LOOK, &USAGE, run};
