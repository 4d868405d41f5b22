"""The published contracts: from the types, described, true of real messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import jsonschema
import msgspec
import pytest
from referencing import Registry, Resource

from contracts.published.asyncapi import asyncapi
from contracts.published.documents import PUBLISHED, schema_of
from contracts.published.files import FOLDER, contents, write
from contracts.topics import ALL_TOPICS

EXAMPLES = Path(__file__).parent / "examples"


@pytest.mark.parametrize("name", sorted(contents()))
def test_the_files_are_what_the_types_say(name: str) -> None:
    assert (FOLDER / name).read_bytes() == contents()[name], "run: platestream schema"


class Measured(msgspec.Struct):
    """Something with a bound that is written as a whole number."""

    share: Annotated[float, msgspec.Meta(ge=0, le=1)]
    """How much of it."""
    count: Annotated[int, msgspec.Meta(ge=0)]
    """How many."""


def test_the_bounds_of_a_decimal_are_decimals_however_any_code_in_the_process_writes_them() -> None:
    properties = schema_of(Measured)["$defs"]["Measured"]["properties"]

    assert [repr(properties["share"][name]) for name in ("minimum", "maximum")] == ["0.0", "1.0"]
    assert repr(properties["count"]["minimum"]) == "0"


def test_they_can_be_written_elsewhere(tmp_path: Path) -> None:
    assert {path.name for path in write(tmp_path / "new")} == set(contents())


@pytest.mark.parametrize("name", sorted(contents()))
def test_everything_that_is_published_says_what_it_means(name: str) -> None:
    published = json.loads(contents()[name])

    assert list(silent_in(published, name)) == []
    assert list(properties_in(published, name))


def silent_in(document: Any, path: str) -> Iterator[str]:
    """Messages and fields, at whatever depth, without a meaning."""
    for name, definition in document.get("$defs", {}).items():
        if not definition.get("description"):
            yield name
    for name, field in properties_in(document, path):
        if not field.get("description"):
            yield name


def properties_in(part: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every property that some object of the schema has, with the path to it."""
    if isinstance(part, list):
        for number, each in enumerate(part):
            yield from properties_in(each, f"{path}[{number}]")
    elif isinstance(part, dict):
        for name, field in part.get("properties", {}).items():
            yield f"{path}.{name}", field
        for name, each in part.items():
            yield from properties_in(each, f"{path}.{name}")


@pytest.mark.parametrize("name", PUBLISHED)
def test_a_real_message_is_valid_by_its_schema_also_with_a_field_of_a_later_version(name: str) -> None:
    example = json.loads((EXAMPLES / f"{name.replace('-', '_')}.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema_of(PUBLISHED[name]))

    validator.validate(example)
    validator.validate(example | {"of_a_later_version": 1})

    with pytest.raises(jsonschema.ValidationError):
        validator.validate(example | {"schema": "1"})


def test_the_asyncapi_document_has_every_topic_and_no_open_reference() -> None:
    document = asyncapi()
    files = {f"./{name}.schema.json": schema_of(kind) for name, kind in PUBLISHED.items()}
    registry: Registry[Any] = Registry().with_resources(
        [("", Resource.opaque(document)), *((uri, Resource.opaque(file)) for uri, file in files.items())]
    )

    assert [each["address"] for each in document["channels"].values()] == [spec.name for spec in ALL_TOPICS]
    references = list(references_in(document))
    assert references
    for reference in references:
        assert registry.resolver().lookup(reference).contents


def references_in(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if "$ref" in part else []
        return own + [each for value in part.values() for each in references_in(value)]
    return [each for value in part for each in references_in(value)] if isinstance(part, list) else []
