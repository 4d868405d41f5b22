"""Area `passages`: whether each vehicle of long films, on which they meet, overtake, queue and park, becomes
one event of its own, with its plate and without, and what voting over frames is worth beside the best frame
and beside a usual one."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least, at_most
from deploy.demo.street import FRAMES_PER_SECOND, TRIALS, street_cameras
from deploy.local.folders import CHECKOUT, state_folder
from deploy.measure.following import Followed, Following, follow
from deploy.measure.tracked import track_without_plates
from deploy.measure.tracking import Tracking, judge
from deploy.reading.reader import PictureReader
from deploy.reading.video import Video, messages_of, video_of
from processors.cascade.coverage import CoverageCounters
from processors.engine.stage import Incoming
from processors.fused_look import FusedLook
from processors.passages.observations import PlateRead
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.plates import Plates
from processors.reading import read
from processors.sightings import Sightings
from triton_models.rendering.truth import read_truth

SECONDS = 420.0
FEWEST_PASSAGES = 300
REMARKS = Path("build") / "passages.txt"
_GAIN = "+0.10 or errors halved"


def measure(bench: Bench) -> list[Figure]:
    """Every film through the functions of the stages; what went wrong is listed in build/passages.txt."""
    street = street_cameras(state_folder(os.environ), seconds=SECONDS, console=bench.console, streets=TRIALS)
    films = [film.path for film in street.films]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(len(films), os.cpu_count() or 1), context) as pool:
        judged = list(pool.map(_judged, films))
    with_plates = reduce(add, (following for following, _ in judged), Following())
    without = reduce(add, (tracking for _, tracking in judged), Tracking())
    remarks = CHECKOUT / REMARKS
    remarks.parent.mkdir(exist_ok=True)
    told = (*with_plates.remarks, *without.remarks)
    remarks.write_text("".join(f"{each}\n" for each in told), encoding="utf-8")
    return [*figures_of(with_plates), *figures_without_plates(without)]


def figures_of(found: Following) -> list[Figure]:
    """What became of every vehicle of the films, against the goals.

    Raises:
        Stop: too few of them passed.
    """
    passed = _enough(found.passed)
    once, exact, best = found.once / passed, found.exact / passed, found.exact_of_best_frame / passed
    goal, holds = at_least(0.99, once)
    rare_goal, rare = at_most(0.005, found.double / passed)
    mixed_goal, unmixed = at_most(0.005, found.mixed / passed)
    strange_goal, known = at_most(0.005, found.strange / passed)
    coloured_goal, coloured = at_least(0.95, found.coloured / passed)
    late_goal, in_time = at_most(0.01, found.late / passed)
    middle = found.exact_of_middle_frame / passed
    wrong, best_wrong = passed - found.exact, passed - found.exact_of_best_frame
    middle_wrong = passed - found.exact_of_middle_frame
    return [
        Figure(area="passages", name="vehicles that passed", value=float(passed), unit=""),
        Figure(area="passages", name="… with exactly one final", value=once, unit="", goal=goal, holds=holds),
        Figure(area="passages", name="finals beyond the first, a vehicle", value=found.double / passed,
               unit="", goal=rare_goal, holds=rare),
        Figure(area="passages", name="finals of two vehicles, a vehicle", value=found.mixed / passed,
               unit="", goal=mixed_goal, holds=unmixed),
        Figure(area="passages", name="finals of no vehicle, a vehicle", value=found.strange / passed,
               unit="", goal=strange_goal, holds=known),
        Figure(area="passages", name="finals that outlast their vehicle, a vehicle",
               value=found.late / passed, unit="", goal=late_goal, holds=in_time),
        Figure(area="passages", name="exact plates, voted; by the best single frame", value=exact, unit="",
               reference=best, goal=_GAIN, holds=_is_gain(wrong, best_wrong, passed)),
        Figure(area="passages", name="… by a frame of middling clarity", value=exact, unit="",
               reference=middle, goal=_GAIN, holds=_is_gain(wrong, middle_wrong, passed)),
        Figure(area="passages", name="plates told in their colour", value=found.coloured / passed, unit="",
               goal=coloured_goal, holds=coloured),
        *_rarely_coloured(found),
    ]  # fmt: skip


def _rarely_coloured(found: Following) -> list[Figure]:
    if not found.rare:
        return []
    share = found.rare_coloured / found.rare
    goal, holds = at_least(0.95, share)
    return [
        Figure(area="passages", name="plates neither white nor yellow", value=float(found.rare), unit=""),
        Figure(area="passages", name="… told in their colour", value=share, unit="", goal=goal, holds=holds),
    ]


def figures_without_plates(found: Tracking) -> list[Figure]:
    """What became of the same vehicles where none has a plate.

    Raises:
        Stop: too few of them passed.
    """
    passed = _enough(found.passed)
    once, crossed = found.once / passed, found.crossed / max(found.once, 1)
    goal, holds = at_least(0.93, once)
    mixed_goal, unmixed = at_most(0.03, found.mixed / passed)
    crossed_goal, as_they_went = at_least(0.95, crossed)
    return [
        Figure(area="passages", name="vehicles that passed, without plates", value=float(passed), unit=""),
        Figure(area="passages", name="… with exactly one event", value=once, unit="", goal=goal, holds=holds),
        Figure(area="passages", name="… of these, over the line as they went", value=crossed,
               unit="", goal=crossed_goal, holds=as_they_went),
        Figure(area="passages", name="events of two vehicles, a vehicle", value=found.mixed / passed,
               unit="", goal=mixed_goal, holds=unmixed),
        Figure(area="passages", name="events beyond the first, a vehicle",
               value=found.double / passed, unit=""),
        Figure(area="passages", name="events of no vehicle, a vehicle",
               value=found.strange / passed, unit=""),
    ]  # fmt: skip


def _enough(passed: int) -> int:
    if passed < FEWEST_PASSAGES:
        raise Stop(f"the films show {passed} vehicles: at least {FEWEST_PASSAGES} say something")
    return passed


def _is_gain(wrong: int, single_wrong: int, of: int) -> bool:
    """By counts: of shares, three errors instead of six are a hair more than half."""
    return single_wrong - wrong >= 0.10 * of or 2 * wrong <= single_wrong


def _judged(film: Path) -> tuple[Following, Tracking]:
    logging.disable(logging.WARNING)
    return asyncio.run(_with_and_without_plates(film))


async def _with_and_without_plates(film: Path) -> tuple[Following, Tracking]:
    """The models look at the film once; what they saw is followed twice."""
    reader = PictureReader()
    settings = PassageSettings(reading=reader.how.reading)
    truth, video = read_truth(film.with_suffix(".json")), video_of(film, frames_per_second=FRAMES_PER_SECOND)
    try:
        seen = await _seen(video, reader)
        finals = await _finals(seen, video, reader, settings)
    finally:
        await reader.close()
    sightings = [decode(Sighting, each.value) for each in seen]
    looks = [(each.captured_at - video.started_at).total_seconds() for each in sightings if not each.end]
    unread = track_without_plates(sightings, settings, began=video.started_at)
    return follow(truth, finals), judge(truth, unread, looks=looks, settings=settings)


async def _seen(video: Video, reader: PictureReader) -> list[Incoming]:
    """The sightings of a film as the stage writes them, each where its frame stood."""
    stage = Sightings(
        reader.inference,
        reader.pool,
        CoverageCounters("bench"),
        video=reader.how.video,
        stale_after_sec=float("inf"),
    )
    return [
        dataclasses.replace(message, value=sighting.value, headers=())
        for message in messages_of(video, lambda _at_sec: None)
        for sighting in await stage.handle(message)
    ]


async def _finals(
    seen: Sequence[Incoming], video: Video, reader: PictureReader, settings: PassageSettings
) -> Sequence[Followed]:
    """The last final of each event."""
    stage = Plates(settings=settings, look=FusedLook(reader.inference, reader.pool, settings).again)
    finals: dict[str, Followed] = {}
    for sighting in seen:
        for draft in stage.take(sighting):
            (outgoing,) = await stage.finish(draft)
            event = decode(PlateEvent, outgoing.value)
            if event.state == "final" and event.reading is not None and draft.passage is not None:
                finals[event.event_id] = _followed_by(draft.passage, event, video, settings)
    return list(finals.values())


def _followed_by(passage: Passage, event: PlateEvent, video: Video, settings: PassageSettings) -> Followed:
    clearest_first = passage.reads
    return Followed(
        text=event.reading.text if event.reading else "",
        colour=event.reading.colour if event.reading else "other",
        text_of_best_frame=_text_of(clearest_first[0], settings) if clearest_first else "",
        text_of_middle_frame=(
            _text_of(clearest_first[len(clearest_first) // 2], settings) if clearest_first else ""
        ),
        reads=tuple(
            ((each.captured_at - video.started_at).total_seconds(), each.seen.corners)
            for each in clearest_first
        ),
        last_sec=(event.last_captured_at - video.started_at).total_seconds(),
    )


def _text_of(seen: PlateRead, settings: PassageSettings) -> str:
    """What one frame alone says, by the same grammar."""
    reading = read(seen.slots, lines=seen.seen.lines, colour=seen.seen.colour, settings=settings.reading)
    return reading.text if reading else ""
