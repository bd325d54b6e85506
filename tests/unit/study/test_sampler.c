// Sampling methods that networks alone have, from a network that finds all symbols equally likely.
#include "unit/small_network.h"

#include "study/sampler.h"

#include <math.h>

enum { CONTEXT = 6, GROUP = 4, GROUPS = 2 };

static SmallNetwork net;

static Rng make(const char *layers, Sampler *sampler, const SampleSettings *settings) {
    Error err;
    Rng rng;
    small_network_load(&net, CONTEXT, layers, "'steps':1");
    small_network_start(&net, false);
    rng_seed_python(&rng, 42);
    ck_assert_msg(sampler_create(sampler, &net.trainer.model, settings, &rng, &net.arena, &err), "%s", err.text);
    return rng;
}

static SampledName next(Sampler *sampler) {
    SampledName name;
    Error err;
    ck_assert_msg(sampler_next(sampler, &name, &err), "%s", err.text);
    return name;
}

#define EQUAL "{'type':'embedding','dim':'vocab','weight':'zeros'}"

// Expects the ids up to the boundary or to `most` symbols.
static void expect_name(const SampledName *name, const uint16_t *ids, size_t most) {
    size_t n = 0;
    while (n < most && ids[n] != 0) n++;
    ck_assert_uint_eq(name->n, n);
    ck_assert_mem_eq(name->ids, ids, n * sizeof *ids);
    ck_assert_int_eq(name->is_cut, n == most);
}

START_TEST(names_advance_in_lockstep) {
    // Equal logits are all among the k largest.
    static const size_t top_k[] = {0, 3};
    for (size_t c = 0; c < COUNT(top_k); c++) {
        const SampleSettings settings = {.temperature = 1, .top_k = top_k[c], .method = DRAW_LOCKSTEP, .group = GROUP};
        Sampler sampler;
        Rng rng = make(EQUAL, &sampler, &settings);
        size_t vocab = net.dataset.vocab.n;
        for (size_t group = 0; group < GROUPS; group++) {
            uint16_t ids[GROUP][CONTEXT - 1];
            for (size_t t = 0; t < CONTEXT - 1; t++)
                for (size_t row = 0; row < GROUP; row++) {
                    float least = INFINITY; // the first exponential wins the race
                    for (size_t id = 0; id < vocab; id++) {
                        float e = (float)rng_exponential(&rng);
                        if (e < least) ids[row][t] = (uint16_t)id;
                        if (e < least) least = e;
                    }
                }
            for (size_t row = 0; row < GROUP; row++) {
                SampledName name = next(&sampler);
                expect_name(&name, ids[row], CONTEXT - 1);
            }
        }
        arena_free(&net.arena);
    }
}
END_TEST

START_TEST(choices_have_the_boundary_last) {
    const SampleSettings settings = {.temperature = 0.5, .method = DRAW_CHOICES};
    Sampler sampler;
    Rng rng = make(EQUAL, &sampler, &settings);
    size_t vocab = net.dataset.vocab.n;
    for (size_t i = 0; i < 100; i++) {
        uint16_t ids[CONTEXT];
        size_t n = 0;
        do ids[n] = (uint16_t)(((size_t)(rng_double_python(&rng) * (double)vocab) + 1) % vocab);
        while (ids[n] != 0 && ++n < CONTEXT);
        SampledName name = next(&sampler);
        expect_name(&name, ids, CONTEXT);
    }
    arena_free(&net.arena);
}
END_TEST

START_TEST(lockstep_is_for_networks_that_read_names) {
    const SampleSettings race = {.temperature = 1}, lockstep = {.temperature = 1, .method = DRAW_LOCKSTEP};
    Sampler sampler;
    Error err;
    Rng rng = make(MLP_LAYERS, &sampler, &race);
    ck_assert(!sampler_create(&sampler, &net.trainer.model, &lockstep, &rng, &net.arena, &err));
    ck_assert_str_eq(err.text,
                     "method lockstep needs a network that reads whole names; this one predicts after a context");
    arena_free(&net.arena);
}
END_TEST

SUITE(sampler, NEEDS_NOTHING) {
    ADD(names_advance_in_lockstep);
    ADD(choices_have_the_boundary_last);
    ADD(lockstep_is_for_networks_that_read_names);
}
