"""Waiting until the stages have done with a run's messages."""

from __future__ import annotations

import time
from collections.abc import Mapping

from deploy.measure.flow import STAGE_INPUTS, Marks
from deploy.measure.log import LogReader

HOLDS_BACK = "plates"
"""It acknowledges a live camera's last sightings only when their vehicles cannot come back any more."""
_LOOK_EVERY_SEC = 0.5


class Stillness:
    """For how long no stage has moved and only the one that holds back has anything left."""

    def __init__(self) -> None:
        self._lags: Mapping[str, int] = {}
        self._since_sec = 0.0

    def sec(self, lags: Mapping[str, int], *, now_sec: float) -> float:
        """Lags by stage at a moment, each later than the one before."""
        others_have_some = any(lag > 0 for stage, lag in lags.items() if stage != HOLDS_BACK)
        if others_have_some or lags != self._lags:
            self._lags, self._since_sec = dict(lags), now_sec
        return now_sec - self._since_sec


def wait_until_still(
    topics: LogReader, since: Marks, *, still_sec: float, within_sec: float
) -> dict[str, int]:
    """Wait until all is acknowledged, or nothing has moved for `still_sec`; what is left by stage when
    neither comes."""
    began_sec = time.monotonic()
    stillness = Stillness()
    while True:
        lags = {stage: topics.lag(stage, topic, since=since[topic]) for stage, topic in STAGE_INPUTS.items()}
        now_sec = time.monotonic()
        # A stage that is done may still be feeding the next: nothing left must be so for a moment too.
        needed_sec = still_sec if any(lag > 0 for lag in lags.values()) else 2 * _LOOK_EVERY_SEC
        if stillness.sec(lags, now_sec=now_sec) >= needed_sec:
            return {}
        if now_sec - began_sec > within_sec:
            return {stage: lag for stage, lag in lags.items() if lag > 0}
        time.sleep(_LOOK_EVERY_SEC)
