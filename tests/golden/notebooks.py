"""Shows which figures of the stored notebooks PyTorch itself does not give again, and what it gives instead.

Part 1: the loss of the first word's five examples before and after updates on them, and the full batch's loss around
step 265. Part 3: the gradients of the deep network after 1,001 steps, to seven digits; run it with another BLAS
(LD_LIBRARY_PATH=/usr/lib/x86_64-linux-gnu/blas) and the last digits are others.
Usage: python3 tests/golden/notebooks.py data/lecture/names.txt
"""

import sys

import torch
import torch.nn.functional as F

from mlp_torch import training_examples

SEED = 2147483647
NAMES = sys.argv[1]


def first_word():
    table = torch.randn((27, 27), generator=torch.Generator().manual_seed(SEED), requires_grad=True)
    xs, ys = torch.tensor([0, 5, 13, 13, 1]), torch.tensor([5, 13, 13, 1, 0])  # . e m m a .
    losses = []
    for _ in range(5):
        loss = F.cross_entropy(table[xs], ys)
        losses.append(loss.item())
        table.grad = None
        loss.backward()
        table.data -= 0.1 * table.grad
    return losses


def full_batch(steps):
    words = open(NAMES).read().splitlines()
    pairs = [(a, b) for w in words for a, b in zip("." + w, w + ".")]
    index = {letter: i for i, letter in enumerate(sorted({a for a, _ in pairs}))}
    xs, ys = (torch.tensor([index[pair[k]] for pair in pairs]) for k in range(2))
    table = torch.randn((27, 27), generator=torch.Generator().manual_seed(SEED), requires_grad=True)
    # Rows picked by index add their gradients one by one, and lose digits over 228,146 of them; the notebook multiplies.
    one_hot, losses = F.one_hot(xs, num_classes=27).float(), []
    for _ in range(steps):
        loss = F.cross_entropy(one_hot @ table, ys) + 0.01 * (table**2).mean()
        losses.append(loss.item())
        table.grad = None
        loss.backward()
        table.data -= 50 * table.grad
    return losses


def deep_gradients(steps):
    X, Y = training_examples(NAMES)
    generator = torch.Generator().manual_seed(SEED)
    shapes = [(30, 100)] + [(100, 100)] * 4 + [(100, 27)]
    embedding = torch.randn((27, 10), generator=generator)
    weights = [torch.randn(s, generator=generator) / s[0] ** 0.5 for s in shapes]
    gains, biases = [torch.ones(s[1]) for s in shapes], [torch.zeros(s[1]) for s in shapes]
    gains[-1] *= 0.1
    parameters = [embedding, *weights, *gains, *biases]
    for p in parameters:
        p.requires_grad = True
    for _ in range(steps):
        batch = torch.randint(0, X.shape[0], (32,), generator=generator)
        x, outputs = embedding[X[batch]].view(32, -1), []
        for weight, gain, bias in zip(weights, gains, biases):
            x = x @ weight
            x = gain * (x - x.mean(0, keepdim=True)) / torch.sqrt(x.var(0, keepdim=True) + 1e-5) + bias
            if weight is not weights[-1]:
                x = torch.tanh(x)
                x.retain_grad()
                outputs.append(x)
        loss = F.cross_entropy(x, Y[batch])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
    return [x.grad.std().item() for x in outputs]


print("first word, before and after updates at 0.1:", *(f"{loss:.4f}" for loss in first_word()))
losses = full_batch(267)
print("full batch:", ", ".join(f"step {k} {losses[k]:.6f}" for k in (0, 1, 2, 19, 265, 266)))
print("deep network's gradients:", *(f"{std:.6e}" for std in deep_gradients(1001)))
