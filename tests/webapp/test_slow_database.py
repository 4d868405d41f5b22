"""A database that is there, but does not end a query in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.webapp.conftest import Portal
from webapp import database
from webapp.database import Database


@pytest.fixture
def slow(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    """A portal whose queries may take a fifth of a second, while somebody holds the passages locked."""
    monkeypatch.setattr(database, "_CONNECT_OPTIONS", "-c statement_timeout=200")
    impatient = Database(portal.made.database.uri)
    monkeypatch.setitem(portal.app.extensions, "platestream", replace(portal.made, database=impatient))
    with psycopg.connect(impatient.uri, options="") as other:  # by the owner's role: the portal's may not
        other.execute("LOCK TABLE passages IN ACCESS EXCLUSIVE MODE")
        yield portal
    impatient.close()


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Target": "results"}])
def test_a_search_that_takes_too_long_is_to_be_narrowed_and_does_not_repeat_itself(
    slow: Portal, headers: dict[str, str]
) -> None:
    answer = slow.user().get("/search?plate=*AB*", headers=headers)

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400  # of which htmx puts the page into the place of the results
    assert "Narrow the search" in page
    assert "away" not in page
    assert ('value="*AB*"' in page) is not bool(headers)
    assert "http-equiv" not in page
    assert "Retry-After" not in answer.headers


def test_an_export_that_takes_too_long_is_the_page_that_asks_to_narrow_the_search(slow: Portal) -> None:
    answer = slow.user().get("/search/passages.csv?plate=*AB*")

    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "Narrow the search" in answer.get_data(as_text=True)


def test_another_page_that_takes_too_long_does_not_call_the_database_away(slow: Portal) -> None:
    answer = slow.user().get("/")

    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "The database took too long" in page
    assert "http-equiv" not in page
