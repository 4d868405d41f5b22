"""An investigator says why, sees an owner once, and nobody who opens the page afterwards does."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP, PHONE, Visit, having, nobody
from tests.webapp.builders import a_sealed_owner, insert_passage, pictures_of
from tests.webapp.conftest import NAME, Portal
from webapp.users import INVESTIGATOR


@pytest.fixture(scope="module")
def topics() -> str:
    return nobody()


@pytest.fixture
def _investigator(portal: Portal) -> Iterator[None]:
    with having(INVESTIGATOR, portal):
        yield


@pytest.fixture
def event_id(portal: Portal) -> UUID:
    key = portal.made.owner_key
    assert key is not None
    owner = a_sealed_owner(
        key,
        "MH12AB1234",
        father="MOHAN SHARMA",
        permanent_address="Flat 1204, Tower B, Invented Society Of A Very Long Name, Pune 411001",
        mobile="9000000001",
        chassis="MA3EWDE1S00123456",
        engine="K12M1234567",
    )
    return insert_passage(portal.connection, **owner, **pictures_of(portal.evidence, "MH12AB1234"))


@pytest.mark.usefixtures("_investigator")
@pytest.mark.parametrize("visit", [DESKTOP, PHONE], ids=["desktop", "phone"], indirect=True)
def test_an_owner_is_seen_once_by_who_says_why(visit: Visit, event_id: UUID) -> None:
    page = visit.page
    address = f"/passages/{event_id}"
    visit.open(address)
    why, show = page.get_by_label("Why you need it"), page.get_by_role("button", name="Show the owner")
    name = page.get_by_text("RAHUL SHARMA")

    why.fill("stolen")
    show.click()
    expect(page).to_have_url(visit.process.url + address)  # the browser asks for more itself
    why.fill("case 4711/2026, hit and run")
    show.click()

    expect(name).to_be_in_viewport()
    expect(page.get_by_text(f"This look is recorded: {NAME}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert "RAHUL" not in page.url
    assert "case" not in page.url
    visit.open(address)
    expect(why).to_have_value("")
    expect(name).to_have_count(0)


def test_who_is_no_investigator_is_offered_nothing(visit: Visit, event_id: UUID) -> None:
    visit.open(f"/passages/{event_id}")

    expect(visit.page.get_by_role("heading", name="Vehicle registry")).to_be_visible()
    expect(visit.page.get_by_role("heading", name="Owner")).to_have_count(0)
