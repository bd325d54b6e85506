#include "study/verify.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "config/find.h"

enum { CONFIGS_MAX = 256 };

typedef struct VerifyOptions {
    const char *data;
    bool quick, json;
} VerifyOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(VerifyOptions, data), "FILE", "the names file, from the current directory", 0, 0,
     NULL},
    {"quick", 0, OPTION_FLAG, offsetof(VerifyOptions, quick), NULL, "only what the first 1,001 steps can tell", 0, 0,
     NULL},
    {"json", 0, OPTION_FLAG, offsetof(VerifyOptions, json), NULL, "one JSON object, when all are done", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "verify",
    .brief = "compare a config's results with those it expects",
    .summary = "Trains each CONFIG in memory and prints the figures its \"expect\" block holds beside\n"
               "those found. Exit status 1 where one is off by more than 0.6 of its last decimal.",
    .operand = "CONFIG...",
    .min_operands = 1,
    .max_operands = CONFIGS_MAX,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(VerifyOptions),
    .examples = "  nomen verify part3-batchnorm\n"
                "  nomen verify configs/lectures/*.json --quick --json\n",
};

static const char *const VERDICTS[N_VERDICTS] = {"agrees", "OFF", "unmet", "left out"},
                         *const VERDICT_KEYS[N_VERDICTS] = {"agrees", "off", "unmet", "left_out"};

// The figures of one config, under a heading that comes with the first of them.
typedef struct Table {
    const char *path;
    bool has_heading;
} Table;

static void print_heading(Table *table) {
    if (!table->has_heading) printf("%s\n  %-34s %13s %15s\n", table->path, "figure", "expected", "found");
    table->has_heading = true;
}

static void print_finding(void *context, const Finding *finding) {
    print_heading(context);
    printf("  %-34s %13.13s %15.15s  %s\n", finding->what, finding->expected, finding->found,
           VERDICTS[finding->verdict]);
    fflush(stdout);
}

// "12 figures: 10 agree, 2 cannot be met" and the like.
static void print_counts(const size_t counts[N_VERDICTS]) {
    size_t all = 0, listed = 0;
    for (size_t i = 0; i < N_VERDICTS; i++) all += counts[i];
    const char *const phrases[N_VERDICTS] = {all == 1 ? "agrees" : "agree", "off", "cannot be met",
                                             "left out (more than 1,001 steps)"};
    printf("%zu figure%s:", all, all == 1 ? "" : "s");
    for (size_t i = 0; i < N_VERDICTS; i++)
        if (counts[i] > 0 || i == VERDICT_AGREES) printf("%s %zu %s", listed++ > 0 ? "," : "", counts[i], phrases[i]);
    putchar('\n');
}

static void add_finding(void *context, const Finding *finding) {
    Buffer *out = context;
    json_open(out, '{');
    json_add_text(out, "figure", finding->what);
    json_add_text(out, "expected", finding->expected);
    json_add_text(out, "found", finding->found);
    json_add_text(out, "verdict", VERDICT_KEYS[finding->verdict]);
    json_close(out, '}');
}

static bool verify_config(const char *path, const Config *config, const VerifyOptions *o, const VerifyEvents *events,
                          size_t counts[N_VERDICTS], Error *err) {
    if (!o->data && !config_check_names(config, true, err)) return false;
    return verify(config, o->quick, events, counts, err) || error_context(err, "%s", path);
}

static bool add_one(const char *path, const Config *config, const VerifyOptions *o, size_t totals[N_VERDICTS],
                    Buffer *out, Error *err) {
    const VerifyEvents events = {out, add_finding};
    size_t counts[N_VERDICTS] = {0};
    json_open(out, '{');
    json_add_text(out, "config", path);
    json_add_open(out, "figures", '[');
    bool ok = verify_config(path, config, o, &events, counts, err);
    json_close(out, ']');
    if (!ok) json_add_text(out, "error", err->text);
    json_close(out, '}');
    for (size_t i = 0; ok && i < N_VERDICTS; i++) totals[i] += counts[i];
    return ok;
}

