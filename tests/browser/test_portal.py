"""The portal in a real browser: what arrives, what is found, what is refused, and how it fits a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESKTOP, PHONE, Visit
from tests.webapp.builders import (
    EvidenceFolder,
    a_frame_picture,
    insert_camera,
    insert_passage,
    jpeg,
    notify,
    pictures_of,
)
from tests.webapp.conftest import NAME, PASSWORD, Portal
from tests.webapp.process import Process
from tests.webapp.test_upload_stream import send_frame

Connection = psycopg.Connection[Any]


def test_name_and_password_lead_to_where_one_wanted_to_go(browser: Browser, process: Process) -> None:
    page = browser.new_page()
    page.goto(process.url + "/search?plate=MH12*")
    page.get_by_label("Name").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)

    page.get_by_role("button", name="Sign in").click()

    expect(page.get_by_label("Plate", exact=True)).to_have_value("MH12*")
    page.close()


def test_a_stored_passage_appears_by_itself(visit: Visit, connection: Connection) -> None:
    expect(visit.page.locator("#pulse")).to_contain_text("Live")

    event_id = insert_passage(connection, "KA05MJ4410", captured_at=datetime.now(UTC), state="preview")
    notify(connection, event_id)
    row = visit.page.locator(f"#p-{event_id}")
    expect(row).to_contain_text("KA 05 MJ 4410")
    expect(row).to_contain_text("preview")

    connection.execute(
        "UPDATE passages SET state = 'final', text = 'KA05MJ4411', change = nextval('passage_changes')"
        " WHERE event_id = %s",
        [event_id],
    )
    notify(connection, event_id)

    expect(row).to_contain_text("KA 05 MJ 4411")
    expect(row).not_to_contain_text("preview")
    expect(visit.page.locator("#arrived")).to_have_text("1")


def test_a_paused_board_keeps_what_came_for_later(visit: Visit, connection: Connection) -> None:
    expect(visit.page.locator("#pulse")).to_contain_text("Live")
    visit.page.get_by_role("button", name="Pause").click()

    event_id = insert_passage(connection, "GJ01WT8890", captured_at=datetime.now(UTC))
    notify(connection, event_id)
    button = visit.page.get_by_role("button", name="Go on (1 new)")
    expect(button).to_be_visible()
    expect(visit.page.locator(f"#p-{event_id}")).to_have_count(0)
    button.click()

    expect(visit.page.locator(f"#p-{event_id}")).to_be_visible()


def test_search_with_a_star_finds_and_can_be_sent_as_a_link(visit: Visit, connection: Connection) -> None:
    insert_passage(connection, "DL3CAY9324")
    insert_passage(connection, "UP32KN2019")
    visit.open("/search")

    visit.page.get_by_label("Plate", exact=True).fill("dl3*")
    visit.page.get_by_role("button", name="Search").click()

    results = visit.page.locator("#results .plate")
    expect(results).to_have_count(1)
    expect(results).to_contain_text("DL 3C AY 9324")
    assert visit.page.url.endswith("/search?plate=dl3*")


def test_a_search_that_cannot_be_understood_is_told_in_place(visit: Visit) -> None:
    visit.open("/search")
    visit.page.get_by_label("Plate", exact=True).fill("MH<12")
    visit.page.get_by_role("button", name="Search").click()

    expect(visit.page.get_by_role("alert")).to_contain_text("Letters, digits, * and ? only")
    visit.complaints.clear()  # the browser itself notes the answer 400


def test_a_passage_shows_its_frame_closely_and_its_characters(
    visit: Visit, connection: Connection, evidence: EvidenceFolder
) -> None:
    event_id = insert_passage(connection, "MH12AB1234", **pictures_of(evidence, "MH12AB1234"))
    visit.open(f"/passages/{event_id}")
    view = visit.page.locator("svg.view")
    whole = view.get_attribute("viewBox")

    visit.page.get_by_role("button", name="Close view of the plate").click()
    assert view.get_attribute("viewBox") != whole
    visit.page.locator(".characters li").nth(2).hover()
    expect(visit.page.locator("g.character.pointed")).to_have_count(1)
    visit.page.get_by_label("Show boxes").uncheck()

    expect(visit.page.locator("g.drawn")).to_be_hidden()


def test_a_file_that_is_no_picture_is_refused_by_its_name(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("this is no picture")
    visit.open("/uploads")

    visit.page.locator("#file").set_input_files(tmp_path / "notes.jpg")

    expect(visit.page.get_by_role("alert")).to_contain_text("notes.jpg: it is no picture")
    visit.complaints.clear()  # the browser itself notes the answer 422


def test_a_file_that_is_surely_too_large_is_not_even_sent(visit: Visit, tmp_path: Path) -> None:
    (tmp_path / "huge.jpg").write_bytes(b"\xff\xd8" + bytes(33 * 1024 * 1024))
    visit.open("/uploads")

    visit.page.locator("#file").set_input_files(tmp_path / "huge.jpg")

    expect(visit.page.get_by_role("alert")).to_contain_text("huge.jpg: 34.6 MB, at most 32 MB are taken")


def test_the_page_of_an_upload_turns_into_its_result_by_itself(
    visit: Visit, connection: Connection, evidence: EvidenceFolder, tmp_path: Path
) -> None:
    (tmp_path / "car.jpg").write_bytes(jpeg(a_frame_picture("RJ14CP7001")))
    visit.open("/uploads")
    visit.page.locator("#file").set_input_files(tmp_path / "car.jpg")
    expect(visit.page.get_by_role("heading", name="On its way")).to_be_visible()

    insert_passage(
        connection,
        "RJ14CP7001",
        origin="upload",
        camera="upload-" + visit.page.url.rpartition("/")[2],
        **pictures_of(evidence, "RJ14CP7001"),
    )

    expect(visit.page.locator(".headline .plate")).to_contain_text("RJ 14 CP 7001")
    expect(visit.page.locator(".characters li")).to_have_count(10)
    expect(visit.page.locator(".cut img")).to_have_count(2)


def test_dark_and_light_are_kept_from_page_to_page(visit: Visit) -> None:
    before = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    visit.page.get_by_role("button", name="Switch between dark and light").click()
    visit.open("/search")

    assert visit.page.evaluate("getComputedStyle(document.body).backgroundColor") != before


@pytest.mark.parametrize("visit", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)
def test_no_page_is_wider_than_the_screen(
    visit: Visit, portal: Portal, connection: Connection, evidence: EvidenceFolder
) -> None:
    event_id = insert_passage(connection, "MH12AB1234", **pictures_of(evidence, "MH12AB1234"))
    camera = f"camera-with-quite-a-long-name-{visit.page.viewport_size['width']}"  # type: ignore[index]
    insert_camera(connection, camera, now=datetime.now(UTC), place="At the end of a very long street name")
    send_frame(portal.settings.kafka, camera, 0, jpeg(a_frame_picture("MH12AB1234")))

    for address in ("/", "/search", f"/passages/{event_id}", "/uploads", "/cameras"):
        visit.open(address)
        too_wide = visit.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert too_wide <= 0, address
