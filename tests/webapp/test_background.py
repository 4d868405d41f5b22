"""Work beside the requests: what breaks it off does not end it, and silence is noticed."""

from __future__ import annotations

import logging

import pytest

from tests.webapp.conftest import Portal
from webapp.background import Pulse, keep_on
from webapp.health import Wellness


class Enough(BaseException):
    """Ends what would go on for ever."""


def test_a_mistake_that_nobody_thought_of_does_not_end_the_work(caplog: pytest.LogCaptureFixture) -> None:
    passes: list[int] = []
    pauses: list[float] = []

    def work() -> None:
        passes.append(1)
        if len(passes) == 1:
            raise ZeroDivisionError("nobody thought of this")
        if len(passes) == 3:
            raise Enough

    with caplog.at_level(logging.ERROR), pytest.raises(Enough):
        keep_on("some work", work, pulse=Pulse(), pause_sec=4.0, sleep=pauses.append)

    assert len(passes) == 3
    assert pauses == [4.0, 4.0]
    assert "some work: broke off, goes on in 4 s" in caplog.text
    assert "nobody thought of this" in caplog.text


def test_what_shows_nothing_for_a_minute_is_silent() -> None:
    seconds = [0.0]
    pulse = Pulse(clock=lambda: seconds[0])
    assert pulse.silent() == []
    pulse.beat("one")
    pulse.beat("other")

    seconds[0] = 59.0
    pulse.beat("other")
    seconds[0] = 61.0

    assert pulse.silent() == ["one"]


def test_the_portal_is_not_well_while_its_background_is_silent(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(portal.made.kafka, "answers", lambda: True)
    assert Wellness().of(portal.made)
    monkeypatch.setattr(portal.made.pulse, "_clock", lambda: 0.0)
    portal.made.pulse.beat("some work")
    monkeypatch.setattr(portal.made.pulse, "_clock", lambda: 100.0)

    assert not Wellness().of(portal.made)
    assert "no sign of life from some work" in caplog.text
