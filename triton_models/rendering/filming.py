"""Several films at once: cameras, seed and length in, a folder of films with their truth out."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.queues import Queue
from pathlib import Path
from queue import Empty

from triton_models.rendering.films import FilmPlan, render_film
from triton_models.rendering.streets.traffic import StreetCamera

Report = Callable[[str, int], None]
"""Told the camera and how many frames of its film are done."""
_EVERY_FRAMES = 10
_reports: Queue[tuple[str, int]] | None = None


def film_paths(folder: Path, camera: str) -> tuple[Path, Path]:
    return folder / f"{camera}.mp4", folder / f"{camera}.json"


def render_films(
    cameras: Sequence[StreetCamera], folder: Path, *, seed: int, seconds: float, fps: float = 10.0,
    workers: int = 1, report: Report = lambda _camera, _frames: None,
) -> dict[str, bool]:  # fmt: skip
    """For each camera whether its film was made now (True) or was there already.

    Raises:
        Stop: a typeface is missing.
        OSError: the folder cannot be written.
    """
    plans = [FilmPlan(camera, seed, seconds, fps) for camera in cameras]
    if workers <= 1 or len(plans) == 1:
        return {plan.camera.id: _film(plan, folder, report) for plan in plans}
    context = multiprocessing.get_context("spawn")
    reports: Queue[tuple[str, int]] = context.Queue()
    with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(reports,)) as pool:
        futures = {plan.camera.id: pool.submit(_film_reporting, plan, folder) for plan in plans}
        try:
            _pass_on(reports, futures, report)
            return {camera: future.result() for camera, future in futures.items()}
        except BaseException:
            # The films not yet begun are not begun any more; a half one leaves no file behind.
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _begin(reports: Queue[tuple[str, int]]) -> None:
    """In each worker: where its reports go; Ctrl-C is the parent's to answer."""
    global _reports  # noqa: PLW0603 - the only way into a pool's worker
    _reports = reports
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _film_reporting(plan: FilmPlan, folder: Path) -> bool:
    reports = _reports
    if reports is None:
        raise RuntimeError("this process was not begun as a worker")
    return _film(plan, folder, lambda camera, frames: reports.put((camera, frames)))


def _film(plan: FilmPlan, folder: Path, report: Report) -> bool:
    camera = plan.camera
    film, truth = film_paths(folder, camera.id)

    def progress(frames: int) -> None:
        if frames % _EVERY_FRAMES == 0:
            report(camera.id, frames)

    made = render_film(
        film, truth, camera=camera, seed=plan.seed, seconds=plan.seconds, fps=plan.fps, progress=progress
    )
    report(camera.id, plan.frames)
    return made


def _pass_on(reports: Queue[tuple[str, int]], futures: dict[str, Future[bool]], report: Report) -> None:
    while True:
        all_done = all(future.done() for future in futures.values())
        try:
            report(*reports.get(timeout=0.2))
        except Empty:
            if all_done:
                return
