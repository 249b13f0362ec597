"""Run the program on a pseudo-terminal and look at what it writes: terminal.py PROGRAM SWEEP (tiny.h5 is there)."""

import os
import pty
import re
import sys

program, sweep = sys.argv[1:3]


def on_terminal(arguments, **environment):
    """What the program writes to a terminal of 80 columns, and its exit status."""
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.pop("NO_COLOR", None)
        os.environ.pop("COLORTERM", None)
        os.environ.update({"TERM": "xterm-256color", **environment})
        os.execv(program, [program, *arguments])
    written = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        written += piece
    return written.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


text, status = on_terminal(["run", sweep, "-o", "terminal.h5"])
assert status == 0, text
assert re.search(r"\r\[[#.]{20}\] \d+ of 12 tasks", text), f"no progress line in {text!r}"
assert "done 12" in text, text

text, status = on_terminal(["show", "tiny.h5", "0"])
assert status == 0 and re.search(r"\033\[48;5;\d+m \033\[0m", text), "no 256 colours"
cells = max(len(re.findall(r"\033\[48;5;\d+m ", line)) for line in text.split("\n"))
assert 20 <= cells <= 80 - 11, f"{cells} cells in a row"

text, status = on_terminal(["show", "tiny.h5", "0"], COLORTERM="truecolor")
assert status == 0 and re.search(r"\033\[48;2;\d+;\d+;\d+m \033\[0m", text), "no 24-bit colours"

for quiet in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
    text, status = on_terminal(["show", "tiny.h5", "0"], **quiet)
    assert status == 0 and "\033" not in text and "@" in text, quiet

# Headings and outcomes: in colours that a terminal has, nowhere else.
painted = {
    ("status", "tiny.h5"): r"\033\[32mstate\033\[0m     finished",
    ("show", "tiny.h5"): r"\033\[32mdone\033\[0m ",
    ("verify", "tiny.h5"): r"\033\[32msound\033\[0m ",
    ("plan", sweep): r"\033\[1mtasks\033\[0m     12 of 12",
    ("plan", "missing.yaml"): r"\033\[1;31mfpsweep:\033\[0m there is no file missing.yaml",
}
for arguments, pattern in painted.items():
    text, _ = on_terminal(arguments)
    assert re.search(pattern, text), f"{arguments}: no {pattern} in {text!r}"
    # what a rank of mpirun writes goes through a pseudo-terminal, wherever it ends
    for quiet in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"OMPI_COMM_WORLD_RANK": "0"}):
        text, _ = on_terminal(arguments, **quiet)
        assert not re.search(r"\033\[[0-9;]*m", text), f"{arguments} with {quiet}: {text!r}"
