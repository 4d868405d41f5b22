"""The console script as a person calls it: a process, its exit status, one line for what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from deploy.cli.logs import new_text
from deploy.cli.main import COMMANDS
from deploy.local.folders import CHECKOUT
from deploy.local.status import Phase, ProcessStatus, StackStatus, now, write_status


def platestream(state: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", *words],
        cwd=CHECKOUT,
        env={**os.environ, "PLATESTREAM_STATE": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


def a_dead_stack(state: Path) -> None:
    state.mkdir(parents=True)
    status = StackStatus(
        run="r",
        phase=Phase.STOPPED,
        supervisor=None,
        started_at=now(),
        processes=[ProcessStatus(name="kafka", phase=Phase.STOPPED)],
    )
    write_status(state / "status.json", status)


def test_status_of_nothing_has_its_own_exit_status(tmp_path: Path) -> None:
    done = platestream(tmp_path / "state", "status")

    assert (done.returncode, done.stdout) == (3, "no stack is running\n")


def test_status_as_json_is_one_document(tmp_path: Path) -> None:
    a_dead_stack(tmp_path / "state")

    done = platestream(tmp_path / "state", "status", "--json")

    assert done.returncode == 3
    assert msgspec.json.decode(done.stdout, type=StackStatus).processes[0].name == "kafka"


def test_down_of_nothing_is_no_error(tmp_path: Path) -> None:
    done = platestream(tmp_path / "state", "down")

    assert (done.returncode, done.stdout) == (0, "no stack was running\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["logs", "cellar"], "there is no log of cellar"),
        (["up", "--port", "cellar=1"], "port 'cellar=1' is not NAME=NUMBER"),
        (["up", "--cameras", "nowhere.yml"], "there is no camera file nowhere.yml"),
        (["up", "--only", "kafak"], "no process is named kafak"),
        (["migrate"], "no stack was started in"),
        (["topics"], "no stack was started in"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_failure(tmp_path: Path, words: list[str], line: str) -> None:
    done = platestream(tmp_path / "state", *words)

    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith(f"platestream: {line}")


def test_every_command_explains_itself(tmp_path: Path) -> None:
    done = platestream(tmp_path / "state", "--help")

    assert done.returncode == 0
    assert all(command in done.stdout for command in COMMANDS)


def test_a_log_is_followed_across_its_emptying(tmp_path: Path) -> None:
    log = tmp_path / "stage.log"
    log.write_text("a first line\n")
    following = new_text(log, place=log.stat().st_size)

    with log.open("a") as writer:
        writer.write("second\n")
        writer.flush()
        assert next(following) == "second\n"

        os.truncate(log, 0)
        writer.write("third\n")
        writer.flush()
        assert next(following) == "third\n"
