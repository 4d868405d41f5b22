"""Queries -> typed rows from PostgreSQL, through one small pool. A database that is away is `TryAgain`."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, LiteralString, TypeVar

import gevent
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import class_row
from psycopg_pool import ConnectionPool, PoolTimeout

from contracts.errors import Stop, TryAgain

Row = TypeVar("Row")
_WAIT_FOR_CONNECTION_SEC = 3.0
# The server ends a query that takes too long; a server that is frozen can end nothing.
_ANSWER_WITHIN_SEC = 12.0
_CHECK_WITHIN_SEC = 2.0
_CONNECT_OPTIONS = "-c statement_timeout=10000 -c application_name=platestream-webapp -c timezone=UTC"
# The pool tells of every failed attempt to connect, many a second; the pages say it once where it matters.
logging.getLogger("psycopg.pool").setLevel(logging.ERROR)


class TooSlow(TryAgain):
    """The server ended a query that took too long. Asked again as it is, it would take as long again."""


def answer_within(seconds: float) -> gevent.Timeout:
    """What the block asks of the server takes no longer: else `psycopg.OperationalError`.

    A server that is frozen still has its connections acknowledged by its kernel, so no time-out of TCP ends
    the wait.
    """
    return gevent.Timeout(seconds, psycopg.OperationalError(f"no answer within {seconds:.0f} s"))


class Database:
    """A pool of connections in autocommit. Opens at the first query, survives a server that was away."""

    def __init__(self, uri: str, *, max_connections: int = 8) -> None:
        self.uri = uri
        self._pool: ConnectionPool[psycopg.Connection[Any]] = ConnectionPool(
            uri,
            min_size=1,
            max_size=max_connections,
            timeout=_WAIT_FOR_CONNECTION_SEC,
            reconnect_timeout=5.0,
            max_lifetime=1800.0,
            open=False,
            check=_answers,
            kwargs={"autocommit": True, "options": _options(uri), "connect_timeout": 3},
            name="webapp",
        )

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a short while.

        Raises:
            TooSlow: the server is there, but this query takes longer than any may.
            TryAgain: the database is away, or does not answer in time.
            Stop: its schema is not the one this portal was made for.
        """
        try:
            self._pool.open()
            with self._pool.connection() as connection, answer_within(_ANSWER_WITHIN_SEC):
                yield connection
        except _OTHER_SCHEMA as error:
            raise Stop(f"the database needs to be migrated: {error.diag.message_primary}") from error
        except psycopg.errors.QueryCanceled as error:  # SQLSTATE 57014
            raise TooSlow("database", "the query took too long") from error
        except (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout) as error:
            raise TryAgain("database", f"it does not answer ({type(error).__name__})") from error

    def all(self, kind: type[Row], query: LiteralString, values: Mapping[str, object]) -> list[Row]:
        """Every row, each as a `kind` made from its columns by name."""
        with self.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(query, values).fetchall()

    def one(self, kind: type[Row], query: LiteralString, values: Mapping[str, object]) -> Row | None:
        """The first row, or None."""
        with self.connection() as connection, connection.cursor(row_factory=class_row(kind)) as cursor:
            return cursor.execute(query, values).fetchone()

    def run(self, query: LiteralString, values: Mapping[str, object]) -> int:
        """Changes rows; how many."""
        with self.connection() as connection:
            return connection.execute(query, values).rowcount

    def close(self) -> None:
        """Ends every connection."""
        self._pool.close()


_OTHER_SCHEMA = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
)


def _options(uri: str) -> str:
    """Ours behind those of the address, which would be replaced: they name the role that the portal takes."""
    return f"{conninfo_to_dict(uri).get('options') or ''} {_CONNECT_OPTIONS}".lstrip()


def _answers(connection: psycopg.Connection[Any]) -> None:
    with answer_within(_CHECK_WITHIN_SEC):
        ConnectionPool.check_connection(connection)
