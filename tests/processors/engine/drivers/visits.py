"""An ordered stage of a few lines."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.errors import SetAside
from processors.engine.stage import Incoming, Outgoing, Progress


@dataclass
class Visits:
    """Messages `name+` open a visit, `name-` close it and give `name first-last`. Visits may overlap.

    The smallest stage that has what `plates` has: results that rest on many messages.
    """

    errors: list[Exception] = field(default_factory=list)
    settled_below: int = 0
    reached: int = 0
    open: dict[str, int] = field(default_factory=dict)
    closed: list[tuple[int, int]] = field(default_factory=list)
    at_next_tick: tuple[str, ...] = ()
    kept: Sequence[Outgoing] = ()
    silent: list[int] = field(default_factory=list)
    """The partitions of whose silence it was told, one after another."""

    def assigned(self, partition: int, settled_below: int, kept: Sequence[bytes]) -> None:
        self.settled_below, self.reached = settled_below, 0
        self.open, self.closed = {}, []

    def revoked(self, partition: int) -> None:
        self.open = {}

    def take(self, message: Incoming) -> Sequence[str]:
        text, offset = (message.value or b"").decode(), message.position.offset
        if not text.endswith(("+", "-")):
            raise SetAside("neither + nor -")
        self.reached = offset + 1
        name = text[:-1]
        if text.endswith("+"):
            self.open.setdefault(name, offset)
            return ()
        first = self.open.pop(name, None)
        if first is None:
            return ()
        self.closed.append((first, offset))
        return (f"{name} {first}-{offset}",) if offset >= self.settled_below else ()

    def tick(self, partition: int, now: datetime) -> Sequence[str]:
        self.silent.append(partition)
        given, self.at_next_tick = self.at_next_tick, ()
        return given

    async def finish(self, draft: str) -> Sequence[Outgoing]:
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        return (Outgoing(topic="out", key=b"gate", value=draft.encode()),)

    def to_keep(self, partition: int) -> Sequence[Outgoing]:
        kept, self.kept = self.kept, ()
        return kept

    def unfinished(self, draft: str) -> Outgoing:
        return Outgoing(topic="out", key=b"gate", value=draft.encode())

    def progress(self, partition: int) -> Progress | None:
        if not self.open:
            return None
        settled = min(self.open.values())
        self.closed = [(first, last) for first, last in self.closed if last >= settled]
        straddling = [first for first, last in self.closed if first < settled <= last]
        return Progress(replay_from=min([settled, *straddling]), settled_below=settled)
