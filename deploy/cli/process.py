"""`platestream process`: the passages of videos, through the stages' own functions without a broker."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contracts.errors import Stop

if TYPE_CHECKING:
    from rich.progress import Progress

    from contracts.messages.plate import PlateEvent
    from deploy.reading.video import Video, VideoProcessor


_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/")  # a path has no second slash in a row any more


def process(
    videos: Annotated[list[Path], typer.Argument(help="video files")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="one line of JSON a final plate event")] = False,
    frames_per_second: Annotated[
        float, typer.Option("--fps", min=0.2, max=60, help="how many frames a second are looked at")
    ] = 5.0,
    evidence: Annotated[
        Path | None, typer.Option(help="keep the pictures that prove each event in this folder")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
) -> None:
    """Find the passages of vehicles in videos."""
    import asyncio

    _refuse_addresses(videos)
    from deploy.reading.reader import REPOSITORY, PictureReader
    from deploy.reading.video import VideoProcessor, video_of
    from processors.adapters.evidence import ObjectStoreEvidence
    from processors.passages.settings import PassageSettings

    reader = PictureReader(models or REPOSITORY)
    store = ObjectStoreEvidence.open(evidence.absolute().as_uri()) if evidence else None
    processor = VideoProcessor(reader, PassageSettings(reading=reader.how.reading), store)
    found = [video_of(path, frames_per_second=frames_per_second) for path in videos]
    if not asyncio.run(_process_all(processor, found, as_json=as_json)):
        raise typer.Exit(1)


def _refuse_addresses(videos: list[Path]) -> None:
    """Not even one that could be opened: a stream has no end. It may hold a password and is not shown."""
    schemes = {match[1] for path in videos if (match := _ADDRESS.match(str(path))) and not path.exists()}
    if schemes:
        named = ", ".join(f"{scheme}://…" for scheme in sorted(schemes))
        raise Stop(f"{named} is no video file; a stream is shown by `make demo VIDEO={named}`")


def _shown(video: Video) -> str:
    """A file's name may hold bytes that are no UTF-8; a terminal or a pipe may not."""
    return os.fsencode(video.camera.source).decode("utf-8", "replace")


async def _process_all(processor: VideoProcessor, videos: list[Video], *, as_json: bool) -> bool:
    """False when a video could not be read to its end."""
    from rich.console import Console
    from rich.progress import Progress
    from rich.text import Text

    from ingest.camera.capture import CaptureError

    console = Console(stderr=True)
    whole = True
    # Lines on the same terminal as the bar go above it; lines of JSON are never touched.
    both = sys.stdout.isatty()
    hidden = not console.is_terminal or (both and as_json)
    with Progress(
        console=console, transient=True, disable=hidden, redirect_stdout=both and not as_json
    ) as progress:
        for video in videos:
            try:
                await _process_one(processor, video, progress, as_json=as_json)
            except CaptureError as error:
                whole = False
                reason = error.reason.removeprefix(f"{video.camera.source} ")
                console.print(Text(f"{_shown(video)}: {reason}", style="red"), soft_wrap=True)
    return whole


async def _process_one(processor: VideoProcessor, video: Video, progress: Progress, *, as_json: bool) -> None:
    from rich.markup import escape

    from contracts.codec import encode

    task = progress.add_task(escape(Path(_shown(video)).name), total=video.seconds)
    count = 0
    async for event in processor.finals(video, lambda at_sec: progress.update(task, completed=at_sec)):
        count += 1
        line = encode(event).decode() if as_json else _line(event, video)
        # Not by rich: a line of JSON must stay one line however narrow the terminal is.
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    progress.remove_task(task)
    if not as_json:
        sys.stdout.write(f"{_shown(video)}: {count} passage{'s' * (count != 1)}\n")


def _line(event: PlateEvent, video: Video) -> str:
    """When in the film, which plate, how sure, seen how often, on what."""
    since, until = (
        (time - video.started_at).total_seconds()
        for time in (event.first_captured_at, event.last_captured_at)
    )
    reading = event.reading
    text = reading.text if reading else "-"
    confidence = reading.confidence if reading else 0.0
    doubt = "" if reading and reading.accepted else "?"
    vehicle = event.vehicle.kind if event.vehicle else "-"
    return (
        f"{since:7.1f} - {until:6.1f} s  {text + doubt:<14} {confidence:5.2f}  "
        f"{event.reads} of {event.frames} frames  {vehicle}  {event.direction or '-'}"
    )
