#include "cmd/share/command.h"
#include "cmd/share/comparison.h"
#include "cmd/train/group.h"
#include "cmd/train/progress.h"
#include "cmd/train/summary.h"
#include "cmd/train/sweep.h"
#include "kernels/threads.h"

#include <string.h>

typedef struct TrainOptions {
    const char *run, *data;
    RunOptions start;
    bool quiet;
    WholeOption steps, seed, seeds, threads;
    TextList set, sweep;
} TrainOptions;

static const char *const RESUME_CHOICES[] = {"anyway", NULL};

static const Option OPTIONS[] = {
    {"run", 0, OPTION_TEXT, offsetof(TrainOptions, run), "DIR", "the run directory (default: runs/NAME)"},
    {"resume", 0, OPTION_MAYBE, offsetof(TrainOptions, start.resume), "anyway",
     "continue a run; =anyway even if config or data differ", 0, 0, RESUME_CHOICES},
    {"force", 0, OPTION_FLAG, offsetof(TrainOptions, start.force), NULL, "replace an existing run"},
    {"steps", 0, OPTION_WHOLE, offsetof(TrainOptions, steps), "N", "number of updates, instead of train.steps", 1,
     (uint64_t)STEPS_MAX, NULL},
    {"seed", 0, OPTION_WHOLE, offsetof(TrainOptions, seed), "N", "seed of weights, minibatches and samples", 0,
     WHOLE_MAX},
    {"seeds", 0, OPTION_WHOLE, offsetof(TrainOptions, seeds), "N",
     "train N runs with consecutive seeds in DIR/seed-SEED", 1, MOST_SEEDS},
    {"data", 0, OPTION_TEXT, offsetof(TrainOptions, data), "FILE", "the names file, relative to the current directory"},
    {"set", 0, OPTION_LIST, offsetof(TrainOptions, set), "KEY=VALUE",
     "set a config key, such as 'model.layers[2].out=300'"},
    {"sweep", 0, OPTION_LIST, offsetof(TrainOptions, sweep), "KEY=A,B...",
     "train a run with each value in DIR/KEY=A and so on, and compare the runs"},
    {"threads", 0, OPTION_WHOLE, offsetof(TrainOptions, threads), "N", "at most N threads (default: one per processor)",
     1, 1024},
    {"quiet", 0, OPTION_FLAG, offsetof(TrainOptions, quiet), NULL, "print only errors"},
};

// An option that is the name of a config key means --set.
static bool explain(const char *word, const char *name, const char *value, Error *err) {
    Arena arena = {0};
    char key[KEY_PATH_BYTES];
    const Field *field = config_key_find(name, key);
    bool takes_value = field && field->kind != FIELD_OBJECT && field->kind != FIELD_LIST;
    const char *inner = takes_value && field->kind == FIELD_TYPED ? ".type" : "";
    const char *set = takes_value ? arena_format(&arena, err, "%s%s=%s", key, inner, value ? value : "VALUE") : NULL;
    const char *quoted = set ? path_quote(set, &arena, err) : NULL;
    if (quoted) error_set(err, "unknown option \"%s\"; did you mean --set %s?", word, quoted);
    if (!takes_value) error_set(err, "unknown option \"%s\"", word);
    arena_free(&arena);
    return false;
}

static const Usage USAGE = {
    .command = "train",
    .brief = "train a model on a list of names",
    .summary = "Trains the model of CONFIG and writes it to a run directory.",
    .operand = "CONFIG",
    OPTION_TABLE(OPTIONS, TrainOptions),
    .examples = "  nomen train mlp\n"
                "  nomen train mlp --run runs/short --steps 20000 --set train.lr=0.05\n"
                "  nomen train mlp --run runs/three --seeds 3\n"
                "  nomen train bigram-counts --sweep model.smoothing=0.01,0.1,1,10\n",
    .explain = explain,
};

