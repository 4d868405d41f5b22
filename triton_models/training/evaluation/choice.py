"""Which pictures an evaluation looks at: the same ones every time, spread over the sources."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TypeVar

from triton_models.training.labels.annotations import Annotation

Item = TypeVar("Item")


def chosen(pictures: Sequence[Annotation], limit: int | None) -> list[Annotation]:
    """Pictures in which a plate's text is known; of too many, those with the smallest hash of their name.

    A hash and not the first ones: sources stand one after the other in the file, and each shall be
    there by its share. A larger limit only adds pictures.
    """
    readable = [note for note in pictures if any(plate.text for plate in note.plates)]
    kept = spread(readable, limit, lambda note: note.image)
    return sorted(kept, key=lambda note: (note.source, note.image))


def spread(items: Sequence[Item], limit: int | None, name: Callable[[Item], str]) -> list[Item]:
    """At most `limit` of the items."""
    if limit is None or len(items) <= limit:
        return list(items)
    return sorted(items, key=lambda item: hashlib.sha256(name(item).encode()).digest())[:limit]
