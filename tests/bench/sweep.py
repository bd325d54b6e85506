"""`make bench-sweep`: the time of a step beside its arithmetic, varying one size of the MLP at a time.

Usage: sweep.py BUILD [RUNS]
"""

import glob
import os
import random
import tempfile

from workers import MLP, RUNS, best_peak, digits, duration, medians, print_machine, start_ours

BASE = f"{MLP} train.lr=0.001"  # a rate at which every width stays finite
SWEEPS = [
    ("hidden", "model.layers[2].out", (100, 200, 400, 1000, 2000, 4000)),
    ("batch", "train.batch_size", (1, 4, 16, 32, 64, 256, 1024, 4096)),
    ("context", "model.context", (1, 2, 3, 4, 8, 16)),
    ("vocabulary", "data", (27, 64, 256, 1000, 5000)),
]
LEGEND = """\
memory: weights, activations and the gradients of both; this core has
{caches}. of peak: the matrix products' share of the
{peak:.0f} GFLOP/s of multiply-adds. update: the part of the step that adds the
gradient to the weights. to line: the step's time by that on the straight line
through the origin and the base (hidden 200, batch 32, context 3); above 1 it
costs more than its arithmetic says. Medians of {runs} repetitions, one thread."""


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
    return ", ".join(found) or "caches of unknown size"


def sweep_row(ours, peak, label, request, base_rate):
    """Prints a row. Returns the base's operations per second, which are this row's if it is the first."""
    _, flops, parameters, size_bytes = ours.numbers("step " + request)
    seconds, update = medians(lambda: ours.seconds("step " + request), lambda: ours.seconds("update " + request))
    rate = flops / seconds
    print(f"{label:>17} {parameters:10,.0f} {size_bytes / 1024:6,.0f} KiB {flops / 1e6:7,.2f} {duration(seconds):>9} "
          f"{rate / peak:7.0%} {update / seconds:7.0%} {digits((base_rate or rate) / rate):>7}", flush=True)
    return base_rate or rate


def main():
    ours = start_ours()
    peak = best_peak(ours)
    print_machine(ours)
    print(f"\n{'':17} {'parameters':>10} {'memory':>10} {'Mflop':>7} {'a step':>9} {'of peak':>7} {'update':>7} {'to line':>7}")
    rate = sweep_row(ours, peak, "base", BASE, None)
    with tempfile.TemporaryDirectory() as directory:
        for what, key, values in SWEEPS:
            print()
            for value in values:
                setting = str(value)
                if key == "data":
                    setting = os.path.join(directory, f"names-{value}.txt")
                    write_names(setting, value)
                sweep_row(ours, peak, f"{what} {value:,}", f"{BASE} {key}={setting}", rate)
    print("\n" + LEGEND.format(caches=caches(), peak=peak / 1e9, runs=RUNS))


if __name__ == "__main__":
    main()
