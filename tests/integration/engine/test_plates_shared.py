"""Two workers of the stage `plates`, as they are started, share the cameras; one goes while vehicles pass."""

from __future__ import annotations

import signal

import pytest

from tests.integration.engine.sharing import AFTER, BEFORE, CAMERAS, Sharing, ids, texts, wait_until

pytestmark = pytest.mark.timeout(240)


@pytest.mark.parametrize("goes_by", [signal.SIGTERM, signal.SIGKILL], ids=["told to end", "killed"])
def test_what_two_workers_give_is_what_one_gives_though_one_of_them_goes(
    sharing: Sharing, goes_by: signal.Signals
) -> None:
    expected = texts(sharing.expected.values())
    assert len(expected) == 2 * CAMERAS
    sharing.start()
    sharing.start()
    wait_until(lambda: sharing.shares() == [6, 6])
    sharing.send(BEFORE)
    wait_until(lambda: ids(sharing.events("preview")) == set(expected))
    assert len(ids(sharing.events("final"))) < len(expected)

    gone, left = sharing.workers
    gone.send_signal(goes_by)
    sharing.send(AFTER)
    wait_until(lambda: len(ids(sharing.events("final"))) >= len(expected))
    left.send_signal(signal.SIGTERM)
    assert (gone.wait(20), left.wait(20)) == (-goes_by if goes_by == signal.SIGKILL else 0, 0)

    finals = sharing.events("final")
    assert texts(finals) == expected
    assert ids(sharing.events("preview")) == set(expected)
    if goes_by == signal.SIGTERM:
        assert len(finals) == len(expected)
