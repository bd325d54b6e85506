"""The answers to gradients.py. Usage: python3 gradients-answers.py part4.safetensors"""

import sys

from gradients import cross_entropy, main  # first, because it reports if NumPy is missing

import numpy as np


def linear(x, weight, dy):
    return dy @ weight.T, x.T @ dy, dy.sum(axis=0)


def tanh(y, dy):
    return (1 - y**2) * dy


def batchnorm(x, gain, dy, eps=1e-5):
    n = len(x)
    deviation = np.sqrt(x.var(axis=0, ddof=1) + eps)
    normal = (x - x.mean(axis=0)) / deviation
    dgain, dbias = (dy * normal).sum(axis=0), dy.sum(axis=0)
    return gain / deviation * (dy - dbias / n - normal * dgain / (n - 1)), dgain, dbias


def embedding(ids, n_symbols, dy):
    dweight = np.zeros((n_symbols, dy.shape[-1]))
    np.add.at(dweight, ids, dy)
    return dweight


if __name__ == "__main__":
    sys.exit(main(sys.modules[__name__]))
