#include "world/shards.h"

#include "kernels/kernels.h"

#include <string.h>

enum { BLOCK_FLOATS = 4096 }; // of each array at a time, so that sums stay in the cache

static size_t middle_of(ShardSpan tree) { return (tree.first + tree.end) / 2; }

// Lists the largest subtrees of `tree` within `own`. Returns how many.
static size_t list_nodes(ShardSpan tree, ShardSpan own, ShardSpan *nodes) {
    if (tree.end <= own.first || tree.first >= own.end) return 0;
    if (tree.first >= own.first && tree.end <= own.end) {
        if (nodes) *nodes = tree;
        return 1;
    }
    size_t n = list_nodes((ShardSpan){tree.first, middle_of(tree)}, own, nodes);
    return n + list_nodes((ShardSpan){middle_of(tree), tree.end}, own, nodes ? nodes + n : NULL);
}

static double add_numbers(ShardSpan tree, const double *numbers) {
    if (tree.end - tree.first == 1) return numbers[tree.first];
    return add_numbers((ShardSpan){tree.first, middle_of(tree)}, numbers) +
           add_numbers((ShardSpan){middle_of(tree), tree.end}, numbers);
}

double shards_add_numbers(World world, size_t n_shards, double *numbers) {
    world_fill(world, numbers, n_shards * sizeof *numbers);
    return add_numbers((ShardSpan){0, n_shards}, numbers);
}

// Nodes with an array each, in order.
typedef struct NodeArrays {
    const ShardSpan *nodes;
    float *const *arrays;
    size_t offset, n; // of the floats to add
} NodeArrays;

// Adds the nodes from *next on that make up `tree` into the array of the first of them, which it returns.
static float *add_tree(const NodeArrays *from, ShardSpan tree, size_t *next) {
    const ShardSpan node = from->nodes[*next];
    if (node.first == tree.first && node.end == tree.end) return from->arrays[(*next)++] + from->offset;
    float *sum = add_tree(from, (ShardSpan){tree.first, middle_of(tree)}, next);
    kernels->axpy(from->n, 1, add_tree(from, (ShardSpan){middle_of(tree), tree.end}, next), sum);
    return sum;
}

// Adds nodes that make up `tree` into arrays[0], n floats of each.
static void add_nodes(const ShardSpan *nodes, float *const *arrays, size_t n, ShardSpan tree) {
    for (size_t i = 0; i < n; i += BLOCK_FLOATS) {
        NodeArrays from = {nodes, arrays, i, n - i < BLOCK_FLOATS ? n - i : BLOCK_FLOATS};
        size_t next = 0;
        add_tree(&from, tree, &next);
    }
}

static void list_all_nodes(ShardSum *sum) {
    ShardSpan tree = {0, sum->n_shards};
    sum->n_nodes = sum->n_rounds = 0;
    for (size_t rank = 0; rank < sum->world.size; rank++) {
        ShardSpan own = shards_own((World){rank, sum->world.size}, sum->n_shards);
        size_t n = list_nodes(tree, own, sum->nodes ? sum->nodes + sum->n_nodes : NULL);
        for (size_t i = 0; sum->slots && i < n; i++) sum->slots[sum->n_nodes + i] = i * sum->world.size + rank;
        if (rank == sum->world.rank) {
            sum->first = sum->n_nodes;
            sum->n_of = n;
        }
        sum->n_nodes += n;
        if (n > sum->n_rounds) sum->n_rounds = n;
    }
}

bool shard_sum_create(ShardSum *sum, World world, size_t n_shards, size_t n, Arena *arena, Error *err) {
    const size_t vector = 16, share = (n + world.size - 1) / world.size;
    ShardSpan own = shards_own(world, n_shards);
    *sum = (ShardSum){.world = world, .n_shards = n_shards, .n_own = own.end - own.first};
    sum->piece = (share + vector - 1) / vector * vector;
    list_all_nodes(sum);
    size_t n_arrays = sum->n_nodes > sum->n_own ? sum->n_nodes : sum->n_own;
    size_t n_received = world.size > 1 ? size_mul(size_mul(sum->n_rounds, world.size), sum->piece) : 0;
    sum->nodes = arena_alloc(arena, sum->n_nodes, sizeof *sum->nodes, err);
    sum->slots = arena_alloc(arena, sum->n_nodes, sizeof *sum->slots, err);
    sum->arrays = arena_alloc(arena, n_arrays, sizeof *sum->arrays, err);
    sum->leaves = arena_alloc(arena, sum->n_own, sizeof *sum->leaves, err);
    sum->received = arena_alloc(arena, n_received, sizeof *sum->received, err);
    if (!sum->nodes || !sum->slots || !sum->arrays || !sum->leaves || !sum->received) return false;
    list_all_nodes(sum);
    for (size_t i = 0; i < sum->n_own; i++) sum->leaves[i] = (ShardSpan){own.first + i, own.first + i + 1};
    return true;
}

size_t shard_sum_floats(const ShardSum *sum) { return size_mul(sum->world.size, sum->piece); }

// Adds up the pieces of all nodes that this process received, into the piece of `result` that is its own.
static void add_received(const ShardSum *sum, float *result) {
    for (size_t i = 0; i < sum->n_nodes; i++) sum->arrays[i] = sum->received + sum->slots[i] * sum->piece;
    add_nodes(sum->nodes, sum->arrays, sum->piece, (ShardSpan){0, sum->n_shards});
    memcpy(result + sum->world.rank * sum->piece, sum->arrays[0], sum->piece * sizeof *result);
}

void shard_sum_add(const ShardSum *sum, float *const *arrays) {
    const size_t first = sum->n_own > 0 ? sum->leaves[0].first : 0, size = sum->world.size;
    for (size_t k = 0; k < sum->n_of; k++) {
        ShardSpan node = sum->nodes[sum->first + k];
        size_t leaf = node.first - first;
        add_nodes(sum->leaves + leaf, arrays + leaf, shard_sum_floats(sum), node);
    }
    if (size == 1) return;
    for (size_t k = 0; k < sum->n_rounds; k++) {
        // A process with fewer nodes deals any array; nobody reads it.
        size_t leaf = k < sum->n_of ? sum->nodes[sum->first + k].first - first : 0;
        world_deal(sum->world, sum->piece, arrays[leaf], sum->received + k * size * sum->piece);
    }
    add_received(sum, arrays[0]);
    world_collect(sum->world, sum->piece, arrays[0]);
}
