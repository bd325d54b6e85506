"""Shows that the lectures' "all randn" MLP is chaotic, which is why its later losses cannot be reproduced elsewhere.

PyTorch trains it for 20,001 steps from the lecture's weights, and again from weights changed by one part in ten million.
Usage: python3 tests/golden/chaos.py data/lecture/names.txt
"""

import json
import pathlib
import sys

import torch

from torch_config import Network, load, train_step

CONFIG = json.loads((pathlib.Path(__file__).parents[2] / "configs/lectures/part2-all-randn.json").read_text())
(X, Y), _, VOCAB = load(CONFIG, sys.argv[1])


def loss_at_20000(change_seed, dtype):
    generator, other = torch.Generator().manual_seed(2147483647), torch.Generator().manual_seed(change_seed)
    network = Network(CONFIG["model"], VOCAB, generator, dtype)
    for tensor in network.tensors().values() if change_seed else []:
        tensor *= 1 + 1e-7 * (torch.randint(0, 3, tensor.shape, generator=other) - 1)
    for step in range(20001):
        loss = train_step(network, CONFIG["train"], X, Y, generator, step)
    return loss


for seed in range(4):
    print(f"float32, change {seed}: {loss_at_20000(seed, torch.float32):.4f}", flush=True)
print(f"float64, no change: {loss_at_20000(0, torch.float64):.4f}")
