#!/bin/sh
# make analyze: checks src/ with clang-tidy (.clang-tidy) and cppcheck (less the findings in tests/tools/cppcheck.txt). The
# arguments are the compiler's. Prints each finding and fails if there is one.
set -u
status=0
checked=$(mktemp -d)
trap 'rm -rf "$checked"' EXIT

# Kernels are checked as compiled for AVX2 on x86-64, and as plain C elsewhere.
case $(uname -m) in
    x86_64) isa="-DNOMEN_X86_TABLES -mavx2 -mfma -DISA=avx2" ;;
    *) isa="-DISA=scalar" ;;
esac

mpi=$(pkg-config --cflags ompi-c 2>/dev/null || pkg-config --cflags mpich 2>/dev/null) || {
    mpi=
    echo "skipped: clang-tidy of src/world/mpi.c (no MPI here)"
}

if command -v clang-tidy >/dev/null; then
    # One process per processor.
    find src -name "*.c" | if [ "$mpi" ]; then cat; else grep -v '^src/world/mpi\.c$'; fi | xargs -P "$(getconf _NPROCESSORS_ONLN)" -n 6 sh -c '
        isa=$1 flags=$2 checked=$3; shift 3
        for file; do
            grep -q "kernels/[ilnrs][a-z_]*\.h" "$file" && set_of_file=$isa || set_of_file=${isa%% -m*}
            case $file in
                src/base/error.c | src/world/agree.c) known= ;;
                *) known="-include tests/analyzer.h" ;;
            esac
            clang-tidy --quiet "$file" -- $flags $known $set_of_file >"$checked/$$" 2>/dev/null || {
                cat "$checked/$$"
                touch "$checked/found"
            }
        done' sh "$isa" "$* $mpi" "$checked"
    [ ! -e "$checked/found" ] || status=1
else
    echo "skipped: clang-tidy (not here)"
fi

if command -v cppcheck >/dev/null; then
    cppcheck -q --error-exitcode=1 --enable=warning,performance,portability --std=c11 --suppressions-list=tests/tools/cppcheck.txt \
        --suppress=missingInclude -D__x86_64__ -DISA=avx2 -Isrc src || status=1
else
    echo "skipped: cppcheck (not here)"
fi

[ "$status" -eq 0 ] && echo "analyze: clean"
exit "$status"
