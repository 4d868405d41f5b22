"""A search as a file: all that it finds, and nothing that a spreadsheet computes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from contracts.errors import Stop
from tests.webapp.builders import NOON, insert, insert_passage
from tests.webapp.conftest import NAME, Portal
from webapp import csv_file
from webapp.csv_file import csv_lines
from webapp.security import limiter

KOLKATA = ZoneInfo("Asia/Kolkata")
FILE = "/search/passages.csv"


def lines_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def exported(portal: Portal, query: str, name: str = NAME) -> list[dict[str, str]]:
    answer = portal.user(name).get(f"{FILE}?{query}")
    assert answer.status_code == 200
    return lines_of(answer.text)


def exports(portal: Portal) -> list[tuple[str, str]]:
    return portal.connection.execute(
        "SELECT user_name, query FROM looks WHERE action = 'export' ORDER BY id"
    ).fetchall()


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two batches of three."""
    monkeypatch.setattr(csv_file, "BATCH", 3)
    monkeypatch.setattr(csv_file, "BATCHES", 2)


def test_a_file_tells_what_was_seen_and_read(portal: Portal) -> None:
    event_id = insert_passage(portal.connection, "MH12AB1234", place="Gate, north", captured_at=NOON)
    insert_passage(portal.connection, "KA05MJ4410", captured_at=NOON)

    answer = portal.user().get(f"{FILE}?plate=MH12AB*&direction=approaching")

    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="passages-')
    (line,) = lines_of(answer.text)
    told = {
        "event_id": str(event_id),
        "plate": "MH12AB1234",
        "camera": "gate",
        "place": "Gate, north",
        "direction": "approaching",
        "captured_at": "2026-11-23T12:00:00.000+05:30",
        "best_captured_at": "2026-11-23T12:00:01.200+05:30",
        "confidence": "0.9730",
        "accepted": "true",
        "plate_colour": "white",
        "vehicle_class": "car",
        "frames": "14",
    }
    assert {name: line[name] for name in told} == told


def test_a_file_holds_nothing_of_an_owner(portal: Portal) -> None:
    insert_passage(portal.connection, "MH14OW0001", owner_masked="R*H*L S*A*M*")

    text = portal.user().get(f"{FILE}?plate=MH14OW0001").text

    assert "MH14OW0001" in text
    assert "R*H*L" not in text
    assert not [word for word in ("owner", "make", "model", "sealed", "Maruti") if word in text]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('=HYPERLINK("http://x")', '"\'=HYPERLINK(""http://x"")"'),
        ("+1", '"\'+1"'),
        ("-1", '"\'-1"'),
        ("@SUM(A1)", '"\'@SUM(A1)"'),
        ("  =1", '"\'  =1"'),
        ("\t=1", '"\'\t=1"'),
        ("\r1", '"\'\r1"'),
        ("\n1", '"\'\n1"'),
        ("＝1", '"\'＝1"'),
        ('a",=1', '"a"",=1"'),
        ("Gate = north", '"Gate = north"'),
        (-0.5, '"-0.5000"'),
        (None, '""'),
    ],
)
def test_no_cell_is_a_formula(cell: str | float | None, shown: str) -> None:
    assert csv_lines([[cell]], zone=KOLKATA) == shown + "\r\n"


def test_a_camera_cannot_put_a_formula_into_a_file(portal: Portal) -> None:
    insert_passage(portal.connection, "MH14FX0001", place="=cmd|' /C calc'!A0")

    (line,) = exported(portal, "plate=MH14FX0001")

    assert line["place"] == "'=cmd|' /C calc'!A0"


