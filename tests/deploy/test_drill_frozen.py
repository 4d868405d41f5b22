"""A process of a drill that stands still and goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.drill.frozen import Frozen
from deploy.local.identity import identify


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as started:
        yield started
        started.kill()


def stands_still(process: subprocess.Popen[bytes]) -> bool:
    state = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "T"


def soon(process: subprocess.Popen[bytes], *, still: bool) -> bool:
    deadline = time.monotonic() + 10
    while stands_still(process) != still and time.monotonic() < deadline:
        time.sleep(0.01)
    return stands_still(process) == still


def test_it_stands_still_until_it_is_let_go(process: subprocess.Popen[bytes]) -> None:
    frozen = Frozen(identify(process.pid))
    assert soon(process, still=True)
    frozen.thaw()
    assert soon(process, still=False)


def test_one_that_was_killed_meanwhile_or_is_not_there_is_let_be(process: subprocess.Popen[bytes]) -> None:
    frozen = Frozen(identify(process.pid))
    process.kill()
    process.wait()
    frozen.thaw()
    Frozen(None).thaw()
