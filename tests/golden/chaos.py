"""Shows that the lectures' "all randn" MLP is chaotic, which is why its later figures cannot be reproduced elsewhere.

PyTorch trains it for 20,001 steps from the lecture's weights, and again from weights changed by a few parts in ten
million. Usage: python3 tests/golden/chaos.py data/lecture/names.txt
"""

import random
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
words = open(sys.argv[1]).read().splitlines()
index = {letter: i + 1 for i, letter in enumerate(sorted(set("".join(words))))}
random.seed(42)
random.shuffle(words)
contexts, targets = [], []
for word in words[: int(0.8 * len(words))]:
    context = [0] * 3
    for target in [index[letter] for letter in word] + [0]:
        contexts.append(context)
        targets.append(target)
        context = context[1:] + [target]
X, Y = torch.tensor(contexts), torch.tensor(targets)


def loss_at_20000(change_seed, dtype):
    g = torch.Generator().manual_seed(2147483647)
    shapes = [(27, 10), (30, 200), (200,), (200, 27), (27,)]
    parameters = [torch.randn(shape, generator=g).to(dtype) for shape in shapes]
    if change_seed:
        other = torch.Generator().manual_seed(change_seed)
        parameters = [p * (1 + 1e-7 * (torch.randint(0, 3, p.shape, generator=other) - 1)) for p in parameters]
    for p in parameters:
        p.requires_grad = True
    C, W1, b1, W2, b2 = parameters
    for step in range(20001):
        batch = torch.randint(0, X.shape[0], (32,), generator=g)
        h = torch.tanh(C[X[batch]].view(32, -1) @ W1 + b1)
        loss = F.cross_entropy(h @ W2 + b2, Y[batch])
        for p in parameters:
            p.grad = None
        loss.backward()
        for p in parameters:
            p.data += -0.1 * p.grad
    return loss.item()


for seed in range(4):
    print(f"float32, change {seed}: {loss_at_20000(seed, torch.float32):.4f}", flush=True)
print(f"float64, no change: {loss_at_20000(0, torch.float64):.4f}")
