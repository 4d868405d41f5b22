"""A running portal, a signed-in page, and what the browser complained about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page

from deploy.local.ports import HOST
from deploy.migrate import migrate
from tests.webapp.builders import EvidenceFolder
from tests.webapp.conftest import NAME, Portal, a_free_port, portal_with, settings_in
from tests.webapp.process import Process, portal_process, signed_in_cookie

DESKTOP = (1280, 860)
PHONE = (390, 800)


@dataclass
class Visit:
    """A browser page at the portal."""

    page: Page
    process: Process
    complaints: list[str] = field(default_factory=list)

    def open(self, address: str) -> None:
        self.page.goto(self.process.url + address)


def nobody() -> str:
    """An address at which no Kafka answers, for pages that need none."""
    return f"{HOST}:{a_free_port()}"


@contextmanager
def having(role: str, portal: Portal) -> Iterator[None]:
    """Who is signed in has the role meanwhile."""
    portal.made.users.set_role(name=NAME, role=role, given=True)
    yield
    portal.made.users.set_role(name=NAME, role=role, given=False)


@pytest.fixture(scope="module")
def portal(database: str, topics: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    migrate(database)
    settings = settings_in(tmp_path_factory.mktemp("portal"), database_uri=database, kafka_address=topics)
    with psycopg.connect(database, autocommit=True) as connection:
        made = portal_with(settings, connection)
        yield made
        made.made.database.close()


@pytest.fixture(scope="module")
def process(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with portal_process(portal.settings, tmp_path_factory.mktemp("process")) as running:
        yield running


@pytest.fixture
def connection(portal: Portal) -> psycopg.Connection[Any]:
    return portal.connection


@pytest.fixture
def evidence(portal: Portal) -> EvidenceFolder:
    return portal.evidence


@pytest.fixture(scope="module")
def session(process: Process) -> str:
    """Signed in once: the portal lets nobody try again and again."""
    return signed_in_cookie(process.http)


@pytest.fixture(params=[DESKTOP], ids=["desktop"])
def visit(
    request: pytest.FixtureRequest, browser: Browser, process: Process, session: str
) -> Iterator[Visit]:
    """Signed in; fails when the browser's console had anything to complain about."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=width < 500)
    name, _, value = session.partition("=")
    context.add_cookies([{"name": name, "value": value, "url": process.url}])
    visit = Visit(context.new_page(), process)

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            visit.complaints.append(f"{message.text} {message.location.get('url', '')}")

    visit.page.on("console", note)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.set_default_timeout(15_000)
    visit.open("/")
    yield visit
    context.close()
    assert visit.complaints == []
