// Training the built program comes to the same parameters, bit for bit, with every instruction set, number of threads,
// compiler, compiler option and processor.
//
// A checksum may change only if the order of a config's additions, or its draws, changes on purpose. The failing test
// prints the checksum that it found.
#include "cli/run.h"

#include "base/buffer.h"
#include "kernels/kernels.h"

typedef struct Case {
    const char *name;
    size_t context;
    const char *layers, *train; // members of the config's "layers" and "train", with ' for "
    const char *sha256;         // of the names and numbers of all parameters and running statistics
} Case;

#define PAIRS                                                                                            \
    "{'type': 'flatten', 'n': 2}, {'type': 'linear', 'out': 40, 'bias': false}, {'type': 'batchnorm'}, " \
    "{'type': 'tanh'}, "

#define SMALL                                                                                \
    "{'type': 'embedding', 'dim': 10}, {'type': 'flatten'}, {'type': 'linear', 'out': 64}, " \
    "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}"

static const Case CASES[] = {
    {"an MLP with the lecture's initial values", 3,
     "{'type': 'embedding', 'dim': 10}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 64, 'weight': {'kaiming_normal': 1.6666666667}, 'bias': {'normal': 0.01}}, "
     "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab', 'weight': {'normal': 0.01}, 'bias': {'normal': 0}}",
     "'steps': 100, 'lr': [[0, 0.1], [70, 0.01]]", "a3fb9088247259d38c7c6889aae036b1c48f03eea8bedd995f97a4f4cf6b1011"},
    {"a large batch", 3,
     "{'type': 'embedding', 'dim': 10}, {'type': 'flatten'}, {'type': 'linear', 'out': 200}, "
     "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 5, 'batch_size': 1024", "bb6fd22424678b90a58c66347b010700c360d7e5469d82170cb0e84a21d398ac"},
    {"a deep network with batch norm of every kind", 3,
     "{'type': 'embedding', 'dim': 10}, {'type': 'flatten'}, "
     "{'type': 'linear', 'out': 50, 'bias': false}, {'type': 'batchnorm'}, {'type': 'tanh'}, "
     "{'type': 'linear', 'out': 50, 'bias': false}, {'type': 'batchnorm', 'unbiased': false}, {'type': 'tanh'}, "
     "{'type': 'linear', 'out': 50, 'bias': false}, "
     "{'type': 'batchnorm', 'eps': 0, 'momentum': 0.001, 'running': 'deviation'}, {'type': 'tanh'}, "
     "{'type': 'linear', 'out': 'vocab', 'bias': false}, {'type': 'batchnorm', 'gain': {'constant': 0.1}}",
     "'steps': 80, 'batch_size': 33", "886166280a1930dc1fb9e655dbcbf96295eb8f53c283d4c9c53b49b966fecc3d"},
    {"a hierarchical network", 8,
     "{'type': 'embedding', 'dim': 12}, " PAIRS PAIRS PAIRS "{'type': 'linear', 'out': 'vocab'}", "'steps': 40",
     "4a6881e07e251488874ce4186f23d2969a25b7f3b1669e6538b201219ae1a065"},
    {"a bigram network on the whole split", 1, "{'type': 'embedding', 'dim': 'vocab'}",
     "'steps': 60, 'batch_size': 'all', 'lr': 50, 'l2_mean': 0.01",
     "947c13444e5a090b871b57f4a609e70827bbcf709674a0be3f4c6c160ac63962"},
    {"an MLP on the whole split", 2,
     "{'type': 'embedding', 'dim': 6}, {'type': 'flatten'}, {'type': 'linear', 'out': 31}, "
     "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 20, 'batch_size': 'all', 'lr': 0.5", "e1ec2044f19e3e630a2f70953376a50b9b9226e53a3a508b8bd39bd494f6c458"},
    {"batch norm over the whole split", 2,
     "{'type': 'embedding', 'dim': 6}, {'type': 'flatten'}, {'type': 'linear', 'out': 24, 'bias': false}, "
     "{'type': 'batchnorm'}, {'type': 'relu'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 5, 'batch_size': 'all', 'lr': 0.5", "fae44a71b18c86048878f2615765807d2405a5e3054e01eb57bb5460b0b17f63"},
    {"relu", 4,
     "{'type': 'embedding', 'dim': 7, 'weight': {'uniform': 0.5}}, {'type': 'flatten', 'n': 2}, "
     "{'type': 'linear', 'out': 33, 'weight': {'kaiming_uniform': 1.4142135624}}, {'type': 'relu'}, "
     "{'type': 'flatten'}, {'type': 'linear', 'out': 17}, {'type': 'relu'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 60, 'batch_size': 45, 'l2_mean': 0.001",
     "c0251edf8e9885980c193e747fd09604d37e97334b8d220a9656b12ab8455f85"},
    {"AdamW along a cosine, clipped", 3, SMALL,
     "'steps': 100, 'optimizer': {'type': 'adamw'}, 'clip_norm': 0.5, 'lr': {'from': 0.01, 'to': 0.001, 'warmup': 10}",
     "c4d32ef38bc5aa2ae1e710c9ef72b819c879083c84335c4ea6378aa47a645e32"},
    {"momentum along a line, clipped", 3, SMALL,
     "'steps': 100, 'optimizer': {'type': 'sgd', 'momentum': 0.9}, 'clip_norm': 1, 'l2_mean': 0.01, "
     "'lr': {'from': 0.1, 'shape': 'linear', 'warmup': 3}",
     "6610f40a745caa2e764914677014ae0925d28787d8e04693919bcb5a787f6bbd"},
    {"Nesterov's momentum with batch norm", 3,
     "{'type': 'embedding', 'dim': 10}, {'type': 'flatten'}, {'type': 'linear', 'out': 50, 'bias': false}, "
     "{'type': 'batchnorm'}, {'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 60, 'optimizer': {'type': 'sgd', 'momentum': 0.9, 'nesterov': true}",
     "6aaa4568fb1fc352afc676c499a66cb6496d48b907019137be00ce3524bd3a93"},
    {"a transformer with heads of every kind", 12,
     "{'type': 'embedding', 'dim': 24}, {'type': 'position', 'weight': {'normal': 0.1}}, "
     "{'type': 'residual', 'layers': [{'type': 'layernorm'}, {'type': 'attention', 'heads': 1, 'weight': 'torch', "
     "'bias': 'torch'}, {'type': 'linear', 'out': 24}]}, "
     "{'type': 'residual', 'layers': [{'type': 'rmsnorm'}, {'type': 'attention', 'heads': 3, 'fused': false, 'bias': "
     "false}, {'type': 'dropout', 'share': 0.1}]}, "
     "{'type': 'residual', 'layers': [{'type': 'causal_mean'}, {'type': 'linear', 'out': 50}, {'type': 'gelu'}, "
     "{'type': 'linear', 'out': 24}]}, {'type': 'rmsnorm', 'gain': false}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 30, 'optimizer': {'type': 'adamw'}, 'lr': 0.005",
     "0b9d3eb139dad18e2837a93af2ce9bd52dba4a7962d9f4080a046b3a12e196a5"},
    {"recurrent layers, prefixes shared", 20,
     "{'type': 'embedding', 'dim': 9}, {'type': 'window', 'n': 3}, {'type': 'rnn', 'out': 17}, "
     "{'type': 'gru', 'out': 30}, {'type': 'sigmoid'}, {'type': 'lstm', 'out': 20}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 30, 'batch_size': 40, 'optimizer': {'type': 'adam'}, 'lr': 0.01",
     "f23896a970ed72513240a8bfab597fd386b387025ea73ee15c6abefbf6f546ba"},
    {"a window on the whole split", 6,
     "{'type': 'embedding', 'dim': 8}, {'type': 'window', 'n': 4, 'order': 'newest'}, {'type': 'linear', 'out': 30}, "
     "{'type': 'tanh'}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 10, 'batch_size': 'all', 'lr': 0.5", "655ed80ae676688026effeec5e4addcb73597064351654f2d07a10ed0f165715"},
    {"five shards of a minibatch", 3, SMALL, "'steps': 30, 'batch_size': 333, 'shards': 5, 'clip_norm': 1",
     "5f80fefe2b44153b35220250d06c52cfd6f71e3efa92fb8f4fba5158a76470f4"},
    {"three shards of the whole split", 2, SMALL, "'steps': 10, 'batch_size': 'all', 'shards': 3, 'lr': 0.5",
     "83a8d4aa0ad87725a0c900bf1946e5f4a6e0c487af7822d1b91dbf18665cf80b"},
    {"four shards of whole names with dropout", 12,
     "{'type': 'embedding', 'dim': 16}, {'type': 'residual', 'layers': [{'type': 'layernorm'}, {'type': 'attention', "
     "'heads': 2}, {'type': 'linear', 'out': 16}, {'type': 'dropout', 'share': 0.1}]}, {'type': 'linear', 'out': "
     "'vocab'}",
     "'steps': 20, 'batch_size': 30, 'shards': 4, 'optimizer': {'type': 'adamw'}, 'lr': 0.005",
     "3c6ae69f662c6cf34f524cb00c972d9bc10994d5175f428182b8d54fafb59132"},
    {"two shards of recurrent layers, prefixes shared", 20,
     "{'type': 'embedding', 'dim': 9}, {'type': 'gru', 'out': 30}, {'type': 'linear', 'out': 'vocab'}",
     "'steps': 20, 'batch_size': 41, 'shards': 2, 'optimizer': {'type': 'adam'}, 'lr': 0.01",
     "c0a3e2c53868480bd6f680f9187a8c25afc9f4e20f455f83ac5f1a3ed204b7da"},
};

