// nomen-bench measures pieces of our work in this process, after a warm-up; bench.py asks a peer for the same work and
// makes the table. Usage: nomen-bench NAMES [REQUEST], or requests on standard input:
//
//   isa                       the kernel table in use
//   peak                      floating-point operations per second that it could do at most
//   shapes CONFIG             its matrix products, "nn M N K,tn M N K,..." at its batch size; "none" if it has none or
//                             reads whole names, whose rows vary
//   gemm nn|tn|nt M N K       seconds per product, operations
//   step CONFIG [KEY=VALUE]   seconds per training step, operations, parameters, bytes touched
//   update CONFIG [...]       the same of the update of the weights alone
//   loss CONFIG [...]         seconds of the exact loss of the train split, examples
//   sample race|inverse CONFIG [...]   seconds per character, by a network that has trained a little
//   read CONFIG [...]         seconds to load and split the names, seconds to count their contexts, bytes of the file,
//                             peak bytes of memory before counting; best in a process of its own
//
// "scalar" before a request uses the plain reference kernels. A config is trained on NAMES, or on FILE with data=FILE.
#include "worker.h"

#include "kernels/kernels.h"
#include "study/sampler.h"
#include "study/session.h"
#include "train/evaluate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { MAX_CHANGES = 16, SAMPLE_TRAINING_STEPS = 2000, SAMPLED_NAMES = 5000 };

// A config with its data and its trainer, created at the first request and kept.
typedef struct Job {
    char *name; // the request's words from CONFIG on
    Arena arena;
    Session session;
    bool is_trained;
    double loss;
    Error err;
    struct Job *next;
} Job;

static Job *jobs;
static const char *names_file;

// Reads "CONFIG KEY=VALUE ..."; `set` has room for MAX_CHANGES.
static bool read_changes(size_t n, char **words, ConfigChanges *changes, const char **set, Error *err) {
    *changes = (ConfigChanges){.data = names_file, .set = set};
    if (n == 0) return error_set(err, "expected a config");
    if (n > MAX_CHANGES) return error_set(err, "at most %d changes, found %zu", MAX_CHANGES - 1, n - 1);
    for (size_t i = 1; i < n; i++) {
        if (!strchr(words[i], '=')) return error_set(err, "expected KEY=VALUE, found %s", words[i]);
        if (strncmp(words[i], "data=", 5) == 0)
            changes->data = words[i] + 5;
        else
            set[changes->n++] = words[i];
    }
    return true;
}

// Finds or creates the job of "CONFIG KEY=VALUE ..."; returns NULL, with the reason in `why`, if that fails.
static Job *job_find(size_t n, char **words, char *why) {
    char name[4096] = "";
    const char *set[MAX_CHANGES];
    ConfigChanges changes;
    for (size_t i = 0; i < n; i++) snprintf(name + strlen(name), sizeof name - strlen(name), "%s ", words[i]);
    for (Job *job = jobs; job; job = job->next)
        if (strcmp(job->name, name) == 0) return job;
    Job *job = calloc(1, sizeof *job);
    if (!job) return NULL;
    job->name = strdup(name);
    if (job->name && read_changes(n, words, &changes, set, &job->err) &&
        session_from_config(&job->session, words[0], &changes, 0, false, &job->arena, &job->err)) {
        job->next = jobs;
        jobs = job;
        return job;
    }
    snprintf(why, WHY_BYTES, "%s", job->err.text);
    arena_free(&job->arena);
    free(job->name);
    free(job);
    return NULL;
}

static void do_step(void *context) {
    Job *job = context;
    Trainer *trainer = &job->session.trainer;
    if (job->err.text[0] == '\0') trainer_step(trainer, &job->loss, &job->err);
}

// At rate 0, so that the weights do not run away along one gradient.
static void do_update(void *context) { trainer_update(&((Job *)context)->session.trainer, 0); }

static void do_loss(void *context) {
    Job *job = context;
    job->loss = trainer_evaluate(&job->session.trainer, &job->session.trainer.train);
}

static bool is_linear(const Layer *layer) { return strcmp(layer->type->record.name, "linear") == 0; }

