#include "nn/model.h"

bool model_create(Model *model, const ModelConfig *config, size_t vocab, NetworkUse use, Arena *arena, Error *err) {
    *model = (Model){.vocab = vocab, .max_rows = use.max_rows, .is_ngram = config->is_ngram};
    model->context = (size_t)(config->is_ngram ? config->ngram - 1 : config->context);
    model->ids = arena_alloc(arena, size_mul(use.max_rows, model->context), sizeof *model->ids, err);
    if (!model->ids) return false;
    if (!config->is_ngram)
        return network_create(&model->network, &config->layers, vocab, model->context, use, arena, err);
    model->ngram = (Ngram){.vocab = vocab, .smoothing = config->smoothing};
    model->ngram_logits = arena_alloc(arena, size_mul(use.max_rows, vocab), sizeof *model->ngram_logits, err);
    return model->ngram_logits != NULL;
}

const float *model_logits(Model *model, const uint16_t *ids, size_t b) {
    if (!model->is_ngram) return network_predict(&model->network, ids, b);
    for (size_t i = 0; i < b; i++)
        ngram_logits(&model->ngram, ids + i * model->context, model->ngram_logits + i * model->vocab);
    return model->ngram_logits;
}

bool model_logits_overflow(const Model *model, Error *err) {
    return error_set(err,
                     "%s%sthe model gives no distribution: its logits are not finite, though its weights are; "
                     "train again, with a lower train.lr",
                     model->file ? model->file : "", model->file ? ": " : "");
}
