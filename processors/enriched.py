"""`plates` in, `plates.enriched` out: each plate event with what the registry says of its vehicle.

A registry that is slow or away must not hold up plates, so a stage on `plates` waits a few seconds and
then lets the event go on as `pending` (`Enrichment`). A second stage reads `plates.enriched` itself, takes
the pending finals and asks for as long as it takes (`LateAnswers`): the answer follows as a second event
of the same passage. It stands in its own consumer group, so what waits there is as safe as in `plates`.

status        when
pending       a preview (not asked yet), or no answer in time: one follows
found, not-found, invalid    the registry's answers
unavailable   it answers, but nonsense, for this number
skipped       not asked: no accepted reading, no valid number, or one that stands in no civil register
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from contracts.codec import decode, encode
from contracts.errors import TryAgain
from contracts.messages.enriched import EnrichedEvent, RegistryAnswer, RegistryStatus
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from processors.engine.stage import Incoming, Outgoing

# Registered with the Ministry of Defence and the Ministry of External Affairs, not with an RTO.
_NOT_CIVIL = frozenset(("military", "diplomatic"))

UtcNow = Callable[[], datetime]


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AskRegistry(Protocol):
    """What the stages need of `registry.inquiries.Inquiries`."""

    @property
    def provider(self) -> str: ...

    def known(self, registration: str) -> RegistryAnswer | None: ...

    async def look_up(self, registration: str, *, patience_sec: float) -> RegistryAnswer: ...


def reason_to_skip(event: PlateEvent) -> str | None:
    """Why the registry is not asked about this event; None when it is."""
    reading = event.reading
    if reading is None:
        return "no plate"
    if not reading.accepted:
        return "the reading is not accepted"
    if not reading.format.valid:
        return "no valid registration number"
    if reading.format.series in _NOT_CIVIL:
        return f"{reading.format.series} numbers stand in no civil register"
    return None


class Enrichment:
    """`IndependentStage` on `plates`."""

    def __init__(self, registry: AskRegistry, *, patience_sec: float = 5.0, now: UtcNow = _utc_now) -> None:
        self._registry = registry
        self._patience_sec = patience_sec
        self._now = now

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        event = decode(PlateEvent, message.value)
        return (_outgoing(event, await self._answer(event), self._now()),)

    async def _answer(self, event: PlateEvent) -> RegistryAnswer:
        why_not = reason_to_skip(event)
        if event.reading is None or why_not is not None:
            # A preview's reading may still become acceptable.
            early = event.state == "preview"
            return self._without_answer("pending" if early else "skipped", why_not)
        registration = event.reading.text
        if event.state == "preview":
            return self._registry.known(registration) or self._without_answer("pending", "preview")
        try:
            answer = await self._registry.look_up(registration, patience_sec=self._patience_sec)
        except TryAgain as error:
            return self._without_answer("pending", error.reason)
        # Nonsense may be a bad moment of the registry: the late stage asks once more.
        return self._without_answer("pending", answer.reason) if answer.status == "unavailable" else answer

    def _without_answer(self, status: RegistryStatus, reason: str | None) -> RegistryAnswer:
        return RegistryAnswer(status=status, provider=self._registry.provider, simulated=False, reason=reason)


class LateAnswers:
    """`IndependentStage` on `plates.enriched`: pending finals get their answer, the rest passes by.

    After an outage thousands may be pending: only `at_once` are asked at a time, so that the plates which
    arrive now do not stand behind them.
    """

    def __init__(
        self, registry: AskRegistry, *, patience_sec: float = 60.0, at_once: int = 24, now: UtcNow = _utc_now
    ) -> None:
        self._registry = registry
        self._turn = asyncio.Semaphore(at_once)
        self._patience_sec = patience_sec
        self._now = now

    async def handle(self, message: Incoming) -> Sequence[Outgoing]:
        enriched = decode(EnrichedEvent, message.value)
        event = enriched.plate
        if event.state != "final" or event.reading is None or enriched.registry.status != "pending":
            return ()
        # TryAgain is not caught: the engine waits. Later vehicles of the camera are asked about meanwhile,
        # and what is found is sent after this one.
        async with self._turn:
            answer = await self._registry.look_up(event.reading.text, patience_sec=self._patience_sec)
        return (_outgoing(event, answer, self._now()),)


def _outgoing(event: PlateEvent, answer: RegistryAnswer, now: datetime) -> Outgoing:
    enriched = EnrichedEvent(plate=event, registry=answer, processed_at=now)
    return Outgoing(topic=Topic.PLATES_ENRICHED.value, key=event.camera.encode(), value=encode(enriched))
