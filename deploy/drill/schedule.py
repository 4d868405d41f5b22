"""What happens when in a run: all of it drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

VICTIMS = (
    *("ingest", "sightings", "plates", "enriched", "rows", "webapp"),
    *("triton", "kafka", "postgres", "registry"),
)
VISITED = ("sightings", "plates")
QUIET_AT_START_SEC = 8.0
QUIET_AT_END_SEC = 6.0
SHORTEST_SEC, LONGEST_SEC = 30.0, 90.0
"""The longest outlast the time after which a standing vehicle is parked, so that a kill can meet one."""
SHORTEST_FREEZE_SEC, LONGEST_FREEZE_SEC = 11.0, 15.0
"""Kafka gives a member of a group up after ten seconds without a sign of life."""
SHORTEST_OUTAGE_SEC, LONGEST_OUTAGE_SEC = 11.0, 16.0
"""Finals wait for their pictures for so long, and what comes after them with them: for longer than it takes
until a camera counts as silent."""
_DRAWS = 100
STARTED_WITHIN_SEC = 20.0
"""How long a worker takes to come up while everything else restarts beside it."""
_LONGEST_START_SHARE = 0.75
"""Where a run is too short for a second worker to come up and stay: so much of it, at least, it may try."""


@dataclass(frozen=True)
class Kill:
    """SIGKILL for `process`, so many seconds after the cameras started."""

    process: str
    at_sec: float


@dataclass(frozen=True)
class Visit:
    """A second worker of `stage`, which takes over some of its partitions and gives them back: asked to end,
    or by SIGKILL."""

    stage: str
    from_sec: float
    until_sec: float
    killed: bool


@dataclass(frozen=True)
class Freeze:
    """SIGSTOP for `stage`, for longer than Kafka waits for a member of a group, and then SIGCONT: it goes on
    with what it had in its hands, which may be another worker's by now."""

    stage: str
    from_sec: float
    until_sec: float


@dataclass(frozen=True)
class Outage:
    """The evidence store takes and gives nothing."""

    from_sec: float
    until_sec: float


def seconds_of(seed: int) -> float:
    """How long the cameras run."""
    return random.Random(f"seconds {seed}").uniform(SHORTEST_SEC, LONGEST_SEC)


def kills(seed: int, *, seconds: float, victims: Sequence[str] = VICTIMS) -> list[Kill]:
    """Every victim once, in random order, at random moments between a quiet start and a quiet end."""
    rng = random.Random(seed)
    order = rng.sample(list(victims), len(victims))
    moments = sorted(rng.uniform(QUIET_AT_START_SEC, seconds - QUIET_AT_END_SEC) for _ in order)
    return [Kill(process, moment) for process, moment in zip(order, moments, strict=True)]


def upload_sec(seed: int, *, seconds: float) -> float:
    """When somebody hands in a picture at the portal, between the same quiet times."""
    return random.Random(f"upload {seed}").uniform(QUIET_AT_START_SEC, seconds - QUIET_AT_END_SEC)


def visits(seed: int, *, seconds: float, stages: Sequence[str] = VISITED) -> list[Visit]:
    """One of each stage, between the same quiet times, mostly for long enough to come up and take part."""
    rng = random.Random(f"visits {seed}")
    end_sec = seconds - QUIET_AT_END_SEC
    shortest_sec = min(STARTED_WITHIN_SEC, _LONGEST_START_SHARE * (end_sec - QUIET_AT_START_SEC))
    found = []
    for stage in stages:
        from_sec = rng.uniform(QUIET_AT_START_SEC, end_sec - shortest_sec)
        until_sec = rng.uniform(from_sec + shortest_sec, end_sec)
        found.append(Visit(stage, from_sec, until_sec, killed=rng.random() < 0.5))
    return found


def outage(seed: int, *, seconds: float) -> Outage:
    """Between the same quiet times."""
    rng = random.Random(f"outage {seed}")
    lasts_sec = rng.uniform(SHORTEST_OUTAGE_SEC, LONGEST_OUTAGE_SEC)
    from_sec = rng.uniform(QUIET_AT_START_SEC, seconds - QUIET_AT_END_SEC - lasts_sec)
    return Outage(from_sec, from_sec + lasts_sec)


def freeze(
    seed: int, *, seconds: float, planned: Sequence[Kill], stages: Sequence[str] = VISITED
) -> Freeze | None:
    """One of the stages that have second workers, between the same quiet times, while nobody kills it and it
    has come up; None where the run is too short for that."""
    rng = random.Random(f"freeze {seed}")
    for _ in range(_DRAWS):
        lasts_sec = rng.uniform(SHORTEST_FREEZE_SEC, LONGEST_FREEZE_SEC)
        from_sec = rng.uniform(QUIET_AT_START_SEC, seconds - QUIET_AT_END_SEC - lasts_sec)
        drawn = Freeze(rng.choice(list(stages)), from_sec, from_sec + lasts_sec)
        if not any(_falls_together(drawn, kill) for kill in planned):
            return drawn
    return None


def _falls_together(freeze: Freeze, kill: Kill) -> bool:
    first_sec = freeze.from_sec - STARTED_WITHIN_SEC
    return kill.process == freeze.stage and first_sec <= kill.at_sec <= freeze.until_sec
