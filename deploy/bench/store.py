"""Area `store`: passages a second into PostgreSQL by the stage's own upsert."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta

from contracts.messages.enriched import EnrichedEvent, RegistryAnswer
from contracts.messages.plate import Candidate, FormatVerdict, PlateEvent, Reading
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least
from deploy.local.options import POSTGRES
from deploy.migrate import migrate
from processors.adapters.database import Database
from processors.rows import passage_columns

EVENTS = 4000
BATCH = 100


def measure(bench: Bench) -> list[Figure]:
    """A stack of the database alone."""
    with bench.stack((POSTGRES,)) as stack:
        uri = stack.variables()["PLATESTREAM_DATABASE"]
        migrate(uri)
        rate = asyncio.run(_rows_per_second(uri))
    goal, holds = at_least(500.0, rate)
    return [
        Figure(area="store", name=f"passages upserted, {BATCH} a batch", value=rate, unit="rows/s",
               goal=goal, holds=holds)
    ]  # fmt: skip


async def _rows_per_second(uri: str) -> float:
    columns = [passage_columns(_event(number)) for number in range(EVENTS)]
    async with Database(uri) as database:
        began = time.monotonic()
        for first in range(0, EVENTS, BATCH):
            await database.write(columns[first : first + BATCH], [])
        return EVENTS / (time.monotonic() - began)


def _event(number: int) -> EnrichedEvent:
    at = datetime.now(UTC) + timedelta(milliseconds=number)
    text = f"MH12AB{number:04d}"
    reading = Reading(
        text_read=text, text=text, confidence=0.97, accepted=True,
        format=FormatVerdict(series="standard", state="MH", rto="12", valid=True), lines=1, colour="white",
        characters=(), candidates=(Candidate(text=text, probability=0.97),),
    )  # fmt: skip
    plate = PlateEvent(
        event_id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench {number}")), state="final", revision=1,
        camera=f"bench-{number % 20}", origin="file", epoch="bench", first_captured_at=at,
        best_captured_at=at, last_captured_at=at, clock="host", processed_at=at, reading=reading,
        corners=None, vehicle=None, frames=8, reads=6, agreement=1.0, models=(), evidence=None,
    )  # fmt: skip
    answer = RegistryAnswer(status="not-found", provider="bench", simulated=True)
    return EnrichedEvent(plate=plate, registry=answer, processed_at=at)
