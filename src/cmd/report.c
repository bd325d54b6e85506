#include "draw/report/report.h"

#include "base/base64.h"
#include "cmd/share/command.h"
#include "cmd/share/output.h"
#include "draw/report/files.h"
#include "draw/report/model.h"
#include "study/compare.h"
#include "train/evaluate.h"
#include "train/run_dir.h"

#include <math.h>
#include <string.h>

typedef struct ReportOptions {
    const char *out, *data;
    bool no_plots;
} ReportOptions;

static const Option OPTIONS[] = {
    {"out", 'o', OPTION_TEXT, offsetof(ReportOptions, out), "FILE", "where the page goes (default: RUN/report.html)", 0,
     0, NULL},
    {"data", 0, OPTION_TEXT, offsetof(ReportOptions, data), "FILE", "where the run's names file lies now", 0, 0, NULL},
    {"no-plots", 0, OPTION_FLAG, offsetof(ReportOptions, no_plots), NULL, "without pictures, which gnuplot draws", 0, 0,
     NULL},
};

static const Usage USAGE = {
    .command = "report",
    .brief = "a page about a run, with the model to play with",
    .summary = "Writes a page about a run, for a browser: how it went, names it makes up, pictures,\n"
               "and the model itself to play with. It is one file that needs nothing else.",
    .operand = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(ReportOptions),
    .examples = "  nomen report runs/mlp\n"
                "  nomen report runs/mlp/best.safetensors --out best.html --no-plots\n",
};

static const MetricsRow *last_measured(const Metrics *metrics) {
    size_t i = metrics->n;
    while (i > 0 && isnan(metrics->rows[i - 1].train_loss)) i--;
    return i > 0 ? &metrics->rows[i - 1] : NULL;
}

// One run alone: the directories of several are many files, and may be more than any picture takes.
static bool expect_one(const char *run, Arena *arena, Error *err) {
    GroupFiles files;
    if (!compare_find(&files, run, false, arena, err)) return false;
    if (!files.is_group) return true;
    const char *first = path_dir(arena, files.files[0], err);
    return first && error_set(err, "%s: it holds runs; expected one, such as %s", run, first);
}

// Names or metrics that are gone, or are others, are no error.
static bool open_run(Report *report, const char *run, const char *data, Arena *arena, Error *err) {
    *report = (Report){.run = run, .arena = arena};
    if (!expect_one(run, arena, err) || !plot_source_open(&report->source, 1, &run, data, arena, err)) return false;
    report->saved = &report->source.run->saved;
    report->name = report->source.run->name;
    return true;
}

// What the page says of the run.
static bool gather(Report *report, Error *err) {
    const PlotSource *source = &report->source;
    SavedModel *saved = report->saved;
    if (!checkpoint_read_state(&saved->file, &report->state, err)) return false;
    const ContextCounts *counts = &saved->model.ngram.counts;
    report->n_parameters =
        saved->model.is_ngram ? counts->first[counts->contexts.n] : saved->model.network.n_parameters;
    report->measured = last_measured(&source->run->metrics);
    for (size_t p = 0; !source->no_data && p < N_PARTS; p++) {
        Span span = source->dataset.parts[p];
        bool is_empty = span.end == span.begin;
        if (!is_empty && !evaluate_part(&saved->model, &source->dataset, (Part)p, &report->losses[p], err))
            return false;
    }
    return true;
}

// The model as JSON, or {"missing": why} where it would make too large a page.
static bool add_model(Buffer *out, const Report *report, Error *err) {
    Buffer json = {.arena = report->arena};
    const SavedModel *saved = report->saved;
    if (report_model_numbers(&saved->model) <= REPORT_MODEL_NUMBERS) {
        if (!report_model_add(&json, saved, report->arena, err)) return false;
    } else {
        json_open(&json, '{');
        json_add_text(&json, "missing",
                      "The model is too large for a page. In a terminal, nomen next and nomen sample do the same.");
        json_close(&json, '}');
    }
    const char *text = buffer_text(&json, err);
    if (text) html_json(out, text);
    return text && buffer_text(out, err);
}

