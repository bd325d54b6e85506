"""Prints the share of branches that the tests take, lowest files first, from gcovr's summary (make coverage)."""

import json
import sys

summary = json.load(open(sys.argv[1]))
for file in sorted(summary["files"], key=lambda file: file["branch_percent"] or 100):
    if file["branch_total"] > file["branch_covered"]:
        print("{filename:40}{branch_total:6} branches {branch_percent:6} %   lines {line_percent:6} %".format(**file))
print("{branch_total} branches, {branch_percent} % taken; {line_percent} % of the lines run".format(**summary))
