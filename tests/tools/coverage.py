"""Prints the branches of src/ that tests take, a file a line, from gcovr's summary (make coverage), as a Markdown table."""

import json
import sys

summary = json.load(open(sys.argv[1]))
print("| file | branches | taken | lines run |\n| --- | ---: | ---: | ---: |")
for file in sorted(summary["files"], key=lambda file: file["branch_covered"] - file["branch_total"]):
    if file["branch_total"] > file["branch_covered"]:
        print("| {filename} | {branch_total} | {branch_percent} % | {line_percent} % |".format(**file))
whole = [file for file in summary["files"] if file["branch_total"] == file["branch_covered"]]
print(f"| {len(whole)} other files | {sum(file['branch_total'] for file in whole)} | 100 % | |")
print("| **all** | {branch_total} | **{branch_percent} %** | {line_percent} % |".format(**summary))
