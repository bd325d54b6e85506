// Python opens model files and computes with them what nomen does: by the example in configs/lectures, and in PyTorch.
#include "cli/run.h"

#include "base/rng.h"
#include "train/load.h"

enum { N_CONTEXTS = 2000 };

// Among them a single embedding, positions joined in pairs, and batch norm with running deviations.
static const char *const CONFIGS[] = {"bigram", "mlp", "lectures/part3-batchnorm", "lectures/part3-deep",
                                      "lectures/part5-hierarchical"};

// Writes random contexts and their logits.
static void write_logits(const char *path, const char *model) {
    Arena arena = {0};
    Error err = {0};
    SavedModel saved;
    Rng rng;
    ck_assert_msg(load_model(&saved, model, &arena, &err), "%s", err.text);
    rng_seed(&rng, 1);
    size_t context = saved.model.context, vocab = saved.model.vocab, rows = saved.model.max_rows;
    int64_t *ids = arena_alloc(&arena, N_CONTEXTS * context, sizeof *ids, &err);
    uint16_t *batch = arena_alloc(&arena, rows * context, sizeof *batch, &err);
    float *logits = arena_alloc(&arena, N_CONTEXTS * vocab, sizeof *logits, &err);
    ck_assert(ids && batch && logits);
    for (size_t row = 0; row < N_CONTEXTS; row += rows) {
        size_t b = N_CONTEXTS - row < rows ? N_CONTEXTS - row : rows;
        for (size_t i = 0; i < b * context; i++) {
            batch[i] = (uint16_t)rng_below(&rng, vocab);
            ids[row * context + i] = batch[i];
        }
        memcpy(logits + row * vocab, model_logits(&saved.model, batch, b), b * vocab * sizeof *logits);
    }
    FileTensor tensors[] = {{"ids", NUMBER_I64, 2, {N_CONTEXTS, context}, ids},
                            {"logits", NUMBER_F32, 2, {N_CONTEXTS, vocab}, logits}};
    ck_assert_msg(safetensors_write(path, &(SafeTensors){.n_tensors = 2, .tensors = tensors}, &err), "%s", err.text);
    arena_free(&arena);
}

START_TEST(pytorch_has_the_same_logits) {
    const char *command = textf("%s tests/golden/torch_logits.py", python_with_torch());
    for (size_t i = 0; i < COUNT(CONFIGS); i++) {
        const char *run = scratch(textf("run-%zu", i)), *logits = scratch(textf("logits-%zu", i));
        Output made =
            nomen("train configs/%s.json --data " OUR_NAMES " --steps 100 --run '%s' --quiet", CONFIGS[i], run);
        ck_assert_msg(made.status == 0, "%s: %s", CONFIGS[i], made.err);
        write_logits(logits, run);
        command = textf("%s '%s/model.safetensors' '%s'", command, run, logits);
    }
    Output compared = shell("%s", command);
    ck_assert_msg(compared.status == 0, "%s%s", compared.out, compared.err);
    const char *skipped = strstr(compared.out, "skipped: ");
    if (skipped) printf("%s", skipped);
    fflush(stdout);
}
END_TEST

START_TEST(the_example_predicts_what_next_does) {
    static const char *const prefixes[] = {"", "m", "margar"};
    Output made = nomen("train mlp --data " OUR_NAMES " --steps 500 --run '%s' --quiet", scratch("run"));
    ck_assert_msg(made.status == 0, "%s", made.err);
    for (size_t i = 0; i < COUNT(prefixes); i++) {
        Output example = shell("%s configs/lectures/predict.py '%s/model.safetensors' %s", python_with_torch(),
                               scratch("run"), prefixes[i]);
        ck_assert_msg(example.status == 0, "%s", example.err);
        cJSON *next = json_of(nomen("next '%s' --json -p '%s'", scratch("run"), prefixes[i]).out);
        size_t n = (size_t)cJSON_GetArraySize(json_at(next, "symbols"));
        double last = 1;
        for (size_t k = 0; k < n; k++, example.out = strchr(example.out, '\n') + 1) {
            char symbol[4];
            double p;
            ck_assert_int_eq(sscanf(example.out, "%3s %lf\n", symbol, &p), 2);
            size_t id = strcmp(symbol, "end") == 0 ? 0 : (size_t)(symbol[0] - 'a') + 1;
            ck_assert_double_eq_tol(p, number_at(next, textf("probabilities.0.%zu", id)), 1e-6);
            ck_assert(p <= last);
            last = p;
        }
        ck_assert_str_eq(example.out, "");
    }
}
END_TEST

SUITE(interchange, NEEDS_TORCH) {
    ADD(pytorch_has_the_same_logits);
    ADD(the_example_predicts_what_next_does);
}
