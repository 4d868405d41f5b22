"""A process of a drill that stands still and goes on."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.drill.troubles.frozen import Frozen
from deploy.local.supervision.identity import Identity, identify


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


def identity(process: subprocess.Popen[bytes]) -> Identity:
    found = identify(process.pid)
    assert found is not None
    return found


def test_it_stands_still_until_it_is_let_go(process: subprocess.Popen[bytes]) -> None:
    frozen = Frozen(identity(process))
    assert soon(process, still=True)
    assert frozen.thaw()
    assert soon(process, still=False)


def test_one_that_was_killed_meanwhile_does_not_go_on(process: subprocess.Popen[bytes]) -> None:
    frozen = Frozen(identity(process))
    process.kill()
    process.wait()
    assert not frozen.thaw()
