# What the tests of nomen-mpi share: each tests/shell/mpi* sources this file. MPIRUN starts the processes, mpirun by default;
# BUILD has the programs. Each check prints a line if it fails; the last line counts them: at the end, call `conclude`.
set -u
cd "$(dirname "$0")/../.." || exit 1
export MPIRUN="${MPIRUN:-mpirun}"
tree=$PWD
build=$(realpath "${BUILD:-build}")
nomen=$build/nomen
nomen_mpi=$build/nomen-mpi
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
preload=$work/preload.so # mpi.c
${CC:-cc} -shared -fPIC -D_GNU_SOURCE -o "$preload" tests/shell/mpi.c -ldl || exit 1
cd "$work" || exit 1
n_passed=0 n_failed=0

# Open MPI starts more processes than there are processors, and as root, if its environment says so: versions 4 and 5. MPICH
# does both anyway. A process of Open MPI that waits lets others run even if there are processors enough: they may be busy.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
export OMPI_MCA_mpi_yield_when_idle=1

fail() { # WHAT
    echo "FAILED: $*"
    n_failed=$((n_failed + 1))
}

# check WHAT COMMAND...: counts a check, which passes if the command succeeds.
check() {
    local what=$1
    shift
    if "$@"; then n_passed=$((n_passed + 1)); else fail "$what"; fi
}

# run SECONDS COMMAND...: runs a command, standard output to `out` and standard error to `err`. After so many seconds it is
# killed, with its processes, and its status is 124.
run() {
    local seconds=$1
    shift
    timeout -k 5 "$seconds" "$@" >out 2>err </dev/null
}
mpi() { run 60 $MPIRUN "$@"; }

# train PROCESSES ARGUMENTS...: trains in so many processes; 0 is nomen itself. start does so in the background, as $pid, which
# passes signals on, once: a second one ends mpirun before the processes have written their checkpoint.
command_of() {
    command=("$nomen")
    [ "$1" -eq 0 ] || command=($MPIRUN -n "$1" "$nomen_mpi")
}
train() {
    command_of "$1"
    run 60 "${command[@]}" train "${@:2}"
}
start() {
    command_of "$1"
    : >out # at once, so that until_lines does not read what the last command printed
    timeout --foreground -k 5 60 "${command[@]}" train "${@:2}" >out 2>err </dev/null &
    pid=$!
}

# until_lines FILE N: waits until a file has more than N lines, or the process $pid has ended.
until_lines() {
    while kill -0 "$pid" && ! { [ -e "$1" ] && [ "$(wc -l <"$1")" -gt "$2" ]; }; do sleep 0.02; done 2>/dev/null
}

# Prints nomen's own lines on standard error, without those of mpirun.
lines() { grep '^nomen: ' err; }

# ranks RUN: prints the ids of the processes that train it.
ranks() { pgrep -f "^($nomen|$nomen_mpi) train .*--run $1( |\$)"; }

not() { ! "$@"; }

# one_line PATTERN: nomen printed one line on standard error, and it matches.
one_line() {
    [ "$(lines | wc -l)" -eq 1 ] && lines | grep -qE "$1" && return
    cat err
    return 1
}

# Prints metrics.csv without its column of seconds.
metrics() { sed -E '1!s/^(([^,]*,){5})[^,]*/\1/' "$1/metrics.csv"; }

# Prints a model file without what depends on time: the seconds of training and the checksum of the file.
bits() {
    local n seconds header
    n=$(od -An -t u8 -N 8 "$1")
    header=$(tail -c +9 "$1" | head -c $n)
    seconds=$(sed 's/.*"state.seconds":{[^}]*"data_offsets":\[\([0-9]*\),.*/\1/' <<<"$header")
    sed 's/"sha256":"[0-9a-f]*"//' <<<"$header"
    tail -c +$((n + 9)) "$1" | head -c "$seconds"
    tail -c +$((n + 9 + seconds + 8)) "$1"
}

# same_run A B: two run directories have the same models, bit for bit, and the same metrics.
same_run() {
    cmp <(bits "$1/model.safetensors") <(bits "$2/model.safetensors") &&
        cmp "$1/best.safetensors" "$2/best.safetensors" && cmp <(metrics "$1") <(metrics "$2")
}

# refuses STATUS PATTERN ARGUMENTS...: expects mpirun to end in less than ten seconds with this status
# and one line of nomen.
refuses() {
    local began=$SECONDS status
    mpi "${@:3}"
    status=$?
    one_line "$2" && [ $((SECONDS - began)) -lt 10 ] && [ $status -eq "$1" ] || ! echo "status $status"
}

head -n 600 "$tree/data/names.txt" >names.txt
# config NAME STEPS MODEL TRAIN [DATA]: writes NAME.json. Its words are given without quotes.
config() {
    local train="steps: $2, log_every: 10, eval_every: 15, checkpoint_every: 25, $4"
    sed -E 's/[a-z_0-9]*[a-z_][a-z_0-9.]*/"&"/g' >"$1.json" \
        <<<"{data: {path: names.txt, shuffle_seed: 1${5+, $5}}, model: {$3}, train: {$train}}"
}
layers() { sed -E 's/\{([a-z]+)/{type: \1/g' <<<"layers: [$1]"; }

# conclude: prints the counts and ends the test.
conclude() {
    echo "$n_passed passed, $n_failed failed"
    exit $((n_failed > 0))
}
