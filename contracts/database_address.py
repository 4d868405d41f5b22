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
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        parts = {}
    # A `/` in a password ends the host's name there: what is behind it would be looked up, and told.
    if not parts or "@" in str(parts.get("dbname", "")):
        wanted = "postgresql://USER:PASSWORD@HOST:PORT/NAME is wanted, other signs in it written as %XX"
        raise Stop(f"postgres: the database's address cannot be understood: {wanted}")
