#include "draw/plot.h"
#include "base/dir.h"
#include "base/file.h"
#include "base/text.h"
#include "cmd/share/command.h"
#include "train/run_find.h"

#include <string.h>

enum { OPERANDS_MAX = 64 };

typedef struct PlotOptions {
    const char *format, *out, *data;
} PlotOptions;

static const Option OPTIONS[] = {
    {"format", 0, OPTION_CHOICE, offsetof(PlotOptions, format), "FORMAT", "svg (default) or png", 0, 0, PLOT_FORMATS},
    {"out", 0, OPTION_TEXT, offsetof(PlotOptions, out), "DIR",
     "the directory for the files (default: plots in the run's directory; of several runs, in the current one)", 0, 0,
     NULL},
    {"data", 0, OPTION_TEXT, offsetof(PlotOptions, data), "FILE", "where the run's names file lies now", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "plot",
    .brief = "pictures of a run: losses, bigrams, embedding and more",
    .summary =
        "Draws a run and writes DIR/KIND.svg for each KIND: loss, bigrams, predictions, embedding, activations, "
        "gradients, updates, lr-find, next; without KIND, all that the run has. Of several runs, or a directory of "
        "runs, it draws compare. What it wrote it prints, a path a line. gnuplot draws.\n\n"
        "updates and lr-find train the run's config anew, activations and gradients take one step more, all in "
        "memory; the run stays as it is.",
    .operand = "RUN... [KIND...]",
    .min_operands = 1,
    .max_operands = OPERANDS_MAX,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(PlotOptions),
    .examples = "  nomen plot runs/mlp\n"
                "  nomen plot runs/mlp loss embedding --format png --out pictures\n"
                "  nomen plot runs/mlp runs/short compare\n",
};

// What is asked for: the operands apart.
typedef struct Request {
    size_t n_runs, n_kinds;
    const char *runs[OPERANDS_MAX];
    const PlotKind *kinds[N_PLOT_KINDS];
} Request;

static bool refuse_kind(const char *word, Arena *arena, Error *err) {
    const char *names[N_PLOT_KINDS], *run = run_guess(word, arena);
    for (size_t i = 0; i < N_PLOT_KINDS; i++) names[i] = PLOT_KINDS[i]->name;
    size_t near = text_nearest(word, names, N_PLOT_KINDS);
    if (near < N_PLOT_KINDS || run)
        error_set(err, "\"%s\" is neither a run nor a kind of picture; did you mean %s?", word,
                  near < N_PLOT_KINDS ? names[near] : run);
    else
        error_set(err, "\"%s\" is neither a run nor a kind of picture", word);
    return options_wrong(&USAGE, err);
}

static void add_kind(Request *request, const PlotKind *kind) {
    for (size_t i = 0; i < request->n_kinds; i++)
        if (request->kinds[i] == kind) return;
    request->kinds[request->n_kinds++] = kind;
}

// The first operand is a run whatever its name; behind it a kind's name is a kind, and ./loss a run of that name.
static bool read_operands(Request *request, const Texts *operands, Arena *arena, Error *err) {
    for (size_t i = 0; i < operands->n; i++) {
        const char *word = operands->items[i];
        const PlotKind *kind = i > 0 ? plot_find(word) : NULL;
        if (kind)
            add_kind(request, kind);
        else if (i == 0 || path_kind(word) != PATH_NOTHING || strchr(word, '/'))
            request->runs[request->n_runs++] = word;
        else
            return refuse_kind(word, arena, err);
    }
    return true;
}

static bool is_for(const PlotKind *kind, const PlotSource *source) {
    return kind->takes_several == (source->run == NULL);
}

// The kinds that cannot be drawn for one reason.
typedef struct Gap {
    const char *why;
    Buffer kinds;
} Gap;

static void add_gap(Gap gaps[N_PLOT_KINDS], size_t *n, const PlotKind *kind, const char *why, Arena *arena) {
    size_t i = 0;
    while (i < *n && strcmp(gaps[i].why, why) != 0) i++;
    if (i == *n) gaps[(*n)++] = (Gap){why, {.arena = arena}};
    buffer_print(&gaps[i].kinds, "%s%s", gaps[i].kinds.n > 0 ? ", " : "", kind->name);
}

// All that are possible, with a line for each reason why others are not.
static bool choose_all(Request *request, const PlotSource *source, Arena *arena, Error *err) {
    Gap gaps[N_PLOT_KINDS];
    size_t n_gaps = 0;
    for (size_t i = 0; i < N_PLOT_KINDS; i++) {
        if (!is_for(PLOT_KINDS[i], source)) continue;
        const char *why_not = plot_applies(PLOT_KINDS[i], source);
        if (why_not)
            add_gap(gaps, &n_gaps, PLOT_KINDS[i], why_not, arena);
        else
            add_kind(request, PLOT_KINDS[i]);
    }
    for (size_t i = 0; i < n_gaps; i++)
        if (!buffer_text(&gaps[i].kinds, err)) return false;
    // Of one run `next` always is, and for several there is a single kind.
    if (request->n_kinds == 0) return error_set(err, "%s: %s", gaps[0].kinds.bytes, gaps[0].why);
    for (size_t i = 0; i < n_gaps; i++) command_note("no %s: %s", gaps[i].kinds.bytes, gaps[i].why);
    return true;
}

// Those asked for must all be possible.
static bool choose_kinds(Request *request, const PlotSource *source, Arena *arena, Error *err) {
    for (size_t i = 0; i < request->n_kinds; i++) {
        const PlotKind *kind = request->kinds[i];
        const char *why_not = plot_applies(kind, source);
        if (!why_not) continue;
        error_set(err, "%s: %s", kind->name, why_not);
        return is_for(kind, source) ? false : options_wrong(&USAGE, err);
    }
    return request->n_kinds > 0 || choose_all(request, source, arena, err);
}

static const char *default_dir(const Request *request, const PlotSource *source, Arena *arena, Error *err) {
    const char *run = request->runs[0];
    if (request->n_runs > 1) return "plots";
    bool is_file = source->run && !source->run->is_dir;
    const char *dir = is_file ? path_dir(arena, run, err) : run;
    return dir ? path_join(arena, dir, "plots", err) : NULL;
}

static bool draw(const PlotKind *kind, PlotSource *source, PlotFormat format, const char *dir, Error *err) {
    Arena arena = {0};
    Buffer image;
    bool is_made = plot_image(kind, source, format, &image, &arena, err) && dir_make(dir, err);
    const char *name = is_made ? arena_format(&arena, err, "%s.%s", kind->name, PLOT_FORMATS[format]) : NULL;
    const char *path = name ? path_join(&arena, dir, name, err) : NULL;
    bool ok = path && file_replace(path, image.bytes, image.n, err);
    if (ok) puts(path);
    arena_free(&arena);
    return ok;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    const PlotOptions *o = options;
    Request request = {0};
    PlotSource source;
    if (!read_operands(&request, operands, arena, err)) return command_failed(err);
    if (o->out && o->out[0] == '\0') {
        error_set(err, "--out: expected a directory, found \"\"");
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    if (o->data && request.n_runs > 1) {
        error_set(err, "--data: it says where one run's names file lies, and %zu runs were given", request.n_runs);
        options_wrong(&USAGE, err);
        return command_failed(err);
    }
    if (!plot_source_open(&source, request.n_runs, request.runs, o->data, arena, err)) {
        if (err->kind == ERROR_USAGE) options_wrong(&USAGE, err);
        return command_failed(err);
    }
    for (size_t i = 0; i < source.n_notes; i++) command_note("%s", source.notes[i]);
    const char *dir = o->out ? o->out : default_dir(&request, &source, arena, err);
    if (!dir || !choose_kinds(&request, &source, arena, err)) return command_failed(err);
    PlotFormat format = o->format && strcmp(o->format, PLOT_FORMATS[PLOT_PNG]) == 0 ? PLOT_PNG : PLOT_SVG;
    for (size_t i = 0; i < request.n_kinds; i++)
        if (!draw(request.kinds[i], &source, format, dir, err)) return command_failed(err);
    if (source.has_codes)
        command_note(
            "a PNG shows characters that fonts often lack by their codes, such as U+65E5; an SVG shows them all");
    return command_done(err);
}

const Command plot_command = {COMMANDS_LOOK, &USAGE, run};
