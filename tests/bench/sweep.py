"""`make bench-sweep`: time a step beside its arithmetic, one size at a time varied from the MLP's.

Usage: sweep.py BUILD [RUNS]
"""

import glob
import os
import random
import sys
import tempfile

from workers import best_peak, digits, duration, medians, names_file, processor, repetitions, start_ours

BASE = "configs/mlp.json train.lr=0.001"  # a rate at which every width stays finite
SWEEPS = [
    ("hidden", "model.layers[2].out", (100, 200, 400, 1000, 2000, 4000)),
    ("batch", "train.batch_size", (1, 4, 16, 32, 64, 256, 1024, 4096)),
    ("context", "model.context", (1, 2, 3, 4, 8, 16)),
    ("vocabulary", "data", (27, 64, 256, 1000, 5000)),
]
LEGEND = """\
memory: weights, activations and the gradients of both; this core has
{caches}. of peak: the matrix products' share
of what the core does with multiply-adds, {peak:.0f} GFLOP/s. update: the part of
the step that adds the gradient to the weights. to line: the step's time by that
on the straight line through the origin and the base (hidden 200, batch 32,
context 3); above 1 it costs more than its arithmetic says. Medians of {runs}
repetitions, one thread."""


def write_names(path, vocabulary):
    """Random names over vocabulary - 1 characters, each of which occurs."""
    first, rng = (ord("a") if vocabulary <= 27 else 0x4E00), random.Random(vocabulary)
    symbols = [chr(first + i) for i in range(vocabulary - 1)]
    names = ["".join(rng.choices(symbols, k=rng.randint(3, 8))) for _ in range(10000)]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(symbols + names) + "\n")


def caches():
    found = []
    for index in sorted(glob.glob("/sys/devices/system/cpu/cpu0/cache/index*")):
        level, kind, size = (open(os.path.join(index, name)).read().strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found.append(f"L{level} {size.replace('K', ' KiB')}")
    return ", ".join(found) or "not told by the system"


def sweep_row(ours, runs, peak, label, request, base_rate):
    """Prints a row; returns the base's operations a second, which are this row's where it is the first."""
    _, flops, parameters, size_bytes = ours.numbers("step " + request)
    seconds, update = medians(runs, lambda: ours.seconds("step " + request), lambda: ours.seconds("update " + request))
    rate = flops / seconds
    print(f"{label:>17} {parameters:10,.0f} {size_bytes / 1024:6,.0f} KiB {flops / 1e6:7,.2f} {duration(seconds):>9} "
          f"{rate / peak:7.0%} {update / seconds:7.0%} {digits((base_rate or rate) / rate):>7}", flush=True)
    return base_rate or rate


def main():
    build, runs = os.path.abspath(sys.argv[1]), repetitions(5)
    ours = start_ours(build)
    peak = best_peak(ours)
    print(f"{processor()}, kernels {ours.ask('isa')}, names {names_file()}\n")
    print(f"{'':17} {'parameters':>10} {'memory':>10} {'Mflop':>7} {'a step':>9} {'of peak':>7} {'update':>7} "
          f"{'to line':>7}")
    rate = sweep_row(ours, runs, peak, "base", BASE, None)
    with tempfile.TemporaryDirectory() as directory:
        for what, key, values in SWEEPS:
            print()
            for value in values:
                setting = str(value)
                if key == "data":
                    setting = os.path.join(directory, f"names-{value}.txt")
                    write_names(setting, value)
                sweep_row(ours, runs, peak, f"{what} {value:,}", f"{BASE} {key}={setting}", rate)
    print("\n" + LEGEND.format(caches=caches(), peak=peak / 1e9, runs=runs))
    ours.close()


if __name__ == "__main__":
    main()
