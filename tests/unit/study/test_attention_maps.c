// The maps of attention layers after a prefix.
#include "unit/small_network.h"

#include "study/attention.h"

#define LAYERS(end)                                                                                             \
    "{'type':'embedding','dim':4},{'type':'attention','heads':1,'weight':'zeros'},{'type':'residual','layers':" \
    "[{'type':'attention','heads':2,'weight':{'normal':3}}]}," end "{'type':'linear','out':'vocab'}"

// The first layer looks at all positions alike, because its queries are 0.
static void expect_maps(const AttentionMaps *maps, size_t n) {
    static const char *const names[] = {"layers.1", "layers.2.layers.0", "layers.2.layers.0"};
    ck_assert(maps->n == 3 && maps->view.n == n);
    for (size_t i = 0; i < maps->n * n * n; i++) {
        const AttentionMap *map = &maps->items[i / n / n];
        size_t t = i / n % n, k = i % n;
        double sum = 0;
        ck_assert_str_eq(map->layer->name, names[i / n / n]);
        for (size_t j = 0; j < n; j++) sum += (double)map->p[t * n + j];
        ck_assert_double_eq_tol(sum, 1, 1e-6);
        if (k > t) ck_assert_float_eq(map->p[t * n + k], 0);
        if (i < n * n && k <= t) ck_assert_double_eq_tol((double)map->p[t * n + k], 1 / (double)(t + 1), 1e-6);
    }
    ck_assert_uint_eq(maps->items[1].head, 0);
    ck_assert_uint_eq(maps->items[2].head, 1);
}

// A network of whole names sees the boundary and the prefix; one with a context sees that.
START_TEST(each_position_shares_its_look) {
    static const struct {
        const char *layers;
        size_t n_prefix, n;
        uint16_t first;
    } cases[] = {{LAYERS(""), 2, 3, 0}, {LAYERS(""), 0, 1, 0}, {LAYERS("{'type':'flatten'},"), 5, 4, 2}};
    static const uint16_t prefix[] = {1, 2, 1, 3, 2};
    for (size_t i = 0; i < COUNT(cases); i++) {
        SmallNetwork f;
        AttentionMaps maps, again;
        Error err;
        small_network_load(&f, 4, cases[i].layers, "'steps':1");
        small_network_start(&f, false);
        Model *model = &f.trainer.model;
        ck_assert(attention_maps(&maps, model, prefix, cases[i].n_prefix, &f.arena, &err));
        expect_maps(&maps, cases[i].n);
        ck_assert_uint_eq(maps.view.ids[0], cases[i].first);
        // Whatever the model has computed since.
        ck_assert(attention_maps(&again, model, prefix + 1, 2, &f.arena, &err));
        ck_assert(attention_maps(&again, model, prefix, cases[i].n_prefix, &f.arena, &err));
        for (size_t m = 0; m < maps.n; m++)
            ck_assert_mem_eq(again.items[m].p, maps.items[m].p, cases[i].n * cases[i].n * sizeof(float));
        arena_free(&f.arena);
    }
}
END_TEST

SUITE(attention_maps, NEEDS_NOTHING) { ADD(each_position_shares_its_look); }
