"""The same cascade in one process, no log and no server between: what the stream is compared with.

figures = asyncio.run(measure(jpegs, OnnxInference(repository), CascadeSettings()))
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from processors.cascade.pictures import decode_jpeg
from processors.cascade.recognise import Recognised, recognise
from processors.cascade.settings import CascadeSettings
from processors.ports import Inference


@dataclass(frozen=True, kw_only=True)
class Measured:
    """`cpu_ms_a_frame` is this process alone: a server's own time is not in it."""

    frames: int
    plates: int
    frames_per_second: float
    cpu_ms_a_frame: float


async def recognise_all(
    jpegs: Sequence[bytes], inference: Inference, settings: CascadeSettings, *, at_once: int = 4
) -> list[Recognised]:
    """Decode and recognise frames, `at_once` at a time, as the stage does."""
    room = asyncio.Semaphore(at_once)
    loop = asyncio.get_running_loop()

    async def one(jpeg: bytes) -> Recognised:
        async with room:
            picture = await loop.run_in_executor(pool, decode_jpeg, jpeg)
            return await recognise(picture, inference, settings, pool)

    with ThreadPoolExecutor(2, thread_name_prefix="pictures") as pool:
        return await asyncio.gather(*(one(jpeg) for jpeg in jpegs))


async def measure(
    jpegs: Sequence[bytes], inference: Inference, settings: CascadeSettings, *, at_once: int = 4
) -> Measured:
    """Frames a second, after a few to warm up."""
    await recognise_all(jpegs[:8], inference, settings, at_once=at_once)
    began_sec, began_cpu_sec = time.perf_counter(), time.process_time()
    found = await recognise_all(jpegs, inference, settings, at_once=at_once)
    took_sec, cpu_sec = time.perf_counter() - began_sec, time.process_time() - began_cpu_sec
    return Measured(
        frames=len(found),
        plates=sum(len(one.plates) for one in found),
        frames_per_second=len(found) / took_sec,
        cpu_ms_a_frame=1000 * cpu_sec / len(found),
    )
