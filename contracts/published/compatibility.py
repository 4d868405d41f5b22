"""Released schema, present schema -> what would break a reader that was written for the released one.

A reader may rely on every field that was always there, on its type, its bounds and its set of values. So a
change is compatible when everything that may be sent now was allowed before, but for new fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.published.documents import JsonSchema

_UPPER = ("maximum", "maxLength", "maxItems")
_LOWER = ("minimum", "minLength", "minItems")
_SAME = ("type", "pattern", "format", "contentEncoding", "const")


def breaks(released: JsonSchema, present: JsonSchema) -> list[str]:
    """One line for each break, with the path of the field. Empty: every old reader can go on."""
    return list(_Comparison(released, present).between(released, present, "event"))


class _Comparison:
    def __init__(self, released: JsonSchema, present: JsonSchema) -> None:
        self._released = released
        self._present = present

    def between(self, old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
        old, new = resolved(old, self._released), resolved(new, self._present)
        if "anyOf" in old or "anyOf" in new:
            yield from self._alternatives(old, new, path)
            return
        for key in _SAME:
            if key in old and old[key] != new.get(key):
                yield f"{path}: {key} was {old[key]!r} and is {new.get(key)!r}"
        yield from _values(old, new, path)
        yield from _bounds(old, new, path)
        yield from self._fields(old, new, path)
        yield from self._items(old, new, path)

    def _alternatives(self, old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
        """Each form that may come now must be one of the forms that were released."""
        before, after = old.get("anyOf", [old]), new.get("anyOf", [new])
        for form in after:
            tried = [list(self.between(each, form, path)) for each in before]
            if all(tried):  # told against the form that is most alike: one of another type says least
                yield from min(tried, key=lambda told: (told[0].startswith(f"{path}: type "), len(told)))

    def _fields(self, old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
        present = new.get("properties", {})
        for name, field in old.get("properties", {}).items():
            if name not in present:
                yield f"{path}.{name}: is gone"
            else:
                yield from self.between(field, present[name], f"{path}.{name}")
        for name in old.get("required", []):
            if name in present and name not in new.get("required", []):
                yield f"{path}.{name}: was always there and may be missing"
        if isinstance(old.get("additionalProperties"), dict):
            yield from self.between(
                old["additionalProperties"], new.get("additionalProperties", {}), f"{path}.*"
            )

    def _items(self, old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
        if isinstance(old.get("items"), dict):
            yield from self.between(old["items"], new.get("items", {}), f"{path}[]")
        for number, (before, after) in enumerate(
            zip(old.get("prefixItems", []), new.get("prefixItems", []), strict=False)
        ):
            yield from self.between(before, after, f"{path}[{number}]")


def resolved(schema: JsonSchema, document: JsonSchema) -> JsonSchema:
    """What a `$ref` into the same document stands for."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _values(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
    if "enum" not in old:
        return
    if "enum" not in new:
        yield f"{path}: was one of {old['enum']} and may be anything"
    elif added := sorted(set(new["enum"]) - set(old["enum"])):
        yield f"{path}: the values {added} are new"


def _bounds(old: JsonSchema, new: JsonSchema, path: str) -> Iterator[str]:
    for key in _UPPER:
        if key in old and new.get(key, float("inf")) > old[key]:
            yield f"{path}: {key} was {old[key]} and is {new.get(key, 'none')}"
    for key in _LOWER:
        if key in old and new.get(key, float("-inf")) < old[key]:
            yield f"{path}: {key} was {old[key]} and is {new.get(key, 'none')}"
