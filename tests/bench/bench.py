"""`make bench`: the time of our work beside that of others, all measured in one run. Usage: bench.py BUILD [RUNS]"""

import glob
import os
import statistics
import subprocess
import tempfile
import time

from workers import BUILD, MLP, NAMES, ROOT, RUNS
from workers import best_peak, digits, duration, medians, print_machine, start_openblas, start_ours, start_torch

NOMEN, COUNTS, PART = os.path.join(BUILD, "nomen"), "configs/bigram-counts.json", "configs/lectures/part"
MICROGPT, TRANSFORMER = "configs/microgpt.json", "configs/makemore/transformer.json"
N_NAMES = 10_000_000

# Label, our request, the peer's, goal for the ratio, goal for the share of the peak.
TORCH_ROWS = [
    ("MLP step, batch 32", f"step {MLP}", "mlp 32", 10, 0.6),
    ("  batch norm, as in the notebook", f"step {PART}3-batchnorm.json", "batchnorm hand", 16, None),
    ("  batch norm, nn.BatchNorm1d", f"step {PART}3-batchnorm.json", "batchnorm built-in", 10, None),
    ("hierarchical network, step", f"step {PART}5-hierarchical.json", f"config {PART}5-hierarchical.json", 6, None),
    ("MLP step, batch 1,024", f"step {MLP} train.batch_size=1024", "mlp 1024", 8, None),
    ("bigram network, full-batch step", f"step {PART}1-network.json", "bigram", 5000, None),
    ("loss of all training examples", f"loss {MLP}", "loss", 300, None),
    ("MLP sampling a character, inverse", f"sample inverse {MLP}", "sample inverse", 100, None),
    ("MLP sampling a character, race", f"sample race {MLP}", "sample race", 20, None),
    ("bigram sampling, inverse", f"sample inverse {PART}1-network.json", "sample-bigram inverse", None, None),
    ("bigram sampling, race", f"sample race {PART}1-network.json", "sample-bigram race", None, None),
]

# The same, for models that read whole names. The peer's step leaves out the drawing of its batch.
NAME_ROWS = [
    *((f"{model}, a step of 32 names", f"step configs/makemore/{model}.json", f"names-step {model}", goal, None)
      for model, goal in (("bigram", 20), ("mlp", 12), ("bow", 6), ("rnn", 10), ("gru", 12), ("transformer", 8))),
    ("transformer, sampling a character", f"sample race {TRANSFORMER}", "names-sample transformer", 30, None),
    ("transformer, loss of training names", f"loss {TRANSFORMER}", "names-loss transformer", 20, None),
    ("microgpt, a step of one name", f"step {MICROGPT}", "microgpt", None, None),
]

# Input and output widths of the transformer's matrices; its rows are the distinct prefixes of 32 names, on average.
NAME_PRODUCTS, NAME_BATCH_ROWS = [(64, 192), (64, 64), (64, 256), (256, 64), (64, 27)], 174

LEGEND = """\
ours, peer: medians of {runs} repetitions in turn, in processor time of one thread; of two
threads, start-up and the whole program on the wall clock.
ratio: peer by ours. !: the ratio, the share or the time misses its goal.
of peak: operations per second of the matrix products that the step comes to after
merging equal contexts and taking layers by tables, as a share of the {peak:.0f} GFLOP/s
that one core reaches with independent multiply-adds of this width.
start-up: from calling nomen train to the line before its first step.
ten million names: sampled by nomen, kept in {path};
MB/s is the file's size by the time of counting alone.
The sampler begins each 5,000 names with an empty memory."""


class Table:
    def __init__(self):
        self.ours = start_ours()
        self.peak = best_peak(self.ours)

    def head(self, title):
        print(f"\n{title}\n{'':35} {'ours':>9} {'peer':>9} {'ratio':>8} {'goal':>7} {'of peak':>7}", flush=True)

    def measure(self, label, request, workers, peer_request, goal, share_goal=None):
        """The fastest of the peer's workers counts."""
        flops = 0 if request.startswith(("loss", "sample")) else self.ours.numbers(request)[1]
        peers = [lambda worker=worker: worker.seconds(peer_request) for worker in workers]
        [peer() for peer in peers]  # the first answer comes with loading
        mine, *theirs = medians(lambda: self.ours.seconds(request), *peers)
        self.row(label, mine, min(theirs, default=None), goal, flops / mine / self.peak, share_goal)

    def row(self, label, mine, theirs, goal, share=0, share_goal=None):
        ratio = theirs / mine if theirs else None
        missed = "!" if ratio and goal and ratio < goal else " "
        low = "!" if share_goal and share < share_goal else " "
        beside = f"{duration(theirs):>9} {digits(ratio):>7}{missed}" if ratio else f"{'-':>9} {'-':>7} "
        of_peak = f"{share:6.0%}{low}" if share else ""
        wanted = f"{goal:,}" if goal else ""
        print(f"{label:35} {duration(mine):>9} {beside} {wanted:>7} {of_peak}".rstrip(), flush=True)


def nomen(*command, **process):
    subprocess.run([NOMEN, *command], cwd=ROOT, check=True, **process)


def run_dir():
    return tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def thread_seconds(threads):
    """Seconds per step, from the time between two rows of metrics.csv."""
    settings = ["train.batch_size=1024", "model.layers[2].out=1024", "train.log_every=50", "train.eval_every=100000",
                "train.checkpoint_every=100000"]
    with run_dir() as directory:
        nomen("train", MLP, "--run", directory + "/run", "--quiet", "--data", NAMES, "--steps", "151", "--threads",
              str(threads), *(word for setting in settings for word in ("--set", setting)))
        rows = [line.split(",") for line in open(directory + "/run/metrics.csv").read().split()[1:]]
    at = {row[0]: float(row[5]) for row in rows}
    return (at["150"] - at["50"]) / 100


