"""Shows that the lectures' "all randn" MLP is chaotic, which is why its later figures cannot be reproduced elsewhere.

PyTorch trains it for 20,001 steps from the lecture's weights, and again from weights changed by one part in ten million.
Usage: python3 tests/golden/chaos.py data/lecture/names.txt
"""

import sys

import torch

from mlp_torch import initial_weights, train_step, training_examples

X, Y = training_examples(sys.argv[1])


def loss_at_20000(change_seed, dtype):
    generator = torch.Generator().manual_seed(2147483647)
    parameters = [p.to(dtype) for p in initial_weights(generator)]
    if change_seed:
        other = torch.Generator().manual_seed(change_seed)
        parameters = [p * (1 + 1e-7 * (torch.randint(0, 3, p.shape, generator=other) - 1)) for p in parameters]
    for p in parameters:
        p.requires_grad = True
    for _ in range(20001):
        loss = train_step(parameters, X, Y, generator, 0.1)
    return loss.item()


for seed in range(4):
    print(f"float32, change {seed}: {loss_at_20000(seed, torch.float32):.4f}", flush=True)
print(f"float64, no change: {loss_at_20000(0, torch.float64):.4f}")
