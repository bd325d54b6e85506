"""Compares your gradients of part 4's network, written by hand, with nomen's. Needs NumPy.

Usage: nomen gradcheck part4-backprop --batch 32 --dump part4.safetensors
       python3 gradients.py part4.safetensors

Each function is the backward pass of one layer: dy is the gradient of the loss by the layer's output. cross_entropy is
worked out; the others are yours. Every layer is given nomen's own dy, so that a mistake shows in its layer only.
"""

import sys

from predict import load  # first, because it reports if NumPy is missing

import numpy as np


def cross_entropy(logits, targets):
    """The loss is the mean over the rows of -log softmax(logits)[target]. Returns its gradient by the logits (N, C)."""
    n = len(logits)
    probs = np.exp(logits - logits.max(axis=1, keepdims=True))
    probs /= probs.sum(axis=1, keepdims=True)
    probs[np.arange(n), targets] -= 1
    return probs / n


def linear(x, weight, dy):
    """y = x @ weight + bias: (N, I) @ (I, O) + (O). Returns dx (N, I), dweight (I, O), dbias (O)."""
    return None, None, None  # TODO


def tanh(y, dy):
    """y = tanh(x), both (N, C). Returns dx."""
    return None  # TODO


def batchnorm(x, gain, dy, eps=1e-5):
    """y = gain * (x - mean) / sqrt(variance + eps) + bias: mean and variance of each column of x (N, C), the variance
    with N - 1 below. Returns dx (N, C), dgain (C), dbias (C)."""
    return None, None, None  # TODO


def embedding(ids, n_symbols, dy):
    """y = weight[ids]: ids (N, T), weight (n_symbols, D), y (N, T, D). Returns dweight."""
    return None  # TODO


def gradients(t, hand):
    """Yields a tensor's name and its gradient by hand, from the loss backwards. t has the dump's tensors by name; hand
    has the functions above."""

    def rows(name):
        return t[name].reshape(len(t["batch.ids"]), -1)

    def dy(layer):
        return rows(f"layers.{layer}.output.grad")

    yield "layers.5.output", hand.cross_entropy(rows("layers.5.output"), t["batch.targets"])
    names = "layers.4.output", "layers.5.weight", "layers.5.bias"
    yield from zip(names, hand.linear(rows("layers.4.output"), t["layers.5.weight"], dy(5)))
    yield "layers.3.output", hand.tanh(rows("layers.4.output"), dy(4))
    names = "layers.2.output", "layers.3.gain", "layers.3.bias"
    yield from zip(names, hand.batchnorm(rows("layers.2.output"), t["layers.3.gain"], dy(3)))
    names = "layers.1.output", "layers.2.weight", "layers.2.bias"
    yield from zip(names, hand.linear(rows("layers.1.output"), t["layers.2.weight"], dy(2)))
    yield "layers.0.weight", hand.embedding(t["batch.ids"], len(t["layers.0.weight"]), t["layers.0.output.grad"])


def main(hand):
    """Prints a line for each tensor. Returns the exit status, 1 if a gradient is off."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    t = {name: x.astype(float) if x.dtype.kind == "f" else x for name, x in load(sys.argv[1])[0].items()}
    if "layers.5.bias.grad" not in t:
        sys.exit(f"{sys.argv[1]}: not what nomen gradcheck part4-backprop --dump writes")
    status = 0
    print(f"{'gradient of':<16} {'largest':>9} {'difference':>10}")
    for name, mine in gradients(t, hand):
        nomen = t[name + ".grad"]
        size = np.abs(nomen).max()
        if mine is None:
            print(f"{name:<16} {size:9.2e} {'-':>10}  to do")
            continue
        same_size = np.size(mine) == nomen.size
        difference = np.abs(np.reshape(mine, nomen.shape) - nomen).max() if same_size else np.inf
        ok = difference <= 1e-7 + 1e-5 * size
        verdict = "ok" if ok else "OFF" if same_size else f"OFF: its shape is {np.shape(mine)}"
        print(f"{name:<16} {size:9.2e} {difference:10.1e}  {verdict}")
        status = status if ok else 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
