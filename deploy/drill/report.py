"""`build/drill.json`: what the drills found, for machines."""

from __future__ import annotations

from pathlib import Path

import msgspec

_RUNS_ENOUGH = 3


class DrillReport(msgspec.Struct, kw_only=True):
    """`finals_expected` over all runs; a final is lost when it is expected and not in the database;
    `rows_double` counts rows of one passage beyond the first, `unanswered` finals without an answer of the
    registry; `visits` are second workers, `visits_met` those that had taken
    partitions over before they left, `freezes` stages that stood still for longer than Kafka waits,
    `outages` times in which the evidence store was away, `outages_met` those for which the stage `plates` had
    to wait, `ended_by_themselves` ends of processes that nobody killed. By the films: `vehicles_passed` in
    view of the street, those of them with a final, and with one that reads them exactly; finals beyond the
    first of a vehicle, those of none, and those of vehicles whose plate was not asked for. Of those without a
    final: `barely_legible`, `gone_on` from a final of the epoch before, and `unrecognised`, whose final may
    be one of nobody, read beyond recognition. What models misread, and a stage that gave up to be started
    anew, is no fault of a run and stands in `remarks`; these and `failures` are sentences for people."""

    runs: int = 0
    finals_expected: int = 0
    finals_lost: int = 0
    rows_double: int = 0
    frames_lost: int = 0
    unanswered: int = 0
    vehicles_passed: int = 0
    vehicles_found: int = 0
    vehicles_exact: int = 0
    vehicles_barely_legible: int = 0
    vehicles_gone_on: int = 0
    vehicles_unrecognised: int = 0
    finals_twice: int = 0
    finals_of_no_vehicle: int = 0
    finals_without_plate: int = 0
    kills: int = 0
    visits: int = 0
    visits_met: int = 0
    freezes: int = 0
    outages: int = 0
    outages_met: int = 0
    ended_by_themselves: int = 0
    remarks: list[str] = []
    failures: list[str] = []

    @property
    def faults(self) -> int:
        """All that went wrong, in one number that only grows."""
        lost = self.finals_lost + self.frames_lost
        return len(self.failures) + lost + self.rows_double + self.finals_twice

    @property
    def passed(self) -> bool:
        return self.faults == 0

    @property
    def unmet(self) -> list[str]:
        """What so many runs were to meet with, and none did."""
        if self.runs < _RUNS_ENOUGH:
            return []
        met = {
            "nothing was killed": self.kills,
            "no second worker took partitions over": self.visits_met,
            "no stage stood still": self.freezes,
            "nothing waited for the evidence store": self.outages_met,
        }
        return [
            f"in {self.runs} runs {what}: nothing of that was tested"
            for what, times in met.items()
            if not times
        ]

    def share(self, vehicles: int) -> str:
        """So many of those that passed."""
        return f"{vehicles / self.vehicles_passed:.1%}" if self.vehicles_passed else "none"

    def add(self, other: DrillReport) -> None:
        """Counts another report's runs among its own."""
        for name in other.__struct_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def write_report(path: Path, report: DrillReport) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
