"""What a stage is to the engine: three shapes, none of which knows Kafka or Faust.

    IndependentStage   one message in, messages out, in any order    (sightings, plates.enriched)
    OrderedStage       state kept over a partition, in log order     (plates)
    BatchStage         many messages into one effect                 (rows)

Whatever a stage raises means the same everywhere (`contracts.errors`): `TryAgain` is waited for without
end, or for as many tries as it says where the message may be the reason, `SetAside` goes to the dead-letter
topic, `Stop` ends the process, anything else is a bug: it is tried a few times and then set aside with its
traceback. A message is acknowledged once everything it gave has
been delivered. After a kill a message may come again: what a stage sends must then be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar

from contracts.messages.common import LogPosition

Headers = tuple[tuple[str, bytes], ...]

Row = TypeVar("Row")
Draft = TypeVar("Draft")


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """A message as it stands in the log. `timestamp` is the log's own time of it, UTC."""

    value: bytes | None
    key: bytes | None
    headers: Headers
    position: LogPosition
    timestamp: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """A message to be sent. `key` decides the partition (murmur2 in every client)."""

    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far an ordered stage is with one partition. `replay_from` <= `settled_below`.

    `replay_from`: the lowest offset that must be read again after a restart to rebuild all state.
    `settled_below`: every result whose last message lies below this offset has been given out; when a
    restart reads these messages again (because `replay_from` is lower), such results are not given again.
    Example: `settled_below` is the first offset of the oldest open passage, and `replay_from` the first
    offset of any passage, open or closed, that has messages on both sides of `settled_below`.
    """

    replay_from: int
    settled_below: int


class IndependentStage(Protocol):
    """Messages are worked on concurrently; those of one key send their results in log order."""

    async def handle(self, message: Incoming) -> Sequence[Outgoing]: ...


class OrderedStage(Protocol[Draft]):
    """State over one partition. Partitions run beside each other, each strictly in log order.

    `take` and `tick` change state and must not wait; what they give is finished by `finish`, which may
    wait for the world and may be called again for the same draft (after `TryAgain`). The engine sends
    what `finish` gives before it goes on with the partition, then asks for `progress`.
    """

    def assigned(self, partition: int, settled_below: int, kept: Sequence[bytes]) -> None:
        """This partition is ours now, with empty state but for `kept`: what the stage sent to a topic of
        its own for the time after a restart. `settled_below` as in `Progress` (0: unknown)."""

    def revoked(self, partition: int) -> None:
        """The partition is somebody else's: drop its state, send nothing."""

    def take(self, message: Incoming) -> Sequence[Draft]:
        """The next message of its partition."""

    def tick(self, partition: int, now: datetime) -> Sequence[Draft]:
        """About once a second, while every message that stands in the partition has been taken."""

    async def finish(self, draft: Draft) -> Sequence[Outgoing]:
        """The messages of a draft, with whatever IO they need."""

    def to_keep(self, partition: int) -> Sequence[Outgoing]:
        """What has to be kept beside the log for the time after a restart, and is new. Asked after each
        message and tick, once their drafts are finished; sent before anything is acknowledged."""

    def unfinished(self, draft: Draft) -> Outgoing:
        """A draft as it stands without any IO: what its dead letter keeps when `finish` fails for good."""

    def progress(self, partition: int) -> Progress | None:
        """None: nothing taken is needed any more."""


class BatchStage(Protocol[Row]):
    """One effect for many messages. They are acknowledged after `write` returned.

    When `write` raises `SetAside` or an unexpected error, the engine writes the rows one by one to find
    the one that cannot be written; so `write` must be all or nothing, and repeating it harmless.
    """

    def prepare(self, message: Incoming) -> Row:
        """Decode one message; `SetAside` concerns this one alone."""

    async def write(self, rows: Sequence[Row]) -> None:
        """Write rows of messages, in log order within each partition."""