// Finds the config. A run directory is refused, because a run is continued.
static const char *find_config(const char *operand, Arena *arena, Error *err) {
    const char *path = config_find(operand, arena, err);
    bool is_inside = path && strcmp(path, operand) != 0 && strncmp(path, operand, strlen(operand)) == 0;
    if (!is_inside || path_kind(operand) != PATH_DIR) return path;
    const char *run = path_quote(operand, arena, err), *config = path_quote(path, arena, err);
    if (run && config)
        error_set(err, "%s: expected a config, found a run directory; nomen train %s --run %s --resume continues it",
                  operand, config, run);
    return NULL;
}

enum { SET_MAX = 2 * OPTION_LIST_ITEMS + 1 };

// Collects the changes of --set and --seed as "KEY=VALUE". Those of --sweep have room after them.
static bool collect_changes(const TrainOptions *o, const char *set[SET_MAX], size_t *n, Arena *arena, Error *err) {
    *n = 0;
    for (size_t i = 0; i < o->set.n; i++) {
        const char *change = set[(*n)++] = o->set.items[i];
        if (change[0] != '=' && strchr(change, '=')) continue;
        return error_usage(err, "--set: expected KEY=VALUE, found \"%s\"", change);
    }
    if (!o->seed.given) return true;
    set[*n] = arena_format(arena, err, "seed=%llu", (unsigned long long)o->seed.value);
    return set[(*n)++] != NULL;
}

// Refuses a key of --sweep that another option sets too.
static bool check_sweeps(const TrainOptions *o, const char *const *set, size_t n_set, Error *err) {
    for (size_t k = 0; k < o->sweep.n; k++) {
        const char *sweep = o->sweep.items[k];
        size_t n = strcspn(sweep, "=") + 1;
        bool is_set = o->steps.given && strncmp(sweep, "train.steps=", n) == 0;
        for (size_t i = 0; i < n_set; i++) is_set |= strncmp(sweep, set[i], n) == 0;
        if (is_set)
            return error_usage(err, "--sweep: %.*s is set by another option too; give it once", (int)n - 1, sweep);
    }
    return true;
}

static volatile sig_atomic_t stop_signal; // the signal that asked for an end, or 0

static void on_signal(int number) { stop_signal = number; }

// SIGINT, SIGTERM and, unless it is ignored (nohup), SIGHUP only set stop_signal from now on. A closed standard output
// does not end training.
static void listen_for_signals(void) {
    // The handler stays: some senders signal twice, and the checkpoint must be written all the same.
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, inherited;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &inherited) == 0 && inherited.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

// Checks that each process has a shard of a network's minibatches, and that all have the same config.
static bool check_world(World world, const Config *config, Arena *arena, Error *err) {
    Buffer text = {.arena = arena};
    const unsigned long long shards = config->train.shards;
    config_write_without_path(config, &text);
    if (!buffer_text(&text, err) || !world_agree_on(world, "config", text.bytes, text.n, err)) return false;
    return config->model.is_ngram || world.size <= shards ||
           error_set(
               err,
               "%s: train.shards: expected %zu or more, one per process, found %llu; give --set train.shards=%zu, or "
               "start at most %llu process%s",
               config->path, world.size, shards, world.size, shards, shards == 1 ? "" : "es");
}

// Sets err to the command that continues a stopped run. The run's own config holds every option of this call.
static bool set_stopped(const Run *run, int signal, Arena *arena, Error *err) {
    const char *config = path_quote(run->dir.config, arena, err);
    const char *path = path_quote(run->dir.path, arena, err);
    if (config && path)
        error_set(err, "stopped at step %llu; continue with: nomen train %s --run %s --resume",
                  (unsigned long long)run->trainer.state.step, config, path);
    return error_stopped(err, signal);
}

