"""Many drills, some at a time, each in a process of its own."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from deploy.demo.street import Street
from deploy.drill.report import DrillReport
from deploy.drill.run import drill


def all_runs(street: Street, seeds: Sequence[int], *, jobs: int) -> Iterator[DrillReport]:
    """The report of each run, as soon as it is over."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(jobs, len(seeds)), context, initializer=_prepare) as pool:
        for done in as_completed([pool.submit(drill, street, seed) for seed in seeds]):
            yield done.result()


def _prepare() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # A broker that is killed is meant to be away; its client would say so a hundred times.
    logging.getLogger("librdkafka").setLevel(logging.CRITICAL)
