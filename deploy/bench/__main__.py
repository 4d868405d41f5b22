"""`python -m deploy.bench [--only AREA]`: figures as a table and in build/bench.json."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError
from deploy.bench import ingest, models, passages, portal, store, stream
from deploy.bench.context import Bench, prepare
from deploy.bench.figures import AREAS, Area, Figure, table_of, write_figures
from deploy.bench.workers import rates
from deploy.local.folders import CHECKOUT

log = logging.getLogger(__name__)

FIGURES = Path("build") / "bench.json"
MEASURES: Mapping[Area, Callable[[Bench], list[Figure]]] = {
    "models": models.measure,
    "ingest": ingest.measure,
    "stream": stream.measure,
    "store": store.measure,
    "portal": portal.measure,
    "workers": rates.measure,
    "passages": passages.measure,
}


def main(arguments: list[str]) -> int:
    """Exit status 0 when everything could be measured, whether its goal was reached or not."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=AREAS, help="one area alone")
    only: Area | None = parser.parse_args(arguments).only
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    console = Console(highlight=False)
    figures: list[Figure] = []
    failures = 0
    try:
        bench = prepare(console)
        for area in (only,) if only else AREAS:
            failures += not _measured(area, bench, figures, console)
    except PlatestreamError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        failures += 1
    finally:
        write_figures(CHECKOUT / FIGURES, figures)
    console.print(table_of(figures))
    return 1 if failures else 0


def _measured(area: Area, bench: Bench, figures: list[Figure], console: Console) -> bool:
    """Adds the area's figures; one that cannot be measured leaves the others theirs."""
    try:
        with console.status(f"measuring {area} …"):
            figures += MEASURES[area](bench)
    except PlatestreamError as error:
        console.print(f"[red]{area}: {error}[/red]", soft_wrap=True)
        return False
    except Exception:  # of a client library or a child: the other areas are measured all the same
        log.exception("%s could not be measured", area)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
