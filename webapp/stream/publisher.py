"""An uploaded picture -> topic `frames`, as the one frame of a camera of its own, then its end."""

from __future__ import annotations

import time

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.errors import Stop, TryAgain
from contracts.messages.common import LogPosition
from contracts.messages.frame import FrameHeader, encode_headers
from contracts.topics import LOSES_NOTHING, Topic
from webapp.threads import Busy, Threads, real_lock

_DELIVERY_SEC = 4.0
_MOST_WAITING = 16
_AWAY_SEC = 5.0
"""How long a broker that did not answer is not asked again: nobody else should wait for the same silence."""
_OUR_MISTAKES = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,  # noqa: SLF001 that is how the library names it
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.MSG_SIZE_TOO_LARGE,
)


class FramePublisher:
    """Sends frames and waits until the broker has them. Connects at the first one."""

    def __init__(self, kafka: str) -> None:
        self._kafka = kafka
        self._producer: Producer | None = None
        self._lock = real_lock()
        self._threads = Threads("sending of pictures", count=2, most=_MOST_WAITING)
        self._away_until = float("-inf")

    def publish(self, frames: list[tuple[FrameHeader, bytes]]) -> LogPosition:
        """Sends the frames of one camera in order; the position of the first one.

        Raises:
            TryAgain: the broker did not confirm all of them in time. They may have arrived all the same.
            Stop: the topic is not there, or refuses such messages.
        """
        if time.monotonic() < self._away_until:
            raise TryAgain("kafka", "it did not answer a moment ago")
        try:
            delivered, failed = self._threads.run(lambda: self._send(frames))
            return _position(delivered, failed, expected=len(frames))
        except Busy:
            raise
        except TryAgain:
            self._away_until = time.monotonic() + _AWAY_SEC
            raise

    def _send(self, frames: list[tuple[FrameHeader, bytes]]) -> tuple[list[Message], list[KafkaError]]:
        """What the broker has, and what kept the rest from it.

        An error that was raised would take the producer along, out of this thread: to end one takes a second,
        in which nobody would be served.
        """
        delivered: list[Message] = []
        failed: list[KafkaError] = []

        def report(error: KafkaError | None, message: Message) -> None:
            if error is None:
                delivered.append(message)
            else:
                failed.append(error)

        producer = self._connected()
        try:
            for header, picture in frames:
                producer.produce(
                    Topic.FRAMES.value,
                    key=header.camera.encode(),
                    value=picture,
                    headers=list(encode_headers(header)),
                    on_delivery=report,
                )
            producer.flush(_DELIVERY_SEC + 1.0)
        except KafkaException as error:
            failed.append(error.args[0])
        except BufferError:
            failed.append(KafkaError(KafkaError._QUEUE_FULL))  # noqa: SLF001 that is how the library names it
        if any(map(_is_fatal, failed)):
            self._give_up(producer)
        return delivered, failed

    def _give_up(self, producer: Producer) -> None:
        """The next frames get a new one."""
        with self._lock:
            if self._producer is producer:
                self._producer = None

    def _connected(self) -> Producer:
        with self._lock:
            if self._producer is None:
                self._producer = Producer(
                    {
                        "bootstrap.servers": self._kafka,
                        "client.id": "platestream-webapp",
                        **LOSES_NOTHING,
                        "message.timeout.ms": int(_DELIVERY_SEC * 1000),
                        "log_level": 2,
                    }
                )
            return self._producer


def _is_fatal(error: KafkaError) -> bool:
    """Whether the producer takes nothing any more: its numbers and the broker's no longer go together."""
    return bool(error.fatal()) or error.code() == KafkaError._FATAL  # noqa: SLF001 its name in the library


def _position(delivered: list[Message], failed: list[KafkaError], *, expected: int) -> LogPosition:
    if failed and failed[0].code() in _OUR_MISTAKES:
        raise Stop(f"topic {Topic.FRAMES.value}: {failed[0].str()}")
    if failed or len(delivered) < expected:
        reason = failed[0].str() if failed else "no answer in time"
        raise TryAgain("kafka", f"the frame was not confirmed ({reason})")
    first = min(delivered, key=lambda message: message.offset() or 0)
    return LogPosition(topic=Topic.FRAMES.value, partition=first.partition() or 0, offset=first.offset() or 0)
