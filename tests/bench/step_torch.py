"""Microseconds a training step of the lectures' MLP takes in PyTorch on one thread, written as the lecture writes it."""

import random
import sys
import time

import torch
import torch.nn.functional as F

STEPS, WARM_UP = 4000, 500

torch.set_num_threads(1)
words = open(sys.argv[1]).read().splitlines()
letters = sorted(set("".join(words)))
index = {letter: i + 1 for i, letter in enumerate(letters)}
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

generator = torch.Generator().manual_seed(2147483647)
C = torch.randn((27, 10), generator=generator)
W1 = torch.randn((30, 200), generator=generator) * (5 / 3) / 30**0.5
b1 = torch.randn(200, generator=generator) * 0.01
W2 = torch.randn((200, 27), generator=generator) * 0.01
b2 = torch.randn(27, generator=generator) * 0
parameters = [C, W1, b1, W2, b2]
for p in parameters:
    p.requires_grad = True

for step in range(WARM_UP + STEPS):
    if step == WARM_UP:
        begin = time.perf_counter()
    batch = torch.randint(0, X.shape[0], (32,), generator=generator)
    h = torch.tanh(C[X[batch]].view(32, -1) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Y[batch])
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -0.1 * p.grad
print(f"{(time.perf_counter() - begin) / STEPS * 1e6:.1f}")
