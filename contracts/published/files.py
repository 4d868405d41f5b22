"""The published files: their names and contents, and which of them are released for good."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from contracts.messages import enriched, plate
from contracts.published.asyncapi import asyncapi
from contracts.published.documents import PUBLISHED, JsonSchema, schema_of
from contracts.topics import Topic

FOLDER = Path(__file__).parents[1] / "schema"
RELEASED: Mapping[str, Path] = {
    name: FOLDER / "released" / f"{name}.v{version}.schema.json"
    for name, version in (
        (Topic.PLATES, plate.SCHEMA_VERSION),
        (Topic.PLATES_ENRICHED, enriched.SCHEMA_VERSION),
    )
}
"""The topics that others read, as their readers were promised them. Each file is written once a version, by
hand, and never changed. Events hold events: a new version of `plates` is one of `plates.enriched` too."""


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


def released(name: str) -> JsonSchema:
    """The schema of a topic that others read, as it was promised."""
    return msgspec.json.decode(RELEASED[name].read_bytes(), type=JsonSchema)


def _readable(document: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
