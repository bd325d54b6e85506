#include "base/format.h"
#include "base/json.h"
#include "base/rng.h"
#include "base/text.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "study/describe.h"
#include "study/sample_report.h"
#include "study/sampler.h"
#include "train/load.h"

#include <string.h>

enum { DRAWS_PER_NAME = 1000, COUNT_MAX = 100000000 };

typedef struct SampleOptions {
    WholeOption count, top_k;
    const char *temperatures, *seed, *prefix, *method, *data;
    bool new_only, distinct, report, json;
} SampleOptions;

static const Option OPTIONS[] = {
    {"count", 'n', OPTION_WHOLE, offsetof(SampleOptions, count), "N",
     "number of names (default: sample.count of the config)", 1, COUNT_MAX},
    {"temperature", 't', OPTION_TEXT, offsetof(SampleOptions, temperatures), "T[,T...]",
     "below 1: likelier names; above 1: stranger names; 0: the likeliest; several T: T and a tab before each name"},
    {"seed", 's', OPTION_TEXT, offsetof(SampleOptions, seed), "SEED", "seed, or random (default: the run's seed)"},
    {"prefix", 'p', OPTION_TEXT, offsetof(SampleOptions, prefix), "PREFIX", "the beginning of every name"},
    {"top-k", 'k', OPTION_WHOLE, offsetof(SampleOptions, top_k), "K", "draw only from the K likeliest symbols", 1,
     65535},
    {"method", 0, OPTION_CHOICE, offsetof(SampleOptions, method), "METHOD",
     "race, inverse: torch.multinomial, replacement=False or True; lockstep: makemore.py; choices: random.choices", 0,
     0, SAMPLE_METHODS},
    {"new", 0, OPTION_FLAG, offsetof(SampleOptions, new_only), NULL, "skip blank names and names in the names file"},
    {"distinct", 0, OPTION_FLAG, offsetof(SampleOptions, distinct), NULL,
     "skip names already drawn at this temperature"},
    {"report", 0, OPTION_FLAG, offsetof(SampleOptions, report), NULL,
     "add -log p per character, each name's split, shares"},
    {"data", 0, OPTION_TEXT, offsetof(SampleOptions, data), "FILE",
     "the names file for --new, --report, if it has moved"},
    {"json", 0, OPTION_FLAG, offsetof(SampleOptions, json), NULL, "one JSON object per line"},
};

static const Usage USAGE = {
    .command = "sample",
    .brief = "make up names",
    .summary = "Samples names from the model and prints one per line.",
    .operand = "RUN",
    OPTION_TABLE(OPTIONS, SampleOptions),
    .examples = "  nomen sample runs/mlp -n 10 -t 0.5,1.0,1.5 -p mar --new --distinct\n"
                "  nomen sample runs/mlp -n 1000 -t 0.5,1 --report\n",
};

// What the names are drawn with.
typedef struct SampleJob {
    const SampleOptions *options;
    SavedModel saved;
    SampleSettings settings; // but for the temperature
    Rng rng;                 // before the first name
    uint64_t count;
    Temperatures temperatures;
    NameParts known; // its parts for --report, its set for --new too
    uint64_t n_made, n_blank;
    uint64_t n_cut; // names that had no end within most_symbols
    size_t most_symbols;
} SampleJob;

static bool read_seed(const char *text, uint64_t *seed, Error *err) {
    if (strcmp(text, "random") == 0) {
        if (!rng_system(seed, err)) return false;
        *seed &= 0xFFFFFFFF; // the bits that the generator uses
        command_note("seed %llu", (unsigned long long)*seed);
        return true;
    }
    if (text_whole(text, 0, WHOLE_MAX, seed)) return true;
    return error_usage(err, "--seed: expected a whole number from 0 to %llu, or random, found \"%s\"", WHOLE_MAX, text);
}

// Reads the names that --new skips and that --report looks up.
static bool read_known(SampleJob *job, const char *path, Arena *arena, Error *err) {
    bool changed;
    DataConfig *data = &job->saved.config.data;
    if (path) data->path = path;
    if ((!path && !load_check_names(data->path, true, err)) ||
        !sample_parts_load(&job->known, &changed, &job->saved, arena, err))
        return error_context(err, job->options->report ? "--report" : "--new");
    if (changed && job->options->report)
        return error_set(err,
                         "--report: %s: it has changed since the run was trained on it, so its split has too; "
                         "put it back",
                         data->path);
    if (changed)
        command_note("%s has changed since the run was trained on it; --new uses its present names", data->path);
    return true;
}

