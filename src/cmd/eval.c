#include "base/json.h"
#include "cmd/share/command.h"
#include "cmd/share/table.h"
#include "train/evaluate.h"
#include "train/load.h"

#include <math.h>

typedef struct EvalOptions {
    const char *data;
    bool json;
} EvalOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(EvalOptions, data), "FILE", "another names file; it is split like the run's"},
    {"json", 0, OPTION_FLAG, offsetof(EvalOptions, json), NULL, "one JSON object instead of a table"},
};

static const Usage USAGE = {
    .command = "eval",
    .brief = "compute the exact loss of a trained model",
    .summary = "Prints the exact loss and perplexity of every split. The loss is the mean of -log p (natural "
               "logarithm) over all examples of the split: its characters and name ends. For a network that reads "
               "whole names, examples beyond its context do not count. The perplexity is e^loss.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, EvalOptions),
    .examples = "  nomen eval runs/mlp\n"
                "  nomen eval runs/mlp/best.safetensors --json\n",
};

static const Column COLUMNS[] = {
    {"split", NULL, -6},
    {"loss", "loss", 9, 'f', 4},
    {"perplexity", "perplexity", 13, 'f', 4},
    {"examples", "examples", 11},
};

static bool evaluate_parts(SavedModel *saved, const Dataset *dataset, const Table *table, Error *err) {
    table_head(table);
    for (size_t p = 0; p < N_PARTS; p++) {
        double loss;
        if (dataset->own[p].n == 0) continue;
        if (!evaluate_part(&saved->model, dataset, (Part)p, &loss, err)) return false;
        if (isinf(loss)) command_note(INFINITE_LOSS, PART_NAMES[p]);
        if (table->format == TABLE_JSON) json_key(table->out, PART_NAMES[p]);
        table_row(table, (Cell[]){cell_text(PART_NAMES[p]), cell_number(loss), cell_number(exp(loss)),
                                  cell_count(count_targets(&saved->model, dataset, (Part)p))});
    }
    return true;
}

// Adds what makemore.py prints in place of the exact losses.
static bool add_makemore(SavedModel *saved, const Dataset *dataset, Buffer *out, bool json, Error *err) {
    Rng rng = saved->file.state.rng;
    const Part parts[] = {PART_TRAIN, PART_TEST};
    if (json) json_add_open(out, "makemore", '{');
    for (size_t i = 0; i < 2; i++) {
        double loss;
        if (dataset->own[parts[i]].n == 0) continue;
        if (!evaluate_makemore(&saved->model, dataset, parts[i], &rng, &loss, err)) return false;
        if (json)
            json_add_number(out, PART_NAMES[parts[i]], loss);
        else
            buffer_print(out, "%s%s %.4f", i > 0 ? ", " : "\nmakemore.py: ", PART_NAMES[parts[i]], loss);
    }
    if (json)
        json_close(out, '}');
    else
        buffer_print(out, " (means of batches of 100 names)\n");
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const EvalOptions *o = options;
    SavedModel saved;
    Dataset dataset;
    if (!load_model_in(&saved, operands->items[0], world_here(), arena, err)) return false;
    DataConfig data = saved.config.data;
    if (o->data) data.path = o->data;
    bool loaded = o->data ? dataset_load(&dataset, &data, world_here(), &saved.file.vocab, arena, err)
                          : load_dataset(&saved.file, &data, world_here(), true, &dataset, arena, err);
    if (!loaded) return false;
    command_note_cut(&dataset, &saved.model);
    Buffer out = {.arena = arena};
    const Table table = {&out, o->json ? TABLE_JSON : TABLE_TEXT, 0, sizeof COLUMNS / sizeof *COLUMNS, COLUMNS};
    if (o->json) json_open(&out, '{');
    if (!evaluate_parts(&saved, &dataset, &table, err)) return false;
    if (saved.config.data.random == RANDOM_MAKEMORE && !saved.model.is_ngram && saved.model.network.reads_names &&
        !add_makemore(&saved, &dataset, &out, o->json, err))
        return false;
    if (o->json) json_close(&out, '}');
    return command_print(&out, err);
}

const Command eval_command = {COMMANDS_TRAIN, &USAGE, run, .is_parallel = true};