static bool verify_one(const char *path, const Config *config, const VerifyOptions *o, size_t totals[N_VERDICTS],
                       Error *err) {
    Table table = {.path = path};
    const VerifyEvents events = {&table, print_finding};
    size_t counts[N_VERDICTS];
    if (!verify_config(path, config, o, &events, counts, err)) return false;
    print_heading(&table);
    if (counts[VERDICT_UNMET] > 0) terminal_wrap(config->expect.unmet.why, 2, 2);
    printf("  ");
    print_counts(counts);
    for (size_t i = 0; i < N_VERDICTS; i++) totals[i] += counts[i];
    return true;
}

// All are read before any is trained, so that a slip in the last does not cost the time of the others.
static bool read_all(const VerifyOptions *o, const Texts *operands, const char **paths, Config *configs, Arena *arena,
                     Error *err) {
    const ConfigChanges changes = {.data = o->data};
    for (size_t i = 0; i < operands->n; i++) {
        paths[i] = config_find(operands->items[i], arena, err);
        if (!paths[i]) return false;
        if (!config_load(&configs[i], paths[i], &changes, arena, err)) return false;
        if (!verify_check(&configs[i], err)) return error_context(err, "%s", paths[i]);
    }
    return true;
}

// The exit status, once all is printed; the totals are of all configs that could be trained.
static int conclude(const size_t totals[N_VERDICTS], size_t n, size_t n_failed, Error *err) {
    size_t n_off = totals[VERDICT_OFF];
    if (n_off + n_failed == 0) return command_done(err);
    fflush(stdout);
    if (n_failed > 0)
        error_set(err, "%zu of %zu configs could not be verified, and %zu of the expected figures %s off", n_failed, n,
                  n_off, n_off == 1 ? "is" : "are");
    else
        error_set(err, "%zu of the expected figures %s off", n_off, n_off == 1 ? "is" : "are");
    return STATUS_FAILURE;
}

static int verify_to_json(const VerifyOptions *o, const char **paths, size_t n, const Config *configs, Arena *arena,
                          Error *err) {
    Buffer out = {.arena = arena};
    size_t totals[N_VERDICTS] = {0}, n_failed = 0;
    json_open(&out, '{');
    json_add_open(&out, "configs", '[');
    for (size_t i = 0; i < n; i++) n_failed += !add_one(paths[i], &configs[i], o, totals, &out, err);
    json_close(&out, ']');
    for (size_t i = 0; i < N_VERDICTS; i++) json_add_whole(&out, VERDICT_KEYS[i], totals[i]);
    json_close(&out, '}');
    const char *text = buffer_text(&out, err);
    if (!text) return command_failed(err);
    puts(text);
    return conclude(totals, n, n_failed, err);
}

// One that cannot be trained says so in its place, and keeps none of the others from its turn.
static int verify_all(const VerifyOptions *o, const Texts *operands, Arena *arena, Error *err) {
    size_t totals[N_VERDICTS] = {0}, n_failed = 0, n = operands->n;
    const char **paths = arena_alloc(arena, n, sizeof *paths, err);
    Config *configs = arena_alloc(arena, n, sizeof *configs, err);
    if (!paths || !configs || !read_all(o, operands, paths, configs, arena, err)) return command_failed(err);
    if (o->json) return verify_to_json(o, paths, n, configs, arena, err);
    for (size_t i = 0; i < n; i++) {
        if (verify_one(paths[i], &configs[i], o, totals, err)) continue;
        fflush(stdout);
        if (n == 1) return command_failed(err);
        terminal_wrap(err->text, 0, 2);
        n_failed++;
    }
    if (n > 1) {
        printf("%zu configs, ", n);
        print_counts(totals);
    }
    return conclude(totals, n, n_failed, err);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    return verify_all(options, operands, arena, err);
}

const Command verify_command = {COMMANDS_TEACH, &USAGE, run};
