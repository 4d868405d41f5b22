"""JPEG frames and coverage reports to Kafka, every delivery report counted."""

from __future__ import annotations

import functools
import logging
import threading
import time

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.codec import encode
from contracts.errors import Stop, TryAgain
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, encode_headers
from contracts.topics import LOSES_NOTHING, Topic
from ingest.ports import Delivered
from ingest.sending.outbox import Outbox, Parcel

# What is with the Kafka library cannot be given up for something newer, so little is: the rest waits in
# the outbox. Enough for what a broker takes within its round trip.
IN_FLIGHT_BYTES = 16 * 1024 * 1024
MESSAGE_TIMEOUT_MS = 300_000
_TAKE_SEC = 0.05
_PURGE_SEC = 1.0
_QUEUE_KBYTES = 64 * 1024

log = logging.getLogger(__name__)


class Publisher:
    """The one producer of an ingest process; another one, once the library gives it up. Thread-safe."""

    def __init__(self, bootstrap: str, outbox: Outbox) -> None:
        self._bootstrap = bootstrap
        self._outbox = outbox
        self._producer = _new_producer(bootstrap)
        self._has_delivered = False
        self._stop: Stop | None = None
        self._in_flight_bytes = 0
        self._stopping = threading.Event()
        self._sender = threading.Thread(target=self._send_all, name="kafka-sender", daemon=True)
        self._sender.start()

    @property
    def queued_bytes(self) -> int:
        """Of frames that Kafka has not acknowledged, in memory."""
        return self._outbox.queued_bytes + self._in_flight_bytes

    def send_frame(self, header: FrameHeader, data: bytes, *, delivered: Delivered, wait: bool) -> None:
        """Hand a frame over; `delivered` is called once with its fate, usually from another thread.

        With `wait` (files, whose frames do not run away) a full queue is waited for; without, the oldest
        frames make room.
        """
        self._outbox.put(Parcel(header, data, delivered), wait=wait)

    def send_coverage(self, coverage: Coverage) -> None:
        """Hand a report to Kafka; the next one replaces it, so a lost one is no loss.

        Raises:
            Stop: Kafka lets this process send nothing.
        """
        if self._stop is not None and not self._stopping.is_set():
            raise self._stop
        try:
            self._producer.produce(Topic.COVERAGE, key=coverage.camera.encode(), value=encode(coverage))
        except (BufferError, KafkaException) as error:  # a fatal one is the sender's to mend
            log.warning("camera %s: coverage of %s not sent: %s", coverage.camera, coverage.minute, error)

    def check(self, timeout_sec: float) -> None:
        """One round trip to the broker.

        Raises:
            TryAgain: it does not answer, or the topic is not there.
        """
        try:
            found = self._producer.list_topics(Topic.FRAMES, timeout=timeout_sec).topics[Topic.FRAMES]
        except KafkaException as error:
            raise TryAgain("Kafka", str(error.args[0].str())) from error
        if found.error is not None:
            raise TryAgain("Kafka", f"topic {Topic.FRAMES}: {found.error.str()}")

    def finish(self, timeout_sec: float) -> int:
        """Send what waits; returns how many frames had to be given up for want of time. Reports of
        coverage can still be sent."""
        deadline = time.monotonic() + timeout_sec
        while not self._outbox.is_empty() and time.monotonic() < deadline:
            time.sleep(_TAKE_SEC / 5)
        given_up = self._outbox.close()
        self._stopping.set()
        self._sender.join()
        left = _flush(self._producer, max(0.1, deadline - time.monotonic()))
        if left:
            self._producer.purge()
            _flush(self._producer, 0.1)
        return given_up + left

    def close(self, timeout_sec: float) -> None:
        """Send the last reports."""
        _flush(self._producer, timeout_sec)

    def _send_all(self) -> None:
        while not self._stopping.is_set() and self._stop is None:
            self._poll(0)
            if self._in_flight_bytes > IN_FLIGHT_BYTES:
                self._poll(_TAKE_SEC)
                continue
            parcel = self._outbox.take(_TAKE_SEC)
            if parcel is not None:
                self._produce(parcel)

    def _produce(self, parcel: Parcel) -> None:
        self._in_flight_bytes += len(parcel.data)
        while True:
            try:
                self._hand_over(parcel)
            except BufferError:
                self._poll(_TAKE_SEC)
            except KafkaException as error:
                if not _is_fatal(error):  # a single frame larger than any message may be
                    header = parcel.header
                    log.warning("camera %s frame %d: %s", header.camera, header.sequence, error)
                    break
                self._renew(error)
            else:
                return
            if self._stopping.is_set() or self._stop is not None:
                break
        self._in_flight_bytes -= len(parcel.data)
        parcel.delivered(False)

    def _hand_over(self, parcel: Parcel) -> None:
        self._producer.produce(
            Topic.FRAMES,
            key=parcel.header.camera.encode(),
            value=parcel.data,
            headers=list(encode_headers(parcel.header)),
            on_delivery=functools.partial(self._settled, parcel),
        )

    def _poll(self, timeout_sec: float) -> None:
        """Calls delivery reports. A fatal error is raised here once, and by each `produce` after it."""
        try:
            self._producer.poll(timeout_sec)
        except KafkaException as error:
            self._renew(error)

    def _renew(self, error: KafkaException) -> None:
        """After a fatal error a producer never sends again. What it has in hand is given up, since nobody
        knows how much of it arrived; a new one goes on with what waits in the outbox. Where it had delivered
        nothing yet, a new one would not either: Kafka does not let this process write."""
        reason = error.args[0].str()
        self._producer.purge()
        _flush(self._producer, _PURGE_SEC)
        if self._has_delivered:
            log.error("Kafka: %s; what was on its way is given up, a new producer goes on", reason)
            self._has_delivered = False
            self._producer = _new_producer(self._bootstrap)
        else:
            self._stop = Stop(f"Kafka: nothing can be sent: {reason}")
            self._outbox.close()

    def _settled(self, parcel: Parcel, error: KafkaError | None, _message: Message) -> None:
        """Called by `poll` and `flush`: in the sender's thread, at the end in the one that flushes."""
        self._in_flight_bytes -= len(parcel.data)
        if error is None:
            self._has_delivered = True
        else:
            log.warning("camera %s: frame not delivered: %s", parcel.header.camera, error.str())
        parcel.delivered(error is None)


def _new_producer(bootstrap: str) -> Producer:
    return Producer(
        {
            "bootstrap.servers": bootstrap,
            **LOSES_NOTHING,
            "compression.type": "none",  # JPEG does not compress
            "linger.ms": 5,
            "batch.size": 1_000_000,
            "queue.buffering.max.kbytes": _QUEUE_KBYTES,
            "queue.buffering.max.messages": 20_000,
            "message.timeout.ms": MESSAGE_TIMEOUT_MS,
            "reconnect.backoff.max.ms": 2_000,
        },
        logger=logging.getLogger("librdkafka"),
    )


def _is_fatal(error: KafkaException) -> bool:
    """`produce` does not say by the flag that an earlier error was fatal, but by the name of its own."""
    reason: KafkaError = error.args[0]
    return bool(reason.fatal()) or reason.name() == "_FATAL"


def _flush(producer: Producer, timeout_sec: float) -> int:
    """How many messages are left after so long."""
    left: int
    try:
        left = producer.flush(timeout_sec)
    except KafkaException:  # a fatal error, told once, before the reports of delivery
        left = producer.flush(timeout_sec)
    return left
