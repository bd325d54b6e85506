// How likely models find names: counts compared with hand computation, networks with one position at a time.
#include "cli/output.h"
#include "unit/small_network.h"

#include "study/score.h"
#include "train/evaluate.h"
#include "train/load.h"

#include <math.h>
#include <stdio.h>

static Arena arena;
static Error err;

static SavedModel *load_counts(const char *names, int ngram, int smoothing) {
    static SavedModel saved;
    ck_assert_msg(load_model(&saved, train_counts(names, ngram, smoothing), &arena, &err), "%s", err.text);
    return &saved;
}

static Scores score(SavedModel *saved, const char *names) {
    NameList list;
    Scores scores;
    write_text(scratch("score.txt"), names);
    bool ok = names_read(&list, scratch("score.txt"), &arena, &err) &&
              score_names(&scores, &saved->model, &saved->file.vocab, &list, &arena, &err);
    ck_assert_msg(ok, "%s", err.text);
    return scores;
}

// For "a" and "ab": p(a|.) = 3/5, p(.|a) = p(b|a) = 2/5, p(.|b) = 1/2, p(b|.) = 1/5, p(a|b) = 1/4.
START_TEST(counts_agree_with_hand_computation) {
    static const struct {
        size_t n;
        double p;
        size_t rank;
    } expected[] = {{2, 3.0 / 5 * 2 / 5, 2},
                    {3, 3.0 / 5 * 2 / 5 * 1 / 2, 1},
                    {0, 1, 0},
                    {2, 3.0 / 5 * 2 / 5, 2},
                    {3, 1.0 / 5 * 1 / 4 * 2 / 5, 4}};
    Scores scores = score(load_counts("a\nab\n", 2, 1), "a\nab\nac\na\nba\n");
    double nll = 0;
    ck_assert_uint_eq(scores.n, 5);
    for (size_t i = 0; i < scores.n; i++) {
        ck_assert_uint_eq(scores.items[i].n, expected[i].n);
        ck_assert_uint_eq(scores.items[i].rank, expected[i].rank);
        ck_assert_double_eq_tol(scores.items[i].nll, -log(expected[i].p), 1e-6);
        nll -= log(expected[i].p);
    }
    ck_assert_uint_eq(scores.n_scored, 4);
    ck_assert_uint_eq(scores.n_examples, 10);
    ck_assert_double_eq_tol(scores.nll, nll, 1e-6);
}
END_TEST

START_TEST(unseen_names_have_probability_0) {
    SavedModel *saved = load_counts("ab\nab\n", 3, 0);
    Scores scores = score(saved, "ba\nab\nabab\n");
    ck_assert(isinf(scores.items[0].nll) && isinf(scores.items[2].nll) && isinf(scores.nll));
    ck_assert_double_eq(scores.items[1].nll, 0);
    ck_assert_uint_eq(scores.items[1].rank, 1);
    ck_assert_uint_eq(scores.items[0].rank, 2);
    ck_assert_uint_eq(scores.items[2].rank, 2);
    // The context ".b" never occurred, so it has no distribution.
    float losses[3];
    score_stream(&saved->model, (const uint16_t[]){2, 1, 0}, 3, losses);
    ck_assert(isinf(losses[0]) && isnan(losses[1]));
}
END_TEST

// Cutting contexts at boundaries, batching rows and scoring names in blocks changes no bit of any loss.
static void expect_equal_losses(const char *layers, size_t context) {
    SmallNetwork f;
    small_network_load(&f, context, layers, "\"steps\":10");
    small_network_start(&f, false);
    Model *model = &f.trainer.model;
    enum { N = 3000 };
    float losses[N], alone;
    uint16_t ids[8];
    score_stream(model, f.dataset.stream, N, losses);
    for (size_t i = 0; i < N; i++) {
        int32_t target = f.dataset.stream[i];
        dataset_context(&f.dataset, i, context, ids);
        loss_cross_entropy(1, model->vocab, model_logits(model, ids, 1), &target, REDUCE_SUM, &alone, NULL);
        ck_assert_msg(memcmp(&alone, &losses[i], sizeof alone) == 0, "position %zu", i);
    }
    arena_free(&f.arena);
}

START_TEST(a_stream_has_the_losses_of_its_positions) {
    expect_equal_losses(MLP_LAYERS, 3);
    expect_equal_losses(MLP_LAYERS, 1);
    expect_equal_losses(BATCHNORM_LAYERS, 4);
}
END_TEST

START_TEST(the_mean_over_a_split_is_its_loss) {
    SmallNetwork f;
    NameList list;
    Scores scores;
    double sum = 0;
    small_network_load(&f, 3, MLP_LAYERS, "\"steps\":10");
    small_network_start(&f, false);
    Model *model = &f.trainer.model;
    for (size_t p = 0; p < N_PARTS; p++) {
        Span span = f.dataset.parts[p];
        size_t n = span.end - span.begin;
        ContextCounts counts;
        float *losses = arena_alloc(&arena, n, sizeof *losses, &err);
        ck_assert(dataset_count_contexts(&f.dataset, span, 3, &counts, &arena, &err));
        double loss = evaluate(model, &counts);
        score_stream(model, f.dataset.stream + span.begin, n, losses);
        ck_assert_double_eq_tol(score_sum(n, losses) / (double)n, loss, 1e-12);
        sum += loss * (double)n;
    }
    ck_assert(names_read(&list, OUR_NAMES, &arena, &err));
    ck_assert_msg(score_names(&scores, model, &f.dataset.vocab, &list, &arena, &err), "%s", err.text);
    ck_assert_uint_eq(scores.n_scored, list.n);
    ck_assert_uint_eq(scores.n_examples, f.dataset.n_stream);
    ck_assert_double_eq_tol(scores.nll / (double)scores.n_examples, sum / (double)f.dataset.n_stream, 1e-12);
    arena_free(&f.arena);
    arena_free(&arena);
}
END_TEST

SUITE(score, NEEDS_NOTHING) {
    ADD(counts_agree_with_hand_computation);
    ADD(unseen_names_have_probability_0);
    ADD(a_stream_has_the_losses_of_its_positions);
    ADD(the_mean_over_a_split_is_its_loss);
}
