#include "base/entropy.h"
#include "base/format.h"
#include "base/text.h"
#include "cmd/share/chart.h"
#include "cmd/share/command.h"
#include "study/sample_report.h"
#include "study/sampler.h"
#include "train/load.h"

#include <string.h>

enum { DRAWS_A_NAME = 1000, COUNT_MAX = 100000000 };

typedef struct SampleOptions {
    WholeOption count, top_k;
    const char *temperatures, *seed, *prefix, *method, *data;
    bool new_only, report, json;
} SampleOptions;

static const Option OPTIONS[] = {
    {"count", 'n', OPTION_WHOLE, offsetof(SampleOptions, count), "N",
     "how many names (default: the config's sample.count)", 1, COUNT_MAX, NULL},
    {"temperature", 't', OPTION_TEXT, offsetof(SampleOptions, temperatures), "T[,T...]",
     "below 1 likelier, above 1 stranger, 0 the likeliest; of several, each name comes after its own and a tab", 0, 0,
     NULL},
    {"seed", 's', OPTION_TEXT, offsetof(SampleOptions, seed), "SEED", "of the draws (default: the run's); or random", 0,
     0, NULL},
    {"prefix", 'p', OPTION_TEXT, offsetof(SampleOptions, prefix), "PREFIX", "what every name begins with", 0, 0, NULL},
    {"top-k", 'k', OPTION_WHOLE, offsetof(SampleOptions, top_k), "K", "draw among the K most likely symbols only", 1,
     65535, NULL},
    {"method", 0, OPTION_CHOICE, offsetof(SampleOptions, method), "race|inverse",
     "as torch.multinomial draws without or with replacement", 0, 0, SAMPLE_METHODS},
    {"new", 0, OPTION_FLAG, offsetof(SampleOptions, new_only), NULL, "pass over names that stand in the names file", 0,
     0, NULL},
    {"report", 0, OPTION_FLAG, offsetof(SampleOptions, report), NULL,
     "before each name its mean -log p by character and the part that has it, or new; then shares", 0, 0, NULL},
    {"data", 0, OPTION_TEXT, offsetof(SampleOptions, data), "FILE",
     "where the names file lies now, for --new, --report", 0, 0, NULL},
    {"json", 0, OPTION_FLAG, offsetof(SampleOptions, json), NULL, "a JSON object a line", 0, 0, NULL},
};

static const Usage USAGE = {
    .command = "sample",
    .brief = "make up names",
    .summary = "Makes up names, one a line.",
    .operand = "RUN",
    .min_operands = 1,
    .max_operands = 1,
    .options = OPTIONS,
    .n_options = sizeof OPTIONS / sizeof *OPTIONS,
    .size = sizeof(SampleOptions),
    .examples = "  nomen sample runs/mlp -n 10 -t 0.5,1.0,1.5 -p mar --new\n"
                "  nomen sample runs/mlp -n 1000 -t 0.5,1 --report\n",
};

// Everything the names are drawn with.
typedef struct SampleJob {
    SavedModel saved;
    SampleSettings settings; // but for the temperature
    uint64_t seed, count;
    Temperatures temperatures;
    bool new_only, reports, json;
    NameParts known; // its parts where it reports only, its set where new_only too
    size_t n_cut;    // names that had no end
} SampleJob;

static bool wrong(Error *err) { return options_wrong(&USAGE, err); }

static bool read_seed(const char *text, uint64_t *seed, Error *err) {
    if (strcmp(text, "random") == 0) {
        if (!entropy_draw(seed, err)) return false;
        *seed &= 0xFFFFFFFF; // all that the generator takes
        command_note("seed %llu", (unsigned long long)*seed);
        return true;
    }
    if (text_whole(text, 0, WHOLE_MAX, seed)) return true;
    error_set(err, "--seed: expected a whole number from 0 to %llu, or random, found \"%s\"", WHOLE_MAX, text);
    return wrong(err);
}

// The names that --new passes over, and that --report finds in the parts of the split.
static bool read_known(SampleJob *job, const char *path, Arena *arena, Error *err) {
    NameList names;
    bool changed;
    DataConfig *data = &job->saved.config.data;
    if (path) data->path = path;
    if (!sample_names_read(&names, &changed, &job->saved, path ? NULL : NAMES_MOVED, arena, err))
        return error_context(err, job->reports ? "--report" : "--new");
    if (changed && job->reports)
        return error_set(err,
                         "--report: %s: it has changed since the run was trained on it, and its split with it; "
                         "put it back",
                         data->path);
    if (changed)
        command_note("%s has changed since the run was trained on it; --new goes by what it holds now", data->path);
    return job->reports ? sample_parts_create(&job->known, &names, data, arena, err)
                        : nameset_create(&job->known.set, &names, arena, err);
}

static bool read_prefix(SampleJob *job, const char *prefix, Arena *arena, Error *err) {
    size_t n = strlen(prefix);
    uint16_t *ids = arena_alloc(arena, n, sizeof *ids, err);
    if (!ids) return false;
    if (!vocab_encode(&job->saved.file.vocab, prefix, n, ids, &job->settings.n_prefix, err))
        return error_context(err, "--prefix");
    job->settings.prefix = ids;
    if (job->settings.n_prefix < SAMPLE_MAX_SYMBOLS) return true;
    return error_set(err, "--prefix: expected fewer than %d characters, found %zu", SAMPLE_MAX_SYMBOLS,
                     job->settings.n_prefix);
}

