"""Each stage with its edges: settings in, workers out. The one place that knows who is given what."""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from contracts.sealing import Sealer
from contracts.topics import Topic
from processors.engine.drivers.batching import BatchDriver
from processors.engine.drivers.desk import Desk, Driver
from processors.engine.drivers.independent import IndependentDriver
from processors.engine.drivers.ordered import OrderedDriver
from processors.engine.leaving import Close
from processors.engine.measures import Measures
from processors.engine.process import Worker
from processors.engine.reading.kept import KafkaKept
from processors.engine.reading.settled import KafkaSettledOffsets
from processors.engine.reading.subscription import Subscription
from processors.settings import Settings, needed, read_object, read_text

if TYPE_CHECKING:
    from processors.adapters.triton import TritonInference


@dataclass(frozen=True)
class Composed:
    """What a process runs, and what it closes at its end."""

    workers: tuple[Worker, ...]
    close: tuple[Close, ...] = ()


def sightings(settings: Settings) -> Composed:
    """frames -> sightings"""
    from processors.adapters.camera_book import CameraBook
    from processors.adapters.cards import models_used
    from processors.adapters.triton import TritonInference
    from processors.asked import Asked
    from processors.cascade.coverage import CoverageCounters
    from processors.sightings import Sightings

    asked = Asked(CameraBook(settings.cameras))
    pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2), thread_name_prefix="pictures")
    opened: list[TritonInference] = []

    async def drive(desk: Desk) -> Driver:
        inference = TritonInference(settings.triton, models_used(settings.model_repository))
        opened.append(inference)
        await desk.patience.wait_for(inference.check, about="its start")
        stage = Sightings(
            inference,
            pool,
            CoverageCounters(f"{socket.gethostname()}-{uuid.uuid4().hex[:8]}"[-64:]),
            stale_after_sec=settings.stale_after_sec,
            regards=asked.regards,
        )
        return IndependentDriver(stage, desk)

    worker = _worker(settings, "sightings", (Topic.FRAMES,), drive, in_flight=settings.in_flight)
    return Composed((worker,), (_closing(opened, pool),))


def plates(settings: Settings) -> Composed:
    """sightings -> plates"""
    from processors.adapters.camera_book import CameraBook
    from processors.adapters.cards import models_used
    from processors.adapters.evidence import ObjectStoreEvidence
    from processors.adapters.frames import KafkaFrames
    from processors.adapters.triton import TritonInference
    from processors.asked import Asked
    from processors.fused_look import FusedLook, PatientLook
    from processors.passages.settings import PassageSettings
    from processors.plates import Plates

    writer = settings.s3_evidence_writer_file
    account = read_object(writer) if writer else None
    evidence = ObjectStoreEvidence.open(needed(settings.evidence, "EVIDENCE"), account=account)
    frames, settled = KafkaFrames(settings.kafka), KafkaSettledOffsets(settings.kafka, "plates")
    asked = Asked(CameraBook(settings.cameras))
    pool = ThreadPoolExecutor(1, thread_name_prefix="looks")
    opened: list[TritonInference] = []

    async def drive(desk: Desk) -> Driver:
        inference = TritonInference(settings.triton, models_used(settings.model_repository))
        opened.append(inference)
        await desk.patience.wait_for(inference.check, about="its start")
        look = FusedLook(inference, pool, PassageSettings())
        stage = Plates(
            settings=PassageSettings(),
            frames=frames,
            evidence=evidence,
            places=asked.places,
            unread=asked.unread,
            ways=asked.ways,
            look=PatientLook(look.again, desk.patience).again,
        )
        return OrderedDriver(stage, desk, settled, KafkaKept(settings.kafka, Topic.PLATES_PARKED))

    worker = _worker(settings, "plates", (Topic.SIGHTINGS,), drive, in_flight=64)
    return Composed((worker,), (frames.close, settled.close, _closing(opened, pool)))


def enriched(settings: Settings) -> Composed:
    """plates -> plates.enriched, and once more for answers that came late"""
    from processors.adapters.registry import open_registry
    from processors.enriched import Enrichment, LateAnswers
    from processors.registry.inquiries import Inquiries

    measures = Measures("enriched")
    registry = open_registry(
        needed(settings.registry_url, "REGISTRY_URL"),
        dialect=settings.registry_dialect,
        key=read_text(Path(needed(settings.registry_key_file, "REGISTRY_KEY_FILE"))),
    )
    sealer = Sealer.from_file(Path(needed(settings.secrets, "SECRETS")) / "owner.key")
    inquiries = Inquiries(registry, sealer, count=measures.registry_answer)

    async def drive(desk: Desk) -> Driver:
        return IndependentDriver(Enrichment(inquiries), desk)

    async def drive_late(desk: Desk) -> Driver:
        return IndependentDriver(LateAnswers(inquiries), desk)

    workers = (
        _worker(settings, "enriched", (Topic.PLATES,), drive, in_flight=64, measures=measures),
        _worker(settings, "enriched-late", (Topic.PLATES_ENRICHED,), drive_late, in_flight=512),
    )
    return Composed(workers, (inquiries.close, registry.close))


def rows(settings: Settings) -> Composed:
    """plates.enriched, coverage -> PostgreSQL"""
    from processors.adapters.database import Database
    from processors.rows import Rows

    database = Database(needed(settings.database, "DATABASE"))

    async def drive(desk: Desk) -> Driver:
        await database.open()
        return BatchDriver(Rows(database), desk)

    topics = (Topic.PLATES_ENRICHED, Topic.COVERAGE)
    return Composed((_worker(settings, "rows", topics, drive, in_flight=400),), (database.close,))


STAGES: dict[str, Callable[[Settings], Composed]] = {
    "sightings": sightings,
    "plates": plates,
    "enriched": enriched,
    "rows": rows,
}


def _closing(opened: Sequence[TritonInference], pool: ThreadPoolExecutor) -> Close:
    """Ends the connections to Triton that were opened by then, and the threads beside them."""

    async def close() -> None:
        for inference in opened:
            await inference.close()
        pool.shutdown(wait=False)

    return close


def _worker(
    settings: Settings,
    stage: str,
    topics: tuple[Topic, ...],
    drive: Callable[[Desk], Awaitable[Driver]],
    *,
    in_flight: int,
    measures: Measures | None = None,
) -> Worker:
    subscription = Subscription(
        kafka=settings.kafka,
        group=stage,
        topics=tuple(topic.value for topic in topics),
        instance=f"{stage}-{settings.slot}" if settings.slot else None,
    )
    return Worker(
        stage=stage,
        subscription=subscription,
        drive=drive,
        measures=measures or Measures(stage),
        in_flight=in_flight,
    )
