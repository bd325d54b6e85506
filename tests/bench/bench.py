"""`make bench`: what our work costs beside that of others, all measured in one run. Usage: bench.py BUILD [RUNS]

Each row is measured RUNS times, ours and the peer's in turn; the table has the medians.
"""

import glob
import os
import subprocess
import sys
import tempfile

from reading import reading_rows
from workers import ROOT, best_peak, digits, duration, medians, names_file, processor, repetitions
from workers import start_openblas, start_ours, start_torch

MLP, LECTURES = "configs/mlp.json", "configs/lectures/"

# Label, our request, the peer's, goal for the ratio, goal for the share of the peak.
TORCH_ROWS = [
    ("MLP step, batch 32", f"step {MLP}", "mlp 32", 7, 0.5),
    ("  batch norm, as in the notebook", f"step {LECTURES}part3-batchnorm.json", "batchnorm hand", 14, None),
    ("  batch norm, nn.BatchNorm1d", f"step {LECTURES}part3-batchnorm.json", "batchnorm built-in", 7, None),
    ("hierarchical network, step", f"step {LECTURES}part5-hierarchical.json",
     f"config {LECTURES}part5-hierarchical.json", 6, None),
    ("MLP step, batch 1,024", f"step {MLP} train.batch_size=1024", "mlp 1024", 8, None),
    ("bigram network, full-batch step", f"step {LECTURES}part1-network.json", "bigram", 5000, None),
    ("loss of all training examples", f"loss {MLP}", "loss", 200, None),
    ("MLP sampling a character, inverse", f"sample inverse {MLP}", "sample inverse", 100, None),
    ("MLP sampling a character, race", f"sample race {MLP}", "sample race", 20, None),
    ("bigram sampling, inverse", f"sample inverse {LECTURES}part1-network.json", "sample-bigram inverse", None, None),
    ("bigram sampling, race", f"sample race {LECTURES}part1-network.json", "sample-bigram race", None, None),
]

LEGEND = """\
ours, peer: medians of {runs} repetitions in turn; processor time of one thread, but
the clock on the wall where two threads run.
ratio: peer by ours; ! where it, or the share of the peak, misses its goal.
of peak: operations a second of the matrix products that the step comes to after
merging equal contexts and taking layers by tables, which alone are counted,
as a share of the {peak:.0f} GFLOP/s that one core did at best with independent
multiply-adds of this width. Steps, losses and characters are measured in memory
after a warm-up; the sampler begins each 5,000 names remembering nothing."""


class Table:
    def __init__(self, ours, runs):
        self.ours, self.runs, self.peak = ours, runs, best_peak(ours)

    def head(self, title):
        print(f"\n{title}\n{'':34} {'ours':>9} {'peer':>9} {'ratio':>8} {'goal':>7} {'of peak':>7}", flush=True)

    def measure(self, label, request, peers, goal, share_goal=None):
        """`peers` are functions that give seconds; the fastest of them counts."""
        flops = 0 if request.startswith(("loss", "sample")) else self.ours.numbers(request)[1]
        if peers:  # their first answer comes with loading
            [peer() for peer in peers]
        mine, *theirs = medians(self.runs, lambda: self.ours.seconds(request), *peers)
        self.row(label, mine, min(theirs, default=None), goal, flops / mine / self.peak, share_goal)

    def row(self, label, mine, theirs, goal, share=0, share_goal=None):
        ratio = theirs / mine if theirs else None
        missed = "!" if ratio and goal and ratio < goal else " "
        low = "!" if share_goal and share < share_goal else " "
        wanted = f"{goal:,}" if goal else ""
        beside = f"{duration(theirs):>9} {digits(ratio):>7}{missed}" if ratio else f"{'-':>9} {'-':>7} "
        of_peak = f"{share:6.0%}{low}" if share else ""
        print(f"{label:34} {duration(mine):>9} {beside} {wanted:>7} {of_peak}".rstrip(), flush=True)


def torch_rows(table):
    torch, version = start_torch()
    table.head(f"beside {version}")
    for label, request, peer, goal, share_goal in TORCH_ROWS:
        peers = [lambda: torch.seconds(peer)] if torch else []
        table.measure(label, request, peers, goal, share_goal)
    if torch:
        torch.close()


def scalar_rows(table):
    table.head("beside our own plain reference kernels")
    for label, request in (("MLP step, batch 32", f"step {MLP}"), ("loss of all training examples", f"loss {MLP}")):
        table.measure(label, request, [lambda: table.ours.seconds("scalar " + request)], None)


def thread_seconds(build, threads):
    """Seconds a step, by the program itself: the time between two rows of its metrics."""
    with tempfile.TemporaryDirectory() as directory:
        settings = ["train.batch_size=1024", "model.layers[2].out=1024", "train.log_every=50",
                    "train.eval_every=100000", "train.checkpoint_every=100000"]
        command = [os.path.join(build, "nomen"), "train", MLP, "--run", directory + "/run", "--quiet", "--data",
                   names_file(), "--steps", "151", "--threads", str(threads)]
        for setting in settings:
            command += ["--set", setting]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        rows = [line.split(",") for line in open(directory + "/run/metrics.csv").read().split("\n")[1:] if line]
    at = {row[0]: float(row[5]) for row in rows}
    return (at["150"] - at["50"]) / 100


def thread_row(table, build, runs):
    table.head("two threads beside one (the peer's column)")
    one, two = medians(runs, lambda: thread_seconds(build, 1), lambda: thread_seconds(build, 2))
    table.row("MLP step, batch and hidden 1,024", two, one, 1.7)
    if one / two < 1.05:
        print("  (no gain: the second core was not free)")


def gemm_rows(table, build):
    blas, version = start_openblas(build, table.ours.ask("isa"))
    table.head(f"matrix products, beside\n{version}")
    shapes = []
    for config in sorted(glob.glob(os.path.join(ROOT, "configs", "**", "*.json"), recursive=True)):
        if '"ngram"' not in open(config).read():
            shapes += [shape for shape in table.ours.ask("shapes " + config).split(",") if shape != "none"]
    for shape in sorted(set(shapes), key=shapes.index) + [f"{op} 512 512 512" for op in ("nn", "tn", "nt")]:
        op, m, n, k = shape.split()
        goal = 0.9 if m == n == k == "512" else 1
        peers = [lambda worker=worker: worker.seconds("gemm " + shape) for worker in blas]
        table.measure(f"  {op} {m:>4} x {n:>4} x {k:>4}", "gemm " + shape, peers, goal)
    for worker in blas:
        worker.close()


def main():
    build, runs = os.path.abspath(sys.argv[1]), repetitions(7)
    ours = start_ours(build)
    table = Table(ours, runs)
    print(f"{processor()}, kernels {ours.ask('isa')}, names {names_file()}")
    torch_rows(table)
    scalar_rows(table)
    thread_row(table, build, runs)
    reading_legend = reading_rows(build, runs)
    gemm_rows(table, build)
    print("\n" + LEGEND.format(runs=runs, peak=table.peak / 1e9) + "\n" + reading_legend)
    ours.close()


if __name__ == "__main__":
    main()
