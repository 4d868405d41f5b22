"""Area `passages`: whether each vehicle of long films, on which they meet, overtake, queue and park, becomes
one event of its own, and what voting over frames is worth beside the best frame and beside a usual one."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import reduce
from operator import add
from pathlib import Path

from contracts.errors import Stop
from contracts.messages.plate import Reading
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least, at_most
from deploy.demo.street import FRAMES_PER_SECOND, TRIALS, street_cameras
from deploy.local.folders import CHECKOUT, state_folder
from deploy.measure.following import Followed, Following, follow
from deploy.reading.reader import PictureReader
from deploy.reading.video import Video, VideoProcessor, video_of
from processors.passages.observations import PlateRead
from processors.passages.passage import Passage
from processors.passages.settings import PassageSettings
from processors.reading import read
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
        found = reduce(add, pool.map(_followed, films), Following())
    remarks = CHECKOUT / REMARKS
    remarks.parent.mkdir(exist_ok=True)
    remarks.write_text("".join(f"{each}\n" for each in found.remarks), encoding="utf-8")
    return figures_of(found)


def figures_of(found: Following) -> list[Figure]:
    """What became of every vehicle of the films, against the goals.

    Raises:
        Stop: too few of them passed.
    """
    passed = found.passed
    if passed < FEWEST_PASSAGES:
        raise Stop(f"the films show {passed} vehicles: at least {FEWEST_PASSAGES} say something")
    once, exact, best = found.once / passed, found.exact / passed, found.exact_of_best_frame / passed
    goal, holds = at_least(0.99, once)
    rare_goal, rare = at_most(0.005, found.double / passed)
    mixed_goal, unmixed = at_most(0.005, found.mixed / passed)
    strange_goal, known = at_most(0.005, found.strange / passed)
    coloured_goal, coloured = at_least(0.95, found.coloured / passed)
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


def _is_gain(wrong: int, single_wrong: int, of: int) -> bool:
    """By counts: of shares, three errors instead of six are a hair more than half."""
    return single_wrong - wrong >= 0.10 * of or 2 * wrong <= single_wrong


def _followed(film: Path) -> Following:
    logging.disable(logging.WARNING)
    return follow(read_truth(film.with_suffix(".json")), asyncio.run(_finals(film)))


async def _finals(film: Path) -> Sequence[Followed]:
    """The last final of each event."""
    reader = PictureReader()
    settings = PassageSettings(reading=reader.how.reading)
    processor = VideoProcessor(reader, settings, None)
    video = video_of(film, frames_per_second=FRAMES_PER_SECOND)
    finals: dict[str, Followed] = {}
    try:
        async for draft in processor.drafts(video, lambda _at_sec: None):
            event, passage = draft.event, draft.passage
            if event.state == "final" and event.reading is not None and passage is not None:
                finals[event.event_id] = _followed_by(passage, event.reading, video, settings)
    finally:
        await reader.close()
    return list(finals.values())


def _followed_by(passage: Passage, told: Reading, video: Video, settings: PassageSettings) -> Followed:
    clearest_first = passage.reads
    return Followed(
        text=told.text,
        colour=told.colour,
        text_of_best_frame=_text_of(clearest_first[0], settings) if clearest_first else "",
        text_of_middle_frame=(
            _text_of(clearest_first[len(clearest_first) // 2], settings) if clearest_first else ""
        ),
        reads=tuple(
            ((each.captured_at - video.started_at).total_seconds(), each.seen.corners)
            for each in clearest_first
        ),
    )


def _text_of(seen: PlateRead, settings: PassageSettings) -> str:
    """What one frame alone says, by the same grammar."""
    reading = read(seen.slots, lines=seen.seen.lines, colour=seen.seen.colour, settings=settings.reading)
    return reading.text if reading else ""
