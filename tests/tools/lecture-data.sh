#!/bin/sh
# make lecture-data: fetches the names file of the makemore lectures to data/lecture/names.txt and checks its SHA-256.
set -eu
address=https://raw.githubusercontent.com/karpathy/makemore/master/names.txt
sum=0a30b5557f192f32ab962680889aac5f6fda0f4cecf40a6d0b5694f58ea8cc4d
file=data/lecture/names.txt

digest() {
    if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d' ' -f1
}

if [ -f "$file" ] && [ "$(digest "$file")" = "$sum" ]; then
    echo "$file is there already"
    exit 0
fi
command -v curl >/dev/null || { echo "lecture-data: the command curl is missing; install it" >&2; exit 1; }
mkdir -p data/lecture
trap 'rm -f "$file.tmp"' EXIT
curl --fail --silent --show-error --location --output "$file.tmp" "$address" ||
    { echo "lecture-data: cannot fetch $address; put the file at $file by hand" >&2; exit 1; }
if [ "$(digest "$file.tmp")" != "$sum" ]; then
    echo "lecture-data: the file at $address is not that of the lectures (its SHA-256 differs)" >&2
    exit 1
fi
mv "$file.tmp" "$file"
echo "$file: $(wc -l < "$file") names"
