"""A portal before a database that was not migrated for it."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import LiteralString

import pytest

from contracts.errors import Stop
from deploy.migrate import migrate
from webapp.database import Database


@dataclass(frozen=True)
class Number:
    number: int


@pytest.mark.parametrize(
    "query",
    [
        "SELECT number FROM of_a_later_portal",
        "SELECT of_a_later_portal AS number FROM passages",
        "SELECT of_a_later_portal(1) AS number",
    ],
    ids=["table", "column", "function"],
)
def test_what_is_not_there_yet_is_told_as_that(database: str, query: LiteralString) -> None:
    migrate(database)
    with closing(Database(database)) as portal, pytest.raises(Stop, match="needs to be migrated"):
        portal.one(Number, query, {})
