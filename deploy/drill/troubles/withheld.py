"""A folder of objects that nobody can write to or read for a while, as when its disk or server is away."""

from __future__ import annotations

import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit


def objects_of(address: str) -> Path:
    """Where a store at a `file://` address keeps its objects, below the folder that it opens as it starts."""
    folder = Path(unquote(urlsplit(address).path))
    return folder / folder.name


class Withheld:
    """Away from its making on until `give_back`."""

    def __init__(self, objects: Path) -> None:
        self._objects = objects
        self._aside = objects.with_name(f"{objects.name}.away")
        objects.mkdir(exist_ok=True)
        objects.rename(self._aside)
        objects.touch()  # in the place of a folder: whoever wants to go there is told that there is none

    def give_back(self) -> bool:
        """Whether it was away."""
        if not self._aside.exists():
            return False
        if self._objects.is_file():
            self._objects.unlink()
        # Who wanted to store something just then has made the folder anew.
        shutil.copytree(self._aside, self._objects, dirs_exist_ok=True, copy_function=shutil.move)
        shutil.rmtree(self._aside)
        return True
