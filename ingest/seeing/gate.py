"""The motion gate: while a scene is still, only what is needed to see that it still is gets decoded.

An encoder spends bytes where the picture changes, so the sizes of the packets between key frames say when
something begins to move, before anything is decoded. While still, key frames are decoded and the packets
after them are kept; when a packet is larger than still ones ever were, all kept packets are decoded, so
that the beginning of the passage is not lost. Stages that follow vehicles must see those that wait, more
often than every two seconds: where key frames are about two seconds apart, the frames just after each are
decoded too, so that two pictures a fifth of a second apart leave a gap that is shorter; where they are
farther apart, everything kept is decoded every `STILL_PERIOD_SEC`.

Sizes are believed only once they have proved themselves: everything is decoded until packets have told of
`PROOFS` movements in a row before pictures showed them. An encoder of constant bit rate does not tell, and is
decoded for good; one whose packets once fail to tell is, for a long while. What an encoder proved stays
proved when its stream breaks off and comes back as what it was.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from ingest.camera.capture import Arrival, Facts
from ingest.camera.timestamps import Moment

STILL_AFTER_SEC = 3.0
STILL_PERIOD_SEC = 1.4
STILL_RATE = 1.0
"""Frames a second that are sent of a still scene; with the period above never more than 1.5 s apart."""
PAIR_SEC, PAIR_RATE = 0.2, 5.0
PAIRED_KEYS_SEC = (1.5, 2.1)
"""Key frames so far apart are followed by a second picture."""
PROOFS = 2
HELD_BYTES = 8 * 1024 * 1024
HELD_PACKETS = 600
DISTRUST_SEC = 300.0
_LONGEST_DISTRUST_SEC = 6 * 3600.0
_LEARNT_SIZES = 50
_KEPT_SIZES = 500
_LARGER, _MORE_BYTES = 1.08, 40
_NEW_AFTER_SEC = 1.0
_PROVED_AFTER_SEC = 0.3
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
class Trust:
    """How far a camera's packets are believed, over all its openings."""

    _encoder: tuple[str, int, int] | None = None
    _proofs: int = 0
    _from_sec: float = float("-inf")
    _distrust_sec: float = DISTRUST_SEC

    def opened(self, facts: Facts) -> None:
        """Another codec or size is another encoder: nothing is known of it."""
        encoder = (facts.codec, facts.width, facts.height)
        if encoder != self._encoder:
            self._encoder, self._proofs = encoder, 0
            self._from_sec, self._distrust_sec = float("-inf"), DISTRUST_SEC

    def proved(self, *, told: bool) -> None:
        """A movement began: had packets told of it before pictures showed it?"""
        self._proofs = self._proofs + 1 if told else 0

    def failed(self, now_sec: float) -> None:
        """Packets were believed, and a picture showed movement of which they told nothing."""
        self._from_sec = now_sec + self._distrust_sec
        self._distrust_sec = min(2 * self._distrust_sec, _LONGEST_DISTRUST_SEC)
        self._proofs = 0

    def holds(self, now_sec: float) -> bool:
        # A recording that begins again goes back in time.
        waits = 0.0 <= self._from_sec - now_sec <= _LONGEST_DISTRUST_SEC
        return self._proofs >= PROOFS and not waits


