"""What a run says while it goes on, and what it holds against itself: all of it under its seed."""

from __future__ import annotations

import time

from rich.console import Console

from deploy.drill.report import DrillReport


class Telling:
    """Seconds count from `begin` on, and until then from its making."""

    def __init__(self, seed: int, report: DrillReport, console: Console) -> None:
        self.report = report
        self.console = console
        self._seed = seed
        self.begin()

    def begin(self) -> None:
        self._began_sec = time.monotonic()

    def sleep_until(self, at_sec: float) -> None:
        time.sleep(max(0.0, self._began_sec + at_sec - time.monotonic()))

    def tell(self, what: str) -> None:
        self.console.print(f"SEED={self._seed} {time.monotonic() - self._began_sec:5.1f} s  {what}")

    def fail(self, what: str) -> None:
        self.report.failures.append(self._named(what))

    def add(self, found: DrillReport) -> None:
        """Counts what was found of the run, its sentences under the run's seed."""
        found.failures = [self._named(each) for each in found.failures]
        found.remarks = [self._named(each) for each in found.remarks]
        self.report.add(found)

    def _named(self, what: str) -> str:
        return f"drill {self._seed}: {what}"
