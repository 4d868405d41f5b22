"""Sources that settings name and that nothing is learned from: misspelt, or not in this folder."""

from __future__ import annotations

from collections.abc import Iterable

DRAWN = "drawn"
"""The share of plates that come from no folder."""


def told_missing(named: Iterable[str], without: Iterable[str], there: Iterable[str]) -> str:
    """One line for people; empty where all sources are `there` but those that are left out on purpose."""
    missing = sorted(set(named) - set(without) - set(there) - {DRAWN})
    return f"nothing to learn from is there of {', '.join(missing)}" if missing else ""
