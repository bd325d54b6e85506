#!/bin/sh
# The house rules that a machine can check: which way includes run, who prints, who parses, how long a file is.
# Run from the project's root (make lint); prints each breach and fails if there is one.
set -u
status=0
breach() { echo "lint: $1"; status=1; }

# FOLDER may include from these folders, besides its own.
allowed() {
    case $1 in
        base) echo "base" ;;
        kernels) echo "base kernels" ;;
        data) echo "base data" ;;
        nn) echo "base kernels nn" ;;
        run) echo "base data kernels nn run" ;;
        plot) echo "base data nn run plot" ;;
        cmd) echo "base data kernels nn run plot cmd" ;;
    esac
}
for folder in base kernels data nn run plot cmd; do
    for file in src/"$folder"/*.[ch]; do
        for include in $(sed -n 's/^#include "\([a-z0-9_]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $(allowed "$folder") " in
                *" $include "*) ;;
                *) breach "$file includes from $include/; $folder may use: $(allowed "$folder")" ;;
            esac
        done
    done
done

grep -nE '\b(printf|puts|putchar|fputs|fputc|fwrite|fprintf|perror|vfprintf)\(' src/base/*.c src/kernels/*.c src/data/*.c \
    src/nn/*.c src/run/*.c src/plot/*.c && breach "only cmd/ and main.c print"
grep -nE '\b(exit|abort|_exit)\(' src/*.c src/*/*.c && breach "errors travel up as values; nothing ends the program"
grep -ln 'cJSON' src/*.c src/*/*.[ch] | grep -vE '^src/run/(config|checkpoint|safetensors)' &&
    breach "only run/config and run/checkpoint (with run/safetensors) parse JSON"
grep -nE '\b(expf?|logf?|log1pf?|tanhf?|sinf?|cosf?|powf?)\(' src/base/*.c src/nn/*.c src/run/*.c src/data/*.c src/plot/*.c |
    grep -vE 'kernels->|^src/nn/value\.c' && breach "exp, log and their like are our own below cmd/, but for the witness"
grep -n 'ffast-math' Makefile .ci/* src -r && breach "no -ffast-math"

for file in src/*.c src/*/*.[ch] tests/*.[ch] tests/fuzz/*.[ch]; do
    lines=$(wc -l < "$file")
    [ "$lines" -gt 400 ] && breach "$file has $lines lines; split it at 400"
done

# clang-format 14 is what Debian 12 has; another version would quarrel over trifles.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    clang-format --dry-run -Werror src/*.c src/*/*.[ch] tests/*.[ch] tests/fuzz/*.[ch] tests/torture/*.c || breach "run clang-format -i on the above"
else
    echo "lint: clang-format 14 is not here; formatting was not checked"
fi
[ "$status" -eq 0 ] && echo "lint: clean"
exit "$status"
