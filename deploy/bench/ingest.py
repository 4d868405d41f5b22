"""Area `ingest`: processor time from a film to sampled JPEGs, against decoding the film and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import av

from deploy.bench.context import Bench, frames_of
from deploy.bench.figures import Figure, at_most


def measure(bench: Bench) -> list[Figure]:
    """Five frames a second of one film. The reference decodes every frame and throws it away."""
    reference_sec = _cpu_sec(lambda: _decode(bench.film))
    ours_sec = _cpu_sec(lambda: sum(1 for _ in frames_of(bench.film)))
    ratio = ours_sec / reference_sec
    goal, holds = at_most(1.6, ratio)
    return [
        Figure(area="ingest", name="film to 5 JPEGs a second, processor time", value=ours_sec, unit="s",
               reference=reference_sec),
        Figure(area="ingest", name="… against decoding alone", value=ratio, unit="x", goal=goal, holds=holds),
    ]  # fmt: skip


def _decode(film: Path) -> None:
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        for _frame in container.decode(stream):
            pass


def _cpu_sec(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