static bool prepare(SampleJob *job, const SampleOptions *o, const char *run, Arena *arena, Error *err) {
    Temperatures *temperatures = &job->temperatures;
    bool needs_names = o->new_only || o->report;
    if (o->data && !needs_names) {
        error_set(err, "--data: the names file is read for --new or --report; give one of them");
        return wrong(err);
    }
    if (o->temperatures && !temperatures_read(temperatures, o->temperatures, true, err)) return wrong(err);
    if (o->seed && !read_seed(o->seed, &job->seed, err)) return false;
    if (!load_model(&job->saved, run, arena, err)) return false;
    if (!o->seed) job->seed = job->saved.config.seed;
    const SampleConfig *defaults = &job->saved.config.sample;
    const char *method = o->method ? o->method : defaults->method;
    if (!o->temperatures) *temperatures = (Temperatures){1, {defaults->temperature}};
    job->count = o->count.given ? o->count.value : defaults->count;
    job->new_only = o->new_only;
    job->settings.top_k = o->top_k.given ? (size_t)o->top_k.value : 0;
    job->settings.method = sample_method(method);
    if (o->prefix && !read_prefix(job, o->prefix, arena, err)) return false;
    job->reports = o->report;
    job->json = o->json;
    return !needs_names || read_known(job, o->data, arena, err);
}

// A line of text: the temperature where there are several, what is reported, the name.
static void print_line(const SampleJob *job, const SampleStanding *report, char *text, size_t n) {
    if (job->temperatures.n > 1) printf("%.9g\t", job->settings.temperature);
    char loss[FORMAT_BYTES];
    if (job->reports) printf("%s\t%s\t", format_loss(report->nll, loss), sample_standing_name(report->standing));
    text[n++] = '\n';
    fwrite(text, 1, n, stdout);
}

// The same as a JSON object; `out` is empty before and after.
static bool print_object(const SampleJob *job, const SampleStanding *report, const char *text, size_t n, Buffer *out,
                         Error *err) {
    json_open(out, '{');
    json_add_number(out, "temperature", job->settings.temperature);
    json_key(out, "name");
    json_bytes(out, text, n);
    if (job->reports) json_add_number(out, "nll_per_char", report->nll);
    if (job->reports) json_add_text(out, "part", sample_standing_name(report->standing));
    json_close(out, '}');
    const char *line = buffer_text(out, err);
    if (line) puts(line);
    out->n = 0;
    out->json_comma = false;
    return line != NULL;
}

static void print_all(const SampleReport *report) {
    char loss[FORMAT_BYTES];
    printf("%s\tall\t%llu name%s: ", format_loss(report->nll / (double)report->examples, loss),
           (unsigned long long)report->names, report->names == 1 ? "" : "s");
    for (size_t s = 0; s <= N_PARTS; s++)
        printf("%s%s %.1f %%", s > 0 ? ", " : "", sample_standing_name(s),
               100 * (double)report->standing[s] / (double)report->names);
    putchar('\n');
}

static bool print_shares(const SampleJob *job, const SampleReport *report, Buffer *out, Error *err) {
    if (!job->json) {
        if (job->temperatures.n > 1) printf("%.9g\t", job->settings.temperature);
        print_all(report);
        return true;
    }
    json_open(out, '{');
    json_add_number(out, "temperature", job->settings.temperature);
    json_add_open(out, "all", '{');
    sample_report_add_shares(report, out);
    json_close(out, '}');
    json_close(out, '}');
    const char *line = buffer_text(out, err);
    if (line) puts(line);
    return line != NULL;
}

static bool print_names(SampleJob *job, double temperature, Error *err) {
    Arena arena = {0};
    Sampler sampler;
    SampledName name;
    const Vocab *vocab = &job->saved.file.vocab;
    SampleReport report = {0};
    SampleStanding of_name = {0};
    Buffer json = {.arena = &arena};
    uint64_t made = 0, draws = 0;
    job->settings.temperature = temperature;
    bool ok = sampler_create(&sampler, &job->saved.model, &job->settings, job->seed, &arena, err);
    for (; ok && made < job->count && !ferror(stdout); draws++) {
        char text[SAMPLE_MAX_SYMBOLS * UTF8_MAX_BYTES + 1];
        size_t n = 0;
        if (draws / DRAWS_A_NAME >= job->count)
            ok = error_set(err, "--new: %llu of %llu names after %llu draws; the rest stand in %s already",
                           (unsigned long long)made, (unsigned long long)job->count, (unsigned long long)draws,
                           job->saved.config.data.path);
        if (!ok || !(ok = sampler_next(&sampler, &name, err))) break;
        for (size_t i = 0; i < name.n; i++) n += vocab_decode(vocab, name.ids[i], text + n);
        if (job->new_only && nameset_has(&job->known.set, text, n)) continue;
        if (job->reports) of_name = sample_report_add(&report, &job->saved.model, &job->known, &name, text, n);
        if (job->json)
            ok = print_object(job, &of_name, text, n, &json, err);
        else
            print_line(job, &of_name, text, n);
        job->n_cut += name.is_cut;
        made++;
    }
    if (ok && job->reports) ok = print_shares(job, &report, &json, err);
    arena_free(&arena);
    return ok;
}

static int run(const void *options, const Texts *operands, Arena *arena, Error *err) {
    SampleJob job = {0};
    bool ok = prepare(&job, options, operands->items[0], arena, err);
    for (size_t i = 0; ok && i < job.temperatures.n; i++) ok = print_names(&job, job.temperatures.items[i], err);
    if (job.n_cut > 0) command_note("%zu of the names were cut at %d characters", job.n_cut, SAMPLE_MAX_SYMBOLS);
    if (ok) return command_done(err);
    fflush(stdout);
    return command_failed(err);
}

const Command sample_command = {COMMANDS_TRAIN, &USAGE, run};