static bool train_run(Run *run, const TrainOptions *o, const char *operand, const char *path, const Config *config,
                      Arena *arena, Error *err) {
    Dataset dataset;
    Trainer *trainer = &run->trainer;
    const World world = world_here();
    if (!check_world(world, config, arena, err) || !dataset_load(&dataset, &config->data, world, NULL, arena, err) ||
        !run_open(run, path, config, &dataset, &o->start, arena, err))
        return false;
    if (run->is_finished) {
        if (!o->quiet) summary_print_finished(trainer, path);
        return true;
    }
    if (!o->quiet) command_note_config(operand, config->path);
    if (!o->quiet) summary_print_plan(trainer, config->name);
    Progress progress = progress_start(trainer);
    TrainEvents events = {.context = &progress, .stop = &stop_signal};
    if (!o->quiet) events.row = progress_row;
    if (!o->quiet && progress.is_live) events.step = progress_step;
    sig_atomic_t stopped = 0;
    bool ok = run_train(run, &events, &stopped, err);
    status_end(&progress.line);
    if (ok && stopped) return set_stopped(run, stopped, arena, err);
    return ok && (o->quiet || summary_print(trainer, &progress.row, &run->dir, arena, err));
}

// Opens the config, with each value of --sweep if there are any. Sets group->path, unless it is set, and the paths of
// the variants.
static bool open_variants(Group *group, const TrainOptions *o, Arena *arena, Error *err) {
    const char *set[SET_MAX];
    ConfigChanges changes = {.data = o->data, .set = set, .steps = o->steps.given ? o->steps.value : 0};
    Sweep sweep;
    size_t n_set;
    if (!collect_changes(o, set, &n_set, arena, err) || !sweep_read(&sweep, &o->sweep, COMPARED_RUNS, arena, err) ||
        !check_sweeps(o, set, n_set, err))
        return false;
    const char *path = find_config(group->operand, arena, err);
    if (!path) return false;
    group->n_variants = sweep.n > 0 ? sweep.n : 1;
    group->variants = arena_alloc(arena, group->n_variants, sizeof *group->variants, err);
    if (!group->variants) return false;
    for (size_t v = 0; v < group->n_variants; v++) {
        Variant *variant = &group->variants[v];
        for (size_t k = 0; k < sweep.n_sweeps; k++) set[n_set + k] = sweep.points[v].set[k];
        changes.n = n_set + sweep.n_sweeps;
        if (!config_open(&variant->config, path, &changes, arena, err)) return false;
        if (!group->path) group->path = path_join(arena, "runs", variant->config.name, err);
        if (!group->path) return false;
        variant->name = sweep.n > 0 ? sweep.points[v].name : "";
        variant->path = sweep.n > 0 ? path_join(arena, group->path, variant->name, err) : group->path;
        if (!variant->path) return false;
    }
    return true;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const TrainOptions *o = options;
    Group group = {
        .operand = operands->items[0],
        .path = o->run,
        .sweeps = &o->sweep,
        .n_seeds = o->seeds.given ? (size_t)o->seeds.value : 0,
        .threads = o->threads.given ? (size_t)o->threads.value : kernels_threads(),
        .options = o->start,
        .quiet = o->quiet,
        .stop = &stop_signal,
    };
    if (o->start.force && o->start.resume)
        return error_usage(err, "--force replaces a run and --resume continues it; give one of them");
    if (!open_variants(&group, o, arena, err)) return false;
    if (o->steps.given && !o->quiet && group.variants[0].config.model.is_ngram)
        command_note("%s counts and has no training steps; --steps is ignored", group.operand);
    listen_for_signals();
    if (o->seeds.given || o->sweep.n > 0) return train_group(&group, arena, err);
    Run one = {0};
    if (o->threads.given) kernels_use_threads((size_t)o->threads.value);
    bool ok = train_run(&one, o, group.operand, group.path, &group.variants[0].config, arena, err);
    run_close(&one);
    return ok;
}

const Command train_command = {COMMANDS_TRAIN, &USAGE, run, .is_parallel = true};
