"""Frames to Kafka, with producers that fail as the library lets them fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from contracts.errors import Stop, TryAgain
from contracts.messages.common import LogPosition
from contracts.messages.frame import FrameHeader, microseconds
from tests.webapp.builders import NOON
from webapp.stream import publisher
from webapp.stream.publisher import FramePublisher

OUT_OF_ORDER = KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "out of order", True)


class Delivered:
    """A message as its delivery report gives it."""

    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self) -> int:
        return self._offset

    def partition(self) -> int:
        return 3


class FakeProducer:
    """Fails with `at_flush` once, and with `at_produce` every time; else it delivers."""

    def __init__(
        self, *, at_flush: KafkaError | None = None, at_produce: KafkaError | BufferError | None = None
    ) -> None:
        self._at_flush, self._at_produce = at_flush, at_produce
        self._reports: list[Callable[[], None]] = []

    def produce(self, topic: str, *, on_delivery: Callable[[KafkaError | None, Any], None], **_: Any) -> None:
        if isinstance(self._at_produce, BufferError):
            raise self._at_produce
        if self._at_produce is not None:
            raise KafkaException(self._at_produce)
        offset = 40 + len(self._reports)
        self._reports.append(lambda: on_delivery(None, Delivered(offset)))

    def flush(self, _: float) -> int:
        if self._at_flush is not None:
            # As the library does: told once here, from then on whatever is handed over is refused.
            self._at_produce = KafkaError(KafkaError._FATAL)
            raise KafkaException(self._at_flush)
        for report in self._reports:
            report()
        return 0


def publisher_with(monkeypatch: pytest.MonkeyPatch, *producers: FakeProducer) -> FramePublisher:
    """Whose producers are these, one after the other; it does not wait after a failure."""
    made = iter(producers)
    monkeypatch.setattr(publisher, "Producer", lambda _: next(made))
    monkeypatch.setattr(publisher, "_AWAY_SEC", 0.0)
    return FramePublisher("127.0.0.1:1")


def frames() -> list[tuple[FrameHeader, bytes]]:
    header = FrameHeader(
        camera="upload-1", epoch="e1", sequence=0, captured_at_us=microseconds(NOON), clock="host", width=640,
        height=480, origin="upload",
    )  # fmt: skip
    return [(header, b"a picture"), (header, b"")]


def test_the_position_is_that_of_the_first_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    sent = publisher_with(monkeypatch, FakeProducer()).publish(frames())

    assert sent == LogPosition(topic="frames", partition=3, offset=40)


@pytest.mark.parametrize(
    "broken",
    [
        FakeProducer(at_flush=OUT_OF_ORDER),
        FakeProducer(at_produce=KafkaError(KafkaError._FATAL)),
    ],
)
def test_after_a_fatal_error_frames_are_sent_by_a_new_producer(
    monkeypatch: pytest.MonkeyPatch, broken: FakeProducer
) -> None:
    sender = publisher_with(monkeypatch, broken, FakeProducer())
    with pytest.raises(TryAgain, match="not confirmed"):
        sender.publish(frames())

    assert sender.publish(frames()).offset == 40


@pytest.mark.parametrize("failure", [BufferError(), KafkaError(KafkaError._TRANSPORT)])
def test_after_any_other_error_the_producer_stays(
    monkeypatch: pytest.MonkeyPatch, failure: KafkaError | BufferError
) -> None:
    sender = publisher_with(monkeypatch, FakeProducer(at_produce=failure))

    for _ in range(2):
        with pytest.raises(TryAgain, match="not confirmed"):
            sender.publish(frames())


def test_a_frame_that_the_topic_never_takes_is_a_mistake_of_the_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    too_large = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE, "too large")

    with pytest.raises(Stop, match="topic frames: too large"):
        publisher_with(monkeypatch, FakeProducer(at_produce=too_large)).publish(frames())
