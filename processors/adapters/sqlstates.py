"""SQLSTATE of a PostgreSQL error -> what it means for the row that met it. One table, by class.

Source: PostgreSQL's documentation, appendix A, "PostgreSQL Error Codes"; the first two characters are the
class. A single code stands before its class where it means something else.
"""

from __future__ import annotations

from enum import Enum, auto


class Means(Enum):
    TRY_AGAIN = auto()
    """The server, or another transaction, is the reason: the same row may be taken later."""
    SET_ASIDE = auto()
    """The row is the reason: it will never be taken."""
    STOP = auto()
    """Tables, rights or the connection's settings are the reason: no row will be taken."""


_CODES = {
    "25006": Means.TRY_AGAIN,  # read only: the server is a standby until it is promoted
}
_CLASSES = {
    "08": Means.TRY_AGAIN,  # connection exception
    "40": Means.TRY_AGAIN,  # transaction rollback: serialisation failure, deadlock
    "53": Means.TRY_AGAIN,  # insufficient resources: disk full, out of memory, too many connections
    "55": Means.TRY_AGAIN,  # object not in the state that is needed: lock not available
    "57": Means.TRY_AGAIN,  # operator intervention: shutting down, starting up, query cancelled
    "58": Means.TRY_AGAIN,  # system error: the server's own files
    "22": Means.SET_ASIDE,  # data exception: out of range, a character that no text may hold
    "23": Means.SET_ASIDE,  # integrity constraint violation
    "54": Means.SET_ASIDE,  # program limit exceeded: a row too large for its index
}


def meaning(sqlstate: str) -> Means:
    """What an error of this state asks for. Whatever no line names is wrong with the installation:
    syntax, missing tables or rights (42), no such user (28) or database (3D), a damaged index (XX)."""
    return _CODES.get(sqlstate, _CLASSES.get(sqlstate[:2], Means.STOP))
