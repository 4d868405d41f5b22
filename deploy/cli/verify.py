"""`platestream verify EVENT`: is a stored final what was seen?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from contracts.errors import PlatestreamError, Rejected, Stop
from deploy.cli.environment import state_here

if TYPE_CHECKING:
    from deploy.verify.links import Verdict

HOLDS, BROKEN, UNKNOWN, COULD_NOT_CHECK = 0, 1, 3, 4
"""Exit statuses."""

HEAD_HELP = """A link of the camera's chain that was noted elsewhere: 12:3fa9c07d51e2 when `chain` told of 12
events with the last link 3fa9c07d51e2…. Is it still there? Without one nothing tells of events that were cut
off the end of a chain, rows and all."""


def verify(
    event: Annotated[str, typer.Argument(help="The event id, as the portal and the topic show it.")],
    head: Annotated[str | None, typer.Option(metavar="NUMBER:HEX", help=HEAD_HELP)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Check every link from the database's row back to the frame, and read the frame again.

    Exit status 0: all links hold. 1: one is broken, and named, or there is no such final. 3: none is broken,
    but some cannot be judged here. 4: it could not be checked, and nothing broken was found before that: the
    database or the store is away or does not let us, a model is missing, has other tensors or cannot be
    computed, an option is malformed. An error is one line, or `error` in the JSON object.

    Works on the running local stack, or on the servers that PLATESTREAM_DATABASE, PLATESTREAM_EVIDENCE and
    PLATESTREAM_S3_WEB_FILE name; the camera file is then PLATESTREAM_CAMERAS.
    """
    found: list[Verdict] = []
    error: PlatestreamError | None = None
    try:
        for verdict in _verdicts(event, head):
            found.append(verdict)
            if not as_json:
                typer.echo(f"{_outcome(verdict):<7}  {verdict.link:<8} {verdict.told}")
    except PlatestreamError as caught:
        error = caught
    if as_json:
        typer.echo(json.dumps({"event_id": event, **_as_json(found, error)}))
    elif error is not None:
        typer.echo(f"platestream: {error}", err=True)
    raise typer.Exit(_status(found, error))


def _status(found: Sequence[Verdict], error: PlatestreamError | None) -> int:
    if any(each.broken for each in found) or isinstance(error, Rejected):
        return BROKEN
    if error is not None:
        return COULD_NOT_CHECK
    return HOLDS if all(each.checked for each in found) else UNKNOWN


def _outcome(verdict: Verdict) -> str:
    if not verdict.checked:
        return "UNKNOWN"
    return "holds" if verdict.holds else "BROKEN"


def _as_json(found: Sequence[Verdict], error: PlatestreamError | None) -> dict[str, Any]:
    """`holds` and `checked` are of all links: with an error nobody knows."""
    links = [
        {"link": each.link, "holds": each.holds, "checked": each.checked, "told": each.told} for each in found
    ]
    if error is not None:
        return {"error": str(error), "links": links}
    return {
        "holds": all(each.holds for each in found),
        "checked": all(each.checked for each in found),
        "links": links,
    }


def _verdicts(event: str, head: str | None) -> Iterator[Verdict]:
    """Over the servers that the environment names, or the local stack's.

    Raises:
        Stop: what was asked for, or the environment, cannot be used.
    """
    from deploy.local.stack import Stack
    from deploy.verify.chained import Head
    from deploy.verify.verdicts import verdicts
    from processors.adapters.camera_book import CameraBook
    from processors.asked import Asked
    from webapp.pictures import open_shelf

    event_id, noted = _id_of(event), None if head is None else Head.of(head)
    named = {name: os.environ[name] for name in _USED if os.environ.get(name)}
    variables = named if "PLATESTREAM_DATABASE" in named else {**Stack(state_here()).variables(), **named}
    database, where = variables.get("PLATESTREAM_DATABASE"), variables.get("PLATESTREAM_EVIDENCE")
    if not database or not where:
        raise Stop("PLATESTREAM_DATABASE and PLATESTREAM_EVIDENCE are not both known")
    account, models = variables.get("PLATESTREAM_S3_WEB_FILE"), variables.get("PLATESTREAM_MODELS")
    cameras = variables.get("PLATESTREAM_CAMERAS")
    return verdicts(
        event_id,
        database=database,
        evidence=open_shelf(where, name="evidence store", s3_file=Path(account) if account else None),
        repository=Path(models) if models else _shipped(),
        regards=Asked(CameraBook(Path(cameras) if cameras else None)).regards,
        head=noted,
    )


def _id_of(event: str) -> UUID:
    try:
        return UUID(event)
    except ValueError as error:
        raise Stop(f"event {event}: that is no event id") from error


_USED = (
    *("PLATESTREAM_DATABASE", "PLATESTREAM_EVIDENCE", "PLATESTREAM_S3_WEB_FILE"),
    *("PLATESTREAM_MODELS", "PLATESTREAM_CAMERAS"),
)


def _shipped() -> Path:
    from deploy.reading.reader import REPOSITORY

    return REPOSITORY
