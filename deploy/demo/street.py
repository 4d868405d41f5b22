"""The rendered street cameras: films made once, played as cameras, and judged by their truth."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

import psycopg
from rich.console import Console

from contracts.cameras import Camera, Line, Pace
from contracts.errors import Stop
from deploy.local.folders import CHECKOUT, State
from deploy.measure.flow import Flow, SeenUntil
from deploy.measure.truth import FoundFinal, TruePassage, Verdict, compare, in_window
from triton_models.rendering.demo import demo_cameras
from triton_models.rendering.streets.camera import View
from triton_models.rendering.trials import trial_cameras
from triton_models.rendering.truth import PassageTruth, read_truth

DEMO, TRIALS = "demo", "trials"
FILM_SEED = 1
FRAMES_PER_SECOND = 5.0
_MIDDLE = Line(name="line across the middle", ends=((0.0, 0.6), (1.0, 0.6)))
_EPOCH_FORMAT = "%Y%m%dT%H%M%S.%fZ"
_FINALS = """
SELECT event_id::text, camera, epoch, text, captured_at, last_captured_at
  FROM passages WHERE state = 'final' AND event_id = ANY(%s::uuid[])
"""


@dataclass(frozen=True)
class Film:
    """A film with what truly passes in it; times are seconds of the film. `passages` are of vehicles whose
    plate becomes legible, from then on; `in_view` the same from when on the whole plate is in view. Of
    `illegible` vehicles nobody need read the plate."""

    camera: str
    place: str
    path: Path
    passages: tuple[TruePassage, ...]
    in_view: tuple[TruePassage, ...] = ()
    illegible: tuple[TruePassage, ...] = ()


@dataclass(frozen=True)
class Street:
    films: tuple[Film, ...]

    def cameras(self, *, pace: Pace) -> list[Camera]:
        """A camera a film; at real pace they begin again when they end, as a street goes on."""
        views = {camera.id: camera.view for camera in (*demo_cameras(), *trial_cameras())}
        return [
            Camera(
                id=film.camera,
                place=film.place,
                source=str(film.path),
                frames_per_second=FRAMES_PER_SECOND,
                lines=(_MIDDLE,),
                field_of_view_deg=_field_of_view_deg(views[film.camera]),
                pace=pace,
                repeat=pace == "real",
            )
            for film in self.films
        ]

    def judge(self, database: str, flow: Flow) -> Verdict:
        """The run's finals in the database against every vehicle that had passed before it ended."""
        with psycopg.connect(database, connect_timeout=10) as connection:
            rows = connection.execute(_FINALS, (list(flow.final_ids),)).fetchall()
        return self.verdict(rows, flow.seen_until)

    def verdict(self, rows: Iterable[tuple[Any, ...]], seen_until: SeenUntil) -> Verdict:
        """`rows` as _FINALS gives them. What users uploaded meanwhile has no truth and is left out."""
        films = {film.camera: film for film in self.films}
        finals = [
            FoundFinal(
                event_id=event_id,
                camera=camera,
                epoch=epoch,
                text=text,
                first_sec=film_seconds(epoch, first),
                last_sec=film_seconds(epoch, last),
            )
            for event_id, camera, epoch, text, first, last in rows
            if camera in films
        ]
        truth, may_come = [], []
        for (camera, epoch), until in seen_until.items():
            if camera in films:
                until_sec = film_seconds(epoch, until) - 1.0 / FRAMES_PER_SECOND
                every = [replace(passage, epoch=epoch) for passage in films[camera].passages]
                over = in_window(every, until_sec=until_sec)
                truth += over
                # Who is still coming may have been read from afar.
                coming = [each for each in films[camera].in_view if each.last_sec > until_sec]
                may_come += [replace(passage, epoch=epoch) for passage in (*coming, *films[camera].illegible)]
        return compare(truth, finals, may_come=may_come)


def _field_of_view_deg(view: View) -> float:
    """The angle that the picture's whole width shows."""
    return 2 * math.degrees(math.atan(view.size_wh[0] / 2 / view.focal_px))


def film_seconds(epoch: str, time: datetime) -> float:
    """Seconds of film at a capture time: an epoch's name begins with the moment its film began."""
    began = datetime.strptime(epoch.partition("-")[0], _EPOCH_FORMAT).replace(tzinfo=UTC)
    return (time - began).total_seconds()


def street_cameras(state: State, *, seconds: float, console: Console, streets: str = DEMO) -> Street:
    """The street's films of at least so many seconds, rendered now where they are not there yet.
    `TRIALS` are made of the very frames that are looked at, to be judged frame by frame.

    Raises:
        Stop: they cannot be rendered.
    """
    folder = state.root / "films" / (f"{seconds:g}" if streets == DEMO else f"{streets}-{seconds:g}")
    command = [
        # When it is broken off, Python has something to say of semaphores that it clears away itself.
        *(sys.executable, "-W", "ignore:resource_tracker:UserWarning"),
        *("-m", "triton_models.rendering", "films"),
        *("--out", str(folder), "--seed", str(FILM_SEED), "--seconds", f"{seconds:g}"),
        *("--streets", streets),
        *(("--fps", f"{FRAMES_PER_SECOND:g}") if streets == TRIALS else ()),
    ]
    status = run_apart(command)
    if status != 0:
        raise Stop(f"the street films could not be rendered (exit status {status})")
    films = tuple(_film(path) for path in sorted(folder.glob("*.mp4")))
    if not films:
        raise Stop(f"no street film was rendered in {folder}")
    console.print(f"[dim]{len(films)} street cameras of {seconds:.0f} s[/dim]")
    return Street(films)


def run_apart(command: list[str]) -> int:
    """Exit status of a program that Ctrl-C reaches by us alone: its workers end with it and say nothing. So
    they do when we are told to end, or our terminal is closed."""
    with _exit_on(signal.SIGTERM, signal.SIGHUP):
        process = subprocess.Popen(command, cwd=CHECKOUT, process_group=0)
        try:
            return process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise


@contextmanager
def _exit_on(*numbers: signal.Signals) -> Iterator[None]:
    """These signals leave the block as an error does; one that is ignored, as by nohup, stays so."""

    def leave(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.getsignal(number) for number in numbers}
    heeded = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heeded:
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)


def _film(path: Path) -> Film:
    truth = read_truth(path.with_suffix(".json"))
    return Film(
        camera=truth.camera,
        place=truth.place,
        path=path,
        passages=tuple(_passed(each, each.first_sec) for each in truth.passages),
        in_view=tuple(_passed(each, _in_view_sec(each)) for each in truth.passages),
        illegible=tuple(_passed(each, each.first_sec) for each in truth.illegible),
    )


def _passed(truth: PassageTruth, first_sec: float) -> TruePassage:
    return TruePassage(
        camera=truth.camera,
        epoch="",
        text=truth.text,
        vehicle=truth.vehicle,
        first_sec=first_sec,
        last_sec=truth.last_sec,
    )


def _in_view_sec(truth: PassageTruth) -> float:
    """From when on its whole plate is in view, small as it may be."""
    return min((frame.time_sec for frame in truth.frames if frame.corners), default=truth.first_sec)
