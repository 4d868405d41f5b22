"""The portal as it is really run: `python -m webapp` in its own process."""

from __future__ import annotations

import http.client
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
import psycopg

from deploy.local.folders import CHECKOUT
from tests.integration.servers import running
from tests.webapp.conftest import NAME, PASSWORD, a_free_port
from webapp.settings import Address, Settings


@dataclass(frozen=True)
class Process:
    """Where it listens, and the file of its log."""

    http: Address
    health: Address
    log: Path

    @property
    def url(self) -> str:
        return f"http://{self.http}"


@contextmanager
def portal_process(settings: Settings, folder: Path) -> Iterator[Process]:
    """Runs until the block ends."""
    settings = replace(settings, health=Address(settings.http.host, a_free_port()))
    assert settings.health is not None
    process = Process(settings.http, settings.health, folder / "webapp.log")
    with running(
        [sys.executable, "-m", "webapp"], port=settings.http.port, log=process.log, env=environment(settings)
    ):
        yield process


def environment(settings: Settings) -> dict[str, str]:
    return {
        "PYTHONPATH": str(CHECKOUT),
        "PLATESTREAM_HTTP": str(settings.http),
        "PLATESTREAM_HEALTH": str(settings.health),
        "PLATESTREAM_DATABASE": settings.database,
        "PLATESTREAM_KAFKA": settings.kafka,
        "PLATESTREAM_EVIDENCE": settings.evidence,
        "PLATESTREAM_UPLOADS": settings.uploads,
        "PLATESTREAM_SECRETS": str(settings.secrets),
        "PLATESTREAM_OWNER_KEY_FILE": str(settings.owner_key_file),
    }


def signed_in_cookie(address: Address) -> str:
    """Signs in as a browser does, with the form's token."""
    connection = http.client.HTTPConnection(address.host, address.port, timeout=10)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    page = answer.read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token is not None
    form = urlencode({"name": NAME, "password": PASSWORD, "csrf_token": token.group(1)})
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    connection.request(
        "POST", "/sign-in", form, {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    )
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 302
    connection.close()
    return str(answer.headers["Set-Cookie"]).partition(";")[0]


def get(process: Process, path: str, cookie: str) -> tuple[int, str]:
    """Status and text of a page."""
    connection = http.client.HTTPConnection(process.http.host, process.http.port, timeout=30)
    try:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@contextmanager
def frozen_server(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """PostgreSQL with all its sessions stands still: connected, acknowledging, silent."""
    main = psutil.Process(connection.info.backend_pid).parent()
    assert main is not None
    frozen = [main, *main.children()]
    for each in frozen:
        each.suspend()
    try:
        yield
    finally:
        for each in frozen:
            each.resume()
