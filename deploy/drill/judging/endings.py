"""Processes of a run that ended though nobody killed them."""

from __future__ import annotations

import signal
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from contracts.errors import Stop, TryAgain
from deploy.drill.report import DrillReport
from deploy.local.options import INGEST, REGISTRY, STAGES, WEBAPP
from deploy.local.supervision.status import ProcessStatus, exit_in_words
from processors.engine.ending import status_of

_OURS = frozenset((INGEST, *STAGES, WEBAPP, REGISTRY))
_KILLED, _CLEAN = exit_in_words(-signal.SIGKILL), exit_in_words(status_of(None))
_LOST_KAFKA = exit_in_words(status_of(TryAgain("Kafka", "it went away as a stage started")))
_GAVE_UP = exit_in_words(status_of(Stop("a standstill, or what else a new start mends")))

_MOST_TIMES = {_GAVE_UP: 2, _LOST_KAFKA: 6}
"""More than this in one run is a stage that does not come up again by itself."""


@dataclass(frozen=True)
class Ending:
    """So many `times` a process ended in this way, `how` in the words of its supervisor."""

    process: str
    how: str
    times: int

    @property
    def is_fault(self) -> bool:
        """A stage may give up with a sentence of its own or lose Kafka, to be started anew, but not again and
        again; a server is not ours."""
        return self.process in _OURS and self.times > _MOST_TIMES.get(self.how, 0)

    def __str__(self) -> str:
        return (
            f"{self.process} ended by itself, {self.how}{f', {self.times} times' if self.times > 1 else ''}"
        )


def ended_by_themselves(processes: Iterable[ProcessStatus], killed: Collection[str]) -> DrillReport:
    """Of all processes of a stack, of which some were killed once each. Who lost Kafka as it started ends to
    be started again, and ingest ends well when it is asked to: these are left out, but for one that loses
    Kafka again and again."""
    found = [
        Ending(process.name, how, times)
        for process in processes
        for how, count in sorted(process.exits.items())
        if (times := count - _expected(process, how, killed)) > 0
    ]
    found = [each for each in found if each.how != _LOST_KAFKA or each.is_fault]
    return DrillReport(
        ended_by_themselves=sum(each.times for each in found),
        remarks=[str(each) for each in found if not each.is_fault],
        failures=[str(each) for each in found if each.is_fault],
    )


def _expected(process: ProcessStatus, how: str, killed: Collection[str]) -> bool:
    if how == _CLEAN:
        return process.once or process.name == INGEST
    return how == _KILLED and process.name in killed