@pytest.mark.usefixtures("small_files")
@pytest.mark.parametrize(("number", "cut"), [(3, False), (5, False), (6, False), (7, True)])
def test_a_file_that_was_cut_says_so_and_where_it_goes_on(portal: Portal, number: int, cut: bool) -> None:
    plates = [f"GJ0{number}EX{each:04d}" for each in range(number)]
    for each, plate in enumerate(plates):
        # Several in the same instant: a batch's end falls between them.
        insert_passage(portal.connection, plate, captured_at=NOON - timedelta(seconds=each // 4))

    found = exported(portal, f"plate=GJ0{number}EX*")

    if cut:
        end = found.pop()
        assert set(end.values()) == {end["event_id"], ""}
        told, _, address = end["event_id"].rpartition(" ")
        assert told == "CUT: there are more. A file holds 6 passages; the next:"
        assert urlsplit(address).path == FILE
        found += exported(portal, urlsplit(address).query)
    assert sorted(line["plate"] for line in found) == plates


def test_whoever_exports_is_written_down_with_what_was_searched(portal: Portal) -> None:
    portal.user().get(f"{FILE}?x={'A' * 500}&plate=mh 12*&vehicle=car")

    assert exports(portal)[-1] == (NAME, "plate=MH12*&vehicle=car")


@contextmanager
def away(portal: Portal, table: str) -> Iterator[None]:
    portal.connection.execute(f"ALTER TABLE {table} RENAME TO is_away")
    try:
        yield
    finally:
        portal.connection.execute(f"ALTER TABLE is_away RENAME TO {table}")


def test_nothing_is_exported_when_it_cannot_be_written_down(portal: Portal) -> None:
    client = portal.user()

    with away(portal, "looks"):
        answer = client.get(FILE)

    assert (answer.status_code, answer.mimetype) == (503, "text/html")


@pytest.mark.usefixtures("small_files")
def test_a_file_that_cannot_be_finished_breaks_off(portal: Portal) -> None:
    for number in range(5):
        insert_passage(portal.connection, f"GJ09EX{number:04d}")

    file = portal.user().get(f"{FILE}?plate=GJ09EX*", buffered=False).iter_encoded()
    begun = next(file) + next(file)

    assert begun.count(b"GJ09EX") == 6  # three, each as read and as it stands
    with away(portal, "passages"), pytest.raises(Stop):
        next(file)


def test_a_stranger_gets_no_file_and_is_brought_to_the_search_after_signing_in(portal: Portal) -> None:
    before = exports(portal)

    answer = portal.visitor().get(f"{FILE}?plate=MH12*")

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/search?plate%3DMH12*"
    assert exports(portal) == before


def test_nobody_exports_an_upload_of_somebody_else(portal: Portal) -> None:
    upload_id = uuid4()
    row = {"id": upload_id, "user_name": "ravi", "object_key": "k", "sha256": "s", "file_name": "a.jpg"}
    insert(portal.connection, "uploads", row | {"bytes": 1, "width": 1, "height": 1})
    insert_passage(portal.connection, "MH14UP0001", origin="upload", camera=f"upload-{upload_id}")

    assert exported(portal, "plate=MH14UP0001") == []
    assert [line["origin"] for line in exported(portal, "plate=MH14UP0001", "ravi")] == ["upload"]


def test_what_cannot_be_searched_for_cannot_be_exported(portal: Portal) -> None:
    before = exports(portal)

    answer = portal.user().get(f"{FILE}?vehicle=tank")

    assert answer.status_code == 400
    assert "This search cannot be understood" in answer.text
    assert exports(portal) == before


def test_the_page_of_a_search_leads_to_its_file(portal: Portal) -> None:
    insert_passage(portal.connection, "MH14LN0001")

    page = portal.user().get("/search?plate=MH14LN*&camera=gate&x=1").text

    assert f'href="{FILE}?plate=MH14LN%2A&amp;camera=gate"' in page
    assert FILE not in portal.user().get("/search?plate=ZZ00*").text


def test_files_cannot_be_taken_one_after_the_other(portal: Portal) -> None:
    client = portal.user()
    limiter.enabled = True
    try:
        taken = [client.get(f"{FILE}?plate=NONE").status_code for _ in range(7)]
    finally:
        limiter.enabled = False
        limiter.reset()

    assert taken == [200] * 6 + [429]
