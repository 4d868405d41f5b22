"""The three kinds of failure, sorted by what the loop around a stage must do.

    PlatestreamError
    ├── TryAgain   a dependency is away: wait and try the same message again
    │              (a few times only where the message may be the reason)
    ├── SetAside   this input can never work: keep it with its reason, go on
    │   └── Rejected   it does not fit its contract (message, picture, file)
    └── Stop       our own set-up is wrong: going on would do harm

The engine's loop catches `TryAgain` and `SetAside`; `Stop` ends the process with its message.
"""

from __future__ import annotations


class PlatestreamError(Exception):
    """Root of the tree; never raised itself."""


class TryAgain(PlatestreamError):
    """A dependency does not answer. `dependency` names it for logs and gauges.

    `most_tries`: so often one message meets this, then it is set aside; None: it is tried without end.
    """

    def __init__(
        self,
        dependency: str,
        reason: str,
        *,
        retry_after_sec: float | None = None,
        most_tries: int | None = None,
    ) -> None:
        super().__init__(f"{dependency}: {reason}")
        self.dependency = dependency
        self.reason = reason
        self.retry_after_sec = retry_after_sec
        self.most_tries = most_tries


class SetAside(PlatestreamError):
    """This one input cannot be processed, now or later. The message names the input."""


class Rejected(SetAside):
    """The input does not fit its contract: `what` says which contract, `why` where it broke."""

    def __init__(self, what: str, why: str) -> None:
        super().__init__(f"{what}: {why}")
        self.what = what
        self.why = why


class Stop(PlatestreamError):
    """The installation is wrong (tensors, settings, permissions): stop and say so."""
