"""What a search narrows by, the file of what it found, and the page on which auditors see who looked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visit, having, nobody
from tests.webapp.builders import EvidenceFolder, insert, insert_passage, pictures_of
from tests.webapp.conftest import NAME, Portal
from webapp.users import AUDITOR

Connection = psycopg.Connection[Any]
TABLET = (700, 800)


@pytest.fixture(scope="module")
def topics() -> str:
    return nobody()


@pytest.fixture
def _auditor(portal: Portal) -> Iterator[None]:
    with having(AUDITOR, portal):
        yield


def test_what_is_chosen_narrows_the_search_stands_in_its_address_and_is_exported(
    visit: Visit, connection: Connection, evidence: EvidenceFolder
) -> None:
    for plate, columns in {
        "PB10TR1111": {"vehicle_class": "truck", "plate_colour": "yellow", "direction": "leaving"},
        "PB10TR2222": {"vehicle_class": "truck", "plate_colour": "yellow", "direction": "approaching"},
        "PB10TR3333": {"vehicle_class": "truck", "direction": "leaving"},
        "PB10TR4444": {"vehicle_class": "car", "plate_colour": "yellow", "direction": "leaving"},
    }.items():
        insert_passage(connection, plate, **columns, **pictures_of(evidence, plate, "yellow"))
    page, results = visit.page, visit.page.locator("#results .plate")
    visit.open("/search?plate=PB10TR*")
    expect(results).to_have_count(4)

    page.get_by_label("Vehicle").select_option("Truck")
    page.get_by_label("Plate colour").select_option("Yellow")
    page.get_by_label("Direction").select_option("Leaving")
    page.get_by_role("button", name="Search").click()

    expect(results).to_have_count(1)
    expect(results).to_contain_text("PB 10 TR 1111")
    chosen = "plate=PB10TR*&vehicle=truck&colour=yellow&direction=leaving"
    expect(page).to_have_url(f"{visit.process.url}/search?{chosen}")
    page.reload()
    expect(page.get_by_label("Plate colour")).to_have_value("yellow")
    with page.expect_download() as begun:
        page.get_by_role("link", name="Export as CSV").click()
    assert begun.value.suggested_filename.startswith("passages-")
    text = Path(begun.value.path()).read_text("utf-8-sig")
    assert [line["plate"] for line in csv.DictReader(io.StringIO(text))] == ["PB10TR1111"]


@pytest.mark.usefixtures("_auditor")
def test_an_auditor_finds_by_keyboard_who_looked_at_a_plate(visit: Visit, connection: Connection) -> None:
    event_id = insert_passage(connection, "PB11AU7777")
    visit.open(f"/passages/{event_id}")
    visit.open("/search?plate=PB11AU*")
    visit.open("/search?plate=PB12*")
    page = visit.page
    page.get_by_role("link", name="Audit").focus()
    page.keyboard.press("Enter")
    rows = page.get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows.first).to_contain_text("Audit")

    page.get_by_label("Person").focus()
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.type("pb11au7777")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{visit.process.url}/audit?person={NAME}&plate=pb11au7777")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("plate PB11AU7777")  # the question itself
    expect(rows.nth(1)).to_contain_text("Search")
    expect(rows.nth(2)).to_contain_text("PB 11 AU 7777")
    rows.nth(1).get_by_role("link").click()
    expect(page.get_by_label("Plate", exact=True)).to_have_value("PB11AU*")


def test_who_is_no_auditor_is_not_shown_the_way_there(visit: Visit) -> None:
    expect(visit.page.get_by_role("link", name="Audit")).to_have_count(0)
    visit.open("/audit")

    expect(visit.page.get_by_role("heading")).to_have_text("This is not open to you")
    visit.complaints.clear()  # the browser itself notes the answer 403


@pytest.mark.usefixtures("_auditor")
@pytest.mark.parametrize("visit", [DESKTOP, TABLET, PHONE], ids=["desktop", "tablet", "phone"], indirect=True)
def test_the_audit_is_no_wider_than_the_screen(visit: Visit, connection: Connection) -> None:
    event_id = insert_passage(connection, "PB11AU8888")
    for columns in (
        {
            "action": "owner",
            "event_id": event_id,
            "reason": "stolen, case 4711/2026 " * 3,
            "fields": ["name"],
        },
        {"action": "search", "query": "plate=PB11AU*&camera=" + "a" * 63 + "&vehicle=truck&colour=yellow"},
        {"action": "picture", "event_id": event_id, "query": "frame"},
    ):
        line = {
            "user_name": "a.person.with.quite.a.long.name@city.example.org",
            "from_address": "2001:db8::7:1",
        }
        insert(connection, "looks", line | columns)

    visit.open("/audit")

    expect(visit.page.get_by_role("columnheader", name="Reason")).to_have_count(1)
    assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
