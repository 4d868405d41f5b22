"""A second worker of a drill: what is wrong with how it ended, if anything."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest

from deploy.drill.schedule import Visit
from deploy.drill.troubles.visitors import Visitor
from deploy.local.folders import CHECKOUT
from deploy.local.plan import Plan, ProcessSpec
from deploy.local.stack import Stack

WAITS = "import time; time.sleep(60)"
SERVES = """
import http.server, json, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({{"stages": [{{"partitions": {partitions}}}]}}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)
host, _, port = os.environ["PLATESTREAM_HEALTH"].rpartition(":")
server = http.server.HTTPServer((host, int(port)), Page)
print(1, flush=True)
server.serve_forever()
"""
HEEDS = "import signal, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit({})); print(1, flush=True); "

Began = Callable[..., Visitor]


class OnePlates:
    """A stack whose stage `plates` is a small program."""

    def __init__(self, program: str) -> None:
        self._program = program

    def plan(self) -> Plan:
        command = [sys.executable, "-c", self._program]
        return Plan(
            run="run",
            state="state",
            processes=[ProcessSpec(name="plates", command=command, cwd=str(CHECKOUT))],
        )


@pytest.fixture
def began(tmp_path: Path) -> Iterator[Began]:
    begun: list[Visitor] = []

    def begin(program: str, *, killed: bool = False) -> Visitor:
        """Once the program has said something, or ended."""
        visit, log = Visit("plates", 0.0, 1.0, killed=killed), tmp_path / "log"
        begun.append(Visitor(cast("Stack", OnePlates(program)), visit, log=log))
        until = time.monotonic() + 20
        while not log.stat().st_size:
            assert time.monotonic() < until
            time.sleep(0.02)
        time.sleep(0.2)
        return begun[-1]

    yield begin
    for each in begun:
        each.end()


def test_one_that_loses_kafka_as_it_starts_is_one_for_its_supervisor_to_start_again(began: Began) -> None:
    visitor = began(f"print(1); raise SystemExit({os.EX_TEMPFAIL})")
    visitor.leave()
    assert visitor.ended() is None


@pytest.mark.parametrize("status", [0, 1, 2])
def test_one_that_ends_by_itself_in_any_other_way_is_told(began: Began, status: int) -> None:
    visitor = began(f"print(1); raise SystemExit({status})")
    visitor.leave()
    assert visitor.ended() == f"a second worker of plates ended by itself, status {status}"


@pytest.mark.parametrize(("status", "told"), [(0, None), (os.EX_TEMPFAIL, "75"), (2, "2")])
def test_one_that_is_asked_to_end_ends_without_an_error(began: Began, status: int, told: str | None) -> None:
    visitor = began(HEEDS.format(status) + WAITS)
    visitor.leave()
    said = f"a second worker of plates ended with status {told} when it was asked to"
    assert visitor.ended() == (None if told is None else said)


@pytest.mark.parametrize(("partitions", "took_part"), [(3, True), (0, False)])
def test_one_took_part_that_had_partitions_when_it_left(
    began: Began, partitions: int, took_part: bool
) -> None:
    visitor = began(SERVES.format(partitions=partitions), killed=True)
    visitor.leave()
    assert visitor.took_part is took_part


def test_one_that_had_not_come_up_yet_took_no_part(began: Began) -> None:
    visitor = began("print(1, flush=True); " + WAITS, killed=True)
    visitor.leave()
    assert not visitor.took_part


def test_one_that_is_killed_may_end_as_it_likes(began: Began) -> None:
    visitor = began("print(1, flush=True); " + WAITS, killed=True)
    visitor.leave()
    assert visitor.ended() is None