enum { N_NAMES = 600 };

static void write_case(const Case *c) {
    char *names = read_text(OUR_NAMES, NULL), *end = names;
    for (int i = 0; i < N_NAMES; i++) {
        ck_assert_msg(*end, "%s has fewer than %d names", OUR_NAMES, N_NAMES);
        end = strchr(end, '\n') + 1;
    }
    write_bytes(scratch("names.txt"), names, (size_t)(end - names));
    write_json(
        scratch("c.json"),
        "{'data': {'path': 'names.txt', 'shuffle_seed': 42}, 'model': {'context': %zu, 'layers': [%s]}, 'train': "
        "{%s, 'log_every': 10}}",
        c->context, c->layers, c->train);
}

static void digest_of(const SafeTensors *model, char hex[SHA256_HEX_BYTES]) {
    Arena arena = {0};
    Buffer all = {.arena = &arena};
    for (size_t i = 0; i < model->n_tensors; i++) {
        const FileTensor *tensor = &model->tensors[i];
        if (strncmp(tensor->name, "layers.", strlen("layers.")) != 0) continue;
        buffer_print(&all, "%s\n", tensor->name);
        // The bytes in the file's order, as on a little-endian machine.
        for (size_t k = 0; k < file_tensor_count(tensor); k++) {
            uint32_t number = (uint32_t)little_endian((const char *)tensor->data + k * sizeof number, sizeof number);
            buffer_add(&all, &number, sizeof number);
        }
    }
    ck_assert(!all.failed && all.n > 0);
    sha256_hex(all.bytes, all.n, hex);
    arena_free(&arena);
}

