"""How one Triton server stands: whether it answers, what it serves; the log says each change of that once."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

# A server that does not answer is asked again after this, doubled with each further miss.
_REST_SEC = 1.0
_LONGEST_REST_SEC = 30.0
_MOST_MISSES = 10
# A server that fails over a request now and then is told so often, not with each of them.
_SAY_EVERY_SEC = 60.0


@dataclass(slots=True)
class Standing:
    """`wrong`: what the server was last said to serve wrongly, by model. That an only server is away is told
    by the stage that waits for it. All times are of one clock that never goes back.
    """

    address: str
    one_of_several: bool
    wrong: dict[str, str] = field(default_factory=dict)
    _misses: int = 0
    _rests_until_sec: float = 0.0
    _checked_until_sec: dict[str, float] = field(default_factory=dict)
    _missed_at_sec: float = 0.0
    _told_away: bool = False
    _silent_until_sec: float = 0.0

    def rests(self, model: str, now_sec: float) -> bool:
        is_wrong = model in self.wrong and self._checked_until_sec.get(model, 0.0) > now_sec
        return is_wrong or self._rests_until_sec > now_sec

    def must_be_checked(self, model: str, now_sec: float) -> bool:
        return model in self.wrong or self._checked_until_sec.get(model, 0.0) <= now_sec

    def asked(self, now_sec: float, *, timeout_sec: float) -> None:
        """One request finds out whether it is back; meanwhile the others go elsewhere."""
        if self._misses:
            self._rests_until_sec = now_sec + timeout_sec

    def answered(self, *, asked_at_sec: float) -> None:
        self._misses, self._rests_until_sec = 0, 0.0
        # What was asked before the server went away may still be answered after others were not.
        if self._told_away and asked_at_sec > self._missed_at_sec:
            self._told_away = False
            log.info("triton %s is used again", self.address)

    def missed(self, reason: str, now_sec: float) -> None:
        """It did not answer, or failed: it is left alone for a moment, and asked anew what it serves."""
        rest_sec = min(_LONGEST_REST_SEC, _REST_SEC * 2.0**self._misses)
        if self._rests_until_sec < now_sec:
            self._misses = min(self._misses + 1, _MOST_MISSES)
        self._rests_until_sec = now_sec + rest_sec
        self._missed_at_sec = now_sec
        self._checked_until_sec.clear()
        if self.one_of_several and not self._told_away and now_sec >= self._silent_until_sec:
            self._told_away, self._silent_until_sec = True, now_sec + _SAY_EVERY_SEC
            log.warning("triton %s is left alone until it answers: %s", self.address, reason)

    def serves_ours(self, model: str, *, until_sec: float) -> None:
        """Taken to hold until then, as is what it serves wrongly."""
        self._checked_until_sec[model] = until_sec
        if self.wrong.pop(model, None) is not None:
            log.info("triton %s is used again for model %s", self.address, model)

    def serves_other(self, model: str, reason: str, *, until_sec: float) -> None:
        self._checked_until_sec[model] = until_sec
        if self.wrong.get(model) != reason:
            log.error("not used: %s", reason)
        self.wrong[model] = reason
