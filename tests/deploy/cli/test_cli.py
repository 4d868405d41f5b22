"""The console script as a person calls it: its exit status, its answer, one line for what went wrong."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from deploy.cli.main import COMMANDS
from deploy.local.plan import Plan, write_plan
from deploy.local.supervision.identity import Identity, identify
from deploy.local.supervision.status import Phase, ProcessStatus, StackStatus, now, write_status
from tests.deploy.conftest import Done


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


def a_running_stack(state: Path, *processes: ProcessStatus) -> None:
    """Of which this process is the supervisor; it has no Kafka."""
    state.mkdir(parents=True)
    status = StackStatus(
        run="r",
        phase=Phase.READY,
        supervisor=identify(os.getpid()),
        started_at=now(),
        processes=[*processes],
    )
    write_status(state / "status.json", status)
    write_plan(state / "plan.json", Plan(run="r", state=str(state), processes=[]))


def test_in_a_pipe_every_process_has_one_line(platestream: Callable[..., Done], tmp_path: Path) -> None:
    ports = {"http": 41001, "grpc": 41002, "metrics": 41003}
    triton = ProcessStatus(
        name="triton",
        phase=Phase.READY,
        identity=identify(os.getpid()),
        ports=ports,
        restarts=12,
        last_exit="killed by signal 9",
    )
    a_running_stack(tmp_path / "state", triton)

    done = platestream("status")

    _, line, portal = done.out.splitlines()
    assert line.split()[:3] == ["triton", "ready", "http"]
    assert line.rstrip().endswith("12  killed by signal 9")
    assert portal == "no portal in this stack"


def test_a_replay_without_a_broker_says_so(
    platestream: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLATESTREAM_KAFKA", raising=False)
    a_running_stack(tmp_path / "state")

    done = platestream("replay", "--from", "2026-03-01T12:00Z", "--to", "2026-03-01T12:05Z")

    assert (done.status, done.err) == (
        1,
        "platestream: no broker is named (PLATESTREAM_KAFKA) and the local stack has none\n",
    )


def test_every_command_explains_itself(platestream: Callable[..., Done]) -> None:
    done = platestream("--help")

    assert done.status == 0
    assert all(command in done.out for command in COMMANDS)


def test_schema_writes_the_contracts_where_it_is_told(
    platestream: Callable[..., Done], tmp_path: Path
) -> None:
    done = platestream("schema", str(tmp_path / "contracts"))

    assert done.status == 0
    assert str(tmp_path / "contracts" / "plates.schema.json") in done.out.splitlines()
    assert (tmp_path / "contracts" / "asyncapi.json").is_file()
