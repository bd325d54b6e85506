"""The peers that read whole names, in PyTorch: the six models of makemore.py and microgpt, computed as they compute.

makemore.py reads a batch of 32 names as 32 rows of 16 ids, those behind a name's end included, whose target -1 the loss
ignores. Attention, gelu and the recurrent steps consist of plain tensor operations, as there.
"""

import math
import random

import torch
import torch.nn.functional as F
from torch import nn

V, T, E, HEADS, BLOCKS, BLANK = 27, 16, 64, 4, 4, 27


class Bigram(nn.Module):
    limit = 1

    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.zeros(V, V))

    def forward(self, ids):
        return self.table[ids]


class Mlp(nn.Module):
    """Reads the last 16 ids, the newest first, with a blank before the name."""

    limit = T

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(V + 1, E)
        self.layers = nn.Sequential(nn.Linear(T * E, E), nn.Tanh(), nn.Linear(E, V))

    def forward(self, ids):
        n = ids.shape[1]
        shifted = (F.pad(ids, (k, 0), value=BLANK)[:, :n] for k in range(T))
        return self.layers(torch.cat([self.table(s) for s in shifted], -1))


class Recurrent(nn.Module):
    limit = T

    def __init__(self):
        super().__init__()
        self.start = nn.Parameter(torch.zeros(1, E))
        self.table = nn.Embedding(V, E)
        self.head = nn.Linear(E, V)

    def forward(self, ids):
        x, h, states = self.table(ids), self.start.expand(ids.shape[0], -1), []
        for t in range(ids.shape[1]):
            h = self.step(x[:, t], h)
            states.append(h)
        return self.head(torch.stack(states, 1))


class Rnn(Recurrent):
    def __init__(self):
        super().__init__()
        self.cell = nn.Linear(2 * E, E)

    def step(self, x, h):
        return torch.tanh(self.cell(torch.cat([x, h], 1)))


class Gru(Recurrent):
    def __init__(self):
        super().__init__()
        self.z, self.r, self.candidate = (nn.Linear(2 * E, E) for _ in range(3))

    def step(self, x, h):
        both = torch.cat([x, h], 1)
        r = torch.sigmoid(self.r(both))
        new = torch.tanh(self.candidate(torch.cat([x, r * h], 1)))
        z = torch.sigmoid(self.z(both))
        return (1 - z) * h + z * new


class Positions(nn.Module):
    """The sum of a symbol's and a position's row, in front of bow and transformer."""

    def __init__(self):
        super().__init__()
        self.symbols, self.positions = nn.Embedding(V, E), nn.Embedding(T, E)

    def forward(self, ids):
        return self.symbols(ids) + self.positions(torch.arange(ids.shape[1]).unsqueeze(0))


def masked_softmax(scores, mask):
    return F.softmax(scores.masked_fill(mask == 0, -math.inf), -1)


def causal_mask():
    return torch.tril(torch.ones(T, T))


class Residual(nn.Sequential):
    def forward(self, x):
        return x + super().forward(x)


