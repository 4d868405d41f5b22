"""The fixture `browser`: Debian's Chromium driven by Playwright, one for each test file."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.integration.servers import missing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# Not for the whole run: Playwright's loop would be in the way of the asynchronous tests of other files.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Every `browser.new_context()` is a fresh profile."""
    # Here, since most test runs need no browser and would wait for its library.
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        missing("chromium (Debian: chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield chromium
        chromium.close()
