#include "cmd/share/command.h"
#include "cmd/share/comparison.h"

typedef struct CompareOptions {
    const char *split;
    bool best, json;
} CompareOptions;

static const char *const SPLITS[] = {"train", "dev", "test", NULL};

static const Option OPTIONS[] = {
    {"split", 0, OPTION_CHOICE, offsetof(CompareOptions, split), "SPLIT",
     "the split whose losses are tested: train, dev (default) or test", 0, 0, SPLITS},
    {"best", 0, OPTION_FLAG, offsetof(CompareOptions, best), NULL,
     "measure each run's best.safetensors instead of its last weights"},
    {"json", 0, OPTION_FLAG, offsetof(CompareOptions, json), NULL, "one JSON object instead of tables"},
};

static const Usage USAGE = {
    .command = "compare",
    .brief = "runs side by side, and whether they differ beyond chance",
    .summary = "Compares runs. RUN is a run, or a directory of runs that differ in their seed (nomen train --seeds N "
               "makes one). Losses are exact, of the last weights; for several seeds, their mean and sample standard "
               "deviation (sd).\n\n"
               "Welch's t-test of each group against the first tells whether a difference is larger than the spread "
               "between seeds: p is the probability that seeds alone make a difference as large. A difference counts "
               "if p is below 0.05, or below 0.05/k with k groups after the first (Bonferroni). The test does not "
               "know which runs were tried before and left out (a run picked by its dev loss is better judged with "
               "--split test), and it is about other seeds, not about other names.",
    .operand = "RUN...",
    .max_operands = COMPARED_RUNS,
    OPTION_TABLE(OPTIONS, CompareOptions),
    .examples = "  nomen compare runs/mlp runs/short\n"
                "  nomen compare runs/mlp runs/three --split test --json\n",
};

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const CompareOptions *o = options;
    return comparison_print(operands->n, operands->items, o->split, o->best, o->json, arena, err);
}

const Command compare_command = {COMMANDS_LOOK, &USAGE, run};
