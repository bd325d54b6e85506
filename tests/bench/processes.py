"""`make bench-mpi`: a step of several processes, and a model of many. Usage: processes.py BUILD [ROUNDS]"""

import math
import os
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
MPIRUN = os.environ.get("MPIRUN", "mpirun").split()
PROCESSES, CORES = (1, 2, 4), 2

# Label, config, changes.
WORK = [
    ("MLP, hidden 1,024, batch 4,096", "configs/mlp.json", ["model.layers[2].out=1024", "train.batch_size=4096"]),
    ("transformer, batch 1,024", "configs/makemore/transformer.json", ["train.batch_size=1024"]),
]

# Latency in seconds and bytes per second between two machines: osu_latency and osu_bw of Open MPI over 100 Gb/s InfiniBand
# and of MPICH over Gigabit Ethernet, in one cluster (https://gist.github.com/jfgrimm/3af692a5475bdd4ed836b5a18197a209).
NETWORKS = [("InfiniBand", 0.9e-6, 11.6e9), ("Ethernet", 25e-6, 0.116e9)]
NAMES = ("step", "draw", "add", "update", "message", "floats", "fetched")


def measure(config, changes, processes, threads=1):
    root = ["--allow-run-as-root"] if os.geteuid() == 0 else []
    program = os.path.join(BUILD, "bench", "nomen-bench-mpi")
    start = [*MPIRUN, *root, "--oversubscribe", "-n", str(processes)] if threads == 1 else []  # mpirun binds to one core
    command = [*start, program, config, *changes]
    text = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True,
                          env={**os.environ, "THREADS": str(threads)}).stdout
    return dict(zip(NAMES, map(float, text.split())))


def medians(results):
    return {name: statistics.median(result[name] for result in results) for name in NAMES}


def exchange(processes, latency, bandwidth, floats, fetched):
    """Seconds, messages and bytes of a process in a step: the gradient's pieces are dealt out (pairwise, or along Bruck's
    logarithmic algorithm if that is faster) and collected (by recursive doubling); examples, losses and the stop signal
    are filled in (recursive doubling). Formulas: Thakur, Rabenseifner, Gropp, 2005."""
    if processes == 1:
        return 0, 0, 0
    rounds, piece = math.ceil(math.log2(processes)), 4 * floats / processes
    pairwise = (processes - 1) * (latency + piece / bandwidth), processes - 1, (processes - 1) * piece
    bruck = rounds * (latency + 2 * floats / bandwidth), rounds, rounds * 2 * floats
    collect = rounds * latency + (processes - 1) * piece / bandwidth, rounds, (processes - 1) * piece
    small = 8 * processes + 4
    fill = 3 * rounds * latency + rounds * (fetched + small) / bandwidth, 3 * rounds, rounds * (fetched + small)
    return tuple(map(sum, zip(min(pairwise, bruck), collect, fill)))


def step(one, processes, latency, bandwidth, growth=1, cores=None):
    """The model: compute shared out, what every process does, and the exchange. `growth`: of the batch."""
    everywhere = growth * one["draw"] + one["update"]
    compute = growth * (one["step"] - one["draw"] - one["update"])
    seconds = compute / min(processes, cores or processes) + everywhere
    return seconds + exchange(processes, latency, bandwidth, one["floats"], growth * one["fetched"])[0]


def print_measured(label, results):
    one = results[1]
    print(f"{label}: {one['floats']:,.0f} floats of gradient")
    print("    processes       step    times  draw, fetch    add up    messages     bytes")
    for n in PROCESSES:
        r, (_, messages, size) = results[n], exchange(n, 1e-6, 1e9, one["floats"], one["fetched"])
        over = "  (two cores)" if n > CORES else ""
        print(f"    {n:9}  {1e3 * r['step']:6.2f} ms  {one['step'] / r['step']:7.2f}  {1e6 * r['draw']:8.0f} us"
              f"  {1e6 * r['add']:5.0f} us  {messages:10.0f}  {size:8,.0f}{over}")


def print_model(one, here):
    print("    model               " + "".join(f"{n:>9,}" for n in (1, 2, 4, 8, 32, 128, 1000)))
    line = "".join(f"{one['step'] / step(one, n, *here, cores=CORES):9.2f}" for n in PROCESSES)
    print(f"      here, times       {line}")
    for name, latency, bandwidth in NETWORKS:
        for kind in ("strong", "weak"):
            line = ""
            for n in (1, 2, 4, 8, 32, 128, 1000):
                growth = n if kind == "weak" else 1
                line += f"{growth * one['step'] / step(one, n, latency, bandwidth, growth):9.1f}"
            print(f"      {name + ', ' + kind:<18}{line}")


def main():
    for label, config, changes in WORK:
        shards = [f"train.shards={max(PROCESSES)}"]
        results, threads = {n: [] for n in PROCESSES}, []
        for _ in range(ROUNDS):
            for n in PROCESSES:
                results[n].append(measure(config, changes + shards, n))
            threads.append(measure(config, changes + shards, 1, threads=2))
        results = {n: medians(r) for n, r in results.items()}
        print_measured(label, results)
        r = medians(threads)
        print(f"    2 threads  {1e3 * r['step']:6.2f} ms  {results[1]['step'] / r['step']:7.2f}")
        two, one = results[2], results[1]
        latency = two["message"]
        bandwidth = 4 * one["floats"] / max(two["add"] - one["add"] / 2, 1e-9)
        print_model(one, (latency, bandwidth))


main()
