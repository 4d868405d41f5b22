"""Message types -> JSON Schema (2020-12) with the meaning of every field, for readers in any language."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec

from contracts.codec import json_schema
from contracts.messages.coverage import Coverage
from contracts.messages.dead_letter import DeadLetter
from contracts.messages.enriched import EnrichedEvent
from contracts.messages.parked import ParkedVehicles
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from contracts.topics import Topic

JsonSchema: TypeAlias = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")

PUBLISHED: Mapping[str, type[msgspec.Struct]] = {
    Topic.SIGHTINGS: Sighting,
    Topic.PLATES: PlateEvent,
    Topic.PLATES_PARKED: ParkedVehicles,
    Topic.PLATES_ENRICHED: EnrichedEvent,
    Topic.COVERAGE: Coverage,
    "dead-letter": DeadLetter,
}
"""Name of the schema -> the type it is made from. `frames` carries JPEG and headers, no JSON."""


def schema_of(kind: type[msgspec.Struct]) -> JsonSchema:
    """The schema as readers should hold it: described, and open to fields that come later.

    Our own decoding refuses unknown fields; a reader of the published schema must not, since a new field is
    a compatible change.
    """
    schema = json_schema(kind)
    _write_bounds_alike(schema)
    types = {each.__name__: each for each in structs_in(kind)}
    for name, definition in schema["$defs"].items():
        definition.pop("additionalProperties", None)
        definition["description"] = inspect.cleandoc(types[name].__doc__ or "")
        for field, meaning in field_docs(types[name]).items():
            definition["properties"][field]["description"] = meaning
    return {"$schema": DIALECT, "title": kind.__name__, **schema}


def _write_bounds_alike(part: object) -> None:
    """Bounds of decimal numbers as decimals. Python holds `Annotated[float, Meta(ge=0)]` and `… ge=0.0]` to
    be equal and keeps the one that it met first, wherever in the process that stands."""
    if isinstance(part, list):
        for each in part:
            _write_bounds_alike(each)
    elif isinstance(part, dict):
        if part.get("type") == "number":
            part |= {name: float(part[name]) for name in _BOUNDS if name in part}
        for each in part.values():
            _write_bounds_alike(each)


def structs_in(kind: type[msgspec.Struct]) -> Iterator[type[msgspec.Struct]]:
    """The type itself and every struct that its fields lead to."""
    seen: set[type] = set()
    waiting = [msgspec.inspect.type_info(kind)]
    while waiting:
        each = waiting.pop()
        if isinstance(each, msgspec.inspect.StructType):
            if each.cls in seen:
                continue
            seen.add(each.cls)
            yield each.cls
        waiting += _inner(each)


def _inner(kind: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    if isinstance(kind, msgspec.inspect.StructType):
        return [field.type for field in kind.fields]
    held = (getattr(kind, name, ()) for name in ("types", "item_types"))
    alone = (getattr(kind, name, None) for name in ("item_type", "value_type", "type"))
    return [*itertools.chain.from_iterable(held), *(each for each in alone if each is not None)]


@lru_cache(maxsize=64)
def field_docs(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Field -> the string that stands under it in the source (the attribute docstrings of PEP 258)."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    if not isinstance(body, ast.ClassDef):
        raise TypeError(f"{kind.__name__} is no class")
    found = {}
    for field, below in zip(body.body, body.body[1:], strict=False):
        match field, below:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(meaning))),
            ):
                found[name] = inspect.cleandoc(meaning)
    return found
