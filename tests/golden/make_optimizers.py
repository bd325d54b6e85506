"""Prints golden_optimizers.h: 200 steps of the lectures' MLP (configs/mlp.json) by torch.optim, and its schedulers' rates.

torch_config.py trains each network and says how a config's "train" names torch's optimizers.
"""

import json

import torch

import torch_config

NAMES = "data/names.txt"
STEPS = [0, 1, 2, 20, 100, 199]  # whose losses are compared, the last also the last step of all
ENTRIES = 16  # of each tensor, evenly spaced, beside its root mean square

RUNS = {
    "momentum": {"optimizer": {"type": "sgd", "momentum": 0.9}, "lr": 0.05},
    "Nesterov's momentum": {"optimizer": {"type": "sgd", "momentum": 0.95, "nesterov": True}, "lr": 0.02},
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
RATES = 100


def entries(tensor):
    flat = tensor.flatten()
    return [flat[i * flat.numel() // ENTRIES].item() for i in range(ENTRIES)]


def run(name, train):
    config = json.load(open("configs/mlp.json"))
    config["train"] = {"steps": STEPS[-1] + 1, "log_every": 1, **train}
    losses, _, _, tensors = torch_config.train(config, NAMES)
    print(f"    {{{json.dumps(name)},\n     {json.dumps(json.dumps(config))},")
    print("     {" + ", ".join(f"{losses[step]:.9g}" for step in STEPS) + "}, {")
    for tensor, values in tensors.items():
        size = values.double().square().mean().sqrt().item()
        print(f'      {{"{tensor}", {size:.9g},\n       {{' + ", ".join(f"{x:.9g}" for x in entries(values)) + "}},")
    print("     }},")


def rates(curve):
    found = [torch_config.rate_at(curve, step) for step in range(RATES)]
    print(f'    {{{{{curve["from"]}, {curve["to"]}, "{curve["shape"]}", {curve["warmup"]}, {curve["steps"]}}}, {{')
    print("     " + ", ".join(f"{rate:.17g}" for rate in found) + "}},")


print("// Made by `make golden` (tests/golden/make_optimizers.py) with PyTorch " + torch.__version__[:4] + " and data/names.txt.")
print("// clang-format off")
print("#ifndef NOMEN_TESTS_GOLDEN_OPTIMIZERS_H\n#define NOMEN_TESTS_GOLDEN_OPTIMIZERS_H\n\n#include \"base/field.h\"\n")
print(f"enum {{ RUN_LOSSES = {len(STEPS)}, RUN_TENSORS = 5, RUN_ENTRIES = {ENTRIES}, GOLDEN_RATES = {RATES} }};\n")
print(f"static const unsigned run_steps[RUN_LOSSES] = {{{', '.join(map(str, STEPS))}}};\n")
print("static const struct {\n    const char *name, *config;\n    double losses[RUN_LOSSES]; // of the minibatches\n    struct {")
print("        const char *name;\n        double size, entries[RUN_ENTRIES]; // the root of the mean square; evenly spaced")
print("    } tensors[RUN_TENSORS];\n} golden_runs[] = {")
for name, train in RUNS.items():
    run(name, train)
print("};\n\nstatic const struct {\n    RateCurve curve;\n    double rates[GOLDEN_RATES]; // from step 0 on\n} golden_curves[] = {")
for curve in CURVES:
    rates(curve)
print("};\n\n#endif")