// Operations of the last training step's matrix products, y = x W and two gradients: of the rows left after merging, or
// of the tables that replace the first layers.
static size_t step_flops(const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    size_t flops = 0;
    bool by_tables = network->uses_tables;
    for (const Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++) {
        size_t rows = network->n * (network->reads_names ? 1 : layer->plan.in.t), weights = 0;
        for (size_t i = 0; i < layer->plan.n_tensors; i++)
            if (layer->plan.tensors[i].n_dims == 2 && !layer->plan.tensors[i].is_table)
                weights += layer->plan.tensors[i].dims[0] * layer->plan.tensors[i].dims[1];
        flops += 6 * (by_tables ? network->vocab : rows) * weights;
        by_tables = by_tables && weights == 0;
    }
    return flops;
}

// Weights, activations and the gradients of both.
static size_t step_bytes(const Trainer *trainer) {
    const Network *network = &trainer->model.network;
    size_t floats = 2 * network->n_slab;
    for (const Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++)
        if (!layer->plan.is_view) floats += 2 * trainer->batch * layer->plan.out.t * layer->plan.out.c;
    return floats * sizeof(float);
}

static bool answer_training(size_t n, char **words, char *why) {
    Job *job = job_find(n - 1, words + 1, why);
    if (!job) return false;
    const Trainer *trainer = &job->session.trainer;
    bool is_step = strcmp(words[0], "step") == 0, is_loss = strcmp(words[0], "loss") == 0;
    do_step(job); // an update needs a gradient
    double seconds = seconds_each(is_step ? do_step : is_loss ? do_loss : do_update, job, 0.05);
    if (job->err.text[0] != '\0') {
        snprintf(why, WHY_BYTES, "%s", job->err.text);
        return false;
    }
    printf("%.9g %zu %zu %zu", seconds, is_loss ? (size_t)trainer->train.total : step_flops(trainer),
           trainer->model.network.n_parameters, step_bytes(trainer));
    return true;
}

// Draws with a new sampler each time, which remembers no context.
typedef struct Draw {
    Job *job;
    DrawMethod method;
    size_t n_characters;
    bool failed;
} Draw;

static void do_sample(void *context) {
    Draw *draw = context;
    Arena arena = {0};
    Sampler sampler;
    SampledName name;
    Error err = {0};
    SampleSettings settings = {.temperature = 1, .method = draw->method};
    Rng rng;
    rng_seed(&rng, 1);
    bool ok = sampler_create(&sampler, &draw->job->session.trainer.model, &settings, &rng, &arena, &err);
    draw->n_characters = 0;
    for (size_t i = 0; ok && i < SAMPLED_NAMES; i++) {
        ok = sampler_next(&sampler, &name, &err);
        draw->n_characters += name.n + !name.is_cut;
    }
    draw->failed = !ok;
    arena_free(&arena);
}

static bool answer_sample(size_t n, char **words, char *why) {
    Job *job = n > 2 ? job_find(n - 2, words + 2, why) : NULL;
    if (!job) return false;
    for (size_t i = 0; !job->is_trained && i < SAMPLE_TRAINING_STEPS; i++) do_step(job);
    job->is_trained = true;
    Draw draw = {.job = job, .method = strcmp(words[1], "race") == 0 ? DRAW_RACE : DRAW_INVERSE};
    double seconds = seconds_each(do_sample, &draw, 0.05);
    if (draw.failed) return false;
    printf("%.9g %zu", seconds / (double)draw.n_characters, draw.n_characters);
    return true;
}

static size_t peak_bytes(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return (size_t)usage.ru_maxrss;
#else
    return (size_t)usage.ru_maxrss * 1024;
#endif
}

