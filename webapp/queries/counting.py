"""How many rows fit, as far as anybody wants to know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import LiteralString

from webapp.database import Database

COUNT_LIMIT = 10_000
"""Counting stops here: nobody reads more, and the count stays quick in a table of any size."""


@dataclass(frozen=True)
class _Count:
    number: int


def count_rows(
    database: Database, table: LiteralString, where: Sequence[LiteralString], values: Mapping[str, object]
) -> int:
    """At most `COUNT_LIMIT` + 1."""
    query: LiteralString = f"""
        SELECT count(*) AS number FROM (
            SELECT 1 FROM {table} WHERE {" AND ".join(where)} LIMIT %(limit)s) AS counted"""  # noqa: S608
    found = database.one(_Count, query, {**values, "limit": COUNT_LIMIT + 1})
    return found.number if found else 0
