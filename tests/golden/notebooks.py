"""Prints what PyTorch computes where it differs from the output stored in the lectures' notebooks.

Part 1: the loss of the first word's five examples before and after updates on them, and the full batch's loss around
step 265. Part 3: the gradients of the deep network after 1,001 steps, to seven digits; another BLAS
(LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/blas) changes the last digit.
Usage: python3 tests/golden/notebooks.py data/lecture/names.txt
"""

import json
import pathlib
import sys

import torch
import torch.nn.functional as F

from torch_config import Network, load, train_step

SEED = 2147483647
NAMES = sys.argv[1]
LECTURES = pathlib.Path(__file__).parents[2] / "configs/lectures"


def bigram_losses(xs, ys, steps, rate, l2_mean):
    """Multiplies by one-hot rows as the notebook does: rows picked by index add their gradients one by one, which loses
    digits over 228,146 examples."""
    table = torch.randn((27, 27), generator=torch.Generator().manual_seed(SEED), requires_grad=True)
    one_hot, losses = F.one_hot(xs, num_classes=27).float(), []
    for _ in range(steps):
        loss = F.cross_entropy(one_hot @ table, ys) + l2_mean * (table**2).mean()
        losses.append(loss.item())
        table.grad = None
        loss.backward()
        table.data -= rate * table.grad
    return losses


def deep_gradients(steps):
    config = json.loads((LECTURES / "part3-deep.json").read_text())
    (X, Y), _, vocab = load(config, NAMES)
    generator = torch.Generator().manual_seed(SEED)
    network = Network(config["model"], vocab, generator, torch.float32)
    for step in range(steps - 1):
        train_step(network, config["train"], X, Y, generator, step)
    batch = torch.randint(0, X.shape[0], (32,), generator=generator)
    x, outputs = X[batch], []
    for layer, made in zip(config["model"]["layers"], network.layers):
        x = made(x)
        x.retain_grad()
        outputs += [x] if layer["type"] == "tanh" else []
    F.cross_entropy(x.view(32, -1), Y[batch]).backward()
    return [x.grad.std().item() for x in outputs]


emma = bigram_losses(torch.tensor([0, 5, 13, 13, 1]), torch.tensor([5, 13, 13, 1, 0]), 5, 0.1, 0)
print("first word, before and after updates at 0.1:", *(f"{loss:.4f}" for loss in emma))
network = json.loads((LECTURES / "part1-network.json").read_text())
(X, Y), _, _ = load(network, NAMES)
losses = bigram_losses(X.view(-1), Y, 267, 50, 0.01)
print("full batch:", ", ".join(f"step {k} {losses[k]:.6f}" for k in (0, 1, 2, 19, 265, 266)))
print("deep network's gradients:", *(f"{std:.6e}" for std in deep_gradients(1001)))
