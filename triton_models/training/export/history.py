"""What people add to a model's card: `HISTORY.md` beside it, how its weights came to be before."""

from __future__ import annotations

from pathlib import Path

FILE = "HISTORY.md"


def history(folder: Path) -> str:
    """The text with empty lines around it, or nothing."""
    path = folder / FILE
    return f"\n{path.read_text(encoding='utf-8').strip()}\n" if path.is_file() else ""
