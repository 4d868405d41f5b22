"""The supervisor with small real processes: order, restarts, and that nothing is ever left."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.plan import Probe
from deploy.local.ports import HOST, free_ports
from deploy.local.stack import Stack
from deploy.local.supervision import leftovers
from deploy.local.supervision.identity import Identity, is_alive, marked
from deploy.local.supervision.rotation import rotate_large
from deploy.local.supervision.status import Phase, StackStatus, read_status
from tests.deploy.local.builders import a_process, a_state, all_up, supervised, wait_for

TICKS = "import time; print('x', flush=True); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys, time;"
    "subprocess.Popen([sys.executable, '-c', 'import os, time; os.setsid(); time.sleep(600)']);"
    "time.sleep(600)"
)
HANGING = """
import http.server, pathlib, sys
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if pathlib.Path(sys.argv[2]).exists() else 200)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Page).serve_forever()
"""


def identity_of(status: StackStatus, name: str) -> Identity:
    process = status.find(name)
    assert process is not None
    assert process.identity is not None
    return process.identity


def test_a_process_that_dies_is_started_again_and_the_status_says_so(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage"))
    with supervised(state):
        first = identity_of(wait_for(state, all_up), "stage")

        os.kill(first.pid, signal.SIGKILL)

        again = wait_for(state, lambda status: all_up(status) and identity_of(status, "stage") != first)
        process = again.find("stage")
        assert process is not None
        assert process.restarts == 1
        assert process.last_exit == "killed by signal 9"


def test_a_process_that_keeps_dying_waits_longer_each_time(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage", "raise SystemExit(3)"))
    with supervised(state):
        pauses = [pause_before(state, restart) for restart in (1, 2, 3)]
        status = wait_for(state, lambda status: status.processes[0].restarts == 3)

    assert status.processes[0].last_exit == "exit status 3"
    assert [(how, count >= 3) for how, count in status.processes[0].exits.items()] == [
        ("exit status 3", True)
    ]
    assert pauses[0] < pauses[1] < pauses[2]


def pause_before(state: State, restart: int) -> float:
    """How long the only process of the stack is made to wait before its so-manieth restart."""

    def pausing(status: StackStatus) -> bool:
        process = status.processes[0]
        return process.phase is Phase.PAUSING and process.restarts == restart - 1

    process = wait_for(state, pausing).processes[0]
    assert process.next_start_at is not None
    assert process.last_exit_at is not None
    return (process.next_start_at - process.last_exit_at).total_seconds()


def test_what_depends_on_a_task_waits_until_the_task_is_done(tmp_path: Path) -> None:
    flag = tmp_path / "flag"
    task = a_process("task", f"import time; time.sleep(0.3); open({str(flag)!r}, 'w').close()", once=True)
    program = f"import os, time; assert os.path.exists({str(flag)!r}); time.sleep(600)"
    state = a_state(tmp_path / "state", a_process("needy", program, after=["task"]), task)
    with supervised(state):
        status = wait_for(state, all_up)

    assert [process.restarts for process in status.processes] == [0, 0]


def test_nothing_is_left_after_an_orderly_end(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("family", WITH_CHILD), a_process("plain"))
    with supervised(state):
        status = wait_for(state, lambda status: all_up(status) and len(marked(status.run)) == 3)

    assert marked(status.run) == []


def test_nothing_is_left_after_the_supervisor_was_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leftovers, "GRACE_SEC", 0.5)
    family = a_process("family", WITH_CHILD)
    state = a_state(tmp_path / "state", family, a_process("stubborn", STUBBORN))
    with supervised(state) as supervisor:
        status = wait_for(state, lambda status: all_up(status) and len(marked(status.run)) == 3)
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()

        ended = Stack(state, Options()).down()

    assert not ended.was_running
    assert ended.leftovers >= 1
    assert marked(status.run) == []


def test_children_die_with_a_killed_supervisor_without_anybody_calling_down(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage"))
    with supervised(state) as supervisor:
        stage = identity_of(wait_for(state, all_up), "stage")
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()

        deadline = time.monotonic() + 10
        while is_alive(stage) and time.monotonic() < deadline:
            time.sleep(0.01)

    assert not is_alive(stage)


def test_a_second_supervisor_is_refused(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage", TICKS))
    with supervised(state):
        first = wait_for(state, all_up)
        with supervised(state) as second:
            assert second.wait(timeout=20) == 1

        assert is_alive(identity_of(first, "stage"))
    assert "another supervisor" in state.log_of("supervisor").read_text()


def test_output_goes_to_the_log_of_the_process(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage", "import sys; print('out'); sys.exit('err')"))
    with supervised(state):
        wait_for(state, lambda status: status.processes[0].last_exit is not None)

    assert state.log_of("stage").read_text().split()[:2] in (["out", "err"], ["err", "out"])


def test_a_process_that_lives_and_is_not_well_is_shown_so_and_not_ended(tmp_path: Path) -> None:
    ill = tmp_path / "ill"
    port = free_ports(["page"])["page"]
    page = a_process("page", probe=Probe(host=HOST, port=port, path="/healthz"), watch_every_sec=0.1)
    command = [*page.command[:2], HANGING, str(port), str(ill)]
    state = a_state(tmp_path / "state", msgspec.structs.replace(page, command=command))
    with supervised(state):
        before = wait_for(state, all_up)

        ill.touch()
        during = wait_for(state, lambda status: not status.processes[0].answers)
        ill.unlink()
        after = wait_for(state, lambda status: status.processes[0].answers)

    identities = {status.processes[0].identity for status in (before, during, after)}
    assert len(identities) == 1


def test_a_large_log_is_set_aside_and_its_writer_goes_on(tmp_path: Path) -> None:
    log = tmp_path / "stage.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 100)
        rotate_large(tmp_path, largest_bytes=200)
        writer.write(b"new")

    assert log.read_bytes() == b"new"
    assert (tmp_path / "stage.log.1").read_bytes() == b"old" * 100


def test_a_status_that_cannot_be_written_ends_nothing(tmp_path: Path) -> None:
    state = a_state(tmp_path / "state", a_process("stage", TICKS))
    with supervised(state) as supervisor:
        first = identity_of(wait_for(state, all_up), "stage")
        wait_until(lambda: "x" in state.log_of("stage").read_text())
        # As on a full disk: writing fails from now on.
        state.status.unlink()
        state.status.mkdir()
        (state.status / "in the way").touch()

        os.kill(first.pid, signal.SIGKILL)
        wait_until(lambda: state.log_of("stage").read_text().count("x") == 2)

        assert supervisor.poll() is None
        (state.status / "in the way").unlink()
        state.status.rmdir()
    told = state.log_of("supervisor").read_text()
    assert told.count("cannot be written") == 1
    assert "Traceback" not in told
    ended = read_status(state.status)
    assert ended is not None
    assert ended.phase is Phase.STOPPED


def wait_until(holds: Callable[[], bool], within_sec: float = 20.0) -> None:
    deadline = time.monotonic() + within_sec
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
