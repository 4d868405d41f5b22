"""Which call goes wrong and how, and how long an answer takes: decided by profile or by a magic number.

The same seed, number and count of calls give the same fault, so that a failing run can be run again.
Latencies follow what clients of the real services report: 0.1-3 s when they are well, 4-16 s when not.
"""

from __future__ import annotations

import hashlib
import math
import random
from dataclasses import dataclass
from enum import StrEnum


class Fault(StrEnum):
    NONE = "none"
    SERVER_ERROR = "server-error"
    MAINTENANCE = "maintenance"
    HTML = "html"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    HANG = "hang"
    RATE_LIMITED = "rate-limited"
    QUOTA = "quota"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not-found"
    ALL_NULL = "all-null"
    OTHER_NUMBER = "other-number"
    MASK_DISAGREES = "mask-disagrees"


class Profile(StrEnum):
    CLEAN = "clean"
    FLAKY = "flaky"
    SLOW = "slow"
    DOWN = "down"


MAGIC = {
    "HJ01ME5678": Fault.NONE,
    "HJ01ME5279": Fault.NOT_FOUND,
    "HJ01ME0401": Fault.UNAUTHORIZED,
    "HJ01ME0402": Fault.QUOTA,
    "HJ01ME0429": Fault.RATE_LIMITED,
    "HJ01ME0500": Fault.SERVER_ERROR,
    "HJ01ME0502": Fault.HTML,
    "HJ01ME0503": Fault.MAINTENANCE,
    "HJ01ME0504": Fault.HANG,
    "HJ01ME0001": Fault.TRUNCATED,
    "HJ01ME0002": Fault.OTHER_NUMBER,
    "HJ01ME0003": Fault.ALL_NULL,
    "HJ01ME0004": Fault.MASK_DISAGREES,
    "HJ01ME0005": Fault.EMPTY,
}
"""Numbers of a state that does not exist: whoever asks for one wants to see what happens."""

_FLAKY_SHARE = 0.10
_FLAKY_FAULTS = (Fault.SERVER_ERROR, Fault.MAINTENANCE, Fault.HTML, Fault.TRUNCATED, Fault.HANG)
# Real outages come in minutes, not in single calls: one in ten minutes of a flaky registry is maintenance.
_MAINTENANCE_EVERY_MINUTES = 10


@dataclass(frozen=True)
class Latency:
    median_sec: float
    p95_sec: float

    def draw(self, rng: random.Random) -> float:
        sigma = math.log(self.p95_sec / self.median_sec) / 1.645
        return rng.lognormvariate(math.log(self.median_sec), sigma)


_LATENCIES = {
    Profile.CLEAN: Latency(0.3, 1.2),
    Profile.FLAKY: Latency(0.8, 3.0),
    Profile.SLOW: Latency(9.0, 16.0),
    Profile.DOWN: Latency(0.2, 0.5),
}
HANG_SEC = 3600.0


@dataclass(frozen=True)
class Course:
    """What happens to one call."""

    fault: Fault
    latency_sec: float


def course_of(
    registration: str, *, call: int, profile: Profile, seed: int, minute: int, latency_scale: float = 1.0
) -> Course:
    """`call` counts the calls for this number, `minute` the minutes of the clock."""
    rng = random.Random(hashlib.sha256(f"{seed}|{registration}|{call}".encode()).digest())
    fault = MAGIC.get(registration)
    if fault is None:
        fault = _fault_of(profile, rng, maintenance=minute % _MAINTENANCE_EVERY_MINUTES == 0)
    latency_sec = _LATENCIES[profile].draw(rng) * latency_scale
    return Course(fault, HANG_SEC if fault is Fault.HANG else latency_sec)


def _fault_of(profile: Profile, rng: random.Random, *, maintenance: bool) -> Fault:
    if profile is Profile.DOWN:
        return Fault.MAINTENANCE
    if profile is Profile.FLAKY:
        if maintenance:
            return Fault.MAINTENANCE
        if rng.random() < _FLAKY_SHARE:
            return rng.choice(_FLAKY_FAULTS)
    return Fault.NONE
