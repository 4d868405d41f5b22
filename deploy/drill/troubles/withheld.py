"""A folder of objects that nobody can write to or read for a while, as when its disk or server is away."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from contracts.errors import Stop

_NOTICED = b"plates waits for evidence store"


def objects_of(address: str) -> Path:
    """Where a store at a `file://` address keeps its objects, below the folder that it opens as it starts.

    Raises:
        Stop: another kind of address.
    """
    parts = urlsplit(address)
    if parts.scheme != "file":
        raise Stop(f"evidence store {parts.scheme}: only one at file:// can be withheld")
    folder = Path(unquote(parts.path))
    return folder / folder.name


def is_noticed(logs: Iterable[Path]) -> bool:
    """Whether a worker of the stage `plates`, whose logs these are, had to wait for its store."""
    return any(_NOTICED in log.read_bytes() for log in logs if log.exists())


class Withheld:
    """Away from its making on until `give_back`. A store that nothing was put into yet has no objects, but
    it has its folder.

    Raises:
        Stop: there is no such store.
    """

    def __init__(self, objects: Path) -> None:
        if not objects.parent.is_dir():
            raise Stop(f"no store is in {objects.parent}: nothing can be withheld")
        self._objects = objects
        self._aside: list[Path] = []
        while not objects.is_file():
            self._put_aside()

    def give_back(self) -> bool:
        """Whether it was away."""
        if not self._aside:
            return False
        if self._objects.is_file():
            self._objects.unlink()
        # Who wanted to store something just then has made the folder anew.
        while self._aside:
            shutil.copytree(self._aside[-1], self._objects, dirs_exist_ok=True, copy_function=shutil.move)
            shutil.rmtree(self._aside.pop())
        return True

    def _put_aside(self) -> None:
        """Who stores something between the last two steps has made the folder anew, and it is not away."""
        self._objects.mkdir(exist_ok=True)
        aside = self._objects.with_name(f"{self._objects.name}.away-{len(self._aside)}")
        self._objects.rename(aside)
        self._aside.append(aside)
        # In the place of a folder: whoever wants to go there is told that there is none.
        self._objects.touch()
