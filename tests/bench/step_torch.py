"""Microseconds a training step of the lectures' MLP takes in PyTorch on one thread. Usage: step_torch.py NAMES"""

import pathlib
import sys
import time

import torch

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "golden"))
from mlp_torch import initial_weights, train_step, training_examples  # noqa: E402

STEPS, WARM_UP = 4000, 500

X, Y = training_examples(sys.argv[1])
generator = torch.Generator().manual_seed(2147483647)
parameters = initial_weights(generator, w1=(5 / 3) / 30**0.5, b1=0.01, w2=0.01, b2=0.0)
for p in parameters:
    p.requires_grad = True
for step in range(WARM_UP + STEPS):
    if step == WARM_UP:
        begin = time.perf_counter()
    train_step(parameters, X, Y, generator, 0.1)
print(f"{(time.perf_counter() - begin) / STEPS * 1e6:.1f}")
