"""What a live camera's frames that are read too late give way to: its newest ones."""

from __future__ import annotations

from typing import Literal

LATE_SEC = 5.0
"""Frames that are read so much later than this camera's usually are are left out undecoded: what waits in
the connection's buffers is then run through at once, instead of being late for good."""

Verdict = Literal["go on", "leave out", "begin again"]


class CatchingUp:
    """Of one opening. Since pictures build on one another, it begins again with a key frame: the first that
    is in time, or, where none comes in time, one every `LATE_SEC`, so that a machine too slow for all of a
    camera's frames still gives some of them."""

    def __init__(self) -> None:
        self._left_out_since_sec: float | None = None

    def judge(self, late_sec: float, *, key: bool, now_sec: float) -> Verdict:
        """`late_sec`: later than usual, of a frame that arrives at `now_sec` on the host's clock."""
        if self._left_out_since_sec is None:
            if late_sec <= LATE_SEC:
                return "go on"
            self._left_out_since_sec = now_sec
            return "leave out"
        if not key:
            return "leave out"
        if late_sec <= LATE_SEC or now_sec - self._left_out_since_sec >= LATE_SEC:
            self._left_out_since_sec = None if late_sec <= LATE_SEC else now_sec
            return "begin again"
        return "leave out"
