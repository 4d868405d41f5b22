"""Brings a database to this version's schema: numbered SQL files in, applied ones recorded.

Each file runs in its own transaction, once. Two processes that migrate at the same moment take turns.
A file that was applied and then changed is refused: a database must be what its files say.
"""

from __future__ import annotations

import hashlib
import logging
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from contracts.database_address import check_database_address
from contracts.errors import Stop, TryAgain

logger = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).parent / "migrations"
# Any number does, as long as every migrator of this schema takes the same.
_LOCK = 0x706C6174
_PAUSE_SEC = 0.25

_RECORD = """
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp())"""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """The migrations of a folder in order.

    Raises:
        Stop: a file is not named `NNNN_name.sql`, or the numbers are not 1, 2, 3 …
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
        if match is None:
            raise Stop(f"migration {path.name} is not named NNNN_name.sql")
        found.append(Migration(int(match[1]), match[2], path.read_text(encoding="utf-8")))
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise Stop(f"the migrations in {folder} are not numbered 1, 2, 3 …")
    return tuple(found)


def migrate(uri: str, *, migrations: Sequence[Migration] | None = None, wait_sec: float = 20.0) -> list[str]:
    """Applies what is missing and returns the names of what was applied, in order.

    Raises:
        TryAgain: no connection within `wait_sec`: a server that just starts refuses for a moment.
        Stop: the address is none, the database has a changed or later migration, or one does not run.
    """
    check_database_address(uri)
    wanted = read_migrations() if migrations is None else tuple(migrations)
    try:
        with _connected(uri, wait_sec) as connection:
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            return _apply_missing(connection, wanted)
    except psycopg.OperationalError as error:
        raise TryAgain("postgres", _first_line(error)) from error
    except psycopg.Error as error:
        raise Stop(f"postgres: {_first_line(error)}: may this user make tables there?") from error


def _connected(uri: str, wait_sec: float) -> psycopg.Connection:
    deadline = time.monotonic() + wait_sec
    while True:
        try:
            return psycopg.connect(uri, autocommit=True, connect_timeout=10)
        except psycopg.OperationalError:
            if time.monotonic() + _PAUSE_SEC > deadline:
                raise
            time.sleep(_PAUSE_SEC)


def _apply_missing(connection: psycopg.Connection, wanted: Sequence[Migration]) -> list[str]:
    connection.execute(_RECORD)
    rows = connection.execute("SELECT number, name, sha256 FROM schema_migrations ORDER BY number").fetchall()
    _check_applied(rows, wanted)
    applied = {number for number, _, _ in rows}
    done = []
    for migration in wanted:
        if migration.number in applied:
            continue
        _apply(connection, migration)
        logger.info("migration %04d %s applied", migration.number, migration.name)
        done.append(f"{migration.number:04d}_{migration.name}")
    return done


def _check_applied(rows: Sequence[tuple[int, str, str]], wanted: Sequence[Migration]) -> None:
    known = {migration.number: migration for migration in wanted}
    for number, name, sha256 in rows:
        if number not in known:
            raise Stop(f"the database has migration {number:04d}_{name}, which this version does not know")
        if known[number].sha256 != sha256:
            raise Stop(f"migration {number:04d}_{name} was changed after it was applied")


def _apply(connection: psycopg.Connection, migration: Migration) -> None:
    try:
        with connection.transaction():
            # No parameters are passed, so a file may hold several statements.
            connection.execute(migration.sql.encode())
            connection.execute(
                "INSERT INTO schema_migrations (number, name, sha256) VALUES (%s, %s, %s)",
                (migration.number, migration.name, migration.sha256),
            )
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise Stop(f"migration {migration.number:04d}_{migration.name}: {_first_line(error)}") from error


def _first_line(error: psycopg.Error) -> str:
    """What libpq says, first line; the address (and so the password) is not part of it."""
    return (str(error).splitlines() or [type(error).__name__])[0]
