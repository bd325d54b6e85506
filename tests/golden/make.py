"""Prints golden_NAME.h: values from PyTorch and Python's random that the tests compare nomen with. `make golden` runs it.

Usage: make.py random|networks|optimizers|softmax|microgpt, in the project's root. Needs python3-torch 1.13.
"""

import json
import random
import sys
import textwrap

import torch
import torch.nn.functional as F

import torch_config

NAMES = "data/names.txt"
LECTURE, SMALL, WIDE = 2147483647, 42, 2**32 + 7  # WIDE: PyTorch seeds by its lowest 32 bits


def generator(seed=LECTURE):
    return torch.Generator().manual_seed(seed)


def array(c_type, name, values):
    print(f"static const {c_type} golden_{name}[] = {{")
    print(textwrap.fill(", ".join(values), width=116, initial_indent="    ", subsequent_indent="    "))
    print("};")


def floats(name, tensor):
    """Nine digits tell every float32 from its neighbours; a point makes each one a C constant."""
    array("float", name, [f"{x:#.9g}f" for x in tensor.flatten().tolist()])


def doubles(name, tensor):
    array("double", name, [f"{x:#.17g}" for x in tensor.tolist()])


def integers(c_type, name, values):
    array(c_type, name, [str(value) for value in values])


def numbers(values):
    return ", ".join(f"{x:.9g}" for x in values)


def size(tensor):
    return tensor.double().square().mean().sqrt().item()


def make_random():
    print("#include <stdint.h>")
    print("\n// torch.rand(20), float32 and float64; the numbers in the names are the seeds")
    for seed in (LECTURE, SMALL, WIDE):
        floats(f"rand_{seed}", torch.rand(20, generator=generator(seed)))
    for seed in (LECTURE, WIDE):
        doubles(f"rand_double_{seed}", torch.rand(20, generator=generator(seed), dtype=torch.float64))

    print("\n// torch.randint(0, n, (12,)): seed, then n")
    for seed, n in [(LECTURE, n) for n in (2, 27, 182625, 2**32 - 1, 2**32, 2**40 + 3)] + [(WIDE, 27)]:
        integers("uint64_t", f"randint_{seed}_{n}", torch.randint(0, n, (12,), generator=generator(seed)).tolist())

    print("\n// torch.randn of sizes 1, 5, 15, 16, 1 from one generator: the spare normal outlives the large fill")
    g = generator()
    floats(f"randn_small_{LECTURE}", torch.cat([torch.randn(n, generator=g) for n in (1, 5, 15, 16, 1)]))
    print("\n// torch.randn: seed, then size")
    for seed, n in ((LECTURE, 16), (LECTURE, 27), (SMALL, 200), (WIDE, 40)):
        floats(f"randn_{seed}_{n}", torch.randn(n, generator=generator(seed)))

    print("\n// exponential_ of 20 float64")
    for seed in (LECTURE, SMALL):
        doubles(f"exponential_{seed}", torch.empty(20, dtype=torch.float64).exponential_(generator=generator(seed)))

    print("\n// random.seed(s); random.shuffle(list(range(n))): s, then n")
    for seed in (0, SMALL, LECTURE, 2**40 + 5):
        for n in (20, 100):
            items = list(range(n))
            random.seed(seed)
            random.shuffle(items)
            integers("uint32_t", f"shuffle_{seed}_{n}", items)

    print("\n// torch.randperm(n): seed, then n")
    for seed, n in ((LECTURE, 20), (SMALL, 100)):
        integers("uint32_t", f"randperm_{seed}_{n}", torch.randperm(n, generator=generator(seed)).tolist())

    print("\n// random.seed(s); random.random(), then random.gauss(0, 1) of the same seed")
    for seed in (SMALL, 2**40 + 5):
        random.seed(seed)
        doubles(f"random_{seed}", torch.tensor([random.random() for _ in range(20)], dtype=torch.float64))
        random.seed(seed)
        doubles(f"gauss_{seed}", torch.tensor([random.gauss(0, 1) for _ in range(21)], dtype=torch.float64))

    print("\n// torch.manual_seed(42); torch.nn.Linear(5, 3): its weight (outputs, inputs), then its bias")
    torch.manual_seed(SMALL)
    layer = torch.nn.Linear(5, 3)
    floats("linear", torch.cat([layer.weight.detach().flatten(), layer.bias.detach()]))


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


NETWORK_STEPS = [0, 1, 2, 20, 60, 99]  # whose losses are compared; the last is the last step


