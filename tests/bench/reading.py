"""What it takes to read names and to count them, for bench.py."""

import os
import statistics
import subprocess
import tempfile
import time

from workers import ROOT, Worker, digits, duration, names_file

MLP, COUNTS = "configs/mlp.json", "configs/bigram-counts.json"
N_NAMES = 10_000_000

LEGEND = """\
start-up: on the clock on the wall, from calling build/nomen train configs/mlp.json
to the line with what it read, which it prints right before its first step; so it
has the program's own loading, config, names, split, counts, weights and a run
directory (in memory, /dev/shm, where there is one). Ten million names: a file of
{size:.0f} MB that nomen sampled (kept: {path}); loading
and counting in processor time of a new process, the file in the system's cache.
MB/s: the file's size by the time of counting alone. The whole program: on the wall,
read, counted, evaluated and saved."""


def ten_million_names(build):
    path = os.path.join(build, "bench", "ten-million-names.txt")
    if os.path.exists(path):
        return path
    print("(sampling ten million names, once)", flush=True)
    nomen = os.path.join(build, "nomen")
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([nomen, "train", MLP, "--steps", "20000", "--run", directory + "/run", "--quiet"], cwd=ROOT, check=True)
        with open(path + ".tmp", "w") as out:
            subprocess.run([nomen, "sample", directory + "/run", "-n", str(N_NAMES), "--method", "inverse"], cwd=ROOT,
                           check=True, stdout=out)
    os.replace(path + ".tmp", path)
    return path


def run_dir():
    return tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None)


def startup_seconds(build):
    with run_dir() as directory:
        command = [os.path.join(build, "nomen"), "train", MLP, "--steps", "1", "--run", directory + "/run", "--data",
                   names_file()]
        begin = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            seconds = time.perf_counter() - begin
            process.stdout.read()
    return seconds


def program_seconds(build, path):
    with run_dir() as directory:
        command = [os.path.join(build, "nomen"), "train", COUNTS, "--run", directory + "/run", "--data", path, "--quiet"]
        begin = time.perf_counter()
        subprocess.run(command, cwd=ROOT, check=True)
        return time.perf_counter() - begin


def read(build, path, config, *settings):
    """Seconds to load, seconds to count, bytes of the file, bytes of memory, in a process of its own."""
    worker = Worker([os.path.join(build, "bench", "nomen-bench"), path])
    numbers = worker.numbers(" ".join(["read", config, *settings]))
    worker.close()
    return numbers


def row(label, found, goal="", missed=False):
    print(f"{label:44} {found:>12}{'!' if missed else ' '} {goal:>9}".rstrip(), flush=True)


def reading_rows(build, runs):
    """Prints the table and returns its legend."""
    print(f"\nreading and counting\n{'':44} {'ours':>12} {'goal':>10}", flush=True)
    startup = statistics.median(startup_seconds(build) for _ in range(5 * runs))
    path = ten_million_names(build)

    def medians(*request):
        return [statistics.median(column) for column in zip(*(read(build, path, *request) for _ in range(runs)))]

    row("start-up on 32,000 names", duration(startup), "10 ms", startup > 0.01)
    load, count, size, peak = medians(COUNTS, "data.shuffle_seed=42")
    row("ten million names, shuffled and split", duration(load), "2 s", load > 2)
    row("  peak memory by the file's size", digits(peak / size), "5", peak > 5 * size)
    row("  bigram counts", f"{digits(size / count / 1e6)} MB/s", "100 MB/s", size / count < 100e6)
    for context in (3, 8, 16):
        count = medians(MLP, f"model.context={context}")[1]
        row(f"  counts after {context} symbols", f"{digits(size / count / 1e6)} MB/s")
    row("  bigram counts, the whole program", duration(statistics.median(program_seconds(build, path)
                                                                         for _ in range(runs))))
    return LEGEND.format(size=size / 1e6, path=os.path.relpath(path, ROOT))
