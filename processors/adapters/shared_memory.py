"""Pictures for a Triton on this machine: written once into memory that both map, instead of being packed into
a message, sent through a socket and unpacked (Triton's system shared memory extension).

A region belongs to one server. Its name in the file system goes away as soon as the server has mapped it: no
end of this process, however sudden, leaves anything there. What a process that is dead had registered with
the server is taken back by the next one that comes.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import math
import mmap
import os
import re
import time
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
_REST_SEC = 60.0
"""So long messages carry the pictures once a region could not be had: no room, or the server maps none."""
_TAKING_BACK_SEC = 2.0
_NAME = re.compile(rf"{_PREFIX}_(?P<owner>\d+_(?P<pid>\d+)_\d+)_\d+")
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
        self._left: set[str] = set()  # registered perhaps: the request broke off
        self._rests_until_sec = 0.0 if FOLDER.is_dir() else math.inf

    @property
    def works(self) -> bool:
        """False while messages carry the pictures: of a server behind a tunnel for a minute at a time, of
        one without this extension for good."""
        return time.monotonic() >= self._rests_until_sec

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
        self._left |= self._names
        self._forget_all()
        await self._take_back(self._left)

    async def _new(self, size_bytes: int, timeout_sec: float) -> Region | None:
        if self._bytes + size_bytes > self._most_bytes:
            return None
        self._bytes += size_bytes
        region: Region | None = None
        try:
            if not self._of_dead_taken_back:
                await self._take_back_of_dead(timeout_sec)
            if self._left:
                await self._take_back(self._left)
            region = await self._registered(size_bytes, timeout_sec)
        except (OSError, InferenceServerException) as error:  # no room or not allowed; cannot map, or is away
            if isinstance(error, InferenceServerException) and _is_away(error):
                raise
            self._rest(error)
        finally:  # also when a rebalance cancels the request
            if region is None:
                self._bytes = max(0, self._bytes - size_bytes)
        return region

    def _rest(self, error: OSError | InferenceServerException) -> None:
        if self._rests_until_sec == 0.0:
            log.warning("pictures go to Triton in messages, not in shared memory: %s", error)
        lacks_it = isinstance(error, InferenceServerException) and "UNIMPLEMENTED" in str(error.status())
        self._rests_until_sec = math.inf if lacks_it else time.monotonic() + _REST_SEC

    async def _registered(self, size_bytes: int, timeout_sec: float) -> Region:
        name = f"{_PREFIX}_{_owner(os.getpid())}_{next(_numbers)}"
        path = FOLDER / name
        memory = _mapped(path, size_bytes)
        try:
            await self._client.register_system_shared_memory(
                name, f"/{name}", size_bytes, client_timeout=timeout_sec
            )
        except BaseException:  # a rebalance cancels requests, too: the server may have it all the same
            self._left.add(name)
            raise
        finally:
            path.unlink(missing_ok=True)
        self._names.add(name)
        return Region(name, memory)

    async def _take_back_of_dead(self, timeout_sec: float) -> None:
        status: Any = await self._client.get_system_shared_memory_status(
            as_json=True, client_timeout=timeout_sec
        )
        await self._take_back({name for name in status.get("regions", {}) if is_of_dead(name)})
        self._of_dead_taken_back = True

    async def _take_back(self, names: set[str]) -> None:
        """As many of these regions as the server gives back in time; they go out of `names`."""
        try:
            async with asyncio.timeout(_TAKING_BACK_SEC):
                for name in sorted(names):
                    try:
                        await self._client.unregister_system_shared_memory(name)
                    except InferenceServerException as reason:
                        log.debug("region %s is left to the server: %s", name, reason.message())
                        if _is_away(reason):
                            return
                    names.discard(name)
        except TimeoutError:
            log.debug("%d regions are left to the server", len(names))


def is_of_dead(name: str) -> bool:
    """Whether a region is one of ours whose process is gone."""
    match = _NAME.fullmatch(name)
    if match is None or match["owner"].partition("_")[0] != _pid_namespace():
        return False  # what runs in another namespace of processes cannot be seen from here
    return match["owner"] != _owner(int(match["pid"]))


def _owner(pid: int) -> str | None:
    """What tells a process from every other, also a later one of the same number: proc(5), stat, field 22."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    except OSError:
        return None
    return f"{_pid_namespace()}_{pid}_{after_name.split()[19]}"


def _pid_namespace() -> str:
    return str(Path("/proc/self/ns/pid").stat().st_ino)


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
