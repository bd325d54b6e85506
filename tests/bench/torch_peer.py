"""The peers in PyTorch, written as in the lectures, on one thread.

Usage: torch_peer.py NAMES. Reads requests from standard input, one per line, and answers each with seconds of the
processor, like nomen-bench.
"""

import functools
import json
import pathlib
import sys
import time

import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
import torch_config  # noqa: E402
import torch_names  # noqa: E402

torch.set_num_threads(1)
NAMES = sys.argv[1]


def seeded():
    return torch.Generator().manual_seed(2147483647)


@functools.lru_cache
def load(path):
    """The config, the train split's contexts and targets, and the size of the vocabulary."""
    config = json.loads((ROOT / path).read_text())
    (X, Y), _, vocab = torch_config.load(config, NAMES)
    return config, X, Y, vocab


def learn(parameters, loss, rate=0.1):
    for p in parameters:
        p.grad = None
    loss.backward()
    for p in parameters:
        p.data += -rate * p.grad


def trained(*parameters):
    for p in parameters:
        p.requires_grad = True
    return parameters


def mlp_weights():
    """C, W1, b1, W2, b2 of part 3's network after its fixes."""
    g = seeded()
    shapes, factors = [(27, 10), (30, 200), (200,), (200, 27), (27,)], [1, (5 / 3) / 30**0.5, 0.01, 0.01, 0]
    return [torch.randn(shape, generator=g) * factor for shape, factor in zip(shapes, factors)]


def minibatches(size):
    _, X, Y, _ = load("configs/mlp.json")
    g = seeded()

    def draw():
        ix = torch.randint(0, X.shape[0], (size,), generator=g)
        return X[ix], Y[ix]

    return draw


def mlp_step(size, parameters=None):
    parameters = C, W1, b1, W2, b2 = parameters or trained(*mlp_weights())
    draw = minibatches(size)

    def step():
        x, y = draw()
        h = torch.tanh(C[x].view(size, -1) @ W1 + b1)
        learn(parameters, F.cross_entropy(h @ W2 + b2, y))

    return step


def batch_norm_step(form):
    """The same with batch norm: by hand as in the notebook, or torch.nn.BatchNorm1d."""
    C, W1, _, W2, b2 = mlp_weights()
    gain, bias, mean, std = torch.ones((1, 200)), torch.zeros((1, 200)), torch.zeros((1, 200)), torch.ones((1, 200))
    layer, draw = torch.nn.BatchNorm1d(200, momentum=0.001), minibatches(32)
    parameters = trained(C, W1, W2, b2, *(layer.parameters() if form == "built-in" else (gain, bias)))

    def by_hand(x):
        nonlocal mean, std
        batch_mean, batch_std = x.mean(0, keepdim=True), x.std(0, keepdim=True)
        with torch.no_grad():
            mean, std = 0.999 * mean + 0.001 * batch_mean, 0.999 * std + 0.001 * batch_std
        return gain * (x - batch_mean) / batch_std + bias

    normalize = layer if form == "built-in" else by_hand

    def step():
        x, y = draw()
        h = torch.tanh(normalize(C[x].view(32, -1) @ W1))
        learn(parameters, F.cross_entropy(h @ W2 + b2, y))

    return step


def config_step(path):
    """A step of any config, its layers written out as in part 5."""
    config, X, Y, vocab = load(path)
    g = seeded()
    network = torch_config.Network(config["model"], vocab, g, torch.float32)
    return lambda: torch_config.train_step(network, config["train"], X, Y, g, 0)


def bigram_step():
    """Part 1's network: one-hot rows of all bigrams times W."""
    _, X, ys, _ = load("configs/lectures/part1-network.json")
    xs, (W,) = X.view(-1), trained(torch.randn((27, 27), generator=seeded()))

    def step():
        counts = (F.one_hot(xs, num_classes=27).float() @ W).exp()
        probs = counts / counts.sum(1, keepdims=True)
        learn([W], -probs[torch.arange(len(ys)), ys].log().mean() + 0.01 * (W**2).mean(), 50)

    return step


def split_loss():
    """The loss of all training examples at once, as part 3's split_loss."""
    _, X, Y, _ = load("configs/mlp.json")
    C, W1, b1, W2, b2 = mlp_weights()

    @torch.no_grad()
    def loss():
        return F.cross_entropy(torch.tanh(C[X].view(X.shape[0], -1) @ W1 + b1) @ W2 + b2, Y).item()

    return loss


def sampling(method):
    """A character of the MLP: one forward pass and one draw. The network trains a little first, as ours does."""
    parameters = C, W1, b1, W2, b2 = trained(*mlp_weights())
    step = mlp_step(32, parameters)
    for _ in range(2000):
        step()
    g, context = seeded(), [0] * 3

    def character():
        nonlocal context
        h = torch.tanh(C[torch.tensor([context])].view(1, -1) @ W1 + b1)
        probs = F.softmax(h @ W2 + b2, dim=1)
        ix = torch.multinomial(probs, num_samples=1, replacement=method == "inverse", generator=g).item()
        context = context[1:] + [ix] if ix else [0] * 3

    return character


def bigram_sampling(method):
    """A character of part 1: a row of P and one draw."""
    P, g, ix = torch.rand((27, 27), generator=seeded()), seeded(), 0
    P /= P.sum(1, keepdim=True)

    def character():
        nonlocal ix
        ix = torch.multinomial(P[ix], num_samples=1, replacement=method == "inverse", generator=g).item()

    return character


WORK = {
    "mlp": lambda size: mlp_step(int(size)),
    "batchnorm": batch_norm_step,
    "config": config_step,
    "bigram": bigram_step,
    "loss": split_loss,
    "sample": sampling,
    "sample-bigram": bigram_sampling,
    "names-step": lambda kind: torch_names.step(kind, NAMES),
    "names-loss": lambda kind: torch_names.exact_loss(kind, NAMES),
    "names-sample": lambda kind: torch_names.generate(kind, NAMES),
    "microgpt": lambda: torch_names.microgpt(NAMES),
}


def seconds_each(work, at_least_s=0.1):
    """Seconds per call, or per unit of work if a call does several."""
    n = 1
    while True:
        begin = time.process_time()
        for _ in range(n):
            work()
        elapsed_s = time.process_time() - begin
        if elapsed_s >= at_least_s:
            return elapsed_s / n / getattr(work, "units", 1)
        n *= 2


@functools.lru_cache(maxsize=None)
def prepare(request):
    kind, *rest = request.split()
    work = WORK[kind](*rest)
    work()
    return work


for line in sys.stdin:
    if line.strip() == "version":
        print("PyTorch", torch.__version__, flush=True)
    else:
        print(f"{seconds_each(prepare(line)):.9g}", flush=True)
