#!/bin/sh
# Times one training step of the lectures' MLP (the Kaiming row, batch 32, one thread): nomen, and PyTorch on the same
# machine in turn where python3-torch is installed. Run from the project's root (make bench); prints microseconds a step,
# and the median of the ratios of neighbouring runs.
set -eu
nomen=$1
runs=${RUNS:-5}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Steps take longer than what surrounds them by far, but start-up and the last evaluation are left out all the same:
# seconds between two rows of metrics.csv.
nomen_us() {
    "$nomen" train configs/mlp.json --run "$work/run" --force --quiet --steps 60001 \
        --set train.log_every=20000 --set train.eval_every=1000000 --set train.checkpoint_every=1000000
    awk -F, '$1 == 20000 { begin = $6 } $1 == 60000 { print ($6 - begin) / 40000 * 1e6 }' "$work/run/metrics.csv"
}

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import torch' 2>/dev/null && { python=$candidate; break; }
done
[ -n "$python" ] || echo "bench: python3-torch is not installed; nomen alone"

nomen_us > /dev/null
for run in $(seq "$runs"); do
    mine=$(nomen_us)
    if [ -n "$python" ]; then
        theirs=$("$python" "$here/step_torch.py" data/names.txt)
        echo "run $run: nomen $mine us a step, PyTorch $theirs us a step" |
            awk -v a="$mine" -v b="$theirs" '{ print $0 ", ratio " b / a; print b / a > "/dev/stderr" }' 2>> "$work/ratios"
    else
        echo "run $run: nomen $mine us a step"
    fi
done
[ -z "$python" ] || sort -n "$work/ratios" | awk '{ r[NR] = $1 } END { print "PyTorch takes " r[int((NR + 1) / 2)] \
    " times as long (median of " NR ")" }'
