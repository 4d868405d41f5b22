"""What became of every frame and every plate of a run: one row of counts, and what was lost."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
import psycopg

from contracts.codec import Message, decode
from contracts.errors import Rejected, TryAgain
from contracts.messages.common import LogPosition, Origin
from contracts.messages.coverage import Coverage
from contracts.messages.enriched import EnrichedEvent
from contracts.messages.plate import PlateEvent
from contracts.topics import ALL_TOPICS, DEAD_TOPICS, Topic
from deploy.measure.log import LogReader, Offsets

# Consumer group, which is the stage's name, and the topic it reads.
STAGE_INPUTS = {
    "sightings": Topic.FRAMES,
    "plates": Topic.SIGHTINGS,
    "enriched": Topic.PLATES,
    "rows": Topic.PLATES_ENRICHED,
    "enriched-late": Topic.PLATES_ENRICHED,
}
WITHOUT_LATE_ANSWERS = ("sightings", "plates", "enriched", "rows")
"""Plates do not wait for a registry that is away; late answers do, for as long as it is."""
_POLL_SEC = 0.5

Marks = dict[str, dict[int, int]]
"""For every topic the ends of its partitions at one moment."""


class SightingHead(msgspec.Struct):
    """The few fields of a sighting that counting needs; the rest is skipped, not decoded."""

    camera: str
    epoch: str
    sequence: int
    captured_at: datetime
    frame: LogPosition
    origin: Origin = "live"
    end: bool = False


SeenUntil = Mapping[tuple[str, str], datetime]
"""For each camera and epoch the capture time of the last frame that was looked at."""


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Counts of one run. A frame is lost when nothing tells what became of it; a plate is lost when
    its final event stands on `plates` and not in the database; `repeated` are rows beyond the first of an
    event. `skipped` are frames missing among the
    sightings of files: of them none is shed, while a live camera's may be shed and counted once more after
    a restart, so that in sums alone they could stand for lost ones."""

    captured: int
    shed: int
    frames: int
    sightings: int
    skipped: int
    set_aside: int
    finals: int
    enriched: int
    stored: int
    repeated: int
    final_ids: frozenset[str] = field(repr=False)
    seen_until: SeenUntil = field(repr=False)

    @property
    def lost_frames(self) -> int:
        return max(0, self.frames - self.sightings, self.skipped)

    @property
    def lost_plates(self) -> int:
        return self.finals - self.stored

    @property
    def lost(self) -> int:
        return self.lost_frames + self.lost_plates


def marks(log: LogReader, *, at: datetime | None = None) -> Marks:
    """Where every topic stood at a time, or ends now: a run's counts begin there."""
    return {spec.name: log.ends(spec.name) if at is None else log.at(spec.name, at) for spec in ALL_TOPICS}


def wait_until_drained(
    log: LogReader,
    since: Marks,
    *,
    within_sec: float,
    stopping: threading.Event,
    stages: Collection[str] = WITHOUT_LATE_ANSWERS,
) -> dict[str, int]:
    """Wait until the stages have acknowledged all their input; returns what is left by stage, if anything.

    `stopping` ends the waiting early. A stage that is done may still be feeding the next, so all must be
    done twice in a row.
    """
    deadline = time.monotonic() + within_sec
    quiet = 0
    while True:
        left = {
            stage: lag
            for stage, topic in STAGE_INPUTS.items()
            if stage in stages and (lag := log.lag(stage, topic, since=since[topic])) > 0
        }
        quiet = 0 if left else quiet + 1
        if quiet == 2 or time.monotonic() > deadline or stopping.wait(_POLL_SEC):
            return left


