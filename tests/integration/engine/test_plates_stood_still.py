"""A worker of the stage `plates` that stands still while vehicles pass, and then goes on."""

from __future__ import annotations

import signal
import time

import pytest

from tests.integration.engine.sharing import BEFORE, Sharing, ids, wait_until

ON_ITS_WAY, AFTER = slice(BEFORE.stop, BEFORE.stop + 10), slice(BEFORE.stop + 10, None)
"""Of the rest; at the end of the first part the second vehicle is still in view."""

STOOD_SEC = 12.0
"""Longer than a worker may be unheard of by its group, and than a camera is silent until its open passages
are given."""

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("workers", [1, 2], ids=["nobody took its cameras", "another one took its cameras"])
def test_a_worker_that_stood_still_gives_no_final_of_less_than_the_whole_passage(
    sharing: Sharing, workers: int
) -> None:
    expected = {event_id: event.frames for event_id, event in sharing.expected.items()}
    everyone = [len(sharing.streets) // workers] * workers
    for _ in range(workers):
        sharing.start()
    wait_until(lambda: sharing.shares() == everyone)
    sharing.send(BEFORE)
    wait_until(lambda: ids(sharing.events("preview")) == set(expected))

    still = sharing.workers[0]
    still.send_signal(signal.SIGSTOP)
    # What the broker has by then is on its way to the worker that stands still, and no more.
    sharing.send(ON_ITS_WAY)
    time.sleep(0.5)
    sharing.send(AFTER)
    time.sleep(STOOD_SEC)
    if workers > 1:
        wait_until(lambda: ids(sharing.events("final")) == set(expected))
    else:
        assert ids(sharing.events("final")) != set(expected)
    still.send_signal(signal.SIGCONT)

    wait_until(lambda: ids(sharing.events("final")) == set(expected) and sharing.shares() == everyone)
    for worker in sharing.workers:
        worker.send_signal(signal.SIGTERM)
    assert {worker.wait(20) for worker in sharing.workers} == {0}
    assert {(each.event_id, each.frames) for each in sharing.events("final")} == set(expected.items())
