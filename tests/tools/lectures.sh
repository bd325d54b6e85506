#!/bin/sh
# make lectures: every config of the lectures beside the lectures' figures, two at a time. Each table is printed whole, when it is complete.
set -u
build=$1
test -f data/lecture/names.txt || { echo "the lectures' names are not here: make lecture-data fetches them" >&2; exit 1; }
mkdir -p "$build/lectures"
ls -S configs/lectures/*.json | xargs -P 2 -I CONFIG sh -c 'table=$0/lectures/$(basename CONFIG .json).txt
    "$0/nomen" verify CONFIG >"$table" 2>&1; status=$?; cat "$table"; exit $status' "$build"
