"""Work beside the requests: what breaks it off does not end it, and silence is noticed."""

from __future__ import annotations

import logging

import gevent
import pytest

from tests.webapp.conftest import Portal
from webapp import health
from webapp.background import Pulse, keep_on
from webapp.health import Wellness
from webapp.parts import Parts


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


def test_many_who_ask_at_once_share_one_answer(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def database(made: Parts) -> bool:
        asked.append("database")
        gevent.sleep(0.05)
        return True

    def kafka() -> bool:
        asked.append("kafka")
        gevent.sleep(0.05)
        return True

    monkeypatch.setattr(health, "_database_answers", database)
    monkeypatch.setattr(portal.made.kafka, "answers", kafka)
    wellness = Wellness()

    answers = [gevent.spawn(wellness.of, portal.made) for _ in range(40)]
    gevent.joinall(answers, timeout=10, raise_error=True)

    assert [answer.value for answer in answers] == [True] * 40
    assert asked == ["database", "kafka"]


def test_a_check_that_broke_off_holds_up_none_after_it(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    wellness = Wellness()
    with monkeypatch.context() as patch:
        patch.setattr(health, "_database_answers", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            wellness.of(portal.made)
    monkeypatch.setattr(portal.made.kafka, "answers", lambda: True)

    with gevent.Timeout(10):
        assert wellness.of(portal.made)


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
