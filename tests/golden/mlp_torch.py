"""The lectures' MLP (parts 2 and 3) in PyTorch, written as the lecture writes it; for the benchmark and for chaos.py."""

import random

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def training_examples(path):
    words = open(path).read().splitlines()
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
    return torch.tensor(contexts), torch.tensor(targets)


def initial_weights(generator, w1=1.0, b1=1.0, w2=1.0, b2=1.0):
    shapes = [(27, 10), (30, 200), (200,), (200, 27), (27,)]
    return [torch.randn(s, generator=generator) * f for s, f in zip(shapes, [1.0, w1, b1, w2, b2])]


def train_step(parameters, X, Y, generator, rate):
    C, W1, b1, W2, b2 = parameters
    batch = torch.randint(0, X.shape[0], (32,), generator=generator)
    h = torch.tanh(C[X[batch]].view(32, -1) @ W1 + b1)
    loss = F.cross_entropy(h @ W2 + b2, Y[batch])
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -rate * p.grad
    return loss
