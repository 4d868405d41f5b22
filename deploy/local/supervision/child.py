"""Becomes the program it is given, after arranging that it ends when its supervisor does.

Run as a file with the standard library alone: `python -I -S child.py PARENT SIGNAL plain|same PROGRAM ARG…`.
PARENT is the process id of the supervisor, SIGNAL what the kernel sends when the supervisor is gone,
however it went. `plain` gives up root's identity first, for PostgreSQL.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import sys

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_READ_SEARCH = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522
PLAIN_USER = "nobody"


def become(parent: int, end_signal: int, *, plain: bool, program: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    # Its own session: Ctrl-C in a terminal reaches the supervisor alone, which ends the others in order.
    if os.getsid(0) != os.getpid():
        os.setsid()
    if plain and os.geteuid() == 0:
        give_up_root(libc)
    # After the change of identity, which clears it.
    checked(libc.prctl(PR_SET_PDEATHSIG, end_signal, 0, 0, 0))
    if os.getppid() != parent:
        sys.exit("the supervisor was gone before this process began")
    # Python ignores these two; the program must begin with what it would find in a shell.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    os.execvp(program[0], program)  # noqa: S606 (no shell is the point)


def give_up_root(libc: ctypes.CDLL) -> None:
    """Becomes a plain user that may still read: the checkout can lie in a folder closed to others."""
    user = pwd.getpwnam(PLAIN_USER)
    checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    mask = 1 << CAP_DAC_READ_SEARCH
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    # Two rows (low and high 32 bits) of effective, permitted, inheritable.
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    # A container may have taken this right from root: then the folders must be open to others.
    if libc.capset(header, sets) == 0:
        libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0)


def checked(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


if __name__ == "__main__":
    become(int(sys.argv[1]), int(sys.argv[2]), plain=sys.argv[3] == "plain", program=sys.argv[4:])
