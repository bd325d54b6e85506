"""Trains a nomen config in PyTorch, written as in the lectures and without any of nomen's code.

Usage: python3 tests/golden/torch_config.py CONFIG [--data FILE] [--every N] [--double]

Prints the minibatch loss every N steps, then the losses of the train and dev split. --double draws the same float32
initial values and continues in double, which tells rounding errors from mistakes.
"""

import argparse
import json
import os
import random
from fractions import Fraction

import torch
import torch.nn.functional as F
import torch.optim.lr_scheduler as schedulers

torch.set_num_threads(1)

EVALUATION_ROWS = 4096


def initial(spec, shape, fan_in, generator):
    """Constants draw nothing; everything else is one call, even if the result is multiplied by 0."""
    if isinstance(spec, str):
        spec = {"constant": {"zeros": 0.0, "ones": 1.0}[spec]}
    if "constant" in spec:
        return torch.full(shape, float(spec["constant"]))
    if "normal" in spec:
        return torch.randn(shape, generator=generator) * spec["normal"] + spec.get("mean", 0)
    if "kaiming_normal" in spec:
        return torch.randn(shape, generator=generator) * (spec["kaiming_normal"] / fan_in**0.5)
    bound = spec["uniform"] if "uniform" in spec else spec["kaiming_uniform"] * (3 / fan_in) ** 0.5
    return torch.empty(shape).uniform_(-bound, bound, generator=generator)


class Layer:
    """Tensors by name: weights and biases (or gains) are trained, buffers are not."""

    def __init__(self):
        self.weights, self.biases, self.buffers, self.training = {}, {}, {}, True

    def tensors(self):
        return {**self.weights, **self.biases, **self.buffers}


class Embedding(Layer):
    def __init__(self, config, shape, vocab, generator):
        super().__init__()
        dim = vocab if config["dim"] == "vocab" else config["dim"]
        self.weights["weight"] = initial(config.get("weight", {"normal": 1}), (vocab, dim), vocab, generator)
        self.out = (shape[0], dim)

    def __call__(self, ids):
        return self.weights["weight"][ids]


class Flatten(Layer):
    def __init__(self, config, shape, vocab, generator):
        super().__init__()
        n = config.get("n") or shape[0]
        self.out = (shape[0] // n, n * shape[1])

    def __call__(self, x):
        return x.view(x.shape[0], *self.out)


class Linear(Layer):
    def __init__(self, config, shape, vocab, generator):
        super().__init__()
        fan_in, out = shape[1], vocab if config["out"] == "vocab" else config["out"]
        weight, bias = config.get("weight", {"kaiming_normal": 1}), config.get("bias", "zeros")
        self.weights["weight"] = initial(weight, (fan_in, out), fan_in, generator)
        if bias is not False:
            self.biases["bias"] = initial(bias, (out,), fan_in, generator)
        self.out = (shape[0], out)

    def __call__(self, x):
        x = x @ self.weights["weight"]
        return x + self.biases["bias"] if self.biases else x


class BatchNorm(Layer):
    def __init__(self, config, shape, vocab, generator):
        super().__init__()
        c, self.out = shape[1], shape
        self.eps, self.momentum = config.get("eps", 1e-5), config.get("momentum", 0.1)
        self.unbiased, self.running = config.get("unbiased", True), config.get("running", "variance")
        self.biases["gain"] = initial(config.get("gain", "ones"), (c,), c, generator)
        self.biases["bias"] = initial(config.get("bias", "zeros"), (c,), c, generator)
        self.buffers["running_mean"] = torch.zeros(c)
        self.buffers["running_" + self.running] = torch.ones(c)

    def __call__(self, x):
        spread = "running_" + self.running
        if self.training:
            rows = tuple(range(x.ndim - 1))
            mean, variance = x.mean(rows), x.var(rows, unbiased=self.unbiased)
            with torch.no_grad():
                self.follow("running_mean", mean)
                self.follow(spread, variance.sqrt() if self.running == "deviation" else variance)
        else:
            mean, variance = self.buffers["running_mean"], self.buffers[spread]
            variance = variance**2 if self.running == "deviation" else variance
        unit = (x - mean) / torch.sqrt(variance + self.eps)
        return self.biases["gain"] * unit + self.biases["bias"]

    def follow(self, name, batch):
        self.buffers[name] = (1 - self.momentum) * self.buffers[name] + self.momentum * batch


class Activation(Layer):
    def __init__(self, config, shape, vocab, generator):
        super().__init__()
        self.function, self.out = getattr(torch, config["type"]), shape

    def __call__(self, x):
        return self.function(x)


LAYERS = {"embedding": Embedding, "flatten": Flatten, "linear": Linear, "batchnorm": BatchNorm}


class Network:
    def __init__(self, model, vocab, generator, dtype):
        self.layers, shape = [], (model["context"], 1)
        for config in model["layers"]:
            layer = LAYERS.get(config["type"], Activation)(config, shape, vocab, generator)
            self.layers.append(layer)
            shape = layer.out
        for layer in self.layers:
            for group in (layer.weights, layer.biases, layer.buffers):
                for name in group:
                    group[name] = group[name].to(dtype)
        for parameter in self.parameters():
            parameter.requires_grad = True

    def weights(self):
        return [w for layer in self.layers for w in layer.weights.values()]

    def parameters(self):
        return self.weights() + [b for layer in self.layers for b in layer.biases.values()]

    def tensors(self):
        return {f"layers.{i}.{name}": t.detach() for i, l in enumerate(self.layers) for name, t in l.tensors().items()}

    def __call__(self, x, training=True):
        for layer in self.layers:
            layer.training = training
            x = layer(x)
        return x.view(x.shape[0], -1)


def read_words(path, unique):
    words = [line.strip() for line in open(path, encoding="utf-8-sig").read().split("\n")]
    words = [word for word in words if word]
    return list(dict.fromkeys(words)) if unique else words


def examples(words, index, context):
    X, Y = [], []
    for word in words:
        window = [0] * context
        for target in [index[c] for c in word] + [0]:
            X.append(window)
            Y.append(target)
            window = window[1:] + [target]
    return torch.tensor(X, dtype=torch.int64).view(-1, context), torch.tensor(Y, dtype=torch.int64)


def load(config, path):
    """The examples of the train and of the dev split, and the number of symbols with the boundary."""
    data = config["data"]
    words = read_words(path, data.get("unique", False))
    index = {c: i + 1 for i, c in enumerate(sorted(set("".join(words))))}
    if data.get("shuffle_seed") is not None:
        random.seed(data["shuffle_seed"])
        random.shuffle(words)
    split = (data.get("split", [0.8, 0.1, 0.1]) + [0, 0])[:3]
    n1, n2 = (int(sum(Fraction(str(share)) for share in split[:k]) * len(words)) for k in (1, 2))
    context = config["model"]["context"]
    return examples(words[:n1], index, context), examples(words[n1:n2], index, context), len(index) + 1


@torch.no_grad()
def split_loss(network, X, Y):
    """The mean, in double, of losses in the network's own precision; None for an empty split."""
    if len(Y) == 0:
        return None
    total = 0.0
    for x, y in zip(X.split(EVALUATION_ROWS), Y.split(EVALUATION_ROWS)):
        total += F.cross_entropy(network(x, training=False), y, reduction="none").double().sum().item()
    return total / len(Y)


def rate_at(lr, step, steps=None):
    """A constant, the rate of a list's last step reached, or the rate of torch's scheduler on a curve's part."""
    if isinstance(lr, list):
        return [rate for first, rate in lr if first <= step][-1]
    if not isinstance(lr, dict):
        return lr
    warmup, end, to = lr.get("warmup", 0), lr.get("steps", steps), lr.get("to", 0)
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=lr["from"])
    if step < warmup:
        scheduler = schedulers.LinearLR(optimizer, start_factor=1 / (warmup + 1), end_factor=1, total_iters=warmup)
    elif lr.get("shape", "cosine") == "cosine":
        scheduler = schedulers.CosineAnnealingLR(optimizer, end - warmup, eta_min=to)
    else:
        scheduler = schedulers.LinearLR(optimizer, start_factor=1, end_factor=to / lr["from"], total_iters=end - warmup)
    scheduler.last_epoch = step if step < warmup else min(step, end) - warmup
    return scheduler._get_closed_form_lr()[0]


