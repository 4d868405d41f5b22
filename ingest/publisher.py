"""JPEG frames and coverage reports to Kafka, every delivery report counted."""

from __future__ import annotations

import functools
import logging
import threading
import time

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from contracts.codec import encode
from contracts.errors import TryAgain
from contracts.messages.coverage import Coverage
from contracts.messages.frame import FrameHeader, encode_headers
from contracts.topics import MAX_MESSAGE_BYTES, PARTITIONER, Topic
from ingest.outbox import Outbox, Parcel
from ingest.ports import Delivered

# What is with the Kafka library cannot be given up for something newer, so little is: the rest waits in
# the outbox. Enough for what a broker takes within its round trip.
IN_FLIGHT_BYTES = 16 * 1024 * 1024
MESSAGE_TIMEOUT_MS = 300_000
_TAKE_SEC = 0.05
_QUEUE_KBYTES = 64 * 1024

log = logging.getLogger(__name__)


class Publisher:
    """The one producer of an ingest process. Thread-safe."""

    def __init__(self, bootstrap: str, outbox: Outbox) -> None:
        self._outbox = outbox
        self._producer = Producer(
            {
                "bootstrap.servers": bootstrap,
                "partitioner": PARTITIONER,
                "enable.idempotence": True,
                "compression.type": "none",  # JPEG does not compress
                "linger.ms": 5,
                "message.max.bytes": MAX_MESSAGE_BYTES,
                "batch.size": 1_000_000,
                "queue.buffering.max.kbytes": _QUEUE_KBYTES,
                "queue.buffering.max.messages": 20_000,
                "message.timeout.ms": MESSAGE_TIMEOUT_MS,
                "reconnect.backoff.max.ms": 2_000,
            },
            logger=logging.getLogger("librdkafka"),
        )
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
        """Hand a report to Kafka; the next one replaces it, so a lost one is no loss."""
        try:
            self._producer.produce(Topic.COVERAGE, key=coverage.camera.encode(), value=encode(coverage))
        except BufferError:
            log.warning(
                "camera %s: coverage of %s not sent, the queue is full", coverage.camera, coverage.minute
            )

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
        left: int = self._producer.flush(max(0.1, deadline - time.monotonic()))
        if left:
            self._producer.purge()
            self._producer.flush(0.1)
        return given_up + left

    def close(self, timeout_sec: float) -> None:
        """Send the last reports."""
        self._producer.flush(timeout_sec)

    def _send_all(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(0)
            if self._in_flight_bytes > IN_FLIGHT_BYTES:
                self._producer.poll(_TAKE_SEC)
                continue
            parcel = self._outbox.take(_TAKE_SEC)
            if parcel is not None:
                self._produce(parcel)

    def _produce(self, parcel: Parcel) -> None:
        header = parcel.header
        report = functools.partial(self._settled, parcel)
        self._in_flight_bytes += len(parcel.data)
        while True:
            try:
                self._producer.produce(
                    Topic.FRAMES,
                    key=header.camera.encode(),
                    value=parcel.data,
                    headers=list(encode_headers(header)),
                    on_delivery=report,
                )
            except BufferError:
                self._producer.poll(_TAKE_SEC)
                if self._stopping.is_set():
                    break
            except KafkaException as error:  # a single frame larger than any message may be
                log.warning("camera %s frame %d: %s", header.camera, header.sequence, error)
                break
            else:
                return
        self._in_flight_bytes -= len(parcel.data)
        parcel.delivered(False)

    def _settled(self, parcel: Parcel, error: KafkaError | None, _message: Message) -> None:
        """Called by `poll` and `flush`: in the sender's thread, at the end in the one that flushes."""
        self._in_flight_bytes -= len(parcel.data)
        if error is not None:
            log.warning("camera %s: frame not delivered: %s", parcel.header.camera, error.str())
        parcel.delivered(error is None)
