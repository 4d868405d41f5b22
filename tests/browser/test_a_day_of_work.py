"""What people meet who have the portal open all day: back and forth, many windows, a phone, a keyboard."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.webapp.builders import NOON, insert_camera, insert_passage, notify

Connection = psycopg.Connection[Any]


def go_back(visit: Visit) -> None:
    """By the browser's own button: what the page does then may be to load itself anew."""
    visit.page.evaluate("setTimeout(() => history.back())")


def test_the_back_button_brings_back_the_search_and_its_form(visit: Visit, connection: Connection) -> None:
    insert_passage(connection, "TN09BQ1111")
    insert_passage(connection, "AP16DK2222")
    visit.open("/search")
    plate, results = visit.page.get_by_label("Plate", exact=True), visit.page.locator("#results")
    for text, found in (("TN<09", "Letters, digits"), ("TN09*", "TN 09 BQ 1111"), ("AP16*", "AP 16 DK 2222")):
        plate.fill(text)
        visit.page.get_by_role("button", name="Search").click()
        expect(results).to_contain_text(found)

    go_back(visit)

    expect(results).to_contain_text("TN 09 BQ 1111")
    expect(visit.page.get_by_label("Plate", exact=True)).to_have_value("TN09*")
    visit.page.get_by_label("Accepted reads only").check()
    visit.page.get_by_role("button", name="Search").click()
    expect(visit.page).to_have_url(visit.process.url + "/search?plate=TN09*&accepted=1")
    go_back(visit)
    expect(visit.page.get_by_label("Accepted reads only")).not_to_be_checked()
    go_back(visit)
    expect(results).to_contain_text("Letters, digits")
    visit.complaints.clear()  # the browser itself notes the answer 400


def test_a_mistake_that_was_mended_is_no_longer_marked(visit: Visit, connection: Connection) -> None:
    insert_passage(connection, "TN09BQ3333")
    visit.open("/search?plate=TN<09")
    plate = visit.page.get_by_label("Plate", exact=True)
    expect(plate).to_have_attribute("aria-invalid", "true")

    plate.fill("TN09BQ3333")
    visit.page.get_by_role("button", name="Search").click()

    expect(visit.page.locator("#results .plate")).to_contain_text("TN 09 BQ 3333")
    expect(plate).not_to_have_attribute("aria-invalid", "true")
    expect(visit.page.locator("#plate-help")).to_contain_text("* stands for any characters")
    visit.complaints.clear()  # the browser itself notes the answer 400


def test_a_board_that_comes_back_from_the_browsers_memory_is_alive(
    visit: Visit, connection: Connection
) -> None:
    expect(visit.page.locator("#pulse")).to_contain_text("Live")
    visit.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', {persisted: true}))")

    with visit.page.expect_navigation():
        visit.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(visit.page.locator("#pulse")).to_contain_text("Live")
    event_id = insert_passage(connection, "TN09BQ4444", captured_at=datetime.now(UTC))
    notify(connection, event_id)

    expect(visit.page.locator(f"#p-{event_id}")).to_be_visible()


def test_the_keyboard_stays_where_it_is_when_cameras_are_looked_at_anew(
    visit: Visit, connection: Connection
) -> None:
    insert_camera(connection, "gate-of-the-keyboard", now=datetime.now(UTC))
    visit.open("/cameras")
    visit.page.get_by_role("link", name="gate-of-the-keyboard").focus()

    with visit.page.expect_response(lambda answer: answer.url.endswith("/cameras"), timeout=15_000):
        pass
    visit.page.wait_for_timeout(500)

    expect(visit.page.get_by_role("link", name="gate-of-the-keyboard")).to_be_focused()
    visit.complaints.clear()  # no frame is kept of this camera


@pytest.mark.parametrize("visit", [PHONE], ids=["phone"], indirect=True)
def test_a_phone_shows_the_day_of_what_was_found(visit: Visit, connection: Connection) -> None:
    insert_passage(connection, "TN09BQ6666", captured_at=NOON - timedelta(days=3))

    visit.open("/search?plate=TN09BQ6666")

    expect(visit.page.get_by_text("20 Nov 2026")).to_be_visible()


def test_of_several_pictures_none_is_taken_without_a_word(visit: Visit) -> None:
    visit.open("/uploads")

    visit.page.evaluate(
        """() => {
          const dropped = new DataTransfer();
          for (const name of ["one.jpg", "two.jpg"]) {
            dropped.items.add(new File(["x"], name, {type: "image/jpeg"}));
          }
          const event = new DragEvent("drop", {dataTransfer: dropped, bubbles: true, cancelable: true});
          document.getElementById("drop").dispatchEvent(event);
        }"""
    )

    expect(visit.page.get_by_role("alert")).to_contain_text("one at a time")


def test_every_kind_of_picture_that_is_taken_can_be_chosen(visit: Visit) -> None:
    visit.open("/uploads")

    kinds = visit.page.locator("#file").get_attribute("accept")

    assert kinds == "image/jpeg,image/png,image/webp,image/bmp,image/tiff"
