"""`platestream verify EVENT`: is a stored final what was seen?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from contracts.errors import Stop
from deploy.cli.environment import state_here

if TYPE_CHECKING:
    from deploy.verify.chained import Head
    from deploy.verify.links import Verdict

HEAD_HELP = """A link of the camera's chain that was noted elsewhere: 12:3fa9c07d51e2 when `chain` told of 12
events with the last link 3fa9c07d51e2…. Is it still there? Without one nothing tells of events that were cut
off the end of a chain, rows and all."""


def verify(
    event: Annotated[UUID, typer.Argument(help="The event id, as the portal and the topic show it.")],
    head: Annotated[str | None, typer.Option(metavar="NUMBER:HEX", help=HEAD_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check every link from the database's row back to the frame, and read the frame again.

    Exit status 0: all links hold. 1: one is broken, and named, or there is no such final. 3: none is broken,
    but what other models or settings made cannot be checked here.

    Works on the running local stack, or on the servers that PLATESTREAM_DATABASE, PLATESTREAM_EVIDENCE and
    PLATESTREAM_S3_WEB_FILE name; the camera file is then PLATESTREAM_CAMERAS.
    """
    from deploy.verify.chained import Head

    noted = None if head is None else Head.of(head)
    found = []
    for verdict in _verdicts(event, noted):
        found.append(verdict)
        if not as_json:
            typer.echo(f"{_outcome(verdict):<7}  {verdict.link:<8} {verdict.told}")
    if as_json:
        typer.echo(json.dumps({"event_id": str(event), **_as_json(found)}))
    broken, unchecked = any(each.broken for each in found), any(not each.checked for each in found)
    raise typer.Exit(1 if broken else 3 if unchecked else 0)


def _outcome(verdict: Verdict) -> str:
    if not verdict.checked:
        return "UNKNOWN"
    return "holds" if verdict.holds else "BROKEN"


def _as_json(found: Sequence[Verdict]) -> dict[str, Any]:
    links = [
        {"link": each.link, "holds": each.holds, "checked": each.checked, "told": each.told} for each in found
    ]
    return {
        "holds": all(each.holds for each in found),
        "checked": all(each.checked for each in found),
        "links": links,
    }


def _verdicts(event: UUID, head: Head | None) -> Iterator[Verdict]:
    """Over the servers that the environment names, or the local stack's."""
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
    cameras = variables.get("PLATESTREAM_CAMERAS")
    return verdicts(
        event,
        database=database,
        evidence=open_shelf(where, name="evidence store", s3_file=Path(account) if account else None),
        repository=Path(models) if models else _shipped(),
        regards=Asked(CameraBook(Path(cameras) if cameras else None)).regards,
        head=head,
    )


_USED = (
    *("PLATESTREAM_DATABASE", "PLATESTREAM_EVIDENCE", "PLATESTREAM_S3_WEB_FILE"),
    *("PLATESTREAM_MODELS", "PLATESTREAM_CAMERAS"),
)


def _shipped() -> Path:
    from deploy.reading.reader import REPOSITORY

    return REPOSITORY
