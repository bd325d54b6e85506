"""The programs that measure, as objects to ask, and how their answers are written."""

import glob
import os
import shutil
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 7
NAMES = next(path for path in ("data/lecture/names.txt", "data/names.txt") if os.path.exists(os.path.join(ROOT, path)))
MLP = "configs/mlp.json"


class Worker:
    """A program that answers a line with a line for as long as it lives."""

    def __init__(self, *command, **environment):
        self.program = os.path.basename(command[0])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
                                        env={**os.environ, **environment})

    def ask(self, request):
        try:
            self.process.stdin.write(request + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline().strip()
        except BrokenPipeError:
            answer = ""
        if not answer or answer.startswith("error"):
            raise SystemExit(f"bench: {self.program}, asked for \"{request}\": {answer or 'it ended'}")
        return answer

    def numbers(self, request):
        return [float(word) for word in self.ask(request).split()]

    def seconds(self, request):
        return self.numbers(request)[0]


def start_ours(names=NAMES):
    return Worker(os.path.join(BUILD, "bench", "nomen-bench"), names)


def start_torch():
    """[] if no Python here has torch. Debian's torch multiplies with the system's libblas.so.3; if OpenBLAS is installed
    torch is given OpenBLAS, which is far faster than the reference BLAS."""
    libraries = glob.glob("/usr/lib/*/openblas*/libblas.so.3")
    paths = [os.path.dirname(path) for path in libraries[:1]] + [p for p in [os.environ.get("LD_LIBRARY_PATH")] if p]
    environment = {"LD_LIBRARY_PATH": ":".join(paths), "OPENBLAS_NUM_THREADS": "1"} if paths else {}
    for python in (shutil.which("/usr/bin/python3"), shutil.which("python3")):
        if python and subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0:
            worker = Worker(python, os.path.join(ROOT, "tests", "bench", "torch_peer.py"), NAMES, **environment)
            return [worker], worker.ask("version") + (" with OpenBLAS" if libraries else "")
    return [], "PyTorch, but python3-torch is not installed"


def start_openblas(isa):
    """OpenBLAS with the kernels that it picks itself and, if this CPU has AVX-512, with those for AVX-512: older releases
    do not know newer CPUs."""
    program = os.path.join(BUILD, "bench", "openblas")
    if not os.path.exists(program):
        return [], "OpenBLAS, but libopenblas-dev is not installed"
    environments = [{}] + ([{"OPENBLAS_CORETYPE": "SkylakeX"}] if isa == "avx512" else [])
    workers = [Worker(program, OPENBLAS_NUM_THREADS="1", **environment) for environment in environments]
    versions = [worker.ask("version").split() for worker in workers]
    cores = [next((word for word in words[2:] if "_" not in word and "=" not in word), "?") for words in versions]
    return workers, f"{' '.join(versions[0][:2])}, the faster of its kernels for {' and '.join(dict.fromkeys(cores))}"


def best_peak(ours):
    """Operations per second: a limit, so the best of many short tries, which other jobs cannot raise."""
    return max(ours.seconds("peak") for _ in range(40))


def medians(*measures):
    """Calls each measure in turn, RUNS times, so that noise hits all; the median of each."""
    return [statistics.median(column) for column in zip(*([measure() for measure in measures] for _ in range(RUNS)))]


def duration(seconds):
    """Three digits and a unit."""
    unit, scale = next(((u, s) for u, s in (("s", 1), ("ms", 1e3)) if seconds * s >= 1), ("us", 1e6))
    return f"{digits(seconds * scale)} {unit}"


def digits(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 1 else f"{x:.3f}"


def print_machine(ours):
    lines = open("/proc/cpuinfo") if os.path.exists("/proc/cpuinfo") else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    print(f"{models[0] if models else os.uname().machine}, kernels {ours.ask('isa')}, names {NAMES}")
