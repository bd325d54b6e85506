#!/usr/bin/env python3
"""Draws the README's pictures with the built program: a terminal of 80 columns while configs/mlp.json trains and at its end
(training.svg), and the report of that run (report.png). Needs Debian's python3-pyte and chromium.
In the project's root: make && tests/tools/pictures.py"""
import fcntl, html, os, pty, shutil, struct, subprocess, sys, tempfile, termios
import pyte

COLUMNS, LINES = 80, 24
WIDTH, HEIGHT, MARGIN = 8.4, 19, 16  # of a character and around, in pixels
INK = {"default": "#d8dee9", "green": "#a3be8c", "cyan": "#88c0d0", "yellow": "#ebcb8b", "red": "#bf616a", "blue": "#81a1c1"}


def frames(program, words):
    """Yields the screen after each write of the program."""
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.ByteStream(screen)
    process, terminal = pty.fork()
    if process == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.environ.pop("NO_COLOR", None)
        os.execv(program, ["nomen", *words])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        stream.feed(piece)
        yield [[screen.buffer[y][x] for x in range(COLUMNS)] for y in range(LINES)]
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]) != 0:
        sys.exit("nomen failed")


def shown(frame):
    rows = ["".join(c.data for c in row).rstrip() for row in frame]
    return rows[: max((i + 1 for i, row in enumerate(rows) if row), default=0)]


def words_of(row):
    """Yields words of one style: (column, text, color, bold)."""
    column = 0
    while column < len(row):
        first, end = row[column], column
        while end < len(row) and row[end].data != " " and (row[end].fg, row[end].bold) == (first.fg, first.bold):
            end += 1
        if end > column:
            yield column, "".join(c.data for c in row[column:end]), INK.get(first.fg, INK["default"]), first.bold
        column = max(end, column + 1)


def svg(parts):
    lines = []
    for prompt, frame in parts:
        if prompt:
            lines.append([(0, "$", INK["green"], False), (2, prompt, INK["default"], True)])
        lines += [list(words_of(row)) for row in frame[: len(shown(frame))]]
        lines.append([])
    lines.pop()
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(lines) * HEIGHT + 2 * MARGIN
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" viewBox="0 0 {width:.0f} {height}" role="img">',
           "<title>nomen training configs/mlp.json in a terminal: halfway, and at its end</title>",
           f'<rect width="100%" height="100%" rx="8" fill="#2e3440"/>',
           '<g font-family="ui-monospace, Menlo, Consolas, DejaVu Sans Mono, monospace" font-size="14">']
    for i, line in enumerate(lines):
        for column, text, ink, bold in line:
            weight = ' font-weight="bold"' if bold else ""
            out.append(f'<text x="{MARGIN + column * WIDTH:.1f}" y="{MARGIN + (i + 0.75) * HEIGHT:.1f}" fill="{ink}"{weight} '
                       f'textLength="{len(text) * WIDTH:.1f}">{html.escape(text)}</text>')
    return "\n".join(out + ["</g>", "</svg>"]) + "\n"


def main():
    root, directory = os.getcwd(), tempfile.mkdtemp()
    for name in ("configs", "data"):
        os.symlink(os.path.join(root, name), os.path.join(directory, name))
    os.chdir(directory)
    program = os.path.join(root, "build/nomen")
    all_frames = list(frames(program, ["train", "mlp"]))
    live = [f for f in all_frames if any(" left" in row for row in shown(f))]
    done = next(i for i, row in enumerate(shown(all_frames[-1])) if row.startswith("100%"))
    picture = svg([("nomen train mlp", live[len(live) * 3 // 5]), ("", all_frames[-1][done:])])
    with open(os.path.join(root, "data/pictures/training.svg"), "w") as file:
        file.write(picture)
    subprocess.run([program, "report", "runs/mlp"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--window-size=900,1500",
                    "--screenshot=" + os.path.join(root, "data/pictures/report.png"), "file://" + os.path.abspath("runs/mlp/report.html")],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(directory)


main()
