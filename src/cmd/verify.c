#include "study/verify.h"
#include "base/json.h"
#include "cmd/share/command.h"
#include "cmd/share/terminal.h"
#include "config/config.h"

enum { CONFIGS_MAX = 256 };

typedef struct VerifyOptions {
    const char *data;
    bool quick, json;
} VerifyOptions;

static const Option OPTIONS[] = {
    {"data", 0, OPTION_TEXT, offsetof(VerifyOptions, data), "FILE", "names file, relative to the current directory"},
    {"quick", 0, OPTION_FLAG, offsetof(VerifyOptions, quick), NULL, "only the values of the first 1,001 steps"},
    {"json", 0, OPTION_FLAG, offsetof(VerifyOptions, json), NULL, "one JSON object, printed at the end"},
};

static const Usage USAGE = {
    .command = "verify",
    .brief = "compare a config's results with those it expects",
    .summary = "Trains each CONFIG in memory and compares its results with the values in its \"expect\" block. The "
               "exit status is 1 if a value is off by more than 0.6 units of its last decimal, or if the values are "
               "those of another names file.",
    .operand = "CONFIG...",
    .max_operands = CONFIGS_MAX,
    OPTION_TABLE(OPTIONS, VerifyOptions),
    .examples = "  nomen verify part3-batchnorm\n"
                "  nomen verify configs/lectures/*.json --quick --json\n",
};

static const char *const VERDICTS[N_VERDICTS] = {"agrees", "OFF", "unmet", "other names", "left out"},
                         *const VERDICT_KEYS[N_VERDICTS] = {"agrees", "off", "unmet", "other_names", "left_out"};

typedef struct Report {
    Buffer *json;        // NULL for a table
    const char *heading; // the config's path; NULL once it is printed
    size_t counts[N_VERDICTS];
} Report;

static void report_finding(void *context, const Finding *finding) {
    Report *report = context;
    Buffer *json = report->json;
    report->counts[finding->verdict]++;
    if (json) {
        json_open(json, '{');
        json_add_text(json, "figure", finding->name);
        json_add_text(json, "expected", finding->expected);
        json_add_text(json, "found", finding->found);
        json_add_text(json, "verdict", VERDICT_KEYS[finding->verdict]);
        json_close(json, '}');
        return;
    }
    if (report->heading) printf("%s\n  %-34s %13s %15s\n", report->heading, "statistic", "expected", "found");
    report->heading = NULL;
    printf("  %-34s %13.13s %15.15s  %s\n", finding->name, finding->expected, finding->found,
           VERDICTS[finding->verdict]);
    fflush(stdout);
}

// Prints "12 values: 10 agree, 2 cannot be met".
static void print_counts(const size_t counts[N_VERDICTS]) {
    size_t n = 0, n_printed = 0;
    for (size_t i = 0; i < N_VERDICTS; i++) n += counts[i];
    const char *const phrases[N_VERDICTS] = {n == 1 ? "agrees" : "agree", "off", "cannot be met", "of other names",
                                             "left out (more than 1,001 steps)"};
    printf("%zu value%s:", n, n == 1 ? "" : "s");
    for (size_t i = 0; i < N_VERDICTS; i++)
        if (counts[i] > 0 || i == VERDICT_AGREES)
            printf("%s %zu %s", n_printed++ > 0 ? "," : "", counts[i], phrases[i]);
    putchar('\n');
}

static bool verify_one(const char *path, const Config *config, const VerifyOptions *o, Report *report, Error *err) {
    Buffer *json = report->json;
    report->heading = path;
    if (json) {
        json_open(json, '{');
        json_add_text(json, "config", path);
        json_add_open(json, "figures", '[');
    }
    bool ok = (o->data || config_check_names(config, true, err)) &&
              (verify(config, o->quick, report_finding, report, err) || error_context(err, "%s", path));
    if (json) {
        json_close(json, ']');
        if (!ok) json_add_text(json, "error", err->text);
        json_close(json, '}');
    } else if (ok) {
        if (report->counts[VERDICT_UNMET] > 0) terminal_wrap(config->expect.unmet.why, 2, 2);
        printf("  ");
        print_counts(report->counts);
    }
    return ok;
}

// Reads all configs before any is trained, so that an error in the last config is reported before the others are
// trained.
static bool read_all(const VerifyOptions *o, const Texts *operands, const char **paths, Config *configs, Arena *arena,
                     Error *err) {
    const ConfigChanges changes = {.data = o->data};
    for (size_t i = 0; i < operands->n; i++) {
        paths[i] = config_find(operands->items[i], arena, err);
        if (!paths[i] || !config_load(&configs[i], paths[i], &changes, arena, err)) return false;
        if (!verify_check(&configs[i], err)) return error_context(err, "%s", paths[i]);
    }
    return true;
}

static bool conclude(const size_t totals[N_VERDICTS], size_t n_configs, size_t n_failed, Error *err) {
    size_t n_off = totals[VERDICT_OFF], n_other = totals[VERDICT_OTHER_NAMES], n = 0;
    for (size_t i = 0; i < N_VERDICTS; i++) n += totals[i];
    if (n_off + n_other + n_failed == 0) return true;
    if (n_other > 0 && n_off == 0)
        error_set(err, "%zu of %zu expected value%s %s measured on another names file", n_other, n, n == 1 ? "" : "s",
                  n_other == 1 ? "was" : "were");
    else
        error_set(err, "%zu of the expected values %s off", n_off, n_off == 1 ? "is" : "are");
    if (n_failed > 0) error_prefix(err, "%zu of %zu configs could not be verified, and ", n_failed, n_configs);
    return false;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const VerifyOptions *o = options;
    size_t totals[N_VERDICTS] = {0}, n_failed = 0, n = operands->n;
    const char **paths = arena_alloc(arena, n, sizeof *paths, err);
    Config *configs = arena_alloc(arena, n, sizeof *configs, err);
    Buffer json = {.arena = arena};
    if (!paths || !configs || !read_all(o, operands, paths, configs, arena, err)) return false;
    if (o->json) {
        json_open(&json, '{');
        json_add_open(&json, "configs", '[');
    }
    for (size_t i = 0; i < n; i++) {
        Report report = {.json = o->json ? &json : NULL};
        if (verify_one(paths[i], &configs[i], o, &report, err)) {
            for (size_t k = 0; k < N_VERDICTS; k++) totals[k] += report.counts[k];
            continue;
        }
        n_failed++;
        if (!o->json && n == 1) return false;
        if (!o->json) terminal_wrap(err->text, 0, 2);
    }
    if (o->json) {
        json_close(&json, ']');
        for (size_t i = 0; i < N_VERDICTS; i++) json_add_whole(&json, VERDICT_KEYS[i], totals[i]);
        json_close(&json, '}');
        if (!command_print(&json, err)) return false;
    } else if (n > 1) {
        printf("%zu configs, ", n);
        print_counts(totals);
    }
    return conclude(totals, n, n_failed, err);
}

const Command verify_command = {COMMANDS_TEACH, &USAGE, run};
