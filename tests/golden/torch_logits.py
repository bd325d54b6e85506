"""Computes in PyTorch, from model files, the logits that nomen computed from them.

Usage: python3 tests/golden/torch_logits.py MODEL LOGITS [MODEL LOGITS]...

Opens the model files with `load` of configs/lectures/predict.py and, if it is installed, with the Python package
safetensors. LOGITS is a safetensors file of contexts, `ids`, and nomen's `logits` for them. Prints the largest difference
of each pair; fails if one is above 1e-5 or if the two ways of opening a file differ.
"""

import json
import os
import sys

import numpy
import torch

from torch_config import Network

sys.path.append(os.path.join(os.path.dirname(__file__), "../../configs/lectures"))
from predict import load

TOLERANCE = 1e-5


def network(tensors, metadata):
    config, symbols = json.loads(metadata["config"]), json.loads(metadata["vocabulary"])
    made = Network(config["model"], len(symbols), torch.Generator(), torch.float32)
    for i, layer in enumerate(made.layers):
        for group in (layer.weights, layer.biases, layer.buffers):
            for name in group:
                found = torch.from_numpy(tensors[f"layers.{i}.{name}"].copy())
                assert found.shape == group[name].shape and found.dtype == torch.float32, f"layers.{i}.{name}"
                group[name] = found
    return made


@torch.no_grad()
def difference(model, logits):
    wanted, _ = load(logits)
    found = network(*load(model))(torch.from_numpy(wanted["ids"].copy()), training=False)
    return numpy.abs(found.numpy().astype(float) - wanted["logits"]).max()


def expect_same(load_file, path):
    ours, theirs = load(path)[0], load_file(path)
    assert sorted(ours) == sorted(theirs), path
    for name in ours:
        assert ours[name].dtype == theirs[name].dtype and ours[name].shape == theirs[name].shape, name
        assert ours[name].tobytes() == theirs[name].tobytes(), name


def main():
    files = sys.argv[1:]
    ok = True
    for model, logits in zip(files[::2], files[1::2]):
        found = difference(model, logits)
        print(f"{model}: {found:.1e}")
        ok = ok and found <= TOLERANCE
    try:
        from safetensors.numpy import load_file
    except ImportError:
        print("skipped: opening model files with the Python package safetensors, which is not installed")
    else:
        for path in files:
            expect_same(load_file, path)
    sys.exit(0 if ok else "the logits differ by more than 1e-5")


if __name__ == "__main__":
    main()
