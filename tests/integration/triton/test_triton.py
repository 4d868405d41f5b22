"""The shipped model repository through a real Triton: same answers as in process, fail-over, coming back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

import triton_models
from contracts.errors import SetAside, Stop, TryAgain
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import HOST, free_ports
from deploy.local.stack import Stack
from processors.adapters.cards import models_used
from processors.adapters.onnx import OnnxInference
from processors.adapters.triton import TritonInference
from tests.integration.killing import listening_on
from triton_models.tensors import MODELS, ModelTensors

REPOSITORY = Path(triton_models.__file__).with_name("repository")


@pytest.fixture
async def served(triton: str) -> AsyncIterator[TritonInference]:
    inference = TritonInference([triton], models_used(REPOSITORY))
    await inference.check()
    yield inference
    await inference.close()


def pictures(tensors: ModelTensors, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    chance = np.random.default_rng(7)
    coarse = chance.integers(0, 256, (count, 8, 8, 3), np.uint8)
    height, width, _ = tensors.input.shape
    smooth = coarse.repeat(height // 8, axis=1).repeat(width // 8, axis=2)
    return np.ascontiguousarray(smooth[:, :height, :width])


def test_the_server_starts_whatever_python_comes_first_in_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    stack = Stack(State(tmp_path / "state"), Options(processes=("triton",), die_with_parent=True))

    stack.up()
    try:
        status = stack.status()
        triton = status.find("triton") if status else None
        assert triton is not None
        assert triton.came_up
    finally:
        stack.down()


@pytest.mark.parametrize("model", MODELS)
async def test_a_model_answers_through_triton_what_it_answers_in_process(
    served: TritonInference, model: str
) -> None:
    in_process = OnnxInference(REPOSITORY)
    for count in (1, 3):
        images = pictures(MODELS[model], count)
        there, here = await served.infer(model, images), await in_process.infer(model, images)
        for output in MODELS[model].outputs:
            assert there[output.name].shape == (count, *output.shape)
            np.testing.assert_allclose(there[output.name], here[output.name], rtol=1e-3, atol=1e-3)
    await in_process.close()
    assert served.models == in_process.models
    assert {used.name for used in served.models} == set(MODELS)


async def test_requests_of_many_frames_at_once_all_come_back(served: TritonInference) -> None:
    tensors = MODELS["characters"]
    batches = [pictures(tensors, count) for count in (1, 2, 3, 4) * 6]
    answers = await asyncio.gather(*(served.infer("characters", batch) for batch in batches))
    assert [len(answer["places"]) for answer in answers] == [len(batch) for batch in batches]


async def test_a_server_that_is_away_costs_nothing_when_another_answers(triton: str) -> None:
    nobody = f"{HOST}:{free_ports(['nobody'])['nobody']}"
    inference = TritonInference([nobody, triton], models_used(REPOSITORY))
    for _ in range(4):
        answer = await inference.infer("characters", pictures(MODELS["characters"], 1))
        assert answer["places"].shape == (1, 14, 4)
    await inference.close()


async def test_one_of_two_servers_that_freezes_or_dies_in_mid_stream_costs_no_request(
    triton: str, tmp_path: Path
) -> None:
    second = Stack(State(tmp_path / "state"), Options(processes=("triton",), die_with_parent=True))
    second.up()
    try:
        other = second.variables()["PLATESTREAM_TRITON"]
        inference = TritonInference([triton, other], models_used(REPOSITORY), timeout_sec=1.0)
        frozen = listening_on(other)
        assert await answers(inference, 100, after_40=frozen.suspend) == 100
        frozen.resume()
        assert await answers(inference, 100, after_40=frozen.kill) == 100
        await inference.close()
    finally:
        second.down()


async def answers(inference: TritonInference, count: int, *, after_40: Callable[[], None]) -> int:
    """How many of so many requests, eight at a time, are answered; something happens in the middle."""
    images = pictures(MODELS["characters"], 2)
    room = asyncio.Semaphore(8)
    answered = 0

    async def ask() -> None:
        nonlocal answered
        async with room:
            answer = await inference.infer("characters", images)
            assert answer["places"].shape == (2, 14, 4)
            answered += 1
            if answered == 40:
                after_40()

    await asyncio.gather(*(ask() for _ in range(count)))
    return answered


async def test_without_any_server_the_caller_is_told_to_try_again() -> None:
    nobody = f"{HOST}:{free_ports(['nobody'])['nobody']}"
    inference = TritonInference([nobody], models_used(REPOSITORY), timeout_sec=1.0)
    with pytest.raises(TryAgain, match=nobody) as caught:
        await inference.infer("plate", pictures(MODELS["plate"], 1))
    assert caught.value.most_tries is None
    await inference.close()


async def test_a_request_that_no_server_can_answer_is_set_aside(served: TritonInference) -> None:
    too_small = np.zeros((1, 5, 5, 3), np.uint8)
    with pytest.raises(SetAside, match="plate"):
        await served.infer("plate", too_small)


async def test_other_tensors_are_refused_with_both_shapes(
    served: TritonInference, monkeypatch: pytest.MonkeyPatch, triton: str
) -> None:
    wanted = MODELS["plate"]
    other = ModelTensors("plate", wanted.input, (type(wanted.input)("plates", "FP32", (16, 18)),), most=1)
    monkeypatch.setitem(MODELS, "plate", other)
    fresh = TritonInference([triton], served.models)
    with pytest.raises(Stop, match=r"\[-1, 16, 17\].*\[batch, 16, 18\]"):
        await fresh.check()
    await fresh.close()
    with pytest.raises(Stop, match=r"17\].*\[batch, 16, 18\]"):
        OnnxInference(REPOSITORY)


async def test_a_server_that_is_killed_is_waited_for_and_comes_back(
    served: TritonInference, triton: str
) -> None:
    images = pictures(MODELS["characters"], 1)
    before = await served.infer("characters", images)
    listening_on(triton).kill()  # its supervisor starts it again
    with pytest.raises(TryAgain):
        await served.infer("characters", images)
    async with asyncio.timeout(60):
        while True:
            try:
                after = await served.infer("characters", images)
                break
            except TryAgain:
                await asyncio.sleep(0.2)
    np.testing.assert_allclose(after["places"], before["places"], rtol=1e-3)
