"""`platestream replay`: what would these models have made of frames that Kafka still has?"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.errors import Rejected, Stop
from deploy.cli.environment import state_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contracts.messages.plate import PlateEvent
    from deploy.replay.comparison import Pair
    from deploy.replay.kept import NoFrames
    from deploy.replay.run import NearEdges, Replayed
    from webapp.pictures import PictureShelf


def replay(
    begins: Annotated[str, typer.Option("--from", help="capture time, as 2026-03-01T12:00:00Z")],
    ends: Annotated[str, typer.Option("--to", help="capture time; without a zone it is UTC")],
    cameras: Annotated[
        list[str] | None, typer.Option("--camera", help="only this one; may be repeated")
    ] = None,
    models: Annotated[
        Path | None, typer.Option(help="another model repository", exists=True, file_okay=False)
    ] = None,
    camera_file: Annotated[
        Path | None, typer.Option("--cameras", help="another camera file than the stack's", exists=True)
    ] = None,
    stored: Annotated[
        bool, typer.Option("--stored", help="finals whose frames Kafka has no more: from their stored frame")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="one JSON object")] = False,
) -> None:
    """Run retained frames again into the topic plates.replay, and compare the finals with the live ones.

    Finals so near to the edges of that time that their passage may have been longer are not compared, but
    counted. With --stored, the one frame that is in the evidence store of a final is looked at where Kafka
    has not all of its frames any more. Exit status 1 when there is nothing to look at. Cameras without frames
    in that time are named on standard error, with the times of which Kafka has some.
    """
    window = (*_times(begins, ends), frozenset(cameras or ()))
    done = _replayed(*window, models=models, camera_file=camera_file, stored=stored)
    if as_json:
        typer.echo(json.dumps(_plain(done)))
    else:
        _tell(done)
    raise typer.Exit(0 if done.frames or done.stored else 1)


def _replayed(
    begins_at: datetime,
    ends_at: datetime,
    cameras: frozenset[str],
    *,
    models: Path | None,
    camera_file: Path | None,
    stored: bool,
) -> Replayed:
    import asyncio

    from rich.console import Console

    from deploy.local.stack import Stack
    from deploy.reading.reader import REPOSITORY, PictureReader
    from deploy.replay.run import replay as run
    from deploy.replay.window import Window
    from processors.adapters.camera_book import CameraBook

    window = Window(begins_at=begins_at, ends_at=ends_at, cameras=cameras)
    variables = os.environ if os.environ.get("PLATESTREAM_KAFKA") else Stack(state_here()).variables()
    kafka, file = variables.get("PLATESTREAM_KAFKA"), camera_file or variables.get("PLATESTREAM_CAMERAS")
    if not kafka:
        raise Stop("no broker is named (PLATESTREAM_KAFKA) and the local stack has none")
    reader, book = PictureReader(models or REPOSITORY), CameraBook(Path(file) if file else None)
    shelf = _shelf(variables) if stored else None
    with Console(stderr=True).status("frames …") as status:
        return asyncio.run(
            run(kafka, window, reader, book, lambda frames: status.update(f"{frames} frames …"), shelf)
        )


def _shelf(variables: Mapping[str, str]) -> PictureShelf:
    from webapp.pictures import open_shelf

    where, account = variables.get("PLATESTREAM_EVIDENCE"), variables.get("PLATESTREAM_S3_WEB_FILE")
    if not where:
        raise Stop("PLATESTREAM_EVIDENCE is not known: where are the stored frames?")
    return open_shelf(where, name="evidence store", s3_file=Path(account) if account else None)


def _times(begins: str, ends: str) -> tuple[datetime, datetime]:
    begins_at, ends_at = _time(begins), _time(ends)
    if ends_at < begins_at:
        raise Rejected(f"--to {ends!r}", f"it is before --from {begins!r}")
    return begins_at, ends_at


def _time(said: str) -> datetime:
    try:
        time = datetime.fromisoformat(said)
    except ValueError as error:
        raise Rejected(f"time {said!r}", "it is not of the form 2026-03-01T12:00:00Z") from error
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _plain(done: Replayed) -> dict[str, Any]:
    return {
        "frames": done.frames,
        "without_frames": [_plain_missing(each) for each in done.without_frames],
        "unreadable": done.unreadable,
        "events": done.events,
        "outcomes": dict(Counter(pair.outcome for pair in done.pairs)),
        "passages": [_both(pair) for pair in done.pairs],
        "near_edges": asdict(done.near_edges),
        "stored": [_both(pair) for pair in done.stored],
        "gone": [_short(each) for each in done.gone],
    }


def _plain_missing(missing: NoFrames) -> dict[str, Any]:
    spans = {"of_camera": missing.of_camera, "of_any": missing.of_any}
    times = {name: span and [each.isoformat() for each in span] for name, span in spans.items()}
    return {"camera": missing.camera, "told": str(missing), **times}


def _both(pair: Pair) -> dict[str, Any]:
    return {"outcome": pair.outcome, "live": _short(pair.live), "replayed": _short(pair.replayed)}


def _short(event: PlateEvent | None) -> dict[str, Any] | None:
    if event is None:
        return None
    reading = event.reading
    return {
        "event_id": event.event_id,
        "camera": event.camera,
        "first_captured_at": event.first_captured_at.isoformat(),
        "text": reading.text if reading else None,
        "confidence": reading.confidence if reading else None,
        "accepted": reading.accepted if reading else None,
    }


def _tell(done: Replayed) -> None:
    for pair in (*done.pairs, *done.stored):
        if pair.outcome != "same":
            typer.echo(_line(pair))
    typer.echo(f"{done.frames} frames, {done.events} events on plates.replay")
    for outcome, count in Counter(pair.outcome for pair in done.pairs).most_common():
        typer.echo(f"{count:6}  {outcome}")
    for outcome, count in Counter(pair.outcome for pair in done.stored).most_common():
        typer.echo(f"{count:6}  {outcome}, by the one stored frame")
    _tell_near_edges(done.near_edges)
    if done.gone:
        typer.echo(f"{len(done.gone):6}  not compared: Kafka does not have all of their frames any more")
    for missing in done.without_frames:
        typer.echo(f"platestream: {missing}", err=True)


def _tell_near_edges(near: NearEdges) -> None:
    for count, whose in ((near.live, "live"), (near.replayed, "replayed")):
        if count:
            typer.echo(f"{count:6}  {whose}, not compared: too near to an edge")
    if near.live or near.replayed:
        typer.echo(
            f"An edge is --from, --to, or a camera's first or last frame between them; too near is less than "
            f"{near.margin_sec:g} seconds. A wider --from/--to compares them where Kafka has the frames."
        )


def _line(pair: Pair) -> str:
    event = pair.live or pair.replayed
    camera, at = (event.camera, f"{event.first_captured_at:%H:%M:%S}") if event else ("", "")
    texts = [
        (f"{each.reading.text} ({each.reading.confidence:.0%})" if each.reading else "unread")
        if each
        else "–"
        for each in (pair.live, pair.replayed)
    ]
    return f"{at}  {camera:<20} {pair.outcome:<15} {texts[0]} → {texts[1]}"
