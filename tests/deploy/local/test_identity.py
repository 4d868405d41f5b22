"""Which process is ours."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import msgspec
import pytest

from deploy.local.supervision.identity import RUN_VARIABLE, Identity, end_all, identify, is_alive, marked


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, env={**os.environ, RUN_VARIABLE: "run-of-a-test"}) as process:
        yield process
        process.kill()


def identity_of(process: subprocess.Popen[bytes]) -> Identity:
    identity = identify(process.pid)
    assert identity is not None
    return identity


def test_a_process_is_itself_until_it_ends(sleeper: subprocess.Popen[bytes]) -> None:
    identity = identity_of(sleeper)
    assert is_alive(identity)

    sleeper.kill()
    sleeper.wait()

    assert not is_alive(identity)


def test_a_process_that_nobody_waited_for_counts_as_ended(sleeper: subprocess.Popen[bytes]) -> None:
    identity = identity_of(sleeper)

    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)

    assert not is_alive(identity)


def test_a_stranger_with_a_reused_id_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    stranger = identity_of(sleeper)
    recorded = msgspec.structs.replace(stranger, start_ticks=stranger.start_ticks - 1)

    end_all(lambda: [one for one in [recorded] if is_alive(one)], grace_sec=0.1)

    assert sleeper.poll() is None


def test_a_process_is_found_by_its_mark_and_ended(sleeper: subprocess.Popen[bytes]) -> None:
    identity = identity_of(sleeper)
    assert marked("run-of-a-test") == [identity]

    ended = end_all(lambda: marked("run-of-a-test"), grace_sec=5)

    assert ended == [identity]
    assert sleeper.wait(timeout=5) != 0


def test_the_mark_of_another_run_is_not_ours(sleeper: subprocess.Popen[bytes]) -> None:
    assert identity_of(sleeper) not in marked("run-of-a")
