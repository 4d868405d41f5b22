"""`platestream verify EVENT`: is a stored final what was seen?"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from contracts.errors import Stop
from deploy.cli.environment import state_here


def verify(
    event: Annotated[UUID, typer.Argument(help="The event id, as the portal and the topic show it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check every link from the database's row back to the frame, and read the frame again.

    Exit status 1 when a link is broken; each broken one is named. Works on the running local stack, or on
    the servers that PLATESTREAM_DATABASE, PLATESTREAM_EVIDENCE and PLATESTREAM_S3_WEB_FILE name; the camera
    file is then PLATESTREAM_CAMERAS.
    """
    from deploy.local.stack import Stack
    from deploy.verify.verdicts import verdicts
    from processors.adapters.camera_book import CameraBook
    from processors.asked import Asked
    from webapp.pictures import open_shelf

    named = {name: os.environ[name] for name in _USED if os.environ.get(name)}
    variables = named if "PLATESTREAM_DATABASE" in named else {**Stack(state_here()).variables(), **named}
    database, where = variables.get("PLATESTREAM_DATABASE"), variables.get("PLATESTREAM_EVIDENCE")
    if not database or not where:
        raise Stop("PLATESTREAM_DATABASE and PLATESTREAM_EVIDENCE are not both known")
    account, models = variables.get("PLATESTREAM_S3_WEB_FILE"), variables.get("PLATESTREAM_MODELS")
    shelf = open_shelf(where, name="evidence store", s3_file=Path(account) if account else None)
    repository = Path(models) if models else _shipped()
    cameras = variables.get("PLATESTREAM_CAMERAS")
    regards = Asked(CameraBook(Path(cameras) if cameras else None)).regards
    found = []
    for verdict in verdicts(event, database=database, evidence=shelf, repository=repository, regards=regards):
        found.append(verdict)
        if not as_json:
            typer.echo(f"{'holds ' if verdict.holds else 'BROKEN'}  {verdict.link:<8} {verdict.told}")
    holds = all(verdict.holds for verdict in found)
    if as_json:
        links = [{"link": each.link, "holds": each.holds, "told": each.told} for each in found]
        typer.echo(json.dumps({"event_id": str(event), "holds": holds, "links": links}))
    raise typer.Exit(0 if holds else 1)


_USED = (
    *("PLATESTREAM_DATABASE", "PLATESTREAM_EVIDENCE", "PLATESTREAM_S3_WEB_FILE"),
    *("PLATESTREAM_MODELS", "PLATESTREAM_CAMERAS"),
)


def _shipped() -> Path:
    from deploy.reading.reader import REPOSITORY

    return REPOSITORY
