"""Sources that settings or options name and that are not in the folder: misspelt, or another folder's."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from contracts.errors import Stop
from triton_models.training.labels.annotations import read_annotations

DRAWN = "drawn"
"""The share of plates that come from no folder."""


def told_missing(named: Iterable[str], without: Iterable[str], there: Iterable[str]) -> str:
    """One line for people; empty where all sources are `there` but those that are left out on purpose."""
    missing = sorted(set(named) - set(without) - set(there) - {DRAWN})
    return f"nothing to learn from is there of {', '.join(missing)}" if missing else ""


def check_without(folder: Path, without: Iterable[str]) -> None:
    """A model that is to be judged on pictures unlike its own must not have learned from them after all.

    Raises:
        Stop: no picture is of such a source.
    """
    asked = set(without)
    if not asked:
        return
    there = {note.source for note in read_annotations(folder).pictures}
    if unknown := ", ".join(sorted(asked - there)):
        known = ", ".join(sorted(there))
        raise Stop(f"--without {unknown}: no picture in {folder} is of it; there are {known}")
