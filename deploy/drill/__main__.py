"""`python -m deploy.drill`: RUNS drills (default 1) one after the other; figures in build/drill.json.

Each run draws who is killed when from a seed of its own, counted up from SEED (default: drawn and told).
"""

from __future__ import annotations

import logging
import os
import random
import sys
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError, Stop
from deploy.demo.street import street_cameras
from deploy.drill.report import DrillReport, write_report
from deploy.drill.run import drill
from deploy.local.folders import CHECKOUT, state_folder

SECONDS = 90.0
"""Longer than after what time a standing vehicle counts as parked, so that a kill can meet one."""
REPORT = Path("build") / "drill.json"


def main() -> int:
    """Exit status 0 when nothing was lost and nothing is double in any run."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    # A broker that is killed is meant to be away; its client would say so a hundred times.
    logging.getLogger("librdkafka").setLevel(logging.CRITICAL)
    console = Console(highlight=False)
    report = DrillReport()
    try:
        street = street_cameras(state_folder(os.environ), seconds=SECONDS, console=console)
        first = seed_from(os.environ.get("SEED"))
        for seed in range(first, first + runs_from(os.environ.get("RUNS"))):
            console.print(f"drill {report.runs + 1}, SEED={seed}")
            drill(street, seed=seed, seconds=SECONDS, report=report, console=console)
            write_report(CHECKOUT / REPORT, report)
    except PlatestreamError as error:
        report.failures.append(str(error))
        write_report(CHECKOUT / REPORT, report)
    console.print(
        f"{report.runs} runs, {report.kills} kills: {report.finals_expected} finals expected, "
        f"{report.finals_lost} lost, {report.rows_double} rows double, {report.frames_lost} frames lost"
    )
    for failure in report.failures:
        console.print(f"[red]{failure}[/red]", soft_wrap=True)
    return 0 if report.passed else 1


def runs_from(text: str | None) -> int:
    """How many drills: RUNS, at least 1.

    Raises:
        Stop: it is no number.
    """
    if not text:
        return 1
    if not text.isdigit() or int(text) < 1:
        raise Stop(f"RUNS is {text!r}: it can be 1 or more")
    return int(text)


def seed_from(text: str | None) -> int:
    """SEED, or one that nobody chose.

    Raises:
        Stop: it is no number.
    """
    if not text:
        return random.SystemRandom().randrange(1_000_000)
    if not text.isdigit():
        raise Stop(f"SEED is {text!r}: it can be 0 or more")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
