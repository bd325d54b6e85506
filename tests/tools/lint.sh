#!/bin/sh
# make lint: checks the house rules: which room includes which, who prints, who parses, how long files are. Prints each breach
# and fails if there is one.
set -u
status=0
breach() { echo "lint: $1"; status=1; }

# Prints the rooms that a room may include from, besides itself.
allowed() {
    case $1 in
        base) echo ;;
        kernels) echo "base" ;;
        world) echo "base kernels" ;;
        data) echo "base world" ;;
        nn) echo "base kernels data" ;;
        config) echo "base data nn" ;;
        train) echo "base kernels data world nn config" ;;
        study) echo "base kernels data world nn config train" ;;
        draw) echo "base data nn config train study" ;;
        web) echo "base kernels data world nn config train study draw" ;;
        cmd) echo "base kernels data world nn config train study draw" ;;
    esac
}
for room in base kernels world data nn config train study draw web cmd; do
    for file in $(find src/$room -name '*.[ch]'); do
        for include in $(sed -n 's/^#include "\([a-z0-9_]*\)\/.*/\1/p' "$file" | sort -u); do
            case " $room $(allowed $room) " in
                *" $include "*) ;;
                *) breach "$file includes from $include/; $room may use: $(allowed $room)" ;;
            esac
        done
    done
done

below_cmd=$(find src -name '*.c' ! -path 'src/cmd/*' ! -path src/main.c)
grep -nE '\b(printf|puts|putchar|fputs|fputc|fwrite|fprintf|perror|vfprintf)\(' $below_cmd && breach "only cmd/ and main.c print"
grep -rnE '\b(exit|abort|_exit)\(' src && breach "errors travel up as values; nothing ends the program"
grep -rl 'cJSON' src | grep -vE '^src/(config/|train/(checkpoint|safetensors)|build.mk|web/(deps|web.mk))' &&
    breach "only config/ and train/checkpoint (with train/safetensors) parse JSON"
grep -nE '\b(expf?|logf?|log1pf?|tanhf?|sinf?|cosf?|powf?)\(' $below_cmd | grep -vE '^src/kernels/|kernels->|^src/nn/value\.c' &&
    breach "exp, log and their like are our own below cmd/, except in nn/value"
grep -rn 'ffast-math' Makefile .ci src tests/*.mk && breach "no -ffast-math"

sources=$(find src tests -name "*.[ch]")
for file in $sources; do
    lines=$(wc -l <"$file")
    [ "$lines" -gt 400 ] && breach "$file has $lines lines; split it at 400"
done
for directory in $(find src -type d); do
    [ "$(find "$directory" -maxdepth 1 -type f | wc -l)" -le 40 ] || breach "$directory has more than 40 files"
done

# Versions of clang-format differ in details; Debian 12 has 14.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
    clang-format --dry-run -Werror $sources || breach "run clang-format -i on the above"
else
    echo "lint: clang-format 14 is missing; formatting was not checked"
fi
[ "$status" -eq 0 ] && echo "lint: clean"
exit "$status"
