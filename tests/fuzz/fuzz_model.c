// Input: a model file, whose checksum the target corrects. An accepted model scores a name, samples one, and restores
// the state of its training.
#include "fuzz.h"

#include "base/sha256.h"
#include "base/text.h"
#include "kernels/kernels.h"
#include "study/sampler.h"
#include "study/score.h"
#include "train/load.h"

#include <string.h>

enum { LENGTH_BYTES = 8, SUM_DIGITS = 64 };

static const char SUM_KEY[] = "\"sha256\":\"";

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    Error err = {0};
    fuzz_expect(kernels_select(NULL, &err), "kernels", &err);
    return 0;
}

// Returns the end of the header, or n if its length is wrong.
static size_t header_end(const uint8_t *data, size_t n) {
    uint64_t length = 0;
    for (size_t i = 0; i < LENGTH_BYTES && i < n; i++) length |= (uint64_t)data[i] << 8 * i;
    return n < LENGTH_BYTES || length > n - LENGTH_BYTES ? n : LENGTH_BYTES + (size_t)length;
}

static void correct_checksum(char *bytes, size_t n) {
    char hex[SHA256_HEX_BYTES];
    size_t key = sizeof SUM_KEY - 1, end = header_end((uint8_t *)bytes, n);
    for (char *at = bytes + LENGTH_BYTES; end >= LENGTH_BYTES && at + key + SUM_DIGITS <= bytes + end; at++) {
        if (memcmp(at, SUM_KEY, key) != 0) continue;
        memset(at + key, '0', SUM_DIGITS);
        sha256_hex(bytes, n, hex);
        memcpy(at + key, hex, SUM_DIGITS);
        return;
    }
}

// Mutates the header or the numbers alone and corrects the header's length, because few files with a wrong length get
// far.
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t n, size_t max, unsigned seed) {
    size_t end = header_end(data, n);
    if (n < LENGTH_BYTES || end == n || seed % 8 == 0) return LLVMFuzzerMutate(data, n, max);
    if (seed % 8 == 1) return end + LLVMFuzzerMutate(data + end, n - end, max - end);
    uint8_t *numbers = data + end;
    size_t n_numbers = n - end, room = max - n_numbers - LENGTH_BYTES;
    static uint8_t kept[1 << 20];
    if (n_numbers > sizeof kept) return LLVMFuzzerMutate(data, n, max);
    memcpy(kept, numbers, n_numbers);
    size_t header = LLVMFuzzerMutate(data + LENGTH_BYTES, end - LENGTH_BYTES, room);
    memcpy(data + LENGTH_BYTES + header, kept, n_numbers);
    for (size_t i = 0; i < LENGTH_BYTES; i++) data[i] = (uint8_t)((uint64_t)header >> 8 * i);
    return LENGTH_BYTES + header + n_numbers;
}

static void use_model(SavedModel *saved, Arena *arena) {
    Error err = {0};
    const Vocab *vocab = &saved->file.vocab;
    uint16_t stream[] = {0, 1, (uint16_t)(vocab->n - 1), 0};
    float losses[3];
    score_stream(&saved->model, stream + 1, 3, losses);
    for (size_t i = 0; i < 3; i++) fuzz_expect(!(losses[i] < -1e-3F), "no probability above 1", NULL);
    Sampler sampler;
    SampledName name;
    const SampleSettings settings = {.temperature = 1, .top_k = 3};
    Rng rng;
    rng_seed(&rng, 1);
    char text[SAMPLE_MAX_BYTES];
    if (sampler_create(&sampler, &saved->model, &settings, &rng, arena, &err) && sampler_next(&sampler, &name, &err))
        sampled_name_trim(&name, vocab, text);
    for (size_t id = 1; id < vocab->n; id++)
        fuzz_expect(!utf8_is_control(vocab->code_points[id]), "symbols that a name can hold", NULL);
    if (!saved->model.is_ngram)
        fuzz_expect(!network_find_not_finite(&saved->model.network, false), "finite weights", NULL);
}

static void restore(const SavedModel *saved, Arena *arena) {
    Error err = {0};
    TrainState state = saved->file.state;
    Optimizer optimizer;
    Model model;
    const NetworkUse use = {.max_rows = 2, .batch = 2};
    if (!model_create(&model, &saved->config.model, saved->file.vocab.n, use, arena, &err) ||
        !checkpoint_restore(&saved->file, &model, arena, &err) || model.is_ngram)
        return;
    rng_u32(&state.rng);
    train_state_is_finished(&state, &saved->config.train);
    if (optimizer_create(&optimizer, &saved->config.train.optimizer, model.network.n_slab, arena, &err))
        optimizer_tensors_restore(&saved->file.content, &model.network, &optimizer, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    Arena arena = {0};
    Error err = {0};
    SavedModel saved;
    char *bytes = arena_copy(&arena, (const char *)data, n, &err);
    if (n >= LENGTH_BYTES) correct_checksum(bytes, n);
    if (load_model(&saved, fuzz_file((uint8_t *)bytes, n), &arena, &err)) {
        use_model(&saved, &arena);
        restore(&saved, &arena);
    } else {
        fuzz_expect(err.text[0] != '\0', "a reason", NULL);
    }
    arena_free(&arena);
    return 0;
}
