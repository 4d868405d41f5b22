"""YAML with the line of every key, so that a mistake in a file that people write is told by its line."""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
import yaml
from msgspec.inspect import LiteralType, StructType, Type, VarTupleType, type_info

Kind = TypeVar("Kind")

_PLACE = re.compile(r" - at `(?P<path>[^`]*)`$")
_FIELD = re.compile(r"field `(?P<name>[^`]*)`")
# What a type checks itself begins with the field that is wrong.
_OWN_CHECK = re.compile(r"(?P<name>[a-z_]+): ")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]|\[\.\.\.\]")


class FileMistakeError(ValueError):
    """What is wrong in a file, and in which line (from 1; None when it has no line)."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(frozen=True)
class Document:
    """A parsed YAML text. Paths are msgspec's: `$.cameras[0].id`."""

    value: Any
    root: yaml.Node | None

    def convert(self, kind: type[Kind]) -> Kind:
        """The document as a value of `kind`.

        Raises:
            FileMistakeError: it does not fit; with the line of the key or value that does not, and with the
                values that are allowed where they are listed.
        """
        try:
            return msgspec.convert(self.value, kind, strict=True)
        except msgspec.ValidationError as error:
            place, field = _PLACE.search(str(error)), _FIELD.search(str(error))
            path = place["path"] if place else "$"
            unknown = field is not None and "unknown field" in str(error)
            named = field if field is not None and unknown else _OWN_CHECK.match(str(error))
            wanted = f"{path}.{named['name']}" if named is not None else path
            reason, allowed = str(error), _allowed(kind, path)
            if place is not None and allowed and reason.startswith("Invalid enum value"):
                reason = f"{reason[: place.start()]}, allowed are {', '.join(allowed)}{place.group()}"
            raise FileMistakeError(reason, self.line_of(wanted)) from error

    def line_of(self, path: str) -> int | None:
        """The line of the deepest part of `path` that is there; of its key where it is a key's value."""
        if self.root is None:
            return None
        node, line = self.root, self.root.start_mark.line
        for step in _STEP.finditer(path):
            found = _child(node, step)
            if found is None:
                break
            node, line = found
        return line + 1


def read_yaml(text: str) -> Document:
    """The one document of a YAML text.

    Raises:
        FileMistakeError: it is no YAML.
    """
    try:
        with contextlib.closing(_Loader(text)) as loader:
            root = loader.get_single_node()
            return Document(None if root is None else loader.construct_document(root), root)
    except yaml.MarkedYAMLError as error:
        # A bracket that nobody closes is noticed at the end of the file; where it was opened helps more.
        opened = error.context is not None and "flow" in error.context
        mark = error.context_mark if opened else (error.problem_mark or error.context_mark)
        raise FileMistakeError(
            error.problem or "is no YAML", None if mark is None else mark.line + 1
        ) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FileMistakeError(str(error).splitlines()[0], None) from error


def _allowed(kind: type, path: str) -> list[str]:
    """The values that the place takes, where the type lists them."""
    found: Type | None = type_info(kind)
    for step in _STEP.finditer(path):
        if isinstance(found, StructType):
            found = next((field.type for field in found.fields if field.encode_name == step["key"]), None)
        else:
            found = found.item_type if isinstance(found, VarTupleType) else None
    return [str(value) for value in found.values] if isinstance(found, LiteralType) else []


class _Loader(yaml.SafeLoader):
    def close(self) -> None:
        self.dispose()


def _child(node: yaml.Node, step: re.Match[str]) -> tuple[yaml.Node, int] | None:
    if step["key"] is not None and isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step["key"]:
                return value, key.start_mark.line
    if step["index"] is not None and isinstance(node, yaml.SequenceNode):
        index = int(step["index"])
        if index < len(node.value):
            item = node.value[index]
            return item, item.start_mark.line
    return None