def count_flow(log: LogReader, database: str, since: Marks) -> Flow:
    """The counts of everything that was written since `since`."""
    until = marks(log)
    coverage = _latest_coverage(log, since[Topic.COVERAGE], until[Topic.COVERAGE])
    heads = [
        head
        for head in _good(SightingHead, _read(log, Topic.SIGHTINGS, since, until))
        # What an earlier run left behind is caught up in this one, but is not of it.
        if head.frame.offset >= since[Topic.FRAMES].get(head.frame.partition, 0)
    ]
    stale = sum(report.shed for report in coverage if report.stage == "sightings")
    dead_frames = _count(Topic.FRAMES.dead, since, until)
    finals = _finals(_read(log, Topic.PLATES, since, until))
    stored, rows = _stored(database, finals)
    return Flow(
        captured=sum(report.captured for report in coverage),
        shed=sum(report.shed for report in coverage),
        # End markers stand on the topic too. One that was never taken up shows as a lost frame.
        frames=_count(Topic.FRAMES, since, until) - _distinct(heads, end=True),
        sightings=_distinct(heads, end=False) + stale + dead_frames,
        skipped=max(0, skipped(heads) - dead_frames),
        set_aside=sum(_count(spec.name, since, until) for spec in DEAD_TOPICS),
        finals=len(finals),
        enriched=len(finals & _enriched(_read(log, Topic.PLATES_ENRICHED, since, until))),
        stored=stored,
        repeated=rows - stored,
        final_ids=frozenset(finals),
        seen_until=_seen_until(heads),
    )


def _read(log: LogReader, topic: str, since: Marks, until: Marks) -> Iterable[bytes]:
    for message in log.read(topic, since=since[topic], until=until[topic]):
        yield message.value() or b""


def _count(topic: str, since: Marks, until: Marks) -> int:
    return sum(end - since[topic].get(partition, 0) for partition, end in until[topic].items())


def _latest_coverage(log: LogReader, since: Offsets, until: Offsets) -> list[Coverage]:
    """The last report of each camera, minute, stage and instance: a later one replaces an earlier."""
    latest: dict[tuple[str, str, str, str], Coverage] = {}
    values = (message.value() or b"" for message in log.read(Topic.COVERAGE, since=since, until=until))
    for report in _good(Coverage, values):
        latest[report.camera, report.minute.isoformat(), report.stage, report.instance] = report
    return list(latest.values())


def _distinct(heads: Iterable[SightingHead], *, end: bool) -> int:
    """Different frames; one that was recognised twice after a restart counts once."""
    return len({(head.frame.partition, head.frame.offset) for head in heads if head.end is end})


def skipped(heads: Iterable[SightingHead]) -> int:
    """Frames that are missing before the last sighting of each file or upload."""
    seen: dict[tuple[str, str], set[int]] = {}
    for head in heads:
        if head.origin != "live":
            seen.setdefault((head.camera, head.epoch), set()).add(head.sequence)
    return sum(max(sequences) + 1 - len(sequences) for sequences in seen.values())


def _seen_until(heads: Iterable[SightingHead]) -> dict[tuple[str, str], datetime]:
    last: dict[tuple[str, str], datetime] = {}
    for head in heads:
        stream = (head.camera, head.epoch)
        last[stream] = max(last.get(stream, head.captured_at), head.captured_at)
    return last


def _finals(values: Iterable[bytes]) -> set[str]:
    return {event.event_id for event in _good(PlateEvent, values) if event.state == "final"}


def _enriched(values: Iterable[bytes]) -> set[str]:
    events = (event.plate for event in _good(EnrichedEvent, values))
    return {event.event_id for event in events if event.state == "final"}


def _good(kind: type[Message], values: Iterable[bytes]) -> Iterator[Message]:
    """The messages that decode: junk on a topic is its reader's to set aside, not ours to fail on."""
    for value in values:
        with contextlib.suppress(Rejected):
            yield decode(kind, value)


def _stored(database: str, ids: set[str]) -> tuple[int, int]:
    """How many of these events have a row, and how many rows they have."""
    try:
        with psycopg.connect(database, connect_timeout=10) as connection:
            row = connection.execute(
                "SELECT count(DISTINCT event_id), count(*) FROM passages"
                " WHERE state = 'final' AND event_id = ANY(%s::uuid[])",
                (list(ids),),
            ).fetchone()
    except psycopg.OperationalError as error:
        raise TryAgain("PostgreSQL", str(error).splitlines()[0]) from error
    return (int(row[0]), int(row[1])) if row else (0, 0)
