"""All that is done to the stack of one run, when its seed says."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from functools import partial

from contracts.errors import PlatestreamError, Stop
from deploy.drill.schedule import Freeze, Kill, Visit, freeze, kills, outage, upload_sec, visits
from deploy.drill.telling import Telling
from deploy.drill.troubles.frozen import Frozen
from deploy.drill.troubles.upload import Upload
from deploy.drill.troubles.visitors import Visitor
from deploy.drill.troubles.withheld import Withheld, is_noticed, objects_of
from deploy.local.stack import Stack


class Troubles:
    """Kills, freezes, second workers, an outage and an upload. `killed`: every process that was, and how
    often it had been started anew by then."""

    def __init__(self, stack: Stack, picture: bytes, telling: Telling) -> None:
        self.killed: dict[str, int] = {}
        self._stack = stack
        self._picture = picture
        self._telling = telling
        self._report = telling.report
        self._visitors: list[Visitor] = []
        self._frozen: Frozen | None = None
        self._withheld: Withheld | None = None
        self._upload: Upload | None = None

    def acts(self, seed: int, *, seconds: float) -> list[tuple[float, Callable[[], None]]]:
        """All that happens, in order. Nobody waits for one to be back before the next is killed."""
        planned = kills(seed, seconds=seconds)
        acts: list[tuple[float, Callable[[], None]]] = [
            (kill.at_sec, partial(self._kill, kill)) for kill in planned
        ]
        acts.append((upload_sec(seed, seconds=seconds), self._hand_in))
        if frozen := freeze(seed, seconds=seconds, planned=planned):
            acts.append((frozen.from_sec, partial(self._freeze, frozen)))
            acts.append((frozen.until_sec, partial(self._thaw, frozen)))
        away = outage(seed, seconds=seconds)
        acts += [(away.from_sec, self._withhold), (away.until_sec, self._give_back)]
        for visit in visits(seed, seconds=seconds):
            acts.append((visit.from_sec, partial(self._join, visit)))
            acts.append((visit.until_sec, partial(self._leave, visit)))
        return sorted(acts, key=lambda act: act[0])

    def uploaded(self) -> str | None:
        """The camera of the picture, which stands on its topic now; None when that came to nothing."""
        try:
            if self._upload is None:
                raise Stop("no picture was handed in")
            return self._upload.camera()
        except PlatestreamError as error:
            self._telling.fail(str(error))
            return None

    def wait_for_visitors(self) -> None:
        """Until second workers have ended, as they were asked to."""
        for visitor in self._visitors:
            problem = visitor.ended()
            if problem is not None:
                self._telling.fail(problem)

    def end(self) -> None:
        """Whatever still lasts, where the run was broken off."""
        if self._frozen is not None:
            self._frozen.thaw()
        self._give_back()
        for visitor in self._visitors:
            visitor.end()

    def met_outage(self) -> bool:
        """Whether the stage `plates` or its second worker had to wait for the store that was away."""
        logs = (self._stack.state.log_of(name) for name in ("plates", _log_name("plates")))
        return self._withheld is not None and is_noticed(logs)

    def _kill(self, kill: Kill) -> None:
        status = self._stack.status()
        process = status.find(kill.process) if status else None
        if process is None or process.identity is None:
            self._telling.fail(f"{kill.process} was not running when it was to be killed")
            return
        self.killed[kill.process] = process.restarts
        os.kill(process.identity.pid, signal.SIGKILL)
        self._report.kills += 1
        self._telling.tell(f"killed {kill.process}")

    def _join(self, visit: Visit) -> None:
        log_file = self._stack.state.log_of(_log_name(visit.stage))
        self._visitors.append(Visitor(self._stack, visit, log=log_file))
        self._report.visits += 1
        self._telling.tell(f"a second worker of {visit.stage} joins")

    def _leave(self, visit: Visit) -> None:
        (visitor,) = [each for each in self._visitors if each.visit == visit]
        visitor.leave()
        self._report.visits_met += visitor.took_part
        how = "is killed" if visit.killed else "leaves"
        self._telling.tell(f"the second worker of {visit.stage} {how}")

    def _freeze(self, freeze: Freeze) -> None:
        status = self._stack.status()
        process = status.find(freeze.stage) if status else None
        # One that found no Kafka as it came up may be between two lives.
        self._frozen = Frozen(process.identity) if process and process.identity else None
        what = "stands still" if self._frozen else "is not there to stand still"
        self._telling.tell(f"{freeze.stage} {what}")

    def _thaw(self, freeze: Freeze) -> None:
        if self._frozen is None:
            return
        if self._frozen.thaw():
            self._report.freezes += 1
            self._telling.tell(f"{freeze.stage} goes on")
        else:
            self._telling.fail(f"{freeze.stage} ended while it stood still")

    def _withhold(self) -> None:
        self._withheld = Withheld(objects_of(self._stack.variables()["PLATESTREAM_EVIDENCE"]))
        self._report.outages += 1
        self._telling.tell("the evidence store is away")

    def _give_back(self) -> None:
        if self._withheld is not None and self._withheld.give_back():
            self._telling.tell("the evidence store is back")

    def _hand_in(self) -> None:
        self._upload = Upload(self._stack, self._picture)
        self._telling.tell("a picture is handed in")


def _log_name(stage: str) -> str:
    """Of the log of its second worker."""
    return f"{stage}-visitor"