static bool read_prefix(SampleJob *job, const char *prefix, Arena *arena, Error *err) {
    uint16_t *ids;
    if (!load_prefix(&job->saved, prefix, &ids, &job->settings.n_prefix, arena, err)) return false;
    job->settings.prefix = ids;
    size_t most = sample_max_symbols(&job->saved.model);
    if (job->settings.n_prefix < most) return true;
    return error_set(err, "--prefix: expected fewer than %zu characters, found %zu", most, job->settings.n_prefix);
}

static bool prepare(SampleJob *job, const char *run, Arena *arena, Error *err) {
    const SampleOptions *o = job->options;
    if (o->temperatures && !temperatures_read(&job->temperatures, o->temperatures, true, err)) return false;
    MaybeWhole seed = {.given = o->seed != NULL};
    if (o->seed && !read_seed(o->seed, &seed.value, err)) return false;
    if (!load_model(&job->saved, run, arena, err)) return false;
    const SampleConfig *defaults = &job->saved.config.sample;
    job->rng = train_state_sample_rng(&job->saved.file.state, &job->saved.config, seed);
    if (!o->temperatures) job->temperatures = (Temperatures){1, {defaults->temperature}};
    job->count = o->count.given ? o->count.value : defaults->count;
    job->settings.top_k = o->top_k.given ? (size_t)o->top_k.value : 0;
    job->settings.method = sample_method(o->method ? o->method : defaults->method);
    job->settings.group = (size_t)job->count;
    if (o->prefix && !read_prefix(job, o->prefix, arena, err)) return false;
    return (!o->new_only && !o->report) || read_known(job, o->data, arena, err);
}

// Prints the buffer and empties it.
static void flush(Buffer *out) {
    if (!out->failed) fwrite(out->bytes, 1, out->n, stdout);
    out->n = 0;
    out->json_comma = false;
}

static void write_name(Buffer *out, const SampleJob *job, const NameReport *report, const char *text, size_t n) {
    const SampleOptions *o = job->options;
    char loss[FORMAT_BYTES];
    if (o->json) {
        json_open(out, '{');
        json_add_number(out, "temperature", job->settings.temperature);
        json_key(out, "name");
        json_bytes(out, text, n);
        if (o->report) json_add_number(out, "nll_per_char", report->nll);
        if (o->report) json_add_text(out, "part", sample_kind_name(report->kind));
        json_close(out, '}');
    } else {
        if (job->temperatures.n > 1) buffer_print(out, "%.9g\t", job->settings.temperature);
        if (o->report) buffer_print(out, "%s\t%s\t", format_loss(report->nll, loss), sample_kind_name(report->kind));
        buffer_add(out, text, n);
    }
    buffer_add(out, "\n", 1);
    flush(out);
}

static void write_shares(Buffer *out, const SampleJob *job, const SampleReport *report) {
    double nll = report->nll / (double)report->examples, n = (double)report->names;
    char loss[FORMAT_BYTES];
    if (job->options->json) {
        json_open(out, '{');
        json_add_number(out, "temperature", job->settings.temperature);
        json_add_open(out, "all", '{');
        json_add_whole(out, "names", report->names);
        json_add_number(out, "nll_per_char", nll);
        for (size_t k = 0; k < N_SAMPLE_KINDS; k++)
            json_add_number(out, sample_kind_name(k), (double)report->kinds[k] / n);
        json_close(out, '}');
        json_close(out, '}');
    } else {
        if (job->temperatures.n > 1) buffer_print(out, "%.9g\t", job->settings.temperature);
        buffer_print(out, "%s\tall\t%llu name%s:", format_loss(nll, loss), (unsigned long long)report->names,
                     report->names == 1 ? "" : "s");
        for (size_t k = 0; k < N_SAMPLE_KINDS; k++)
            if (k != SAMPLE_BLANK || report->kinds[k] > 0)
                buffer_print(out, "%s %s %.1f %%", k > 0 ? "," : "", sample_kind_name(k),
                             100 * (double)report->kinds[k] / n);
    }
    buffer_add(out, "\n", 1);
    flush(out);
}

