"""Pictures for a Triton on this machine: written once into memory that both map, instead of being packed into
a message, sent through a socket and unpacked (Triton's system shared memory extension).

A region belongs to one server. Its name in the file system goes away as soon as the server has mapped it: no
end of this process, however sudden, leaves anything there. What a process that is dead had registered with
the server is taken back by the next one that comes.
"""

from __future__ import annotations

import itertools
import logging
import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

log = logging.getLogger(__name__)

FOLDER = Path("/dev/shm")  # noqa: S108 (where shm_open(3) of Linux keeps its names)
_PREFIX = "platestream"
_STEP_BYTES = 256 * 1024
_MOST_BYTES = 64 * 1024 * 1024
_numbers = itertools.count()


@dataclass(frozen=True, eq=False)
class Region:
    """Memory that the server knows by this name."""

    name: str
    memory: mmap.mmap

    def write(self, images: NDArray[np.uint8]) -> None:
        room = np.frombuffer(self.memory, np.uint8, images.size).reshape(images.shape)
        np.copyto(room, images)


class SharedRegions:
    """The regions that one server has mapped, each for one request at a time."""

    def __init__(self, client: InferenceServerClient, *, most_bytes: int = _MOST_BYTES) -> None:
        self._client = client
        self._most_bytes = most_bytes
        self._free: list[Region] = []
        self._names: set[str] = set()
        self._bytes = 0
        self._of_dead_taken_back = False
        self.works = FOLDER.is_dir()
        """False once the server said that it cannot map what is here: it is behind a tunnel, for instance."""

    async def take(self, size_bytes: int, *, timeout_sec: float) -> Region | None:
        """A region of at least this size, until it is given back; None when the message has to carry it.

        Raises:
            InferenceServerException: the server does not answer.
        """
        if not self.works:
            return None
        fitting = [region for region in self._free if len(region.memory) >= size_bytes]
        if fitting:
            region = min(fitting, key=lambda each: len(each.memory))
            self._free.remove(region)
            return region
        return await self._new(-(-size_bytes // _STEP_BYTES) * _STEP_BYTES, timeout_sec)

    def give_back(self, region: Region) -> None:
        if region.name in self._names:
            self._free.append(region)

    def forget(self, unknown: Region) -> None:
        """The server does not know this one: it was started anew, and knows none of that time any more."""
        if unknown.name in self._names:  # else another request has found out before
            self._forget_all()

    def _forget_all(self) -> None:
        self._free.clear()
        self._names.clear()
        self._bytes = 0

    async def close(self) -> None:
        """Takes all back from the server, if it still answers."""
        names = sorted(self._names)
        self._forget_all()
        for name in names:
            try:
                await self._client.unregister_system_shared_memory(name, client_timeout=1.0)
            except InferenceServerException as reason:
                log.debug("region %s is left to the server: %s", name, reason.message())
                return

    async def _new(self, size_bytes: int, timeout_sec: float) -> Region | None:
        if self._bytes + size_bytes > self._most_bytes:
            return None
        self._bytes += size_bytes
        try:
            if not self._of_dead_taken_back:
                await self._take_back_of_dead(timeout_sec)
            return await self._registered(size_bytes, timeout_sec)
        except (OSError, InferenceServerException) as error:  # no room or not allowed; cannot map, or is away
            self._bytes = max(0, self._bytes - size_bytes)
            if isinstance(error, InferenceServerException) and _is_away(error):
                raise
            log.warning("pictures go to Triton in messages, not in shared memory: %s", error)
            self.works = False
            return None

    async def _registered(self, size_bytes: int, timeout_sec: float) -> Region:
        name = f"{_PREFIX}_{os.getpid()}_{next(_numbers)}"
        path = FOLDER / name
        memory = _mapped(path, size_bytes)
        try:
            await self._client.register_system_shared_memory(
                name, f"/{name}", size_bytes, client_timeout=timeout_sec
            )
        finally:
            path.unlink(missing_ok=True)
        self._names.add(name)
        return Region(name, memory)

    async def _take_back_of_dead(self, timeout_sec: float) -> None:
        status: Any = await self._client.get_system_shared_memory_status(
            as_json=True, client_timeout=timeout_sec
        )
        self._of_dead_taken_back = True
        for name in status.get("regions", {}):
            if is_of_dead(name):
                await self._client.unregister_system_shared_memory(name, client_timeout=timeout_sec)


def is_of_dead(name: str) -> bool:
    """Whether a region is one of ours whose process is gone."""
    prefix, _, rest = name.partition("_")
    pid = rest.partition("_")[0]
    return prefix == _PREFIX and pid.isdigit() and not Path(f"/proc/{pid}").exists()


def _mapped(path: Path, size_bytes: int) -> mmap.mmap:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        # Room is taken now: in a full /dev/shm the first write would end the process.
        os.posix_fallocate(descriptor, 0, size_bytes)
        return mmap.mmap(descriptor, size_bytes)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


def is_unknown_region(reason: InferenceServerException) -> bool:
    """Whether the server does not know a region (any more)."""
    return "shared memory region" in str(reason.message()).lower()


def _is_away(reason: InferenceServerException) -> bool:
    status = str(reason.status() or "")
    return status.endswith(("UNAVAILABLE", "DEADLINE_EXCEEDED", "CANCELLED"))
