"""`python -m deploy.drill`: RUNS drills (default 1), JOBS of them at a time; figures in build/drill.json.

Each run draws how long it lasts, who is killed when, and when stages have a second worker, from a seed of
its own, counted up from SEED (default: drawn and told). A run waits more than it computes, so that JOBS is
the number of cores if nobody says otherwise.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError, Stop
from deploy.demo.street import street_cameras
from deploy.drill.report import DrillReport, write_report
from deploy.drill.runs import all_runs
from deploy.drill.schedule import LONGEST_SEC
from deploy.local.folders import CHECKOUT, state_folder

REPORT = Path("build") / "drill.json"


def main() -> int:
    """Exit status 0 when nothing was lost and nothing is double in any run."""
    console = Console(highlight=False)
    report = DrillReport()
    try:
        first = number_from("SEED", least=0)
        if first is None:
            first = random.SystemRandom().randrange(1_000_000)
        runs, jobs = number_from("RUNS") or 1, number_from("JOBS") or os.cpu_count() or 1
        street = street_cameras(state_folder(os.environ), seconds=LONGEST_SEC, console=console)
        for done in all_runs(street, range(first, first + runs), jobs=jobs):
            report.add(done)
            write_report(CHECKOUT / REPORT, report)
        report.failures += report.unmet
    except PlatestreamError as error:
        report.failures.append(str(error))
    write_report(CHECKOUT / REPORT, report)
    console.print(
        f"{report.runs} runs, {report.kills} kills, {report.visits} second workers "
        f"({report.visits_met} took partitions over), "
        f"{report.freezes} that stood still, {report.outages} outages of the evidence store "
        f"({report.outages_met} met), "
        f"{report.ended_by_themselves} processes that ended by themselves: "
        f"{report.finals_expected} finals expected, "
        f"{report.finals_lost} lost, {report.rows_double} rows double, {report.frames_lost} frames lost, "
        f"{report.unanswered} finals without an answer of the registry"
    )
    console.print(
        f"by films {report.vehicles_passed} vehicles passed, {report.share(report.vehicles_found)} found, "
        f"{report.share(report.vehicles_exact)} read exactly; of the others {report.vehicles_barely_legible} "
        f"barely legible, {report.vehicles_gone_on} gone on from a final of before, "
        f"{report.vehicles_unrecognised} read beyond recognition; "
        f"{report.finals_twice} finals beyond the first, "
        f"{report.finals_of_no_vehicle} of no vehicle; {report.finals_without_plate} without a plate"
    )
    for remark in report.remarks:
        console.print(f"[dim]{remark}[/dim]", soft_wrap=True)
    for failure in report.failures:
        console.print(f"[red]{failure}[/red]", soft_wrap=True)
    return 0 if report.passed else 1


def number_from(name: str, *, least: int = 1) -> int | None:
    """A variable of the environment; None when it is not set.

    Raises:
        Stop: it is no number, or too small a one.
    """
    text = os.environ.get(name)
    if not text:
        return None
    if not text.isdecimal() or int(text) < least:
        raise Stop(f"{name} is {text!r}: it can be {least} or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
