// Input: a config, then changes "KEY=VALUE" as of --set, each after a byte 0xFF. An accepted config plans a network,
// and reads back the same after it is written.
#include "fuzz.h"

#include "config/config.h"

#include <string.h>

enum { MOST_CHANGES = 4, VOCAB = 27 };

static void plan_network(const Config *config, Arena *arena) {
    Error err = {0};
    Model model;
    size_t batch = (size_t)config->train.batch_size;
    const NetworkUse use = {.max_rows = batch > MODEL_EVALUATION_ROWS ? batch : MODEL_EVALUATION_ROWS, .batch = batch};
    if (model_create(&model, &config->model, VOCAB, use, arena, &err) && !config->model.is_ngram) {
        Rng rng;
        rng_seed(&rng, config->seed);
        network_init(&model.network, config->data.random, &rng);
        network_check_batch(&model.network, batch, &err);
    }
}

static void write_and_read(const Config *config, Arena *arena) {
    Error err = {0};
    Config again;
    Buffer out = {.arena = arena}, out_again = {.arena = arena};
    config_write(config, &out);
    const char *text = buffer_text(&out, &err);
    fuzz_expect(text && config_parse(&again, text, "again", NULL, arena, &err), "a written config to read back", &err);
    config_write(&again, &out_again);
    const char *text_again = buffer_text(&out_again, &err);
    fuzz_expect(text_again && strcmp(text, text_again) == 0, "the same text the second time", &err);
    fuzz_expect(config_can_resume(config, &again, &err), "a config to resume itself", &err);
    fuzz_expect(config_print(config, arena, &err) != NULL, "a config to print", &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Arena arena = {0};
    Error err = {0};
    Config config;
    const char *set[MOST_CHANGES];
    ConfigChanges changes = {.set = set};
    const uint8_t *end = n > 0 ? memchr(data, 0xFF, n) : NULL;
    size_t text_n = end ? (size_t)(end - data) : n;
    while (end && changes.n < MOST_CHANGES) {
        const uint8_t *begin = end + 1;
        end = memchr(begin, 0xFF, (size_t)(data + n - begin));
        const char *change = arena_copy(&arena, (const char *)begin, (size_t)((end ? end : data + n) - begin), &err);
        if (strchr(change, '=')) set[changes.n++] = change;
    }
    if (config_load(&config, fuzz_file(data, text_n), &changes, &arena, &err)) {
        write_and_read(&config, &arena);
        plan_network(&config, &arena);
    } else {
        fuzz_expect(err.text[0] != '\0', "a reason", NULL);
    }
    arena_free(&arena);
    return 0;
}
