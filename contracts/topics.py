"""Every topic, in the order of the flow: name, key, partitions, retention.

They are created from this file alone, by `platestream topics` and as a stack starts; `platestream topics
--update` brings those that exist to it. The number of partitions of a
topic is for life: a key's place depends on it (`plates` is keyed by camera, so order per camera does too).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MINUTE_MS = 60_000
DAY_MS = 24 * 60 * MINUTE_MS
MAX_MESSAGE_BYTES = 4 * 1024 * 1024

PARTITIONER = "murmur2_random"
"""What every librdkafka producer must use so that it agrees with aiokafka and Java on a key's partition."""

# A broker takes whatever number first comes from a producer that is new to a partition. Where it does not
# lead yet and refuses the first messages, and then takes what was on its way behind them, librdkafka tells
# that the first ones were delivered, too: they are lost. So nothing is on its way behind them.
LOSES_NOTHING: dict[str, str | int | bool] = {
    "partitioner": PARTITIONER,
    "enable.idempotence": True,
    "max.in.flight.requests.per.connection": 1,
    "message.max.bytes": MAX_MESSAGE_BYTES,
}
"""Settings of every librdkafka producer of frames."""


class Topic(StrEnum):
    FRAMES = "frames"
    SIGHTINGS = "sightings"
    PLATES = "plates"
    PLATES_PARKED = "plates.parked"
    PLATES_ENRICHED = "plates.enriched"
    PLATES_REPLAY = "plates.replay"
    COVERAGE = "coverage"

    @property
    def dead(self) -> str:
        """Name of the topic that keeps what could not be processed from this one."""
        return f"{self.value}.dead"


@dataclass(frozen=True, kw_only=True)
class TopicSpec:
    """How one topic is created. Sizes and times are Kafka's own settings, in their units."""

    name: str
    key: str
    partitions: int
    retention_ms: int
    retention_bytes_per_partition: int = -1
    segment_ms: int = DAY_MS
    segment_bytes: int = 128 * 1024 * 1024
    cleanup: str = "delete"

    def settings(self) -> dict[str, str]:
        """Topic-level settings as Kafka's admin interface takes them."""
        return {
            "cleanup.policy": self.cleanup,
            "compression.type": "producer",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "retention.ms": str(self.retention_ms),
            "retention.bytes": str(self.retention_bytes_per_partition),
            "segment.ms": str(self.segment_ms),
            "segment.bytes": str(self.segment_bytes),
        }


_LIVE = (
    # Only closed segments are deleted, so frames roll theirs every minute.
    TopicSpec(
        name=Topic.FRAMES,
        key="camera",
        partitions=12,
        retention_ms=15 * MINUTE_MS,
        retention_bytes_per_partition=512 * 1024 * 1024,
        segment_ms=MINUTE_MS,
        segment_bytes=64 * 1024 * 1024,
    ),
    TopicSpec(name=Topic.SIGHTINGS, key="camera", partitions=12, retention_ms=DAY_MS),
    TopicSpec(name=Topic.PLATES, key="camera", partitions=12, retention_ms=7 * DAY_MS),
    TopicSpec(name=Topic.PLATES_ENRICHED, key="camera", partitions=12, retention_ms=7 * DAY_MS),
    TopicSpec(name=Topic.COVERAGE, key="camera", partitions=12, retention_ms=7 * DAY_MS),
)

# What `platestream replay` gives: events as on `plates`, of no interest to anyone else.
_REPLAY = (TopicSpec(name=Topic.PLATES_REPLAY, key="camera", partitions=12, retention_ms=7 * DAY_MS),)

# The last message of each key stays; a camera that is gone for a day has no vehicle standing at it.
_STATE = (
    TopicSpec(
        name=Topic.PLATES_PARKED,
        key="camera",
        partitions=12,
        retention_ms=DAY_MS,
        segment_ms=60 * MINUTE_MS,
        segment_bytes=16 * 1024 * 1024,
        cleanup="compact,delete",
    ),
)


def _dead(spec: TopicSpec) -> TopicSpec:
    """Bounded, since a bad release must not fill the disk that the live topics are on. There is room for some
    sixty of the largest messages, and for very many of the usual ones."""
    return TopicSpec(
        name=f"{spec.name}.dead",
        key=spec.key,
        partitions=1,
        retention_ms=14 * DAY_MS,
        retention_bytes_per_partition=256 * 1024 * 1024,
        segment_bytes=32 * 1024 * 1024,
    )


DEAD_TOPICS: tuple[TopicSpec, ...] = tuple(_dead(spec) for spec in _LIVE)
ALL_TOPICS: tuple[TopicSpec, ...] = _LIVE + _STATE + _REPLAY + DEAD_TOPICS
"""The live topics in flow order, a stage's own state, replays, a dead-letter topic for each live one."""
