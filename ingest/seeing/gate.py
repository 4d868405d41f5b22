"""The motion gate: while a scene is still, only what is needed to see that it still is gets decoded.

An encoder spends bytes where the picture changes, so the sizes of the packets between key frames say when
something begins to move, before anything is decoded. While still, key frames are decoded and the packets
after them are kept; when a packet is larger than still ones ever were, all kept packets are decoded, so
that the beginning of the passage is not lost. At least one picture every `STILL_PERIOD_SEC` is decoded in
any case: stages that follow vehicles must see those that wait.

Sizes are believed only while they prove themselves: when a picture shows movement that no packet told of
(an encoder of constant bit rate does not tell), everything is decoded for a long while.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ingest.capture import Arrival
from ingest.timestamps import Moment

STILL_AFTER_SEC = 3.0
STILL_PERIOD_SEC = 1.4
STILL_RATE = 1.0
"""Frames a second that are sent of a still scene; with the period above never more than 1.5 s apart."""
HELD_BYTES = 8 * 1024 * 1024
HELD_PACKETS = 600
DISTRUST_SEC = 300.0
_LONGEST_DISTRUST_SEC = 6 * 3600.0
_LEARNT_SIZES = 50
_KEPT_SIZES = 500
_QUIET_SHARE = 0.98
_LARGER, _MORE_BYTES = 1.25, 120
_TOLD_WITHIN_SEC = 1.0
_LEARN_AFTER_SEC = 0.5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A frame that has arrived, with its capture time."""

    arrival: Arrival
    moment: Moment


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done, in this order: these frames are left out; the decoder begins anew (`restart`);
    these are decoded."""

    left_out: tuple[Waiting, ...] = ()
    restart: bool = False
    decode: tuple[Waiting, ...] = ()


@dataclass
class Gate:
    """One opening of a stream. `enabled` False decodes everything."""

    enabled: bool
    moving: bool = True
    _held: list[Waiting] = field(default_factory=list)
    _held_bytes: int = 0
    _sizes: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT_SIZES))
    _limit: float = float("inf")
    _moved_sec: float = 0.0
    _told_sec: float = float("-inf")
    _untold_sec: float = float("inf")
    _decoded_sec: float = float("-inf")
    _trusted_from_sec: float = float("-inf")
    _distrust_sec: float = DISTRUST_SEC

    def take(self, waiting: Waiting) -> Step:
        """The next frame in the order of the stream."""
        if not self.enabled:
            return Step(decode=(waiting,))
        now_sec = waiting.moment.at.timestamp()
        self._moved_sec = self._moved_sec or now_sec
        arrival = waiting.arrival
        if not arrival.key and arrival.size > self._limit:
            self._told_sec = now_sec
            if now_sec - self._untold_sec <= _TOLD_WITHIN_SEC:
                self._untold_sec = float("inf")
        if self.moving:
            return self._while_moving(waiting, now_sec)
        if arrival.key:
            return self._at_key(waiting, now_sec)
        if self._told_sec == now_sec:
            return self._wake(waiting, now_sec)
        self._sizes.append(arrival.size)
        return self._hold(waiting, now_sec)

    def saw(self, at_sec: float, *, moved: bool) -> None:
        """A picture was looked at: does something move?"""
        if not moved:
            return
        if not self.moving and at_sec - self._told_sec > _TOLD_WITHIN_SEC:
            # A key frame may be the first to show it; if the packets after it do not tell either, they lie.
            self._untold_sec = at_sec
        self.moving = True
        self._moved_sec = at_sec

    def _while_moving(self, waiting: Waiting, now_sec: float) -> Step:
        quiet_sec = now_sec - max(self._moved_sec, self._told_sec)
        if not waiting.arrival.key:
            # Whatever a still picture's packets weigh: at night there is more noise than by day.
            if now_sec - self._moved_sec > _LEARN_AFTER_SEC:
                self._sizes.append(waiting.arrival.size)
        elif quiet_sec >= STILL_AFTER_SEC and self._knows() and self._is_trusted(now_sec):
            self.moving = False
        self._decoded_sec = now_sec
        return Step(decode=(waiting,))

    def _is_trusted(self, now_sec: float) -> bool:
        if self._untold_sec < now_sec:
            self._untold_sec = float("inf")
            self._trusted_from_sec = now_sec + self._distrust_sec
            self._distrust_sec = min(2 * self._distrust_sec, _LONGEST_DISTRUST_SEC)
        return now_sec >= self._trusted_from_sec

    def _at_key(self, waiting: Waiting, now_sec: float) -> Step:
        """The packets since the last key frame were still ones."""
        self._set_limit()
        left_out = self._released()
        self._decoded_sec = now_sec
        return Step(left_out=left_out, restart=bool(left_out), decode=(waiting,))

    def _wake(self, waiting: Waiting, now_sec: float) -> Step:
        self.moving = True
        self._moved_sec = self._decoded_sec = now_sec
        return Step(decode=(*self._released(), waiting))

    def _hold(self, waiting: Waiting, now_sec: float) -> Step:
        self._held.append(waiting)
        self._held_bytes += waiting.arrival.size
        full = self._held_bytes > HELD_BYTES or len(self._held) > HELD_PACKETS
        if full or now_sec - self._decoded_sec >= STILL_PERIOD_SEC:
            self._decoded_sec = now_sec
            return Step(decode=self._released())
        return Step()

    def rest(self) -> tuple[Waiting, ...]:
        """What is still kept when the stream ends."""
        return self._released()

    def _released(self) -> tuple[Waiting, ...]:
        found = tuple(self._held)
        self._held.clear()
        self._held_bytes = 0
        return found

    def _knows(self) -> bool:
        if len(self._sizes) < _LEARNT_SIZES:
            return False
        self._set_limit()
        return True

    def _set_limit(self) -> None:
        if len(self._sizes) < _LEARNT_SIZES:
            return
        ordered = sorted(self._sizes)
        quiet = ordered[min(len(ordered) - 1, int(_QUIET_SHARE * len(ordered)))]
        self._limit = quiet * _LARGER + _MORE_BYTES
