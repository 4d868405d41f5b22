"""Frames to Kafka: every fate is told once, and a producer that the library has given up is replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from contracts.errors import Stop
from contracts.topics import Topic
from ingest.sending import publisher as publisher_module
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher
from tests.contracts.builders import a_coverage, a_frame_header
from tests.integration.watched import until

Report = Callable[[KafkaError | None, object], None]

FATAL = KafkaException(KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "a number was left out", True))


class Broken:
    """A producer that behaves as librdkafka's: it takes messages and delivers them in `poll`, unless it is
    `held`. Once it has failed it raises the reason once, in `poll` or `flush`, and takes nothing more."""

    def __init__(self, *, held: bool = False) -> None:
        self.held = held
        self.delivered: list[bytes] = []
        self.reports = 0
        self.in_hand: list[tuple[bytes, Report]] = []
        self._failed = self._told = False

    def fail(self) -> None:
        self._failed = True

    def produce(self, topic: str, *, value: bytes, on_delivery: Report | None = None, **_more: Any) -> None:
        if self._failed:
            raise KafkaException(KafkaError(KafkaError._FATAL, "Local: Fatal error"))
        if value == b"huge":
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        if topic == Topic.COVERAGE:
            self.reports += 1
        elif on_delivery is not None:
            self.in_hand.append((value, on_delivery))

    def poll(self, _timeout_sec: float) -> None:
        if self._failed and not self._told:
            self._told = True
            raise FATAL
        while self.in_hand and not self.held and not self._failed:
            value, report = self.in_hand.pop(0)
            self.delivered.append(value)
            report(None, None)

    def purge(self) -> None:
        return None

    def flush(self, timeout_sec: float) -> int:
        self.poll(timeout_sec)
        if self._failed:
            for _, report in self.in_hand:
                report(KafkaError(KafkaError._PURGE_QUEUE), None)
            self.in_hand.clear()
        return len(self.in_hand)


class Sending:
    """A publisher over the given producers, one after the other, and what became of each frame."""

    def __init__(self, publisher: Publisher) -> None:
        self.publisher = publisher
        self.fates: dict[bytes, list[bool]] = {}

    def send(self, *values: bytes) -> None:
        for value in values:
            fates = self.fates[value] = []
            self.publisher.send_frame(a_frame_header(), value, delivered=fates.append, wait=False)

    def becomes(self, fate: bool, *values: bytes) -> bool:
        return all(self.fates[value] == [fate] for value in values)


@contextmanager
def sending(monkeypatch: pytest.MonkeyPatch, *producers: Broken) -> Iterator[Sending]:
    coming = iter(producers)
    monkeypatch.setattr(publisher_module, "Producer", lambda *_settings, **_logger: next(coming))
    publisher = Publisher("kafka:9092", Outbox(1_000_000))
    yield Sending(publisher)
    publisher.finish(1.0)


def test_a_frame_that_is_larger_than_any_message_costs_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with sending(monkeypatch, Broken()) as it:
        it.send(b"one", b"huge", b"two")
        until(lambda: it.becomes(True, b"one", b"two") and it.becomes(False, b"huge"), within_sec=20)


@pytest.mark.parametrize("told_by", ["poll", "produce"])
def test_after_a_fatal_error_a_new_producer_goes_on_and_what_was_on_its_way_is_given_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, told_by: str
) -> None:
    first, second = Broken(), Broken()
    with sending(monkeypatch, first, second) as it:
        it.send(b"one")
        until(lambda: it.becomes(True, b"one"), within_sec=20)
        first.held = True
        it.send(b"two")
        until(lambda: bool(first.in_hand), within_sec=20)
        if told_by == "produce":
            monkeypatch.setattr(first, "poll", lambda _timeout_sec: None)
        first.fail()
        if told_by == "poll":
            until(lambda: it.becomes(False, b"two"), within_sec=20)
        it.send(b"three", b"four")
        until(lambda: it.becomes(False, b"two") and it.becomes(True, b"three", b"four"), within_sec=20)
        it.publisher.send_coverage(a_coverage())
        assert second.delivered == [b"three", b"four"]
        assert second.reports == 1
        assert it.publisher.queued_bytes == 0
    assert "what was on its way is given up, a new producer goes on" in caplog.text


def test_a_producer_that_fails_before_it_has_delivered_anything_stops_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As when Kafka does not let it write: another one would fail as well."""
    first, second = Broken(), Broken()
    with sending(monkeypatch, first, second) as it:
        it.send(b"one")
        until(lambda: it.becomes(True, b"one"), within_sec=20)
        second.fail()
        first.fail()
        it.send(b"two")
        until(lambda: it.becomes(False, b"two"), within_sec=20)
        with pytest.raises(Stop, match="Kafka: nothing can be sent"):
            it.publisher.send_coverage(a_coverage())
        it.send(b"three")  # nobody waits for what cannot be sent
        assert it.becomes(False, b"three")


def test_a_report_of_coverage_that_cannot_be_sent_is_told_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first = Broken()
    with sending(monkeypatch, first) as it:
        monkeypatch.setattr(first, "poll", lambda _timeout_sec: None)
        first.fail()
        it.publisher.send_coverage(a_coverage())
    assert "camera gate: coverage of 2026-03-01 06:30:00+00:00 not sent" in caplog.text
