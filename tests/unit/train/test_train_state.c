// The generators of the training state, as makemore.py and microgpt use them.
#include "testing.h"

#include "train/train_state.h"

static Rng seeded(uint64_t seed) {
    Rng rng;
    rng_seed(&rng, seed);
    return rng;
}

static void expect_same_next(Rng a, Rng b) { ck_assert_uint_eq(rng_u64(&a), rng_u64(&b)); }

START_TEST(makemore_draws_between_updates) {
    enum { NAMES = 10 * 15 * 27 * 2, LOADERS = 2 * 2 * 2 }; // what ten names and an evaluation draw
    static const struct {
        uint64_t updates;
        size_t draws;
    } cases[] = {{1, 0},
                 {201, 0}, // step 200 has made update 201 and samples next
                 {202, NAMES},
                 {402, 2 * NAMES},
                 {500, 2 * NAMES},
                 {501, 2 * NAMES}, // step 500 evaluates next
                 {502, 2 * NAMES + LOADERS},
                 {601, 2 * NAMES + LOADERS},
                 {602, 3 * NAMES + LOADERS},
                 {1001, 4 * NAMES + LOADERS},
                 {1002, 5 * NAMES + 2 * LOADERS}};
    const Config makemore = {.data.random = RANDOM_MAKEMORE, .model.context = 16}, lectures = {.model.context = 16};
    for (size_t i = 0; i < COUNT(cases); i++) {
        TrainState drawn = {.rng = seeded(1)}, still = drawn;
        Rng expected = seeded(1);
        while (drawn.step < cases[i].updates) train_state_count_update(&drawn, &makemore, 27);
        for (size_t k = 0; k < cases[i].draws; k++) rng_u32(&expected);
        expect_same_next(drawn.rng, expected);
        train_state_count_update(&still, &lectures, 27);
        expect_same_next(still.rng, seeded(1));
        // Samples follow the evaluation.
        for (size_t k = 0; cases[i].updates % 500 == 1 && drawn.step > 1 && k < LOADERS; k++) rng_u32(&expected);
        expect_same_next(train_state_sample_rng(&drawn, &makemore, (MaybeWhole){0}), expected);
    }
}
END_TEST

START_TEST(samples_go_on_with_the_generator_of_training) {
    static const struct {
        RandomUse use;
        bool goes_on, by_python;
    } cases[] = {{RANDOM_LECTURES, false, false}, {RANDOM_MAKEMORE, true, false}, {RANDOM_MICROGPT, true, true}};
    const TrainState state = {.rng = seeded(1)};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const Config config = {.seed = 2, .data.random = cases[i].use};
        Rng python;
        rng_seed_python(&python, 3);
        expect_same_next(train_state_sample_rng(&state, &config, (MaybeWhole){0}), seeded(cases[i].goes_on ? 1 : 2));
        expect_same_next(train_state_sample_rng(&state, &config, (MaybeWhole){true, 3}),
                         cases[i].by_python ? python : seeded(3));
    }
}
END_TEST

START_TEST(the_minibatches_of_makemore_have_a_generator) {
    const Config makemore = {.data.random = RANDOM_MAKEMORE}, microgpt = {.data.random = RANDOM_MICROGPT};
    const Rng shuffled = seeded(1);
    TrainState state = train_state_begin();
    Rng expected = seeded(1);
    train_state_seed(&state, &makemore, &shuffled);
    train_state_seed_batches(&state, &makemore);
    rng_u64(&expected);
    ck_assert(state.has_batch_rng);
    expect_same_next(state.batch_rng, seeded(rng_u64(&expected)));
    expect_same_next(state.rng, expected);
    state = train_state_begin();
    train_state_seed(&state, &microgpt, &shuffled);
    train_state_seed_batches(&state, &microgpt);
    ck_assert(!state.has_batch_rng);
    expect_same_next(state.rng, shuffled);
}
END_TEST

SUITE(train_state, NEEDS_NOTHING) {
    ADD(makemore_draws_between_updates);
    ADD(samples_go_on_with_the_generator_of_training);
    ADD(the_minibatches_of_makemore_have_a_generator);
}
