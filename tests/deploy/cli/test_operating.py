"""A small stack as an operator runs it from a terminal: up, status, logs, down, and up that stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from deploy.local.folders import CHECKOUT
from deploy.local.supervision.identity import is_alive, marked
from deploy.local.supervision.status import StackStatus, read_status

WITHIN_SEC = 120.0

Platestream = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def platestream(state: Path) -> Iterator[Platestream]:
    """Begins a command. No stack is left behind."""
    named = {name: value for name, value in os.environ.items() if not name.startswith("PLATESTREAM_")}

    def begin(*words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "deploy.cli.main", *words],
            cwd=CHECKOUT,
            env={**named, "PLATESTREAM_STATE": str(state)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    yield begin
    begin("down").communicate(timeout=WITHIN_SEC)


@pytest.fixture
def done(platestream: Platestream) -> Callable[..., tuple[int, str, str]]:
    """Exit status, answer and errors of a command."""

    def call(*words: str) -> tuple[int, str, str]:
        process = platestream(*words)
        out, error = process.communicate(timeout=WITHIN_SEC)
        return process.returncode, out, error

    return call


def wait_until_it_stays(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert any("Ctrl-C ends the stack" in line for line in process.stdout)


def test_a_stack_is_started_looked_at_and_ended(
    done: Callable[..., tuple[int, str, str]], state: Path
) -> None:
    assert done("up", "--only", "postgres") == (0, "", "postgres: ready\n")
    started = read_status(state / "status.json")
    assert started is not None

    status, told, _ = done("status")
    assert status == 0
    assert told.splitlines()[1].split()[:2] == ["postgres", "ready"]
    status, told, _ = done("status", "--json")
    assert status == 0
    assert msgspec.json.decode(told, type=StackStatus).run == started.run
    assert "ready to accept connections" in done("logs", "postgres")[1]
    assert done("up", "--only", "postgres")[:2] == (1, "")

    assert done("down") == (0, "the stack is down\n", "")
    assert marked(started.run) == []
    assert done("status") == (3, "no stack is running\n", "")
    assert done("down") == (0, "no stack was running\n", "")


def test_a_stack_in_the_foreground_ends_with_ctrl_c(platestream: Platestream, state: Path) -> None:
    staying = platestream("up", "--only", "postgres", "--foreground")
    wait_until_it_stays(staying)
    started = read_status(state / "status.json")
    assert started is not None

    staying.send_signal(signal.SIGINT)

    staying.communicate(timeout=WITHIN_SEC)
    assert staying.returncode == 0
    assert marked(started.run) == []


def test_a_command_in_the_foreground_ends_when_its_stack_is_ended_from_outside(
    platestream: Platestream, done: Callable[..., tuple[int, str, str]]
) -> None:
    staying = platestream("up", "--only", "postgres", "--foreground")
    wait_until_it_stays(staying)

    assert done("down")[0] == 0

    _, error = staying.communicate(timeout=WITHIN_SEC)
    assert staying.returncode == 1
    assert error.splitlines()[-1] == "platestream: the stack was ended from outside"


def test_a_command_in_the_foreground_ends_what_a_killed_supervisor_left(
    platestream: Platestream, state: Path
) -> None:
    staying = platestream("up", "--only", "postgres", "--foreground")
    wait_until_it_stays(staying)
    started = read_status(state / "status.json")
    assert started is not None
    assert started.supervisor is not None
    assert is_alive(started.supervisor)

    os.kill(started.supervisor.pid, signal.SIGKILL)

    staying.communicate(timeout=WITHIN_SEC)
    assert staying.returncode == 1
    assert marked(started.run) == []
