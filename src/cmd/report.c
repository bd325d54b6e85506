#include "draw/report/report.h"

#include "cmd/share/command.h"
#include "train/run_dir.h"

typedef struct ReportOptions {
    const char *out, *data;
    bool no_plots;
} ReportOptions;

static const Option OPTIONS[] = {
    {"out", 'o', OPTION_TEXT, offsetof(ReportOptions, out), "FILE", "the page's file (default: RUN/report.html)"},
    {"data", 0, OPTION_TEXT, offsetof(ReportOptions, data), "FILE", "the run's names file, if it has moved"},
    {"no-plots", 0, OPTION_FLAG, offsetof(ReportOptions, no_plots), NULL,
     "leave out the pictures, which gnuplot draws"},
};

static const Usage USAGE = {
    .command = "report",
    .brief = "write a web page about a run, with its model",
    .summary = "Writes a web page about a run: its losses, sampled names, pictures, and the model itself to try out. "
               "The page is one file that needs nothing else.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, ReportOptions),
    .examples = "  nomen report runs/mlp\n"
                "  nomen report runs/mlp/best.safetensors --out best.html --no-plots\n",
};

// Returns the page's path: --out, or report.html in the run directory. It must not be a file that a run consists of.
static const char *page_path(const Report *report, const char *out, Error *err) {
    RunDir dir;
    const char *model = report->saved->file.path, *path = path_dir(report->arena, model, err);
    const char *page = out ? out : path ? path_join(report->arena, path, "report.html", err) : NULL;
    if (!page || !path || !run_dir(&dir, path, report->arena, err)) return NULL;
    const char *const inputs[] = {model, dir.metrics, report->saved->config.data.path};
    return command_output_is_free(page, inputs, sizeof inputs / sizeof *inputs, err) ? page : NULL;
}

// Notes what the page leaves out.
static void note_gaps(const Report *report) {
    const PlotSource *source = &report->source;
    if (source->no_data) command_note("%s; the page has no parts that need the names", source->no_data);
    if (report->run->no_metrics && report->run->saved.is_dir)
        command_note("%s; the page has no parts that need the metrics", report->run->no_metrics);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const ReportOptions *o = options;
    const char *operand = operands->items[0];
    Report report;
    Buffer page = {.arena = arena};
    if (!run_find_model(operand, arena, err) || !report_open(&report, operand, o->data, arena, err)) return false;
    if (!o->out && !report.run->saved.is_dir)
        return error_usage(err, "%s is a model file; --out sets the page's file", operand);
    report.no_plots = o->no_plots;
    const char *path = page_path(&report, o->out, err);
    if (!path || !report_page(&page, &report, err) || !file_replace(path, page.bytes, page.n, err)) return false;
    note_gaps(&report);
    puts(path);
    return true;
}

const Command report_command = {COMMANDS_LOOK, &USAGE, run};
