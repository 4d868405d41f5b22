"""The engine's surroundings without a broker: messages, a delivery that can be away, settled offsets."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from contracts.errors import SetAside, TryAgain
from contracts.messages.common import LogPosition
from processors.engine.dead_letters import DeadLetters
from processors.engine.drivers.desk import Desk
from processors.engine.measures import Measures
from processors.engine.patience import Patience, Pauses
from processors.engine.reading.kafka_log import Spans
from processors.engine.stage import Incoming, Outgoing
from processors.engine.window import Place, Window

TOPIC = "in"


def a_message(
    offset: int, *, partition: int = 0, key: bytes = b"gate", value: bytes | None = None
) -> Incoming:
    return Incoming(
        value=str(offset).encode() if value is None else value,
        key=key,
        headers=(),
        position=LogPosition(topic=TOPIC, partition=partition, offset=offset),
        timestamp=datetime.now(UTC),
    )


@dataclass
class Broker:
    """Keeps what was sent. `away` tries fail first; values in `refused` never go through."""

    away: int = 0
    refused: frozenset[bytes] = frozenset()
    sent: list[Outgoing] = field(default_factory=list)

    async def send(self, messages: Sequence[Outgoing]) -> None:
        await asyncio.sleep(0)
        if self.away > 0:
            self.away -= 1
            raise TryAgain("kafka", "nobody listens")
        if any(message.value in self.refused for message in messages):
            raise SetAside("too large")
        self.sent.extend(messages)

    async def missing(self, topics: Sequence[str]) -> list[str]:
        return []

    @property
    def values(self) -> list[bytes]:
        return [message.value for message in self.sent if not message.topic.endswith(".dead")]

    @property
    def dead(self) -> list[Outgoing]:
        return [message for message in self.sent if message.topic.endswith(".dead")]


@dataclass
class Settled:
    """Settled offsets in memory."""

    offsets: dict[Place, int] = field(default_factory=dict)

    async def read(self, place: Place) -> int:
        return self.offsets.get(place, 0)

    async def write(self, offsets: dict[Place, int]) -> None:
        self.offsets.update(offsets)


@dataclass
class Log:
    """`at`: where partitions end by now; `away`: nobody answers; `leaderless`: of these nobody says it."""

    at: dict[Place, int] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    meanwhile: Callable[[], None] = lambda: None
    leaderless: set[Place] = field(default_factory=set)

    async def spans(self) -> Spans:
        raise AssertionError("nobody asks where the group stands")

    async def ends(self, places: Collection[Place]) -> Mapping[Place, int]:
        self.asked += 1
        if self.away:
            raise TryAgain("kafka", "nobody answers")
        ends = {place: self.at[place] for place in places if place not in self.leaderless}
        self.meanwhile()
        return ends


def a_desk(broker: Broker, *, limit: int = 8, longest_run: int = 200, log: Log | None = None) -> Desk:
    """To be made in a running loop."""
    measures = Measures("test")
    return Desk(
        window=Window(limit),
        log=log or Log(),
        patience=Patience("test", measures, pauses=Pauses(first_sec=0.0, longest_sec=0.0)),
        delivery=broker,
        dead_letters=DeadLetters("test", measures, longest_run=longest_run),
        measures=measures,
    )
