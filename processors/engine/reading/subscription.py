"""What a worker reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What one worker reads. `instance` makes it a static member: a restart then costs no rebalance."""

    kafka: str
    group: str
    topics: tuple[str, ...]
    instance: str | None = None
    session_timeout_sec: float = 10.0
    prefetch: int = 64
