"""What a live camera's frames that are read too late give way to: its newest ones."""

from __future__ import annotations

from typing import Literal

LATE_SEC = 5.0
"""So much later than this camera's frames usually are read is late."""
PATIENCE_SEC = 2.0
"""What was held up for a moment comes in one go, and is decoded in less."""
WITHOUT_KEY_SEC = 10.0
"""Streams that refresh their pictures bit by bit have no key frames, others one in ten seconds."""

Verdict = Literal["go on", "leave out", "begin again"]


class CatchingUp:
    """Of one opening. While frames stay late, those that wait in the connection's buffers are left out
    undecoded, so that they are run through at once instead of being late for good.

    Since pictures build on one another, it begins again with a key frame: the first that is in time, or,
    where none comes in time, one every `LATE_SEC`, so that a machine too slow for all of a camera's frames
    still gives some of them. A stream that is in time and sends no key frame begins again without one.
    """

    def __init__(self) -> None:
        self._late_since_sec: float | None = None
        self._left_out_since_sec: float | None = None

    def judge(self, late_sec: float, *, key: bool, now_sec: float) -> Verdict:
        """`late_sec`: later than usual, of a frame that arrives at `now_sec` on the host's clock."""
        late = late_sec > LATE_SEC
        if self._left_out_since_sec is None:
            return self._while_decoding(now_sec, late=late)
        left_out_sec = now_sec - self._left_out_since_sec
        begins = left_out_sec >= LATE_SEC if late else left_out_sec >= WITHOUT_KEY_SEC
        if (begins and (key or not late)) or (key and not late):
            self._left_out_since_sec = now_sec if late else None
            self._late_since_sec = None
            return "begin again"
        return "leave out"

    def _while_decoding(self, now_sec: float, *, late: bool) -> Verdict:
        if not late:
            self._late_since_sec = None
            return "go on"
        if self._late_since_sec is None:
            self._late_since_sec = now_sec
        if now_sec - self._late_since_sec < PATIENCE_SEC:
            return "go on"
        self._left_out_since_sec = now_sec
        return "leave out"
