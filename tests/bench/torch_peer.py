"""The peers in PyTorch, written as the lectures write them, on one thread.

Usage: torch_peer.py NAMES, with a request a line on standard input; answers are seconds of the processor, like those of
nomen-bench.
"""

import functools
import json
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "golden"))
import mlp_torch  # noqa: E402
from mlp_torch import initial_weights  # noqa: E402
from torch_config import Network, examples, read_words, train_step as config_step  # noqa: E402

torch.set_num_threads(1)
NAMES = sys.argv[1]
WIDTH, RATE = 200, 0.1
training_examples = functools.lru_cache(mlp_torch.training_examples)


def seeded():
    return torch.Generator().manual_seed(2147483647)


def learn(parameters, loss):
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -RATE * p.grad


def trained(parameters):
    for p in parameters:
        p.requires_grad = True
    return parameters


def kaiming_weights(generator):
    return initial_weights(generator, w1=(5 / 3) / 30**0.5, b1=0.01, w2=0.01, b2=0.0)


def mlp_step(size, parameters):
    """Part 3's network after its fixes."""
    X, Y = training_examples(NAMES)
    generator = seeded()
    C, W1, b1, W2, b2 = parameters

    def step():
        ix = torch.randint(0, X.shape[0], (size,), generator=generator)
        h = torch.tanh(C[X[ix]].view(size, -1) @ W1 + b1)
        learn(parameters, F.cross_entropy(h @ W2 + b2, Y[ix]))

    return step


def batch_norm_step(built_in):
    """The same with batch norm: by hand as the notebook has it, or torch.nn.BatchNorm1d."""
    X, Y = training_examples(NAMES)
    generator = seeded()
    C, W1, _, W2, b2 = kaiming_weights(generator)
    gain, bias = torch.ones((1, WIDTH)), torch.zeros((1, WIDTH))
    running = {"mean": torch.zeros((1, WIDTH)), "std": torch.ones((1, WIDTH))}
    layer = torch.nn.BatchNorm1d(WIDTH, momentum=0.001)
    parameters = trained([C, W1, W2, b2]) + (list(layer.parameters()) if built_in else trained([gain, bias]))

    def by_hand(x):
        mean, std = x.mean(0, keepdim=True), x.std(0, keepdim=True)
        with torch.no_grad():
            running["mean"] = 0.999 * running["mean"] + 0.001 * mean
            running["std"] = 0.999 * running["std"] + 0.001 * std
        return gain * (x - mean) / std + bias

    normalize = layer if built_in else by_hand

    def step():
        ix = torch.randint(0, X.shape[0], (32,), generator=generator)
        h = torch.tanh(normalize(C[X[ix]].view(32, -1) @ W1))
        learn(parameters, F.cross_entropy(h @ W2 + b2, Y[ix]))

    return step


def config_file_step(path):
    """Any config's step, its layers written out as in part 5."""
    config = json.loads((ROOT / path).read_text())
    words = read_words(NAMES, False)
    index = {c: i + 1 for i, c in enumerate(sorted(set("".join(words))))}
    X, Y = examples(words, index, config["model"]["context"])
    generator = seeded()
    network = Network(config["model"], len(index) + 1, generator, torch.float32)
    return lambda: config_step(network, config["train"], X, Y, generator, 0)


def bigram_step():
    """Part 1's network: one-hot rows of all bigrams times W."""
    words = read_words(NAMES, False)
    index = {c: i + 1 for i, c in enumerate(sorted(set("".join(words))))}
    X, ys = examples(words, index, 1)
    xs, num = X.view(-1), len(ys)
    W = torch.randn((27, 27), generator=seeded(), requires_grad=True)

    def step():
        xenc = F.one_hot(xs, num_classes=27).float()
        counts = (xenc @ W).exp()
        probs = counts / counts.sum(1, keepdims=True)
        loss = -probs[torch.arange(num), ys].log().mean() + 0.01 * (W**2).mean()
        W.grad = None
        loss.backward()
        W.data += -50 * W.grad

    return step


def split_loss():
    """The loss of all training examples at once, as part 3's split_loss."""
    X, Y = training_examples(NAMES)
    C, W1, b1, W2, b2 = kaiming_weights(seeded())

    @torch.no_grad()
    def loss():
        h = torch.tanh(C[X].view(X.shape[0], -1) @ W1 + b1)
        return F.cross_entropy(h @ W2 + b2, Y).item()

    return loss


def sampling(replacement):
    """A character: one forward pass and one draw. The network trains a little first, as ours does."""
    C, W1, b1, W2, b2 = parameters = trained(kaiming_weights(seeded()))
    step = mlp_step(32, parameters)
    for _ in range(2000):
        step()
    generator, state = seeded(), {"context": [0] * 3}

    def character():
        h = torch.tanh(C[torch.tensor([state["context"]])].view(1, -1) @ W1 + b1)
        probs = F.softmax(h @ W2 + b2, dim=1)
        ix = torch.multinomial(probs, num_samples=1, replacement=replacement, generator=generator).item()
        state["context"] = state["context"][1:] + [ix] if ix else [0] * 3

    return character


def bigram_sampling(replacement):
    """A character of part 1: a row of P, and one draw."""
    P, generator, state = torch.rand((27, 27), generator=seeded()), seeded(), {"ix": 0}
    P /= P.sum(1, keepdim=True)

    def character():
        p = P[state["ix"]]
        state["ix"] = torch.multinomial(p, num_samples=1, replacement=replacement, generator=generator).item()

    return character


WORK = {
    "mlp": lambda size: mlp_step(int(size), trained(kaiming_weights(seeded()))),
    "batchnorm": lambda form: batch_norm_step(form == "built-in"),
    "config": config_file_step,
    "bigram": bigram_step,
    "loss": split_loss,
    "sample": lambda method: sampling(method == "inverse"),
    "sample-bigram": lambda method: bigram_sampling(method == "inverse"),
}


def seconds_each(work, at_least_s=0.1):
    n = 1
    while True:
        begin = time.process_time()
        for _ in range(n):
            work()
        elapsed_s = time.process_time() - begin
        if elapsed_s >= at_least_s:
            return elapsed_s / n
        n *= 2


def main():
    ready = {}
    for line in sys.stdin:
        if line.strip() == "version":
            print("PyTorch", torch.__version__, flush=True)
            continue
        if line not in ready:
            kind, *rest = line.split()
            ready[line] = WORK[kind](*rest)
            ready[line]()
        print(f"{seconds_each(ready[line]):.9g}", flush=True)


if __name__ == "__main__":
    main()
