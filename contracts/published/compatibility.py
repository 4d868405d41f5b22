"""Released schema, present schema -> what would break a reader that was written for one and gets the other.

A reader of the released schema may rely on every field that was always there, on its type, its bounds and
its set of values. So a change is compatible with it when everything that may be sent now was allowed before,
but for new fields. Our own next version must take what was sent before, from the log and from the database:
so everything that was allowed before must be allowed now.
"""

from __future__ import annotations

from collections.abc import Iterator

from contracts.published.documents import JsonSchema

_UPPER = ("maximum", "maxLength", "maxItems")
_LOWER = ("minimum", "minLength", "minItems")
_SAME = ("type", "pattern", "format", "contentEncoding", "const")


def breaks(released: JsonSchema, present: JsonSchema) -> list[str]:
    """What readers of the released schema cannot take of what may be sent now, one line each with the path of
    the field. Empty: every old reader can go on."""
    return list(_Comparison(read=released, sent=present, forward=True).differences())


def refuses(released: JsonSchema, present: JsonSchema) -> list[str]:
    """What our present decoding does not take of what the released schema allowed to be sent, one line each.
    Empty: every old message can still be read."""
    return list(_Comparison(read=present, sent=released, forward=False).differences())


class _Comparison:
    """Whether who reads by `read` can take what is sent by `sent`. `forward`: `sent` is the later of them."""

    def __init__(self, *, read: JsonSchema, sent: JsonSchema, forward: bool) -> None:
        self._read = read
        self._sent = sent
        self._forward = forward

    def differences(self) -> Iterator[str]:
        return self._between(self._read, self._sent, "event")

    def _between(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        read, sent = resolved(read, self._read), resolved(sent, self._sent)
        if "anyOf" in read or "anyOf" in sent:
            yield from self._alternatives(read, sent, path)
            return
        for key in _SAME:
            if key in read and read[key] != sent.get(key):
                yield self._was_and_is(f"{path}: {key}", repr(read[key]), repr(sent.get(key)))
        yield from self._values(read, sent, path)
        yield from self._bounds(read, sent, path)
        yield from self._fields(read, sent, path)
        yield from self._items(read, sent, path)

    def _alternatives(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        """Each form that may come must be one of the forms that are taken."""
        taken, forms = read.get("anyOf", [read]), sent.get("anyOf", [sent])
        for form in forms:
            tried = [list(self._between(each, form, path)) for each in taken]
            if all(tried):  # told against the form that is most alike: one of another type says least
                yield from min(tried, key=lambda told: (told[0].startswith(f"{path}: type "), len(told)))

    def _fields(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        may_come = sent.get("properties", {})
        for name, field in read.get("properties", {}).items():
            if name in may_come:
                yield from self._between(field, may_come[name], f"{path}.{name}")
            elif self._forward:
                yield f"{path}.{name}: is gone"
        for name in read.get("required", []):
            if name not in sent.get("required", []) and (name in may_come or not self._forward):
                yield f"{path}.{name}: {self._not_always_there}"
        if isinstance(read.get("additionalProperties"), dict):
            yield from self._between(
                read["additionalProperties"], sent.get("additionalProperties", {}), f"{path}.*"
            )

    def _items(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        if isinstance(read.get("items"), dict):
            yield from self._between(read["items"], sent.get("items", {}), f"{path}[]")
        for number, (one, other) in enumerate(
            zip(read.get("prefixItems", []), sent.get("prefixItems", []), strict=False)
        ):
            yield from self._between(one, other, f"{path}[{number}]")

    def _values(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        if "enum" not in read:
            return
        if "enum" not in sent:
            yield self._was_and_is(f"{path}:", f"one of {read['enum']}", "anything")
        elif others := sorted(set(sent["enum"]) - set(read["enum"])):
            yield f"{path}: the values {others} are {'new' if self._forward else 'gone'}"

    def _bounds(self, read: JsonSchema, sent: JsonSchema, path: str) -> Iterator[str]:
        beyond = [key for key in _UPPER if key in read and sent.get(key, float("inf")) > read[key]]
        beyond += [key for key in _LOWER if key in read and sent.get(key, float("-inf")) < read[key]]
        for key in beyond:
            yield self._was_and_is(f"{path}: {key}", str(read[key]), str(sent.get(key, "none")))

    @property
    def _not_always_there(self) -> str:
        return "was always there and may be missing" if self._forward else "must be there and was not always"

    def _was_and_is(self, what: str, read: str, sent: str) -> str:
        was, now = (read, sent) if self._forward else (sent, read)
        return f"{what} was {was} and is {now}"


def resolved(schema: JsonSchema, document: JsonSchema) -> JsonSchema:
    """What a `$ref` into the same document stands for."""
    while "$ref" in schema:
        schema = document["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema
