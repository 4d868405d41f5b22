"""Which pictures an evaluation looks at: the same ones every time, spread over the sources."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from triton_models.training.annotations import Annotation


def chosen(pictures: Sequence[Annotation], limit: int | None) -> list[Annotation]:
    """Pictures in which a plate's text is known; of too many, those with the smallest hash of their name.

    A hash and not the first ones: sources stand one after the other in the file, and each shall be
    there by its share. A larger limit only adds pictures.
    """
    readable = [note for note in pictures if any(plate.text for plate in note.plates)]
    if limit is None or len(readable) <= limit:
        return readable
    kept = sorted(readable, key=lambda note: hashlib.sha256(note.image.encode()).digest())[:limit]
    return sorted(kept, key=lambda note: (note.source, note.image))
