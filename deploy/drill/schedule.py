"""Who is killed when: each victim once, at moments drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

VICTIMS = (
    *("ingest", "sightings", "plates", "enriched", "rows", "webapp"),
    *("triton", "kafka", "postgres", "registry"),
)
QUIET_AT_START_SEC = 8.0
QUIET_AT_END_SEC = 6.0


@dataclass(frozen=True)
class Kill:
    """SIGKILL for `process`, so many seconds after the cameras started."""

    process: str
    at_sec: float


def kills(seed: int, *, seconds: float, victims: Sequence[str] = VICTIMS) -> list[Kill]:
    """Every victim once, in random order, at random moments between a quiet start and a quiet end."""
    rng = random.Random(seed)
    order = rng.sample(list(victims), len(victims))
    moments = sorted(rng.uniform(QUIET_AT_START_SEC, seconds - QUIET_AT_END_SEC) for _ in order)
    return [Kill(process, moment) for process, moment in zip(order, moments, strict=True)]
