"""Prints golden_networks.h: small networks of many kinds, trained by PyTorch (torch_config.py) on data/names.txt.

Each is trained in double too, from the same initial values; one that float32 rounding alone moves by more than CONDITION
is refused, since it would say little about nomen.
"""

import json
import sys

import torch

import torch_config

NAMES = "data/names.txt"
STEPS = [0, 1, 2, 20, 60, 99]  # whose losses are compared, the last also the last step of all
CONDITION = 2e-6


def norm(**fields):
    return {"type": "batchnorm", **fields}


def linear(out, **fields):
    return {"type": "linear", "out": out, **fields}


def embedding(dim, **fields):
    return {"type": "embedding", "dim": dim, **fields}


def flatten(n=None):
    return {"type": "flatten", "n": n} if n else {"type": "flatten"}


TANH, RELU = {"type": "tanh"}, {"type": "relu"}


def block(out, **fields):
    return [linear(out, bias=False), norm(**fields), TANH]


def config(context, layers, seed=2147483647, split=(0.02, 0.01, 0.97), data=None, **train):
    return {
        "seed": seed,
        "data": {"path": "names.txt", "split": list(split), **(data or {"shuffle_seed": 42})},
        "model": {"context": context, "layers": layers},
        "train": {"steps": STEPS[-1] + 1, "log_every": 1, **train},
    }


NETWORKS = {
    "the lectures' MLP, narrower, with a penalty on weights": config(
        3,
        [embedding(10), flatten(), linear(33, weight={"kaiming_normal": 5 / 3}, bias={"normal": 0.01}), TANH]
        + [linear("vocab", weight={"normal": 0.01}, bias={"normal": 0})],
        l2_mean=0.1,
    ),
    "part 3's batch norm: no epsilon, running deviations": config(
        3,
        [embedding(10), flatten(), linear(50, weight={"kaiming_normal": 5 / 3}, bias=False)]
        + [norm(eps=0, momentum=0.001, running="deviation"), TANH]
        + [linear("vocab", weight={"normal": 0.01}, bias={"normal": 0})],
        lr=[[0, 0.1], [50, 0.01]],
    ),
    "part 3's deep network, batch norm last": config(
        3,
        [embedding(10), flatten(), *block(27), *block(33), *block(27), linear("vocab", bias=False)]
        + [norm(gain={"constant": 0.1})],
        batch_size=64,
    ),
    "part 5's hierarchy: statistics over several positions, a penalty that spares gains": config(
        8,
        [embedding(7), flatten(2), *block(17, unbiased=False), flatten(2), *block(16, unbiased=False, eps=1e-3)]
        + [flatten(2), *block(15, momentum=0.5), linear("vocab", weight={"kaiming_normal": 0.1})],
        seed=42,
        lr=[[0, 0.2], [7, 0.1], [80, 0.02]],
        l2_mean=0.3,
    ),
    "part 1's bigram, full batch": config(1, [embedding("vocab")], batch_size="all", lr=50, l2_mean=0.01),
    "relu, uniform weights, odd sizes": config(
        5,
        [embedding(5, weight={"uniform": 1}), linear(7, weight={"kaiming_uniform": 1.4}, bias={"uniform": 0.5}), RELU]
        + [flatten(), linear(27, weight={"kaiming_uniform": 1}, bias={"kaiming_normal": 0.5}), TANH]
        + [linear("vocab", weight={"uniform": 0.2}, bias=False)],
        seed=2**32 + 7,
        data={"shuffle_seed": 2**33 + 1},
        batch_size=7,
    ),
    "batch norm of the full batch, drawn gains and biases": config(
        4,
        [embedding(3), norm(gain={"normal": 0.3, "mean": 1}, bias={"uniform": 0.5}, momentum=0.9), flatten(2)]
        + [linear(12, bias=False), norm(unbiased=False, running="deviation", gain={"uniform": 1}, eps=0.5), TANH]
        + [flatten(), linear("vocab", weight={"normal": 0.05, "mean": 0.01}, bias={"constant": -0.5})],
        split=(0.005, 0.005, 0.99),
        batch_size="all",
        lr=0.5,
    ),
    "no shuffle, equal names once, a single unit": config(
        6,
        [embedding(1, weight={"normal": 0.5}), flatten(3), linear(8, weight={"constant": 0.25}, bias={"normal": 1}), TANH]
        + [linear(1, bias="ones"), TANH, flatten(), linear("vocab", bias={"kaiming_uniform": 0.3})],
        seed=1,
        data={"unique": True},
        split=(0.01, 0.01, 0.98),
        batch_size=257,
        l2_mean=1,
    ),
}


def figures(tensor):
    """The first number and the root of the mean square."""
    return tensor.flatten()[0].item(), tensor.double().square().mean().sqrt().item()


def apart(name, result, exact):
    losses, *ends, tensors = result
    other, *other_ends, others = exact
    pairs = list(zip(losses, other)) + list(zip(ends, other_ends))
    pairs += [(figures(tensors[t])[1], figures(others[t])[1]) for t in tensors]
    worst = max(abs(a / b - 1) for a, b in pairs)
    print(f"{worst:.1e} between float32 and double: {name}", file=sys.stderr)
    if worst > CONDITION:
        sys.exit(f"{name}: too badly conditioned")


def network(name, config):
    result = torch_config.train(config, NAMES)
    apart(name, result, torch_config.train(config, NAMES, double=True))
    losses, train, dev, tensors = result
    print(f"    {{{json.dumps(name)},\n     {json.dumps(json.dumps(config))},")
    print("     {" + ", ".join(f"{losses[step]:.9g}" for step in STEPS) + f"}}, {train:.9g}, {dev:.9g}, {len(tensors)}, {{")
    for tensor, values in tensors.items():
        first, size = figures(values)
        print(f'      {{"{tensor}", {first:.9g}, {size:.9g}}},')
    print("     }},")


print("// Made by `make golden` (tests/golden/make_networks.py) with PyTorch " + torch.__version__[:4] + " and data/names.txt.")
print("// clang-format off")
print("#ifndef NOMEN_TESTS_GOLDEN_NETWORKS_H\n#define NOMEN_TESTS_GOLDEN_NETWORKS_H\n\n#include <stddef.h>\n")
print(f"enum {{ GOLDEN_LOSSES = {len(STEPS)}, GOLDEN_TENSORS = 24 }};\n")
print(f"static const unsigned golden_steps[GOLDEN_LOSSES] = {{{', '.join(map(str, STEPS))}}};\n")
print("typedef struct GoldenTensor {\n    const char *name;\n    double first, size; // its first number, and the root of the")
print("                        // mean square of all\n} GoldenTensor;\n")
print("static const struct {\n    const char *name, *config;\n    double losses[GOLDEN_LOSSES]; // of the minibatches")
print("    double train, dev;            // in the end\n    size_t n_tensors;\n    GoldenTensor tensors[GOLDEN_TENSORS];")
print("} golden_networks[] = {")
for name, made in NETWORKS.items():
    network(name, made)
print("};\n\n#endif")
