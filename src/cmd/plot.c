#include "draw/plot.h"
#include "base/dir.h"
#include "base/file.h"
#include "cmd/share/command.h"

#include <string.h>

enum { OPERANDS_MAX = 64 };

typedef struct PlotOptions {
    const char *format, *out, *data, *prefix;
} PlotOptions;

static const Option OPTIONS[] = {
    {"format", 0, OPTION_CHOICE, offsetof(PlotOptions, format), "FORMAT",
     "svg (default) or png, which needs a font with every character", 0, 0, PLOT_FORMATS},
    {"out", 0, OPTION_TEXT, offsetof(PlotOptions, out), "DIR",
     "the pictures' directory (default: plots in the run directory; for several runs: here)"},
    {"data", 0, OPTION_TEXT, offsetof(PlotOptions, data), "FILE", "the run's names file, if it has moved"},
    {"prefix", 'p', OPTION_TEXT, offsetof(PlotOptions, prefix), "P",
     "a name's beginning, for attention (default: the likeliest name)"},
};

static const Usage USAGE = {
    .command = "plot",
    .brief = "draw pictures of a run: losses, bigrams and more",
    .summary =
        "Draws pictures of a run with gnuplot and prints their paths, DIR/KIND.svg. Without KIND, it draws all that "
        "the run has. Kinds: loss, bigrams, predictions, embedding, activations, gradients, updates, lr-find, next, "
        "attention. For several runs, or a directory of runs, it draws compare.\n\nupdates and lr-find train the run's "
        "config again, in memory. activations and gradients make one more step, in memory. The run does not change.",
    .operand = "RUN... [KIND...]",
    .max_operands = OPERANDS_MAX,
    OPTION_TABLE(OPTIONS, PlotOptions),
    .examples = "  nomen plot runs/mlp\n"
                "  nomen plot runs/mlp loss embedding --format png --out pictures\n"
                "  nomen plot runs/mlp runs/short compare\n",
};

typedef struct Request {
    size_t n_runs, n_kinds;
    const char *runs[OPERANDS_MAX];
    const PlotKind *kinds[N_PLOT_KINDS];
} Request;

static bool has_kind(const Request *request, const PlotKind *kind) {
    for (size_t i = 0; i < request->n_kinds; i++)
        if (request->kinds[i] == kind) return true;
    return false;
}

static void add_kind(Request *request, const PlotKind *kind) {
    if (!has_kind(request, kind)) request->kinds[request->n_kinds++] = kind;
}

// The name of a kind is that kind; ./loss is a run called loss.
static bool read_operands(Request *request, const Texts *operands, Error *err) {
    const char *kinds[N_PLOT_KINDS + 1] = {NULL};
    for (size_t i = 0; i < N_PLOT_KINDS; i++) kinds[i] = PLOT_KINDS[i].name;
    for (size_t i = 0; i < operands->n; i++) {
        const char *word = operands->items[i];
        const PlotKind *kind = plot_find(word);
        if (kind)
            add_kind(request, kind);
        else if (request->n_runs == 0 || path_kind(word) != PATH_NOTHING || strchr(word, '/'))
            request->runs[request->n_runs++] = word;
        else
            return command_choose("run or kind of picture", word, kinds, err);
    }
    return request->n_runs > 0 ||
           error_usage(err, "expected a run beside the kind of picture, as in nomen plot runs/mlp %s",
                       operands->items[0]);
}

static bool is_for(const PlotKind *kind, const PlotSource *source) {
    return kind->takes_several == (source->run == NULL);
}

// Chooses all kinds that the source has. Notes why it has no others, a line for each reason. Fails if it has none.
static bool choose_all(Request *request, const PlotSource *source, Error *err) {
    const char *reasons[N_PLOT_KINDS] = {NULL};
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (!is_for(&PLOT_KINDS[i], source)) continue;
        reasons[i] = plot_why_not(&PLOT_KINDS[i], source);
        if (!reasons[i]) add_kind(request, &PLOT_KINDS[i]);
        if (PLOT_KINDS[i].is_rare) reasons[i] = NULL;
    }
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        char kinds[256] = "";
        for (size_t k = i, n = 0; reasons[i] && k < N_PLOT_KINDS; k++) {
            if (!reasons[k] || strcmp(reasons[i], reasons[k]) != 0) continue;
            n += (size_t)snprintf(kinds + n, sizeof kinds - n, "%s%s", n > 0 ? ", " : "", PLOT_KINDS[k].name);
            if (k > i) reasons[k] = NULL;
        }
        if (reasons[i] && request->n_kinds == 0) return error_set(err, "%s: %s", kinds, reasons[i]);
        if (reasons[i]) command_note("no %s: %s", kinds, reasons[i]);
    }
    return true;
}

// Checks the kinds that the user named, or chooses all.
static bool choose_kinds(Request *request, const PlotSource *source, Error *err) {
    for (size_t i = 0; i < request->n_kinds; i++) {
        const PlotKind *kind = request->kinds[i];
        const char *why_not = plot_why_not(kind, source);
        if (why_not && is_for(kind, source)) return error_set(err, "%s: %s", kind->name, why_not);
        if (why_not) return error_usage(err, "%s: %s", kind->name, why_not);
    }
    return request->n_kinds > 0 || choose_all(request, source, err);
}

static const char *default_dir(const Request *request, const PlotSource *source, Arena *arena, Error *err) {
    const char *run = request->runs[0];
    if (request->n_runs > 1) return "plots";
    bool is_file = source->run && !source->run->saved.is_dir;
    const char *dir = is_file ? path_dir(arena, run, err) : run;
    return dir ? path_join(arena, dir, "plots", err) : NULL;
}

static bool draw(const PlotKind *kind, PlotSource *source, PlotFormat format, const char *dir, Error *err) {
    Arena arena = {0};
    Buffer image;
    bool ok = plot_image(kind, source, format, &image, &arena, err) && dir_make(dir, err);
    const char *name = ok ? arena_format(&arena, err, "%s.%s", kind->name, PLOT_FORMATS[format]) : NULL;
    const char *path = name ? path_join(&arena, dir, name, err) : NULL;
    ok = path && file_replace(path, image.bytes, image.n, err);
    if (ok) puts(path);
    arena_free(&arena);
    return ok;
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const PlotOptions *o = options;
    Request request = {0};
    PlotSource source;
    if (!read_operands(&request, operands, err)) return false;
    if (o->data && request.n_runs > 1) return error_usage(err, "--data: expected one run, found %zu", request.n_runs);
    if (!plot_source_open(&source, request.n_runs, request.runs, o->data, arena, err)) return false;
    const char *dir = o->out ? o->out : default_dir(&request, &source, arena, err);
    if (!dir || !choose_kinds(&request, &source, err)) return false;
    if (o->prefix && !has_kind(&request, plot_find("attention")))
        return error_usage(err, "--prefix: only the picture attention has one");
    source.prefix = o->prefix;
    PlotFormat format = o->format && strcmp(o->format, PLOT_FORMATS[PLOT_PNG]) == 0 ? PLOT_PNG : PLOT_SVG;
    for (size_t i = 0; i < request.n_kinds; i++)
        if (!draw(request.kinds[i], &source, format, dir, err)) return false;
    return true;
}

const Command plot_command = {COMMANDS_LOOK, &USAGE, run};
