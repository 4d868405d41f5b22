"""Search pages over real rows: patterns, limits, paging, what cannot be understood."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from tests.webapp.builders import NOON, insert_passage
from tests.webapp.conftest import Portal

PLATES = ["MH12AB1234", "MH12CD5678", "KA05MJ4410", "DL3CAY1234"]


@pytest.fixture(scope="module", autouse=True)
def _passages(portal: Portal) -> None:
    for minutes, plate in enumerate(PLATES):
        insert_passage(
            portal.connection,
            plate,
            captured_at=NOON + timedelta(minutes=minutes),
            camera="gate" if minutes % 2 else "bridge",
            accepted=minutes != 0,
            vehicle_class="truck" if minutes == 1 else "car",
            plate_colour="yellow" if minutes in {1, 2} else "white",
            direction="leaving" if minutes else None,
        )


def found(portal: Portal, query: str) -> list[str]:
    page = portal.user().get(f"/search?{query}").get_data(as_text=True)
    return [number.replace(" ", "") for number in re.findall(r'class="number">([0-9A-Z ]+)</span>', page)]


@pytest.mark.parametrize(
    ("query", "plates"),
    [
        ("", PLATES[::-1]),
        ("plate=MH12AB1234", ["MH12AB1234"]),
        ("plate=mh 12-ab 1234", ["MH12AB1234"]),
        ("plate=MH12*", ["MH12CD5678", "MH12AB1234"]),
        ("plate=*1234", ["DL3CAY1234", "MH12AB1234"]),
        ("plate=*5MJ4*", ["KA05MJ4410"]),
        ("plate=*J*", ["KA05MJ4410"]),
        ("plate=M?12*78", ["MH12CD5678"]),
        ("plate=?H12*", ["MH12CD5678", "MH12AB1234"]),
        ("plate=MH12%25", []),
        ("plate=MH72AB1234", []),
        ("plate=MH72AB1234&candidates=1", ["MH12AB1234"]),
        ("plate=MH72*&candidates=1", ["MH12CD5678", "MH12AB1234"]),
        ("plate=*72AB*&candidates=1", ["MH12AB1234"]),
        ("plate=*7CAY123?&candidates=1", ["DL3CAY1234"]),
        ("plate=MH12*&candidates=1", ["MH12CD5678", "MH12AB1234"]),
        ("plate=MH72*", []),
        ("plate=MH72*&candidates=1&camera=bridge", ["MH12AB1234"]),
        ("plate=*ZZ*&candidates=1", []),
        ("camera=gate", ["DL3CAY1234", "MH12CD5678"]),
        ("accepted=1&plate=MH12*", ["MH12CD5678"]),
        ("vehicle=truck", ["MH12CD5678"]),
        ("colour=yellow", ["KA05MJ4410", "MH12CD5678"]),
        ("direction=leaving", ["DL3CAY1234", "KA05MJ4410", "MH12CD5678"]),
        ("direction=approaching", []),
        ("vehicle=car&colour=yellow&direction=leaving", ["KA05MJ4410"]),
        ("plate=MH12*&vehicle=car&colour=white&camera=bridge&to=2026-11-23T12:01", ["MH12AB1234"]),
        ("vehicle=truck&colour=white", []),
        ("from=2026-11-23T12:01&to=2026-11-23T12:03", ["KA05MJ4410", "MH12CD5678"]),
        ("from=2026-11-23T06:31:00Z&to=2026-11-23T06:32:00Z", ["MH12CD5678"]),
    ],
)
def test_a_search_finds_what_fits_and_nothing_else(portal: Portal, query: str, plates: list[str]) -> None:
    assert found(portal, query) == plates


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("plate=MH'; DROP TABLE passages", "Letters, digits, * and ? only"),
        ("plate=" + "A" * 60, "Letters, digits, * and ? only"),
        ("from=yesterday", "This is no date and time."),
        ("to=9999-12-31T23:59Z", "This is no date and time."),
        ("from=2026-11-23T12:01&to=2026-11-23T12:00", "The end has to be after the beginning."),
        ("camera=../etc", "There is no camera of that name."),
        ("vehicle=tank", "One of car, motorcycle, auto-rickshaw, bus, truck, other."),
        ("colour=pink", "One of white, yellow, green, black, blue, red, other."),
        ("direction=up", "One of approaching, leaving, left, right."),
        ("before=nonsense", "The link to this page of results is broken."),
    ],
)
def test_a_search_that_cannot_be_understood_says_so(portal: Portal, query: str, line: str) -> None:
    answer = portal.user().get(f"/search?{query}")

    assert answer.status_code == 400
    assert line in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        # As the audit writes a search down, and as people write links.
        ("from=2026-11-23T06:31:00%2B00:00", 'name="from" type="datetime-local" value="2026-11-23T12:01"'),
        ("to=2026-11-23T06:31:20.5Z", 'name="to" type="datetime-local" value="2026-11-23T12:01:20.500"'),
        ("to=2026-11-24", 'name="to" type="datetime-local" value="2026-11-24T00:00"'),
        ("from=2026-11-23T12:01", 'name="from" type="datetime-local" value="2026-11-23T12:01"'),
        ("camera=old-bridge", "<option selected>old-bridge</option>"),
        ("vehicle=bus", '<option value="bus" selected>Bus</option>'),
        ("colour=blue", '<option value="blue" selected>Blue</option>'),
        ("direction=left", '<option value="left" selected>To the left</option>'),
        ("accepted=0", 'name="accepted" value="1">'),
        ("accepted=1", 'name="accepted" value="1" checked>'),
    ],
)
def test_the_form_shows_what_a_link_searched_for(portal: Portal, query: str, field: str) -> None:
    assert field in portal.user().get(f"/search?{query}").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        ("from=2026-11-20T12:00", True),
        ("from=2026-11-20T12:00&to=2026-11-20T12:01", True),
        ("from=2026-11-20T12:01", False),
        ("to=2026-11-20T11:59", False),
        ("from=0001-01-01T06:00", True),
    ],
)
def test_what_was_in_view_when_the_time_begins_is_found(portal: Portal, query: str, is_found: bool) -> None:
    """Its row shows 12:00:01, when it was read best."""
    if found(portal, "plate=WB02AD7777") == []:
        insert_passage(portal.connection, "WB02AD7777", captured_at=NOON - timedelta(days=3, seconds=0.2))

    assert found(portal, f"plate=WB02AD7777&{query}") == ["WB02AD7777"] * is_found


@pytest.mark.parametrize("column", ["vehicle_class", "plate_colour", "direction"])
def test_what_is_rare_is_found_without_reading_every_passage(portal: Portal, column: str) -> None:
    with portal.connection.transaction():
        portal.connection.execute("SET LOCAL enable_seqscan = off")
        plan = portal.connection.execute(
            f"EXPLAIN SELECT 1 FROM passages WHERE {column} = 'rare' ORDER BY captured_at DESC LIMIT 26"
        ).fetchall()

    assert f"Index Cond: ({column} = " in "\n".join(line for (line,) in plan)


def test_nothing_found_is_told_as_such(portal: Portal) -> None:
    page = portal.user().get("/search?plate=ZZ99*").get_data(as_text=True)

    assert "Nothing found" in page


def test_older_pages_follow_without_gap_or_repeat(portal: Portal) -> None:
    for seconds in range(60):
        # Several in the same instant: the page's end may fall between them.
        insert_passage(
            portal.connection,
            f"GJ01WT{seconds:04d}",
            captured_at=NOON - timedelta(days=1, seconds=seconds // 4),
        )
    client, address, plates = portal.user(), "/search?plate=GJ01WT*", []
    while address:
        page = client.get(address).get_data(as_text=True)
        plates += re.findall(r'class="number">([0-9A-Z ]+)</span>', page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        address = older.group(1).replace("&amp;", "&") if older else ""

    assert len(plates) == 60
    assert len(set(plates)) == 60


def test_htmx_gets_the_results_alone(portal: Portal) -> None:
    part = portal.user().get("/search?plate=MH12*", headers={"HX-Request": "true", "HX-Target": "results"})

    assert "<html" not in part.get_data(as_text=True)
    assert "MH 12 AB 1234" in part.get_data(as_text=True)


def last_look(portal: Portal) -> tuple[str, str, str, str] | None:
    return portal.connection.execute(
        "SELECT user_name, action, query, from_address FROM looks ORDER BY id DESC LIMIT 1"
    ).fetchone()


def test_who_searched_what_is_written_down(portal: Portal) -> None:
    portal.user().get("/search?plate=MH12*&camera=gate")

    assert last_look(portal) == ("asha", "search", "plate=MH12*&camera=gate", "127.0.0.1")


def test_no_search_hides_behind_what_the_search_does_not_know(portal: Portal) -> None:
    portal.user().get("/search?x=" + "A" * 500 + "&plate=MH12AB1234")

    assert last_look(portal) == ("asha", "search", "plate=MH12AB1234", "127.0.0.1")


@pytest.mark.parametrize("query", ["", "plate=HR26DK*"])
def test_further_pages_are_written_down_also_of_a_search_without_limits(portal: Portal, query: str) -> None:
    for seconds in range(30):
        insert_passage(
            portal.connection, f"HR26DK{seconds:04d}", captured_at=NOON - timedelta(days=2, seconds=seconds)
        )
    client = portal.user()
    older = re.search(r'rel="next" href="/search\?([^"]+)"', client.get(f"/search?{query}").text)
    assert older is not None

    client.get("/search?" + older.group(1).replace("&amp;", "&"))

    line = last_look(portal)
    assert line is not None
    limits, _, before = line[2].rpartition("before=")
    assert limits.rstrip("&") == query
    assert before.startswith("2026-11-2")
