"""The stack with a real server: up, refused twice, down, and what a person is told."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from rich.console import Console

from contracts.errors import Stop
from deploy.demo.options import options_from
from deploy.demo.run import run_demo
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.stack import Stack, empty_folder
from deploy.local.supervision import leftovers
from deploy.local.supervision.identity import environment_of, marked
from deploy.local.supervision.probes import is_ready
from deploy.local.supervision.status import Phase, StackStatus

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(
        State(tmp_path_factory.mktemp("stack")),
        Options(processes=("postgres",), die_with_parent=True),
        ENVIRONMENT,
    )
    stack.up()
    yield stack
    stack.down()


def test_a_real_database_answers_the_question_whether_it_takes_sessions(stack: Stack) -> None:
    database = stack.plan().processes[0]
    assert database.probe is not None
    assert asyncio.run(is_ready(database.probe))


def test_what_processes_put_aside_lies_in_the_state_folder_and_goes_at_the_next_start(
    stack: Stack,
) -> None:
    status = stack.status()
    assert status is not None
    assert status.supervisor is not None
    mark = f"TMPDIR={stack.state.temporary}".encode()
    assert mark in environment_of(status.supervisor.pid)

    (stack.state.temporary / "left").touch()
    empty_folder(stack.state.temporary)

    assert list(stack.state.temporary.iterdir()) == []


def test_empty_folders_that_a_killed_triton_left_are_removed_and_no_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("python_env_abc123", "python_env_used00", "other"):
        (tmp_path / name).mkdir()
    (tmp_path / "python_env_used00" / "file").touch()
    monkeypatch.setattr(leftovers, "TRITON_FOLDERS", (tmp_path, "python_env_??????"))

    monkeypatch.setattr(leftovers, "name_of", lambda _pid: "tritonserver")
    leftovers.remove_triton_folders()
    assert (tmp_path / "python_env_abc123").exists()

    monkeypatch.setattr(leftovers, "name_of", lambda _pid: "python")
    leftovers.remove_triton_folders()
    assert {path.name for path in tmp_path.iterdir()} == {"python_env_used00", "other"}


def test_what_is_up_can_be_used(stack: Stack) -> None:
    with psycopg.connect(stack.variables()["PLATESTREAM_DATABASE"]) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_up_is_refused_with_one_line(stack: Stack) -> None:
    with pytest.raises(Stop, match=r"^a stack already runs in .*platestream status"):
        Stack(stack.state, Options(), ENVIRONMENT).up()


def test_a_demo_beside_a_running_stack_is_refused_and_leaves_it_alone(stack: Stack) -> None:
    with pytest.raises(Stop, match=r"^a stack already runs in "):
        run_demo(options_from({}), stack.state, Console(quiet=True))

    test_what_is_up_can_be_used(stack)


def test_a_server_that_was_killed_comes_back_with_its_data(stack: Stack) -> None:
    uri = stack.variables()["PLATESTREAM_DATABASE"]
    with psycopg.connect(uri) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    before = stack.status()
    assert before is not None
    assert before.processes[0].identity is not None

    os.kill(before.processes[0].identity.pid, signal.SIGKILL)

    with connected_again(uri) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    after = stack.status()
    assert after is not None
    assert after.processes[0].restarts == 1


def test_down_of_nothing_says_so(tmp_path: Path) -> None:
    ended = Stack(State(tmp_path), Options(), ENVIRONMENT).down()

    assert not ended.was_running
    assert ended.leftovers == 0


def test_after_the_supervisor_was_killed_down_and_up_work(tmp_path: Path) -> None:
    stack = Stack(State(tmp_path / "s"), Options(processes=("postgres",), die_with_parent=True), ENVIRONMENT)
    status = stack.up()
    assert status.supervisor is not None

    os.kill(status.supervisor.pid, signal.SIGKILL)
    stack.down()

    assert marked(status.run) == []
    again = stack.up()
    assert again.phase is Phase.READY
    stack.down()
    assert marked(again.run) == []


def test_of_several_that_start_at_once_one_runs_and_the_others_are_refused(tmp_path: Path) -> None:
    options = Options(processes=("postgres",), die_with_parent=True)
    stacks = [Stack(State(tmp_path / "s"), options, ENVIRONMENT) for _ in range(4)]

    def start(stack: Stack) -> StackStatus | str:
        try:
            return stack.up()
        except Stop as reason:
            return str(reason)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(start, stacks))

    [(winner, status)] = [
        (stack, answer)
        for stack, answer in zip(stacks, answers, strict=True)
        if isinstance(answer, StackStatus)
    ]
    assert [isinstance(each, str) and "already runs" in each for each in answers].count(True) == 3
    assert winner.down().was_running
    assert marked(status.run) == []


def test_whoever_started_a_stack_does_not_end_the_next_one(tmp_path: Path) -> None:
    state, options = State(tmp_path / "s"), Options(processes=("postgres",), die_with_parent=True)
    first, second = Stack(state, options, ENVIRONMENT), Stack(state, options, ENVIRONMENT)
    assert first.up().run == first.own_status().run

    assert Stack(state, Options(), ENVIRONMENT).down().was_running
    with pytest.raises(Stop, match=r"^the stack was ended from outside$"):
        first.own_status()

    run = second.up().run
    with pytest.raises(Stop, match=r"^the stack was ended from outside$"):
        first.own_status()
    assert not first.down().was_running
    assert second.own_status().run == run
    assert second.down().was_running
    assert marked(run) == []


def test_down_waits_for_a_supervisor_that_has_told_nothing_yet(stack: Stack) -> None:
    kept = stack.state.status.read_bytes()
    stack.state.status.unlink()

    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(stack._status_of_one_that_starts)
        signal.sigtimedwait([], 0.3)
        assert not status.done()
        stack.state.status.write_bytes(kept)

    found = status.result()
    assert found is not None
    assert found.run == stack.plan().run


def connected_again(uri: str) -> psycopg.Connection:
    for _ in range(200):
        try:
            return psycopg.connect(uri, connect_timeout=1)
        except psycopg.OperationalError:
            signal.sigtimedwait([], 0.1)
    raise AssertionError("the server did not come back")
