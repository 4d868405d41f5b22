"""Answers that are still good, by registration number. The oldest use goes first when it is full."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class TimedCache(Generic[Value]):
    """Times are seconds of any one clock, given by the caller."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: str, *, now: float) -> Value | None:
        found = self._kept.get(key)
        if found is None:
            return None
        good_until, value = found
        if now >= good_until:
            del self._kept[key]
            return None
        self._kept.move_to_end(key)
        return value

    def put(self, key: str, value: Value, *, good_for_sec: float, now: float) -> None:
        self._kept[key] = (now + good_for_sec, value)
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """Nothing happens when it is not kept."""
        self._kept.pop(key, None)
