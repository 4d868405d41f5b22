"""The portal's own process under gunicorn and gevent: streams, health, a database that comes back."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local.folders import CHECKOUT
from deploy.local.ports import HOST
from tests.webapp.builders import insert_passage, notify
from tests.webapp.conftest import Portal, a_free_port
from tests.webapp.process import Process, environment, frozen_server, get, portal_process, signed_in_cookie
from webapp.settings import Address

WITHIN_SEC = 10


@pytest.fixture(scope="module")
def process(portal: Portal, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with portal_process(portal.settings, tmp_path_factory.mktemp("process")) as running:
        yield running


class Board:
    """An open stream."""

    def __init__(self, process: Process, cookie: str, *, after: int = 0) -> None:
        self.connection = http.client.HTTPConnection(process.http.host, process.http.port, timeout=WITHIN_SEC)
        self.connection.request("GET", f"/live?after={after}", headers={"Cookie": cookie})
        self.answer = self.connection.getresponse()

    def read_until(self, wanted: str) -> str:
        text, end = "", time.monotonic() + WITHIN_SEC
        while wanted not in text:
            assert time.monotonic() < end, text
            text += self.answer.readline().decode()
        return text

    def close(self) -> None:
        self.answer.close()
        self.connection.close()


def test_a_notification_reaches_every_open_board(portal: Portal, process: Process) -> None:
    cookie = signed_in_cookie(process.http)
    with closing(Board(process, cookie)) as one, closing(Board(process, cookie)) as other:
        for board in (one, other):
            board.read_until("event: ready")
        event_id = insert_passage(portal.connection, "KA05MJ4410")
        began = time.monotonic()
        notify(portal.connection, event_id)

        for board in (one, other):
            board.read_until(f"p-{event_id}")

    assert time.monotonic() - began < 1


def test_many_boards_leave_the_pages_quick(portal: Portal, process: Process) -> None:
    cookie = signed_in_cookie(process.http)
    boards = [Board(process, cookie) for _ in range(60)]
    for board in boards:
        board.read_until("event: ready")

    connection = http.client.HTTPConnection(process.http.host, process.http.port, timeout=5)
    began = time.monotonic()
    connection.request("GET", "/search", headers={"Cookie": cookie})
    status = connection.getresponse().status
    took = time.monotonic() - began
    connection.close()
    for board in boards:
        board.close()

    assert status == 200
    assert took < 1


def test_boards_catch_up_when_the_database_was_away(portal: Portal, process: Process) -> None:
    cookie = signed_in_cookie(process.http)
    with closing(Board(process, cookie)) as board:
        board.read_until("event: ready")
        # Every connection of the portal is cut, and what is stored meanwhile is not announced to it.
        portal.connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        event_id = insert_passage(portal.connection, "GJ01WT8890")

        text = board.read_until("event: back")

    assert "event: away" in text
    assert f"p-{event_id}" in text


def test_a_frozen_database_is_told_on_boards_and_pages_within_seconds(
    portal: Portal, process: Process
) -> None:
    cookie = signed_in_cookie(process.http)
    with closing(Board(process, cookie)) as board:
        board.read_until("event: ready")
        with frozen_server(portal.connection):
            began = time.monotonic()
            status, text = get(process, "/search?plate=KA05", cookie)
            took_sec = time.monotonic() - began
            board.read_until("event: away")

        board.read_until("event: back")
        back, _ = get(process, "/search?plate=KA05", cookie)

    assert status == 503
    assert "The database is away" in text
    assert took_sec < WITHIN_SEC
    assert back == 200


def test_measures_are_on_a_port_of_their_own(process: Process) -> None:
    connection = http.client.HTTPConnection(process.health.host, process.health.port, timeout=5)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()

    assert "platestream_uploads_refused_total" in text


def test_a_wrong_setting_ends_the_process_with_one_line(portal: Portal, tmp_path: Path) -> None:
    broken = replace(portal.settings, secrets=tmp_path, http=Address(HOST, a_free_port()))
    ended = subprocess.run(
        [sys.executable, "-m", "webapp"],
        env=environment(broken) | {"PLATESTREAM_HEALTH": ""},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode != 0
    assert "session key" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_no_password_is_in_the_log(portal: Portal, process: Process) -> None:
    signed_in_cookie(process.http)

    log = process.log.read_text()
    assert "signed in" in log
    assert "correct horse" not in log