// Trains a case in one of several ways, which `way` names. *metrics are those of the first way, or NULL before it.
static void train_case(const Case *c, const char *options, const char *way, const char **metrics) {
    char found[SHA256_HEX_BYTES];
    Output output = nomen("train '%s' --run '%s' --quiet --force %s", scratch("c.json"), scratch("run"), options);
    ck_assert_msg(output.status == 0, "%s with %s: %s", c->name, way, output.err);
    SafeTensors model = read_model(scratch("run"), "model.safetensors");
    digest_of(&model, found);
    ck_assert_msg(strcmp(found, c->sha256) == 0, "%s with %s: the tensors' checksum is %s, not %s", c->name, way, found,
                  c->sha256);
    const char *losses = metrics_of(scratch("run"));
    if (!*metrics) *metrics = losses;
    ck_assert_msg(strcmp(losses, *metrics) == 0, "%s with %s: other losses:\n%s", c->name, way, losses);
}

START_TEST(every_instruction_set_and_number_of_threads_trains_to_the_same_bits) {
    static const char *const threads[] = {"--threads 1", "--threads 2", "--threads 3", "--threads 8"};
    const char *metrics[COUNT(CASES)] = {NULL};
    const Kernels *table;
    for (size_t i = 0; i < COUNT(CASES); i++) {
        write_case(&CASES[i]);
        for (size_t t = 0; t < COUNT(threads); t++) train_case(&CASES[i], threads[t], threads[t], &metrics[i]);
    }
    for (size_t i = 0; i < COUNT(CASES); i++) {
        write_case(&CASES[i]);
        for (size_t t = 0; (table = kernels_available(t)); t++) {
            setenv("NOMEN_ISA", table->name, true);
            train_case(&CASES[i], "", table->name, &metrics[i]);
        }
    }
}
END_TEST

SUITE(same_bits, NEEDS_NOTHING) { ADD(every_instruction_set_and_number_of_threads_trains_to_the_same_bits); }
