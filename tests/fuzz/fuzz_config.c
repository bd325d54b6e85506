// A config, and behind each byte 0xFF (no UTF-8) one change to it, "KEY=VALUE", as --set has them. What is taken makes
// a network, is written, and reads back as the same.
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
        network_init(&model.network, &rng);
        network_check_batch(&model.network, batch, &err);
    }
}

static void write_and_read(const Config *config, Arena *arena) {
    Error err = {0};
    Config again;
    Buffer out = {.arena = arena}, out_again = {.arena = arena};
    config_write(config, &out);
    const char *text = buffer_text(&out, &err);
    fuzz_expect(text && config_parse(&again, text, strlen(text), "again", arena, &err), "it reads back", &err);
    config_write(&again, &out_again);
    const char *text_again = buffer_text(&out_again, &err);
    fuzz_expect(text_again && strcmp(text, text_again) == 0, "the same text again", &err);
    fuzz_expect(config_can_resume(text, text, &err), "it goes on as itself", &err);
    fuzz_expect(config_print(config, arena, &err) != NULL, "it prints", &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Arena arena = {0};
    Error err = {0};
    Config config;
    ConfigChange changes[MOST_CHANGES];
    size_t n_changes = 0;
    const uint8_t *end = n > 0 ? memchr(data, 0xFF, n) : NULL;
    size_t text_n = end ? (size_t)(end - data) : n;
    while (end && n_changes < MOST_CHANGES) {
        const uint8_t *begin = end + 1;
        end = memchr(begin, 0xFF, (size_t)(data + n - begin));
        char *change = arena_copy(&arena, (const char *)begin, (size_t)((end ? end : data + n) - begin), &err);
        char *value = strchr(change, '=');
        if (!value) continue;
        *value = '\0';
        changes[n_changes++] = (ConfigChange){change, value + 1};
    }
    if (config_load(&config, fuzz_file(data, text_n), changes, n_changes, &arena, &err)) {
        write_and_read(&config, &arena);
        plan_network(&config, &arena);
    } else {
        fuzz_expect(err.text[0] != '\0', "a reason", NULL);
    }
    arena_free(&arena);
    return 0;
}
