"""The published files: their names and contents, and which of them are released for good."""

from __future__ import annotations

from pathlib import Path

import msgspec

from contracts.messages import plate
from contracts.published.asyncapi import asyncapi
from contracts.published.documents import PUBLISHED, JsonSchema, schema_of
from contracts.topics import Topic

FOLDER = Path(__file__).parents[1] / "schema"
RELEASED = FOLDER / "released" / f"{Topic.PLATES}.v{plate.SCHEMA_VERSION}.schema.json"
"""`plates` as its readers were promised it. Written once a version, by hand, and never changed."""


def contents() -> dict[str, bytes]:
    """File name -> bytes, for every file that is made from the types."""
    files: dict[str, object] = {f"{name}.schema.json": schema_of(kind) for name, kind in PUBLISHED.items()}
    files["asyncapi.json"] = asyncapi()
    return {name: _readable(document) for name, document in files.items()}


def write(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, data in contents().items():
        (folder / name).write_bytes(data)
        written.append(folder / name)
    return written


def released_plates() -> JsonSchema:
    return msgspec.json.decode(RELEASED.read_bytes(), type=JsonSchema)


def _readable(document: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
