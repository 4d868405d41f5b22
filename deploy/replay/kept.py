"""What was asked for, what Kafka has -> of which cameras there are no frames of that time, and of when there
are some. No IO."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

Span = tuple[datetime, datetime]
"""Capture times of a first and a last frame."""


@dataclass(frozen=True, kw_only=True)
class NoFrames:
    """None of this camera are of the time that was asked for; of no camera: none at all.

    `of_camera`: what Kafka has of this camera, whenever; `of_any`: of all cameras. None: nothing.
    """

    camera: str | None
    of_camera: Span | None
    of_any: Span | None

    def __str__(self) -> str:
        return f"no frames{f' of camera {self.camera}' if self.camera else ''} in that time: {self._kept()}"

    def _kept(self) -> str:
        if self.of_any is None:
            return "Kafka has none at all"
        if self.camera is None:
            return f"Kafka's first is of {_said(self.of_any)}"
        if self.of_camera is None:
            return f"Kafka has none of it at all, and its first of all cameras is of {_said(self.of_any)}"
        return f"Kafka's first of it is of {_said(self.of_camera)}"


def without_frames(
    asked: Collection[str], seen: Collection[str], kept: Mapping[str, Span]
) -> tuple[NoFrames, ...]:
    """One for each camera asked for that was not `seen`, by name; no camera asked for: one if none was seen.

    `kept`: for each camera what Kafka has of it, whenever.
    """
    first = min((each for each, _ in kept.values()), default=None)
    last = max((each for _, each in kept.values()), default=None)
    of_any = None if first is None or last is None else (first, last)
    if not asked and not seen:
        return (NoFrames(camera=None, of_camera=None, of_any=of_any),)
    return tuple(
        NoFrames(camera=camera, of_camera=kept.get(camera), of_any=of_any)
        for camera in sorted(set(asked) - set(seen))
    )


def widened(span: Span | None, time: datetime) -> Span:
    first, last = span or (time, time)
    return min(first, time), max(last, time)


def _said(span: Span) -> str:
    first, last = (each.isoformat().replace("+00:00", "Z") for each in span)
    return f"{first}, the last of {last}"