static bool answer_read(size_t n, char **words, char *why) {
    Arena arena = {0};
    Error err;
    Config config;
    Dataset dataset;
    ContextCounts counts;
    const char *set[MAX_CHANGES];
    ConfigChanges changes;
    bool ok =
        read_changes(n - 1, words + 1, &changes, set, &err) && config_open(&config, words[1], &changes, &arena, &err);
    double begin = processor_seconds();
    ok = ok && dataset_load(&dataset, &config.data, WORLD_ALONE, NULL, &arena, &err);
    double loaded = processor_seconds();
    size_t peak = peak_bytes(), context = 0;
    if (ok) context = (size_t)(config.model.is_ngram ? config.model.ngram - 1 : config.model.context);
    double counting = processor_seconds();
    ok = ok && context_counts_create(&counts, dataset.stream, (Span){0, dataset.n_stream}, NULL, context,
                                     dataset.vocab.n, &arena, &err);
    double counted = processor_seconds();
    struct stat file = {0};
    if (ok) stat(config.data.path, &file);
    if (ok)
        printf("%.9g %.9g %llu %zu", loaded - begin, counted - counting, (unsigned long long)file.st_size, peak);
    else
        snprintf(why, WHY_BYTES, "%s", err.text);
    arena_free(&arena);
    return ok;
}

static bool answer_shapes(size_t n, char **words, char *why) {
    Job *job = job_find(n - 1, words + 1, why);
    if (!job) return false;
    const Network *network = &job->session.trainer.model.network;
    const char *comma = "";
    for (const Layer *layer = network->layers; layer < network->layers + network->n_layers; layer++) {
        if (!is_linear(layer) || network->reads_names) continue;
        size_t rows = job->session.trainer.batch * layer->plan.in.t, in = layer->plan.in.c, out = layer->plan.out.c;
        printf("%snn %zu %zu %zu,tn %zu %zu %zu,nt %zu %zu %zu", comma, rows, out, in, in, out, rows, rows, in, out);
        comma = ",";
    }
    if (*comma == '\0') printf("none");
    return true;
}

static void multiply(void *context) {
    const Product *p = context;
    if (p->first == 't')
        kernels->gemm_tn(p->m, p->n, p->k, p->a, p->m, p->b, p->c, true);
    else if (p->second == 't')
        kernels->gemm_nt(p->m, p->n, p->k, p->a, p->b, p->c, false);
    else
        kernels->gemm_nn(p->m, p->n, p->k, p->a, p->b, NULL, p->c, false);
}

static bool answer_gemm(size_t n, char **words, char *why) {
    Product product;
    if (!product_create(&product, n - 1, words + 1)) {
        snprintf(why, WHY_BYTES, "expected gemm nn|tn|nt M N K");
        return false;
    }
    printf("%.9g %zu", seconds_each(multiply, &product, 0.01), 2 * product.m * product.n * product.k);
    product_free(&product);
    return true;
}

static bool answer(size_t n, char **words, char *why) {
    const char *verb = words[0];
    if (strcmp(verb, "scalar") == 0 && n > 1) {
        const Kernels *chosen = kernels;
        kernels = kernels_available(0);
        bool ok = answer(n - 1, words + 1, why);
        kernels = chosen;
        return ok;
    }
    if (strcmp(verb, "isa") == 0) return printf("%s", kernels->name) > 0;
    if (strcmp(verb, "peak") == 0) return printf("%.9g", fma_peak(kernels->name)) > 0;
    if (strcmp(verb, "gemm") == 0) return answer_gemm(n, words, why);
    if (strcmp(verb, "shapes") == 0) return answer_shapes(n, words, why);
    if (strcmp(verb, "read") == 0) return answer_read(n, words, why);
    if (strcmp(verb, "sample") == 0) return answer_sample(n, words, why);
    if (strcmp(verb, "step") == 0 || strcmp(verb, "update") == 0 || strcmp(verb, "loss") == 0)
        return answer_training(n, words, why);
    snprintf(why, WHY_BYTES, "no such request: %.100s", verb);
    return false;
}

int main(int argc, char **argv) {
    Error err = {0};
    if (argc < 2 || !kernels_select(getenv("NOMEN_ISA"), &err)) {
        fprintf(stderr, "nomen-bench: %s\n", argc < 2 ? "usage: nomen-bench NAMES [REQUEST]" : err.text);
        return 2;
    }
    names_file = argv[1];
    int status = serve((size_t)argc - 2, argv + 2, answer);
    for (Job *job = jobs, *next; job; job = next) {
        next = job->next;
        arena_free(&job->arena);
        free(job->name);
        free(job);
    }
    return status;
}
