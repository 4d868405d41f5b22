"""The stage `plates` that dies and is started again, with what Kafka keeps for it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence

from contracts.codec import decode
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from tests.processors.passages.builders import NOON
from tests.processors.passages.fakes import EvidenceInMemory, SameFrame
from tests.processors.plates_stage import GREY, PARTITION, a_message, with_pictures


def after_crashes(
    stream: Sequence[Sighting], cuts: Sequence[int], *, unread: Collection[str] = (), unheard: int = 0
) -> list[PlateEvent]:
    """All events that come out when the process dies before each of these offsets, and Kafka has not heard
    yet how far it was with the last `unheard` sightings."""
    return asyncio.run(_lives(stream, cuts, unread, unheard))


async def _lives(
    stream: Sequence[Sighting], cuts: Sequence[int], unread: Collection[str], unheard: int
) -> list[PlateEvent]:
    events: list[PlateEvent] = []
    kept: dict[bytes | None, bytes] = {}
    reached = [(0, 0)]
    stream = with_pictures(stream)
    for end in [*cuts, len(stream)]:
        stage = Plates(
            settings=PassageSettings(),
            frames=SameFrame(GREY),
            evidence=EvidenceInMemory(),
            unread=unread,
            now=lambda: NOON,
        )
        reached = reached[: max(1, len(reached) - unheard)]
        committed, settled = reached[-1]
        stage.assigned(PARTITION, settled, list(kept.values()))
        for offset in range(committed, end):
            for draft in stage.take(a_message(stream[offset], offset)):
                events += [decode(PlateEvent, out.value) for out in await stage.finish(draft)]
            kept.update({out.key: out.value for out in stage.to_keep(PARTITION)})
            progress = stage.progress(PARTITION)
            next_committed = progress.replay_from if progress else offset + 1
            next_settled = progress.settled_below if progress else offset + 1
            committed, settled = max(committed, next_committed), max(settled, next_settled)
            reached.append((committed, settled))
    return events
