#!/usr/bin/env python3
"""Runs a command in a terminal of its own and plays somebody sitting at it.

    terminal.py STEP ... -- COMMAND ...

A step is expect=TEXT (waits until it has been printed after the step before) or send=TEXT (\\x03 is Ctrl-C). What the
terminal shows goes to standard output; the exit code is the command's, or 99 when something expected did not come.
"""
import os
import pty
import select
import sys
import time

split = sys.argv.index("--")
steps, command = sys.argv[1:split], sys.argv[split + 1:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(command[0], command)

seen, position, end = b"", 0, time.monotonic() + 120


def read(patience):
    """What is there by now; False when the terminal is gone."""
    global seen
    if not select.select([terminal], [], [], patience)[0]:
        return True
    try:
        data = os.read(terminal, 65536)
    except OSError:
        return False
    seen += data
    return bool(data)


def expect(text):
    global position
    while True:
        found = seen.find(text, position)
        if found >= 0:
            position = found + len(text)
            return True
        if time.monotonic() > end or not read(0.1):
            return False


missing = None
for step in steps:
    kind, _, text = step.partition("=")
    text = text.encode().decode("unicode_escape").encode("latin-1")
    if kind == "send":
        os.write(terminal, text)
    elif not expect(text):
        missing = text
        break
while missing is None and time.monotonic() < end and read(0.1):
    pass
sys.stdout.buffer.write(seen)
if missing is not None:
    print(f"\n--- never came: {missing!r}")
    os.kill(pid, 9)
status = os.waitpid(pid, 0)[1]
sys.exit(99 if missing is not None else os.waitstatus_to_exitcode(status))