class CausalMean(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mask", causal_mask())

    def forward(self, x):
        b, n, _ = x.shape
        return masked_softmax(torch.zeros(b, n, n), self.mask[:n, :n]) @ x


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv, self.out = nn.Linear(E, 3 * E), nn.Linear(E, E)
        self.register_buffer("mask", causal_mask())

    def forward(self, x):
        b, n, _ = x.shape
        q, k, v = (part.view(b, n, HEADS, E // HEADS).transpose(1, 2) for part in self.qkv(x).split(E, 2))
        weights = masked_softmax(q @ k.transpose(-2, -1) / math.sqrt(E // HEADS), self.mask[:n, :n])
        return self.out((weights @ v).transpose(1, 2).contiguous().view(b, n, E))


class Gelu(nn.Module):
    def forward(self, x):
        return 0.5 * x * (1 + torch.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * torch.pow(x, 3))))


def bow():
    return nn.Sequential(Positions(), Residual(CausalMean()),
                         Residual(nn.Linear(E, E), nn.Tanh(), nn.Linear(E, E)), nn.Linear(E, V))


def transformer():
    blocks = [nn.Sequential(Residual(nn.LayerNorm(E), Attention()),
                            Residual(nn.LayerNorm(E), nn.Linear(E, 4 * E), Gelu(), nn.Linear(4 * E, E)))
              for _ in range(BLOCKS)]
    return nn.Sequential(Positions(), *blocks, nn.LayerNorm(E), nn.Linear(E, V, bias=False))


MODELS = {"bigram": Bigram, "mlp": Mlp, "rnn": Rnn, "gru": Gru, "bow": bow, "transformer": transformer}


def create(kind):
    torch.manual_seed(3407)
    return MODELS[kind]()


def read_ids(path):
    """The names' ids, each with the boundary 0 at both ends. The names must be those of the lectures."""
    names = [line.strip() for line in open(path, encoding="utf-8") if line.strip()]
    return [[0, *(ord(letter) - 96 for letter in name), 0] for name in names]


def padded(path):
    """Inputs and targets of the 31,033 training names, (names, 16) each."""
    names = read_ids(path)[:-1000]
    x, y = torch.zeros(len(names), T, dtype=torch.long), torch.full((len(names), T), -1)
    for i, ids in enumerate(names):
        n = len(ids) - 1
        x[i, :n], y[i, :n] = torch.tensor(ids[:-1]), torch.tensor(ids[1:])
    return x, y


def loss_of(model, x, y):
    return F.cross_entropy(model(x).view(-1, V), y.view(-1), ignore_index=-1)


def step(kind, path):
    """A step of 32 names without the drawing of the batch, which ours includes."""
    model, (X, Y) = create(kind), padded(path)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4, weight_decay=0.01, betas=(0.9, 0.99), eps=1e-8)
    batches = [(X[ix], Y[ix]) for ix in torch.randint(0, len(X), (64, 32))]

    def one():
        x, y = random.choice(batches)
        loss = loss_of(model, x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    return one


def exact_loss(kind, path):
    """The mean loss of all training names, in batches of 100, as makemore.py evaluates."""
    model, (X, Y) = create(kind), padded(path)

    @torch.no_grad()
    def all_names():
        return torch.stack([loss_of(model, x, y) for x, y in zip(X.split(100), Y.split(100))]).mean().item()

    return all_names


def generate(kind, _):
    """Ten names side by side, as makemore.py generates them: each of 15 steps computes all their ids anew and draws one
    symbol of each, whether or not the name has ended. Per symbol drawn.
    """
    model, limit = create(kind), getattr(MODELS[kind], "limit", T)

    @torch.no_grad()
    def ten_names():
        ids = torch.zeros(10, 1, dtype=torch.long)
        for _ in range(T - 1):
            probs = F.softmax(model(ids[:, -limit:])[:, -1], -1)
            ids = torch.cat([ids, torch.multinomial(probs, 1)], 1)

    ten_names.units = 10 * (T - 1)
    return ten_names


def microgpt(path):
    """microgpt's 1,000 steps of one name, by tensors of all positions: width 16, 4 heads, one block, relu, Adam. Per
    step.
    """
    n_embd, n_heads, n_steps = 16, 4, 1000
    names = read_ids(path)
    random.Random(42).shuffle(names)
    mask = causal_mask() == 0

    def rms(x):
        return x * (x.square().mean(-1, keepdim=True) + 1e-5) ** -0.5

    def forward(ids, wte, wpe, head, wq, wk, wv, wo, fc1, fc2):
        n = len(ids)
        x = rms(wte[ids] + wpe[:n])
        a = rms(x)
        q, k, v = ((a @ w.T).view(n, n_heads, -1).transpose(0, 1) for w in (wq, wk, wv))
        scores = (q @ k.transpose(1, 2) / math.sqrt(n_embd // n_heads)).masked_fill(mask[:n, :n], -math.inf)
        x = x + (F.softmax(scores, -1) @ v).transpose(0, 1).reshape(n, n_embd) @ wo.T
        x = x + F.relu(rms(x) @ fc1.T) @ fc2.T
        return x @ head.T

    def train():
        shapes = [(V, n_embd), (T, n_embd), (V, n_embd), *[(n_embd, n_embd)] * 4, (64, n_embd), (n_embd, 64)]
        parameters = [torch.empty(shape).normal_(0, 0.08).requires_grad_() for shape in shapes]
        optimizer = torch.optim.Adam(parameters, betas=(0.85, 0.99), eps=1e-8)
        for i in range(n_steps):
            ids = torch.tensor(names[i % len(names)][: T + 1])
            loss = F.cross_entropy(forward(ids[:-1], *parameters), ids[1:])
            optimizer.zero_grad()
            loss.backward()
            optimizer.param_groups[0]["lr"] = 0.01 * (1 - i / n_steps)
            optimizer.step()

    train.units = n_steps
    return train