// The scripts as the page holds them, and their hash as its security policy names it: a script that came out of a name
// would not run.
static bool add_script(Buffer *script, Buffer *hash, Error *err) {
    unsigned char digest[SHA256_BYTES];
    buffer_print(script, "\n%s\n%s", (const char *)report_model_js, (const char *)report_js);
    if (!buffer_text(script, err)) return false;
    sha256(script->bytes, script->n, digest);
    buffer_print(hash, "sha256-");
    base64_add(hash, digest, sizeof digest);
    return true;
}

static bool skip_pictures(Buffer *out, Error *err) {
    buffer_print(out, "<p class=\"note\">Made with --no-plots: without pictures.</p>\n");
    return buffer_text(out, err) != NULL;
}

enum { TITLE, STYLE, SCRIPT, SCRIPT_HASH, SUMMARY, LOSSES, NAMES, PICTURES, STEP, CONFIG, MODEL, N_SLOTS };

static const char *make_page(Report *report, bool no_plots, Buffer *page, Error *err) {
    static const char *const names[N_SLOTS] = {"title", "style",    "script", "script-hash", "summary", "losses",
                                               "names", "pictures", "step",   "config",      "model"};
    Buffer content[N_SLOTS];
    HtmlSlot slots[N_SLOTS];
    for (size_t i = 0; i < N_SLOTS; i++) {
        content[i] = (Buffer){.arena = report->arena};
        slots[i] = (HtmlSlot){names[i], &content[i]};
    }
    html_text(&content[TITLE], report->name);
    buffer_print(&content[TITLE], " &middot; nomen");
    buffer_print(&content[STYLE], "%s", (const char *)report_css);
    bool ok = add_script(&content[SCRIPT], &content[SCRIPT_HASH], err) &&
              report_summary(&content[SUMMARY], report, err) && report_losses(&content[LOSSES], report, err) &&
              report_names(&content[NAMES], report, err) &&
              (no_plots ? skip_pictures(&content[PICTURES], err) : report_pictures(&content[PICTURES], report, err)) &&
              report_step(&content[STEP], report, err) && report_config(&content[CONFIG], report, err) &&
              add_model(&content[MODEL], report, err);
    if (!ok) return NULL;
    html_fill(page, (const char *)report_html, slots, N_SLOTS);
    return buffer_text(page, err);
}

// --out, or report.html in the run's directory.
static const char *page_path(const Report *report, const char *out, Error *err) {
    if (out) return out;
    if (report->source.run->is_dir) return path_join(report->arena, report->run, "report.html", err);
    error_set(err, "%s is a model file; --out says where the page goes", report->run);
    options_wrong(&USAGE, err);
    return NULL;
}

static bool page_is_free(const Report *report, const char *page, Error *err) {
    RunDir dir;
    const char *model = report->saved->file.path, *path = path_dir(report->arena, model, err);
    if (!path || !run_dir(&dir, path, report->arena, err)) return false;
    const char *const inputs[] = {model, dir.metrics, report->saved->config.data.path};
    return output_is_free(page, inputs, sizeof inputs / sizeof *inputs, err);
}

// What is not on the page, or not whole.
static void note_gaps(const Report *report) {
    const PlotSource *source = &report->source;
    if (source->no_data) command_note("%s; the page leaves out what needs the names", source->no_data);
    if (source->run->no_metrics && source->run->is_dir)
        command_note("%s; the page leaves out what needs the metrics", source->run->no_metrics);
    for (size_t i = 0; i < source->n_notes; i++) command_note("%s", source->notes[i]);
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const ReportOptions *o = options;
    Report report;
    Buffer page = {.arena = arena};
    if (o->out && o->out[0] == '\0') {
        error_set(err, "--out: expected a file, found \"\"");
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    if (!open_run(&report, operands->items[0], o->data, arena, err)) return command_failed(err);
    const char *path = page_path(&report, o->out, err);
    if (!path || !page_is_free(&report, path, err) || !gather(&report, err) ||
        !make_page(&report, o->no_plots, &page, err) || !file_replace(path, page.bytes, page.n, err))
        return command_failed(err);
    note_gaps(&report);
    puts(path);
    return command_done(err);
}

const Command report_command = {COMMANDS_LOOK, &USAGE, run};