def thread_row(table):
    table.head("two threads beside one (the peer's column)")
    one, two = medians(lambda: thread_seconds(1), lambda: thread_seconds(2))
    table.row("MLP step, batch and hidden 1,024", two, one, 1.8)
    if one / two < 1.05:
        print("  (no gain: the second core was not free)")


def gemm_rows(table):
    workers, version = start_openblas(table.ours.ask("isa"))
    table.head(f"matrix products, beside\n{version}")
    shapes = {}
    for config in sorted(glob.glob(os.path.join(ROOT, "configs", "**", "*.json"), recursive=True)):
        if '"ngram"' not in open(config).read():
            shapes.update(dict.fromkeys(table.ours.ask("shapes " + config).split(",")))
    shapes.pop("none", None)
    for n_in, n_out in NAME_PRODUCTS:
        rows = NAME_BATCH_ROWS
        products = (f"nn {rows} {n_out} {n_in}", f"tn {n_in} {n_out} {rows}", f"nt {rows} {n_in} {n_out}")
        shapes.update(dict.fromkeys(products))
    for shape in [*shapes, *(f"{op} 512 512 512" for op in ("nn", "tn", "nt"))]:
        op, m, n, k = shape.split()
        goal = 0.95 if m == n == k == "512" else 1
        table.measure(f"  {op} {m:>4} x {n:>4} x {k:>4}", "gemm " + shape, workers, "gemm " + shape, goal)


def ten_million_names():
    path = os.path.join(BUILD, "bench", "ten-million-names.txt")
    if os.path.exists(path):
        return path
    print("(sampling ten million names, once)", flush=True)
    with tempfile.TemporaryDirectory() as directory, open(path + ".tmp", "w") as out:
        nomen("train", MLP, "--run", directory + "/run", "--steps", "20000", "--quiet")
        nomen("sample", directory + "/run", "-n", str(N_NAMES), "--method", "inverse", stdout=out)
    os.replace(path + ".tmp", path)
    return path


def startup_seconds():
    with run_dir() as directory:
        command = [NOMEN, "train", MLP, "--run", directory + "/run", "--steps", "1", "--data", NAMES]
        begin = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            seconds = time.perf_counter() - begin
            process.stdout.read()
    return seconds


def plain_row(label, found, goal="", missed=False):
    print(f"{label:44} {found:>12}{'!' if missed else ' '} {goal:>9}".rstrip(), flush=True)


def program_seconds(config, names):
    """Of a whole run, on the wall clock."""
    with run_dir() as directory:
        begin = time.perf_counter()
        nomen("train", config, "--run", directory + "/run", "--data", names, "--quiet")
        return time.perf_counter() - begin


def microgpt_rows(table):
    print(f"\nmicrogpt\n{'':44} {'ours':>12} {'goal':>10}", flush=True)
    step, program = medians(lambda: table.ours.seconds(f"step {MICROGPT}"), lambda: program_seconds(MICROGPT, NAMES))
    plain_row("1,000 steps in memory", duration(1000 * step), "10 ms", step > 1e-5)
    plain_row("nomen train microgpt, the whole program", duration(program))


def reading_rows(path):
    def read(request):
        """Medians of seconds to load, seconds to count, bytes of the file, bytes of memory; each in a new process."""
        return [statistics.median(column) for column in zip(*(start_ours(path).numbers(request) for _ in range(RUNS)))]

    print(f"\nreading and counting\n{'':44} {'ours':>12} {'goal':>10}", flush=True)
    startup = statistics.median(startup_seconds() for _ in range(5 * RUNS))
    plain_row("start-up on 32,000 names", duration(startup), "8 ms", startup > 0.008)
    load, count, size, peak = read(f"read {COUNTS} data.shuffle_seed=42")
    plain_row("ten million names, shuffled and split", duration(load), "1.5 s", load > 1.5)
    plain_row("  peak memory by the file's size", digits(peak / size), "5", peak > 5 * size)
    plain_row("  bigram counts", f"{digits(size / count / 1e6)} MB/s", "100 MB/s", size / count < 100e6)
    for context in (3, 8, 16):
        count = read(f"read {MLP} model.context={context}")[1]
        plain_row(f"  counts after {context} symbols", f"{digits(size / count / 1e6)} MB/s")
    plain_row("  bigram counts, the whole program", duration(medians(lambda: program_seconds(COUNTS, path))[0]))


def main():
    table = Table()
    print_machine(table.ours)
    torch, version = start_torch()
    table.head(f"beside {version}")
    for label, request, peer, goal, share_goal in TORCH_ROWS:
        table.measure(label, request, torch, peer, goal, share_goal)
    table.head(f"models that read whole names, beside\n{version}")
    for label, request, peer, goal, share_goal in NAME_ROWS:
        table.measure(label, request, torch, peer, goal, share_goal)
    microgpt_rows(table)
    table.head("beside our own plain reference kernels")
    for label, request in (("MLP step, batch 32", f"step {MLP}"), ("loss of all training examples", f"loss {MLP}")):
        table.measure(label, request, [table.ours], "scalar " + request, None)
    thread_row(table)
    path = ten_million_names()
    reading_rows(path)
    gemm_rows(table)
    print("\n" + LEGEND.format(runs=RUNS, peak=table.peak / 1e9, path=os.path.relpath(path, ROOT)))


if __name__ == "__main__":
    main()