def config(context, layers, seed=LECTURE, split=(0.02, 0.01, 0.97), data=None, **train):
    return {
        "seed": seed,
        "data": {"path": "names.txt", "split": list(split), **(data or {"shuffle_seed": 42})},
        "model": {"context": context, "layers": layers},
        "train": {"steps": NETWORK_STEPS[-1] + 1, "log_every": 1, **train},
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

# A network that float32 rounding alone moves by more than this is refused: it would say little about nomen.
CONDITION = 2e-6


def check_condition(name, result, exact):
    """Compares with a training in double from the same initial values."""
    (losses, *ends, tensors), (exact_losses, *exact_ends, exact_tensors) = result, exact
    pairs = list(zip(losses, exact_losses)) + list(zip(ends, exact_ends))
    pairs += [(size(tensors[t]), size(exact_tensors[t])) for t in tensors]
    worst = max(abs(a / b - 1) for a, b in pairs)
    print(f"{worst:.1e} between float32 and double: {name}", file=sys.stderr)
    if worst > CONDITION:
        sys.exit(f"{name}: too badly conditioned")


def make_networks():
    """Small networks of many kinds, trained on data/names.txt."""
    print("#include <stddef.h>\n")
    print(f"enum {{ GOLDEN_LOSSES = {len(NETWORK_STEPS)}, GOLDEN_TENSORS = 24 }};\n")
    print(f"static const unsigned golden_steps[GOLDEN_LOSSES] = {{{', '.join(map(str, NETWORK_STEPS))}}};\n")
    print("""\
typedef struct GoldenTensor {
    const char *name;
    double first, size; // its first number; root mean square
} GoldenTensor;

static const struct {
    const char *name, *config;
    double losses[GOLDEN_LOSSES]; // of the minibatches
    double train, dev;            // after the last step
    size_t n_tensors;
    GoldenTensor tensors[GOLDEN_TENSORS];
} golden_networks[] = {""")
    for name, made in NETWORKS.items():
        result = losses, train, dev, tensors = torch_config.train(made, NAMES)
        check_condition(name, result, torch_config.train(made, NAMES, double=True))
        print(f"    {{{json.dumps(name)},\n     {json.dumps(json.dumps(made))},")
        print(f"     {{{numbers(losses[s] for s in NETWORK_STEPS)}}}, {train:.9g}, {dev:.9g}, {len(tensors)}, {{")
        for tensor, values in tensors.items():
            print(f'      {{"{tensor}", {values.flatten()[0].item():.9g}, {size(values):.9g}}},')
        print("     }},")
    print("};")


RUN_STEPS = [0, 1, 2, 20, 100, 199]
ENTRIES = 16  # of each tensor, evenly spaced, beside its root mean square
RATES = 100

RUNS = {
    "momentum": {"optimizer": {"type": "sgd", "momentum": 0.9}, "lr": 0.05},
    "Nesterov's momentum": {"optimizer": {"type": "sgd", "momentum": 0.95, "nesterov": True}, "lr": 0.02},
    "Adam as it comes": {"optimizer": {"type": "adam"}, "lr": 0.003},
    "AdamW as it comes": {"optimizer": {"type": "adamw"}, "lr": 0.003},
    "AdamW with everything set": {
        "optimizer": {"type": "adamw", "beta1": 0.8, "beta2": 0.95, "eps": 1e-4, "weight_decay": 0.1},
        "lr": 0.01,
    },
    "clipping": {"clip_norm": 0.5, "lr": 0.3},
    "momentum, clipping, a penalty, a line": {
        "optimizer": {"type": "sgd", "momentum": 0.9},
        "clip_norm": 0.8,
        "l2_mean": 0.1,
        "lr": {"from": 0.1, "to": 0.01, "shape": "linear", "warmup": 7, "steps": 150},
    },
    "AdamW, clipping, a penalty, a cosine": {
        "optimizer": {"type": "adamw"},
        "clip_norm": 0.5,
        "l2_mean": 0.1,
        "lr": {"from": 0.003, "to": 0.0001, "warmup": 20},
    },
}

CURVES = [
    {"from": 0.1, "to": 0.001, "shape": "cosine", "warmup": 0, "steps": 97},
    {"from": 0.3, "to": 0, "shape": "cosine", "warmup": 10, "steps": 60},
    {"from": 0.1, "to": 0.001, "shape": "linear", "warmup": 0, "steps": 97},
    {"from": 0.02, "to": 0.005, "shape": "linear", "warmup": 33, "steps": 80},
]

def make_optimizers():
    """200 steps of configs/mlp.json by torch.optim, and the rates of its schedulers."""
    print('#include "base/field.h"\n')
    print(f"enum {{ RUN_LOSSES = {len(RUN_STEPS)}, RUN_TENSORS = 5, RUN_ENTRIES = {ENTRIES}, GOLDEN_RATES = {RATES} }};\n")
    print(f"static const unsigned run_steps[RUN_LOSSES] = {{{', '.join(map(str, RUN_STEPS))}}};\n")
    print("""\
static const struct {
    const char *name, *config;
    double losses[RUN_LOSSES]; // of the minibatches
    struct {
        const char *name;
        double size, entries[RUN_ENTRIES]; // root mean square; evenly spaced
    } tensors[RUN_TENSORS];
} golden_runs[] = {""")
    for name, train in RUNS.items():
        made = json.load(open("configs/mlp.json"))
        made["train"] = {"steps": RUN_STEPS[-1] + 1, "log_every": 1, **train}
        losses, _, _, tensors = torch_config.train(made, NAMES)
        print(f"    {{{json.dumps(name)},\n     {json.dumps(json.dumps(made))},")
        print(f"     {{{numbers(losses[step] for step in RUN_STEPS)}}}, {{")
        for tensor, values in tensors.items():
            flat = values.flatten()
            entries = [flat[i * flat.numel() // ENTRIES].item() for i in range(ENTRIES)]
            print(f'      {{"{tensor}", {size(values):.9g},\n       {{{numbers(entries)}}}}},')
        print("     }},")
    print("};\n\nstatic const struct {\n    RateCurve curve;\n    double rates[GOLDEN_RATES]; // from step 0 on\n} golden_curves[] = {")
    for curve in CURVES:
        rates = ", ".join(f"{torch_config.rate_at(curve, step):.17g}" for step in range(RATES))
        print(f'    {{{{{curve["from"]}, {curve["to"]}, "{curve["shape"]}", {curve["warmup"]}, {curve["steps"]}}}, {{')
        print(f"     {rates}}}}},")
    print("};")


def make_softmax():
    """Softmax, log-softmax, cross-entropy and their gradients in float32."""
    print("#include <stdint.h>\n")
    print("enum { SOFTMAX_ROWS = 6, SOFTMAX_CLASSES = 27 };\n")
    g = generator()
    logits = torch.randn((6, 27), generator=g) * 4
    targets = torch.randint(0, 27, (6,), generator=g)
    targets[2] = -1  # ignored
    floats("logits", logits)
    integers("int32_t", "targets", targets.tolist())
    floats("softmax", F.softmax(logits, 1))
    floats("log_softmax", F.log_softmax(logits, 1))
    floats("losses", F.cross_entropy(logits, targets, reduction="none", ignore_index=-1))
    for reduction in ("sum", "mean"):
        z = logits.clone().requires_grad_()
        loss = F.cross_entropy(z, targets, reduction=reduction, ignore_index=-1)
        loss.backward()
        floats(f"{reduction}_loss", loss.detach().reshape(-1))
        floats(f"{reduction}_gradient", z.grad)


def microgpt_logits(p, ids, heads=4):
    n, width = len(ids), p["tokens"].shape[1]
    normed = lambda x: x * (x.pow(2).mean(-1, keepdim=True) + 1e-5) ** -0.5
    x = normed(p["tokens"][ids] + p["positions"][:n])
    q, k, v = ((normed(x) @ p[name].T).view(n, heads, -1).transpose(0, 1) for name in ("query", "key", "value"))
    scores = q @ k.transpose(1, 2) / (width // heads) ** 0.5
    later = torch.triu(torch.ones(n, n, dtype=torch.bool), 1)
    x = x + (scores.masked_fill(later, -torch.inf).softmax(-1) @ v).transpose(0, 1).reshape(n, width) @ p["joined"].T
    return (x + torch.relu(normed(x) @ p["up"].T) @ p["down"].T) @ p["head"].T


def make_microgpt():
    """The losses of microgpt's 1,000 steps in double, in ten thousandths: the four decimals that it prints."""
    torch.set_default_dtype(torch.float64)
    random.seed(SMALL)
    names = open("data/lecture/names.txt").read().split()
    random.shuffle(names)
    symbols = sorted(set("".join(names)))
    end, width, most = len(symbols), 16, 16
    shapes = {"tokens": (end + 1, width), "positions": (most, width), "head": (end + 1, width)}
    shapes |= {name: (width, width) for name in ("query", "key", "value", "joined")}
    shapes |= {"up": (4 * width, width), "down": (width, 4 * width)}
    draw = lambda rows, columns: [[random.gauss(0, 0.08) for _ in range(columns)] for _ in range(rows)]
    p = {name: torch.tensor(draw(*shape), requires_grad=True) for name, shape in shapes.items()}
    adam = torch.optim.Adam(p.values(), betas=(0.85, 0.99), eps=1e-8)
    losses = []
    for step in range(1000):
        ids = [end] + [symbols.index(c) for c in names[step]] + [end]
        n = min(most, len(ids) - 1)
        loss = F.cross_entropy(microgpt_logits(p, ids[:n]), torch.tensor(ids[1 : n + 1]))
        losses.append(f"{loss.item():.4f}")
        adam.zero_grad()
        loss.backward()
        adam.param_groups[0]["lr"] = 0.01 * (1 - step / 1000)
        adam.step()
    integers("int", "microgpt", [int(loss.replace(".", "")) for loss in losses])


def main():
    name = sys.argv[1]
    print(f"// clang-format off\n// Made by `make golden` (make.py) with PyTorch {torch.__version__[:4]}. Do not edit.")
    print("#pragma once\n")
    {"random": make_random, "networks": make_networks, "optimizers": make_optimizers, "softmax": make_softmax,
     "microgpt": make_microgpt}[name]()


if __name__ == "__main__":
    main()
