"""The console script as a person calls it: its exit status, its answer, one line for what went wrong."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from deploy.cli.logs import new_text
from deploy.cli.main import COMMANDS, app
from deploy.local.identity import Identity, identify
from deploy.local.status import Phase, ProcessStatus, StackStatus, now, write_status


@dataclass(frozen=True)
class Done:
    status: int
    out: str
    err: str


@pytest.fixture
def platestream(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """The entry of the console script in this process: a new one would take a second each time."""

    def call(*words: str) -> Done:
        monkeypatch.setenv("PLATESTREAM_STATE", str(tmp_path / "state"))
        monkeypatch.setattr(sys, "argv", ["platestream", *words])
        with pytest.raises(SystemExit) as ended:
            app()
        captured = capsys.readouterr()
        # What Python itself does with the sentence that a script ends with.
        if isinstance(ended.value.code, str):
            return Done(1, captured.out, captured.err + ended.value.code + "\n")
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return call


def a_dead_stack(state: Path, *, left: Identity | None = None) -> None:
    """Its supervisor is gone. `left`: a process of it that still runs."""
    state.mkdir(parents=True)
    status = StackStatus(
        run="r",
        phase=Phase.STOPPED,
        supervisor=None,
        started_at=now(),
        processes=[ProcessStatus(name="kafka", phase=Phase.STOPPED, identity=left)],
    )
    write_status(state / "status.json", status)


def test_status_of_nothing_has_its_own_exit_status(platestream: Callable[..., Done]) -> None:
    done = platestream("status")

    assert (done.status, done.out) == (3, "no stack is running\n")


def test_status_as_json_is_one_document(platestream: Callable[..., Done], tmp_path: Path) -> None:
    a_dead_stack(tmp_path / "state")

    done = platestream("status", "--json")

    assert done.status == 3
    assert msgspec.json.decode(done.out, type=StackStatus).processes[0].name == "kafka"


def test_status_does_not_name_processes_that_have_ended(
    platestream: Callable[..., Done], tmp_path: Path
) -> None:
    a_dead_stack(tmp_path / "state", left=Identity(pid=os.getpid(), start_ticks=1, boot="another"))

    assert platestream("status").out == "no stack is running\n"


def test_status_names_what_a_killed_supervisor_left(platestream: Callable[..., Done], tmp_path: Path) -> None:
    a_dead_stack(tmp_path / "state", left=identify(os.getpid()))

    done = platestream("status")

    assert (done.status, done.out) == (
        3,
        "the supervisor is gone, and left kafka: `platestream down` ends them\n",
    )


def test_down_of_nothing_is_no_error(platestream: Callable[..., Done]) -> None:
    done = platestream("down")

    assert (done.status, done.out) == (0, "no stack was running\n")


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["logs", "cellar"], "there is no log of cellar"),
        (["up", "--port", "cellar=1"], "port 'cellar=1' is not NAME=NUMBER"),
        (["up", "--cameras", "nowhere.yml"], "there is no camera file nowhere.yml"),
        (["up", "--only", "kafak"], "no process is named kafak"),
        (["migrate"], "no stack was started in"),
        (["topics"], "no stack was started in"),
        (["replay", "--from", "noon", "--to", "2026-03-01T12:00Z"], "time 'noon': it is not of the form"),
        (
            ["replay", "--from", "2026-03-01T12:05", "--to", "2026-03-01T12:00Z"],
            "--to '2026-03-01T12:00Z': it is before --from '2026-03-01T12:05'",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_a_failure(
    platestream: Callable[..., Done], words: list[str], line: str
) -> None:
    done = platestream(*words)

    assert done.status == 1
    assert len(done.err.strip().splitlines()) == 1
    assert done.err.startswith(f"platestream: {line}")


@pytest.mark.parametrize("words", [["status"], ["up"], ["down"]])
def test_a_state_folder_that_is_none_is_named(
    platestream: Callable[..., Done], tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "state").touch()

    done = platestream(*words)

    assert done.status == 1
    [line] = done.err.splitlines()
    assert line.startswith(f"platestream: {tmp_path / 'state'}")


@pytest.mark.parametrize("words", [["status"], ["up"], ["down"]])
def test_a_status_that_a_power_cut_left_empty_is_named_with_what_to_do(
    platestream: Callable[..., Done], tmp_path: Path, words: list[str]
) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "status.json").touch()

    done = platestream(*words)

    assert done.status == 1
    [line] = done.err.splitlines()
    assert line.startswith(f"platestream: {tmp_path / 'state' / 'status.json'} is no status of a stack")
    assert line.endswith("remove it if nothing of the stack runs")


def test_a_plan_that_is_damaged_is_named(platestream: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "plan.json").write_text("{")

    assert platestream("migrate").err.startswith(
        f"platestream: {tmp_path / 'state' / 'plan.json'} is no plan"
    )


def test_every_command_explains_itself(platestream: Callable[..., Done]) -> None:
    done = platestream("--help")

    assert done.status == 0
    assert all(command in done.out for command in COMMANDS)


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


def test_a_letter_that_comes_in_two_parts_is_one_letter(tmp_path: Path) -> None:
    log = tmp_path / "stage.log"
    log.touch()
    following = new_text(log, place=0)

    with log.open("ab", buffering=0) as writer:
        writer.write("±".encode()[:1])
        assert next(following) == ""
        writer.write("±".encode()[1:])
        assert next(following) == "±"


@pytest.mark.parametrize(("wanted", "shown"), [("0", ""), ("2", "two\nthree\n"), ("9", "one\ntwo\nthree\n")])
def test_logs_shows_so_many_of_the_last_lines(
    platestream: Callable[..., Done], tmp_path: Path, wanted: str, shown: str
) -> None:
    logs = tmp_path / "state" / "logs"
    logs.mkdir(parents=True)
    (logs / "rows.log").write_text("one\ntwo\nthree\n")

    assert platestream("logs", "rows", "-n", wanted).out == shown
    assert platestream("logs", "rows", "-n", "-1").status == 2


def test_schema_writes_the_contracts_where_it_is_told(
    platestream: Callable[..., Done], tmp_path: Path
) -> None:
    done = platestream("schema", str(tmp_path / "contracts"))

    assert done.status == 0
    assert str(tmp_path / "contracts" / "plates.schema.json") in done.out.splitlines()
    assert (tmp_path / "contracts" / "asyncapi.json").is_file()
