"""The programs that measure, as objects to ask, and how their answers are written down."""

import glob
import os
import shutil
import statistics
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LECTURE_NAMES, OWN_NAMES = "data/lecture/names.txt", "data/names.txt"


class Worker:
    """A program that answers a line with a line for as long as it lives."""

    def __init__(self, command, **environment):
        self.command = command
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
            program = os.path.basename(self.command[0])
            raise SystemExit(f"bench: {program}, asked for \"{request}\": {answer or 'it ended'}")
        return answer

    def numbers(self, request):
        return [float(word) for word in self.ask(request).split()]

    def seconds(self, request):
        return self.numbers(request)[0]

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def best_peak(ours):
    """Operations a second: a limit, so the best of many short tries, which no other job's turn can raise."""
    return max(ours.numbers("peak")[0] for _ in range(40))


def names_file():
    return LECTURE_NAMES if os.path.exists(os.path.join(ROOT, LECTURE_NAMES)) else OWN_NAMES


def start_ours(build):
    return Worker([os.path.join(build, "bench", "nomen-bench"), names_file()])


def repetitions(default):
    """The second argument, how often each row is measured."""
    given = sys.argv[2] if len(sys.argv) > 2 else str(default)
    if not given.isdecimal() or int(given) == 0:
        sys.exit(f"RUNS: expected a whole number above 0, found {given!r}")
    return int(given)


def start_torch():
    """None where no Python here has torch. Debian's torch takes the matrix products from whatever BLAS the system's
    libblas.so.3 is; where OpenBLAS is installed it is given that, by far the faster."""
    libraries = glob.glob("/usr/lib/*/openblas*/libblas.so.3")
    paths = [os.path.dirname(path) for path in libraries[:1]] + [p for p in [os.environ.get("LD_LIBRARY_PATH")] if p]
    environment = {"LD_LIBRARY_PATH": ":".join(paths), "OPENBLAS_NUM_THREADS": "1"} if paths else {}
    for python in (shutil.which("/usr/bin/python3"), shutil.which("python3")):
        if python and subprocess.run([python, "-c", "import torch"], stderr=subprocess.DEVNULL).returncode == 0:
            peer = os.path.join(ROOT, "tests", "bench", "torch_peer.py")
            worker = Worker([python, peer, names_file()], **environment)
            return worker, worker.ask("version") + (" with OpenBLAS" if libraries else " as installed")
    return None, "PyTorch, but python3-torch is not installed"


def start_openblas(build, isa):
    """OpenBLAS as it chooses its kernels itself and, as releases older than a CPU take it for an older one, also with
    its kernels for AVX-512 where this CPU has that."""
    program = os.path.join(build, "bench", "openblas")
    if not os.path.exists(program):
        return [], "OpenBLAS, but libopenblas-dev is not installed"
    wanted = [{}] + ([{"OPENBLAS_CORETYPE": "SkylakeX"}] if isa == "avx512" else [])
    workers = [Worker([program], OPENBLAS_NUM_THREADS="1", **environment) for environment in wanted]
    versions = [worker.ask("version").split() for worker in workers]
    cores = [next((word for word in words[2:] if "_" not in word and "=" not in word), "?") for words in versions]
    return workers, f"{' '.join(versions[0][:2])}, the faster of its kernels for {' and '.join(dict.fromkeys(cores))}"


def medians(runs, *measures):
    """Calls each measure in turn, `runs` times over, so that noise hits all; the median of each."""
    rounds = [[measure() for measure in measures] for _ in range(runs)]
    return [statistics.median(column) for column in zip(*rounds)]


def duration(seconds):
    """Three digits and a unit."""
    unit, scale = next(((u, s) for u, s in (("s", 1), ("ms", 1e3), ("us", 1e6)) if seconds * s >= 1), ("us", 1e6))
    return f"{digits(seconds * scale)} {unit}"


def digits(x):
    return f"{x:,.0f}" if x >= 100 else f"{x:.1f}" if x >= 10 else f"{x:.2f}" if x >= 1 else f"{x:.3f}"


def processor():
    for line in open("/proc/cpuinfo") if os.path.exists("/proc/cpuinfo") else []:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine
