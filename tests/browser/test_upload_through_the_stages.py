"""A picture that a user uploads goes through every real stage, and its result comes to the user's page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from deploy.local.folders import State
from deploy.local.options import EVERYTHING, INGEST, Options
from deploy.local.stack import Stack
from tests.integration.streets import ReadableStreet, readable_street

RESULT_WITHIN_MS = 60_000


@pytest.fixture(scope="module")
def street() -> ReadableStreet:
    """Asked for before the browser, whose loop it cannot run beside."""
    return readable_street()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Everything but cameras."""
    processes = tuple(name for name in EVERYTHING if name != INGEST)
    stack = Stack(State(tmp_path_factory.mktemp("stack")), Options(processes=processes, die_with_parent=True))
    stack.up()
    yield stack
    stack.down()


def shown(text: str) -> re.Pattern[str]:
    """The number as the page may space it."""
    return re.compile(r"\s*".join(text))


def test_an_uploaded_picture_is_read_by_the_stages(
    street: ReadableStreet, stack: Stack, browser: Browser, tmp_path: Path
) -> None:
    who = stack.sign_in()
    assert who is not None
    (tmp_path / "street.jpg").write_bytes(street.jpeg)
    page = browser.new_page()
    page.goto(f"{stack.portal()}/uploads")
    page.get_by_label("Name").fill(who.name)
    page.get_by_label("Password").fill(who.password)
    page.get_by_role("button", name="Sign in").click()

    page.locator("#file").set_input_files(tmp_path / "street.jpg")

    # Other plates of the street may come first.
    plate = page.locator(".headline .plate").filter(has_text=shown(street.reading.text))
    expect(plate).to_be_visible(timeout=RESULT_WITHIN_MS)
    # What `platestream read` accepts is accepted here too, so the registry was asked.
    asked = page.locator(".registry").filter(has_not_text="Not asked")
    expect(asked.first).to_be_visible(timeout=RESULT_WITHIN_MS)
    expect(page.get_by_text("may still follow")).to_have_count(0, timeout=RESULT_WITHIN_MS)
    page.close()
