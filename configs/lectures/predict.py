"""Opens a model that nomen trained and computes which character comes next, as nomen next does, with NumPy alone.

Usage: python3 predict.py MODEL [PREFIX], such as: python3 predict.py runs/mlp/model.safetensors mar

Prints each character and its probability, the most likely first. The model is a network of the layers below, such as
that of configs/mlp.json. Each layer is one line: change one, or look at x after it.
"""

import json
import sys

try:
    import numpy as np
except ImportError:
    sys.exit(f"{sys.argv[0]} needs NumPy (python3-numpy)")


def load(path):
    """The tensors of a model file by name, and its metadata: the config and the vocabulary as JSON, among others."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data, metadata = file.read(), header.pop("__metadata__")
    types = {"F32": "<f4", "F64": "<f8", "I64": "<i8"}

    def array(dtype, shape, data_offsets):
        return np.frombuffer(data[slice(*data_offsets)], types[dtype]).reshape(shape)

    return {name: array(**tensor) for name, tensor in header.items()}, metadata


def predict(tensors, layers, context):
    """The probabilities of all characters after a context, both as ids."""
    x = np.array(context)  # (context,)
    for i, layer in enumerate(layers):
        weight, bias = tensors.get(f"layers.{i}.weight"), tensors.get(f"layers.{i}.bias", 0)
        if layer["type"] == "embedding":
            x = weight[x]  # (context, dim)
        elif layer["type"] == "flatten":
            x = x.reshape(1, -1)  # (1, context * dim)
        elif layer["type"] == "linear":
            x = x @ weight + bias  # (1, out)
        elif layer["type"] == "tanh":
            x = np.tanh(x)
        else:
            sys.exit(f"layer {i}: this example has no {layer['type']}")
    logits = x[-1]
    counts = np.exp(logits - logits.max())
    return counts / counts.sum()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    tensors, metadata = load(sys.argv[1])
    prefix = sys.argv[2] if len(sys.argv) > 2 else ""
    model = json.loads(metadata["config"])["model"]
    symbols = json.loads(metadata["vocabulary"])  # symbols[0], the beginning and the end of a name, is ""
    ids = [0] * model["context"] + [symbols.index(symbol) for symbol in prefix]
    p = predict(tensors, model["layers"], ids[-model["context"] :])
    for i in np.argsort(-p):
        print(f"{symbols[i] or 'end':4}{p[i]:.7f}")


if __name__ == "__main__":
    main()
