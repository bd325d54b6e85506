#!/bin/sh
# make lectures: trains each config of the lectures, two at a time, and prints its results beside the lectures'.
set -u
build=$1
test -f data/lecture/names.txt || { echo "data/lecture/names.txt is missing; make lecture-data fetches it" >&2; exit 1; }
mkdir -p "$build/lectures"
ls -S configs/lectures/*.json | xargs -P 2 -I CONFIG sh -c 'table=$0/lectures/$(basename CONFIG .json).txt
    "$0/nomen" verify CONFIG >"$table" 2>&1; status=$?; cat "$table"; exit $status' "$build"