// The names of one temperature.
typedef struct Drawing {
    SampleJob *job;
    Sampler sampler;
    GrowingSet printed; // for --distinct
    SampleReport report;
    uint64_t draws, made;
} Drawing;

static bool give_up(const Drawing *drawing, Error *err) {
    const SampleOptions *o = drawing->job->options;
    static const char *const flags[] = {"--distinct", "--new", "--new --distinct"};
    static const char *const skipped[] = {"repeated", "blank or in the names file",
                                          "blank, repeated or in the names file"};
    size_t i = o->new_only ? 1 + o->distinct : 0;
    return error_set(err,
                     "%s: %llu of %llu names after %llu draws; all others are %s; a smaller -n or a higher -t helps",
                     flags[i], (unsigned long long)drawing->made, (unsigned long long)drawing->job->count,
                     (unsigned long long)drawing->draws, skipped[i]);
}

// Sets *is_wanted to false if --new or --distinct skips the name.
static bool check_wanted(Drawing *drawing, const char *text, size_t n, bool *is_wanted, Error *err) {
    const SampleOptions *o = drawing->job->options;
    size_t index;
    *is_wanted = !o->new_only || (n > 0 && !name_set_find(&drawing->job->known.set, text, n, &index));
    return !*is_wanted || !o->distinct || growing_set_add(&drawing->printed, text, n, is_wanted, err);
}

// Draws a name and, if it is wanted, prints it.
static bool draw_name(Drawing *drawing, Buffer *out, Error *err) {
    SampleJob *job = drawing->job;
    SampledName name;
    char text[SAMPLE_MAX_BYTES];
    NameReport report = {0};
    bool is_wanted;
    if (drawing->draws / DRAWS_PER_NAME >= job->count) return give_up(drawing, err);
    if (!sampler_next(&drawing->sampler, &name, err)) return false;
    drawing->draws++;
    size_t n = sample_text(&name, &job->saved, text);
    if (!check_wanted(drawing, text, n, &is_wanted, err)) return false;
    if (!is_wanted) return true;
    if (job->options->report)
        report = sample_report_add(&drawing->report, &job->saved.model, &job->known, &name, text, n);
    write_name(out, job, &report, text, n);
    drawing->made++;
    job->n_made++;
    job->n_blank += n == 0;
    job->n_cut += name.is_cut;
    return true;
}

static bool print_names(SampleJob *job, double temperature, Error *err) {
    Arena arena = {0};
    Buffer out = {.arena = &arena};
    Drawing drawing = {.job = job};
    job->settings.temperature = temperature;
    bool ok = sampler_create(&drawing.sampler, &job->saved.model, &job->settings, &job->rng, &arena, err) &&
              (!job->options->distinct || growing_set_create(&drawing.printed, (size_t)job->count, &arena, err));
    job->most_symbols = drawing.sampler.most_symbols;
    while (ok && drawing.made < job->count && !ferror(stdout)) ok = draw_name(&drawing, &out, err);
    if (ok && job->options->report) write_shares(&out, job, &drawing.report);
    ok = ok && buffer_text(&out, err);
    arena_free(&arena);
    return ok;
}

// Notes how many names are blank or cut, and a train loss above uniform guessing.
static void note_doubts(const SampleJob *job) {
    char noise[DESCRIBE_NOISE_BYTES];
    if (job->n_blank > 0)
        command_note("%llu of %llu names %s blank; --new leaves out blank names", (unsigned long long)job->n_blank,
                     (unsigned long long)job->n_made, job->n_blank == 1 ? "is" : "are");
    if (job->n_cut > 0)
        command_note("%llu name%s cut at %zu characters", (unsigned long long)job->n_cut,
                     job->n_cut == 1 ? " was" : "s were", job->most_symbols);
    if (describe_noise(load_train_loss(&job->saved), job->saved.file.vocab.n, noise)) command_note("%s", noise);
}

static bool run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    SampleJob job = {.options = options};
    bool ok = prepare(&job, operands->items[0], arena, err);
    for (size_t i = 0; ok && i < job.temperatures.n; i++) ok = print_names(&job, job.temperatures.items[i], err);
    if (ok && !ferror(stdout)) note_doubts(&job);
    return ok;
}

const Command sample_command = {COMMANDS_TRAIN, &USAGE, run};
