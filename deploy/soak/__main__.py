"""`python -m deploy.soak [--minutes N] [--cameras N]`: a table, and build/soak.json. Ctrl-C ends it early."""

from __future__ import annotations

import argparse
import os
import sys
from math import inf
from pathlib import Path

from rich.console import Console

from contracts.errors import PlatestreamError
from deploy.demo.street import street_cameras
from deploy.drill.scene.rtsp import PACKAGE, can_serve
from deploy.local.folders import CHECKOUT, state_folder
from deploy.soak.report import table, write
from deploy.soak.run import SERVERS, run_soak

_FILM_SEC = 60.0


def main(arguments: list[str]) -> int:
    """Exit status 0 when every camera's coverage added up."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--cameras", type=int, default=24)
    parser.add_argument("--film", help="an H.264 film to play; else one of the drawn streets")
    options = parser.parse_args(arguments)
    if not 0 < options.minutes < inf:
        parser.error(f"--minutes {options.minutes:g}: more than 0 are needed, and an end")
    if options.cameras < SERVERS:
        parser.error(f"--cameras {options.cameras}: at least {SERVERS} are needed, one a server")
    if options.film is not None and not Path(options.film).is_file():
        parser.error(f"--film {options.film}: there is no such file")
    console = Console(highlight=False)
    if not can_serve():
        console.print(f"[red]missing: GStreamer's RTSP server (Debian: {PACKAGE})[/red]")
        return 1
    try:
        source = options.film or _street(console)
        found = run_soak(source, seconds=60 * options.minutes, cameras=options.cameras, console=console)
    except PlatestreamError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        return 1
    write(CHECKOUT / "build" / "soak.json", found)
    console.print(table(found))
    return 0 if all(camera.adds_up for camera in found.cameras) else 1


def _street(console: Console) -> str:
    street = street_cameras(state_folder(os.environ), seconds=_FILM_SEC, console=console)
    return str(street.films[0].path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
