"""Area `models`: a model's time for one picture, bare and through Triton; the whole cascade a frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from functools import partial

import numpy as np
import simplejpeg

from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_least, at_most, percentile
from deploy.local.options import TRITON
from deploy.reading.reader import PictureReader
from processors.adapters.triton import TritonInference
from processors.cascade.pictures import decode_jpeg
from processors.ports import Inference
from triton_models.tensors import MODELS

ROUNDS = 60
BATCH = 8
MOST_MS = {"vehicle": 15.0, "plate": 8.0, "characters": 5.0, "lines": 15.0}


def measure(bench: Bench) -> list[Figure]:
    """Bare ONNX Runtime and Triton in turn, so that both see the same machine."""
    with bench.stack((TRITON,)) as stack:
        return asyncio.run(_measure(bench, stack.variables()["PLATESTREAM_TRITON"]))


async def _measure(bench: Bench, triton: str) -> list[Figure]:
    reader = PictureReader()
    served = TritonInference([triton], reader.inference.models)
    figures = []
    try:
        for model in MODELS:
            bare_ms, triton_ms, _ = await _in_turn(model, 1, reader.inference, served)
            _, _, share = await _in_turn(model, BATCH, reader.inference, served)
            share_goal, share_holds = at_least(0.9, share)
            goal, holds = at_most(MOST_MS[model], bare_ms)
            figures += [
                Figure(area="models", name=f"{model}: one picture, one core", value=bare_ms, unit="ms",
                       goal=goal, holds=holds),
                Figure(area="models", name=f"{model}: through Triton", value=triton_ms, unit="ms",
                       reference=bare_ms),
                Figure(area="models", name=f"{model}: Triton against bare, {BATCH} pictures a request",
                       value=share, unit="x", goal=share_goal, holds=share_holds),
            ]  # fmt: skip
        figures.append(await _transport(triton, served))
        figures += [_decoding(bench), await _cascade(bench, reader)]
    finally:
        await served.close()
        await reader.close()
    return figures


async def _in_turn(model: str, count: int, one: Inference, other: Inference) -> tuple[float, float, float]:
    """Milliseconds of one request with so many pictures, of both; and the one as a share of the other, the
    median of pairs: a machine that slows down in between slows both of a pair."""
    shape = MODELS[model].input.shape
    picture = np.random.default_rng(1).integers(0, 255, (count, *shape), dtype=np.uint8)
    times: tuple[list[float], list[float]] = ([], [])
    for round_number in range(ROUNDS):
        for kept, inference in zip(times, (one, other), strict=True):
            took_ms = await _timed_ms(partial(inference.infer, model, picture))
            if round_number >= 5:  # the first warm caches up
                kept.append(took_ms)
    shares = [first_ms / second_ms for first_ms, second_ms in zip(*times, strict=True)]
    return percentile(times[0], 0.5), percentile(times[1], 0.5), percentile(shares, 0.5)


async def _transport(triton: str, shared: TritonInference) -> Figure:
    """What pictures in memory that both map save against messages, where most bytes go in one request."""
    in_messages = TritonInference([triton], shared.models, shared_memory=False)
    try:
        _, _, share = await _in_turn("vehicle", BATCH, in_messages, shared)
    finally:
        await in_messages.close()
    return Figure(area="models", name=f"vehicle: shared memory against messages, {BATCH} pictures a request",
                  value=share, unit="x")  # fmt: skip


def _decoding(bench: Bench) -> Figure:
    """Whole beside half the size, in turn: what looking at a smaller picture first could save at most."""
    shares = []
    for frame in bench.frames[:100]:
        began = time.perf_counter()
        height, width = decode_jpeg(frame.jpeg.data).shape[:2]
        between = time.perf_counter()
        simplejpeg.decode_jpeg(
            frame.jpeg.data, fastdct=True, fastupsample=True, min_height=height // 2, min_width=width // 2
        )
        shares.append((time.perf_counter() - between) / (between - began))
    return Figure(area="models", name="decoding a street frame at half its size, against whole",
                  value=percentile(shares, 0.5), unit="x")  # fmt: skip


async def _cascade(bench: Bench, reader: PictureReader) -> Figure:
    """Vehicles, plates and characters of decoded street frames, one after the other."""
    times = []
    for frame in bench.frames[:100]:
        picture = decode_jpeg(frame.jpeg.data)
        times.append(await _timed_ms(partial(reader.recognise, picture)))
    median_ms = percentile(times, 0.5)
    goal, holds = at_most(40.0, median_ms)
    return Figure(area="models", name="whole cascade, a street frame, in this process", value=median_ms,
                  unit="ms", goal=goal, holds=holds)  # fmt: skip


async def _timed_ms(work: Callable[[], Awaitable[object]]) -> float:
    began = time.perf_counter()
    await work()
    return (time.perf_counter() - began) * 1e3
