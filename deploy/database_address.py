"""A database's address as somebody wrote it: refused in words that hold nothing of it."""

from __future__ import annotations

import psycopg
from psycopg.conninfo import conninfo_to_dict

from contracts.errors import Stop


def check_database_address(address: str) -> None:
    """Before anything connects: libpq repeats what it does not understand, and that may be the password.

    Raises:
        Stop: nothing can be opened by it.
    """
    try:
        conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        wanted = "postgresql://USER:PASSWORD@HOST:PORT/NAME is wanted, other signs in it written as %XX"
        # Not even as its cause: a log shows causes too.
        raise Stop(f"postgres: the database's address cannot be understood: {wanted}") from None