@dataclass
class Gate:
    """One opening of a stream. `enabled` False decodes everything."""

    enabled: bool
    trust: Trust = field(default_factory=Trust)
    moving: bool = True
    _held: list[Waiting] = field(default_factory=list)
    _held_bytes: int = 0
    _sizes: deque[int] = field(default_factory=lambda: deque(maxlen=_KEPT_SIZES))
    _new_sizes: deque[tuple[float, int]] = field(default_factory=deque)
    _limit: float = float("inf")
    _moved_sec: float = 0.0
    _told_sec: float = float("-inf")
    _untold_sec: float = float("inf")
    _decoded_sec: float = float("-inf")
    _onset_sec: float | None = None
    _key_sec: float = float("-inf")
    _key_gap_sec: float = float("inf")

    def take(self, waiting: Waiting) -> Step:
        """The next frame in the order of the stream."""
        if not self.enabled:
            return Step(decode=(waiting,))
        now_sec = waiting.moment.at.timestamp()
        self._moved_sec = self._moved_sec or now_sec
        arrival = waiting.arrival
        if arrival.key:
            self._key_gap_sec, self._key_sec = now_sec - self._key_sec, now_sec
        elif arrival.size > self._limit:
            self._told_sec = now_sec
            if now_sec - self._untold_sec <= _TOLD_WITHIN_SEC:
                self._untold_sec = float("inf")
        self._prove(now_sec)
        if self.moving:
            return self._while_moving(waiting, now_sec)
        if arrival.key:
            return self._at_key(waiting, now_sec)
        if self._told_sec == now_sec:
            return self._wake(waiting, now_sec)
        self._sizes.append(arrival.size)
        return self._hold(waiting, now_sec)

    @property
    def pairs(self) -> bool:
        """While still: two pictures at each key frame, and none between."""
        shortest, longest = PAIRED_KEYS_SEC
        return not self.moving and shortest < self._key_gap_sec <= longest

    def saw(self, at_sec: float, *, moved: bool) -> None:
        """A picture was looked at: does something move?"""
        if not moved:
            return
        told = at_sec - self._told_sec <= _TOLD_WITHIN_SEC
        if self.moving and at_sec - self._moved_sec > _NEW_AFTER_SEC and self._limit != float("inf"):
            self._onset_sec = at_sec
        if not self.moving and not told:
            # A key frame may be the first to show it; if the packets after it do not tell either, they lie.
            self._untold_sec = at_sec
        self.moving = True
        self._moved_sec = at_sec
        self._new_sizes.clear()

    def _while_moving(self, waiting: Waiting, now_sec: float) -> Step:
        quiet_sec = now_sec - max(self._moved_sec, self._told_sec)
        if not waiting.arrival.key:
            # Whatever a still picture's packets weigh: at night there is more noise than by day.
            if now_sec - self._moved_sec > _LEARN_AFTER_SEC:
                self._learn(waiting.arrival.size, now_sec)
        else:
            self._set_limit()
            if quiet_sec >= STILL_AFTER_SEC and self._limit != float("inf") and self._is_trusted(now_sec):
                self.moving = False
        self._decoded_sec = now_sec
        return Step(decode=(waiting,))

    def _is_trusted(self, now_sec: float) -> bool:
        if self._untold_sec < now_sec:
            self._untold_sec = float("inf")
            self.trust.failed(now_sec)
        return self.trust.holds(now_sec)

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
        if self.pairs and not self._held and now_sec - self._key_sec <= PAIR_SEC + 1e-3:
            self._decoded_sec = now_sec
            return Step(decode=(waiting,))
        longest_sec = PAIRED_KEYS_SEC[1] if self.pairs else STILL_PERIOD_SEC
        self._held.append(waiting)
        self._held_bytes += waiting.arrival.size
        full = self._held_bytes > HELD_BYTES or len(self._held) > HELD_PACKETS
        if full or now_sec - self._decoded_sec >= longest_sec:
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

    def _prove(self, now_sec: float) -> None:
        """A moment after a movement began: had packets told of it?"""
        if self._onset_sec is not None and now_sec - self._onset_sec >= _PROVED_AFTER_SEC:
            self.trust.proved(told=self._told_sec >= self._onset_sec - _TOLD_WITHIN_SEC)
            self._onset_sec = None

    def _learn(self, size: int, now_sec: float) -> None:
        """A size counts as a still one when no picture soon after it shows movement."""
        self._new_sizes.append((now_sec, size))
        while now_sec - self._new_sizes[0][0] > _TOLD_WITHIN_SEC:
            self._sizes.append(self._new_sizes.popleft()[1])

    def _set_limit(self) -> None:
        if len(self._sizes) < _LEARNT_SIZES:
            return
        self._limit = max(self._sizes) * _LARGER + _MORE_BYTES
