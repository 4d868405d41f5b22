"""Notices a log that went back: it ends before messages that were read of it.

A broker that lost power, or one that became leader without having the last messages, goes on behind those
that it has. What is written then has offsets that were read before, and would be passed over as delivered
twice. A process that begins anew reads it: an offset of its group beyond the end is reset to the first
message that is kept, and what was done before is done again. A log that has grown beyond the messages that
were read before anybody looks is not told from one that lost nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from contracts.errors import TryAgain
from processors.engine.reading.kafka_log import ANSWER_WITHIN_SEC, Log
from processors.engine.window import Place, Window

# A new leader may say less than consumers were given, until its followers have caught up.
_MOMENT_SEC = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class WentBack:
    """`read`: the offset after the last message that was begun. `end`: that of the next message to come."""

    place: Place
    read: int
    end: int

    def __str__(self) -> str:
        topic, partition = self.place
        return (
            f"the log of {topic}[{partition}] went back: it was read up to offset {self.read - 1}, "
            f"the next message will have offset {self.end}. Kafka has lost the last ones, or the topic was "
            "made anew; what comes now would be passed over, so the stage must begin anew"
        )


class Truncation:
    """`look()` from time to time."""

    def __init__(self, window: Window, kafka_log: Log, *, moment_sec: float = _MOMENT_SEC) -> None:
        self._window = window
        self._log = kafka_log
        self._moment_sec = moment_sec

    async def look(self) -> Sequence[WentBack]:
        """Those of our partitions that went back, and a moment later had not come forward again."""
        before = {one.place for one in await self._gone_back()}
        if not before:
            return ()
        await asyncio.sleep(self._moment_sec)
        return [one for one in await self._gone_back() if one.place in before]

    async def _gone_back(self) -> Sequence[WentBack]:
        # Before the ends are asked: what is begun meanwhile may lie behind them.
        begun = self._window.next_offsets
        if not begun:
            return ()
        try:
            ends = await asyncio.wait_for(self._log.ends(begun), ANSWER_WITHIN_SEC)
        except (TryAgain, TimeoutError):
            return ()  # Kafka says nothing at all: that is another matter
        return [
            WentBack(place=place, read=read, end=ends[place])
            for place, read in begun.items()
            if ends.get(place, read) < read
        ]
