"""Turns itself into another program that Linux stops as soon as the supervisor dies, even by kill -9.

Run as a script: `tether.py PARENT_PID SIGNAL PROGRAM ARGUMENT...`. It asks the kernel for the signal and then
becomes the program, so no process of its own stays behind. (Python code between fork and exec would not be
safe in a supervisor with threads.)
"""

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Tie this process to its parent and become the program."""
    parent, signal_number, program = int(arguments[0]), int(arguments[1]), arguments[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew whom to watch
        sys.exit(1)
    try:
        os.execvp(program[0], program)  # noqa: S606 # the program comes from the supervisor's own list
    except OSError as error:
        sys.exit(f"cannot run {program[0]}: {error.strerror}")


if __name__ == "__main__":
    main(sys.argv[1:])