def make_optimizer(train, parameters):
    """An optimizer whose rate is set at every step; None for plain SGD, which the lectures write out."""
    config = dict(train.get("optimizer", {"type": "sgd"}))
    kind, eps = config.pop("type"), config.get("eps", 1e-8)
    if kind == "adam":
        return torch.optim.Adam(parameters, betas=(config.get("beta1", 0.9), config.get("beta2", 0.999)), eps=eps)
    if kind == "adamw":
        betas, decay = (config.get("beta1", 0.9), config.get("beta2", 0.99)), config.get("weight_decay", 0.01)
        return torch.optim.AdamW(parameters, betas=betas, eps=eps, weight_decay=decay)
    return torch.optim.SGD(parameters, lr=0.1, **config) if config.get("momentum", 0) > 0 else None


def train_step(network, train, X, Y, generator, step, optimizer=None):
    size = train.get("batch_size", 32)
    if size != "all":
        batch = torch.randint(0, X.shape[0], (size,), generator=generator)
        X, Y = X[batch], Y[batch]
    loss = F.cross_entropy(network(X), Y)
    if train.get("l2_mean", 0) > 0:
        loss = loss + train["l2_mean"] * torch.cat([w.flatten() for w in network.weights()]).square().mean()
    for p in network.parameters():
        p.grad = None
    loss.backward()
    if train.get("clip_norm"):
        torch.nn.utils.clip_grad_norm_(network.parameters(), train["clip_norm"])
    rate = rate_at(train.get("lr", 0.1), step, train["steps"])
    if optimizer:
        optimizer.param_groups[0]["lr"] = rate
        optimizer.step()
        return loss.item()
    for p in network.parameters():
        p.data += -rate * p.grad
    return loss.item()


def train(config, path, double=False):
    """Returns the loss of every step, the train loss, the dev loss (None without a dev split) and all tensors by name."""
    generator = torch.Generator().manual_seed(config.get("seed", 2147483647))
    (X, Y), (dev_X, dev_Y), vocab = load(config, path)
    network = Network(config["model"], vocab, generator, torch.float64 if double else torch.float32)
    steps = range(config["train"]["steps"])
    optimizer = make_optimizer(config["train"], network.parameters())
    losses = [train_step(network, config["train"], X, Y, generator, step, optimizer) for step in steps]
    return losses, split_loss(network, X, Y), split_loss(network, dev_X, dev_Y), network.tensors()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config")
    parser.add_argument("--data", help="another names file")
    parser.add_argument("--every", type=int, default=1000, help="steps between printed losses")
    parser.add_argument("--double", action="store_true")
    options = parser.parse_args()
    config = json.load(open(options.config))
    path = options.data or os.path.join(os.path.dirname(options.config), config["data"]["path"])
    losses, train_loss, dev_loss, _ = train(config, path, options.double)
    for step in range(0, len(losses), options.every):
        print(f"step {step}  loss {losses[step]:.9g}")
    print(f"train {train_loss:.9g}" + ("" if dev_loss is None else f"  dev {dev_loss:.9g}"))


if __name__ == "__main__":
    main()
