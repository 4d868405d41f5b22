"""A Triton that fails over some requests: they are given up after a few tries, and alone."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import triton_models
from contracts.errors import TryAgain
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.stack import Stack
from processors.adapters.cards import models_used
from processors.adapters.triton import TritonInference
from processors.engine.measures import Measures
from processors.engine.patience import GivenUp, Patience, Pauses
from processors.ports import Tensors
from tests.integration.killing import listening_on
from triton_models.tensors import CHARACTERS

HERE = Path(__file__).resolve().parent
REPOSITORY = Path(triton_models.__file__).with_name("repository")
TOO_MUCH = np.full((1, *CHARACTERS.input.shape), 255, np.uint8)
QUICK = Pauses(first_sec=0.01, longest_sec=0.01)
TOLD = r"model characters on \S+: .*Failed to allocate memory"


def pictures(shade: int) -> NDArray[np.uint8]:
    return np.full((1, *CHARACTERS.input.shape), shade, np.uint8)


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a Triton with little memory, whose reader waits for requests to lay together."""
    folder = tmp_path_factory.mktemp("failing")
    repository = shutil.copytree(REPOSITORY, folder / "models", ignore=shutil.ignore_patterns("*.pt"))
    config = repository / "characters" / "config.pbtxt"
    batching = "dynamic_batching { max_queue_delay_microseconds: 500000 preferred_batch_size: [ 16 ] }"
    config.write_text(config.read_text().replace("dynamic_batching { }", batching))
    backend = shutil.copy(HERE / "little_memory.py", folder / "model.py")
    options = Options(processes=("triton",), repository=repository, die_with_parent=True)
    stack = Stack(State(folder / "state"), options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("deploy.local.parts.triton.BACKEND_SOURCE", backend)
        stack.up()
    try:
        yield stack.variables()["PLATESTREAM_TRITON"]
    finally:
        stack.down()


@pytest.fixture
async def inference(failing: str) -> AsyncIterator[TritonInference]:
    inference = TritonInference([failing], models_used(REPOSITORY))
    await inference.check()
    yield inference
    await inference.close()


async def test_a_request_that_always_fails_is_given_up_with_model_server_and_reason(
    inference: TritonInference, failing: str
) -> None:
    patience = Patience("test", Measures("test"), pauses=QUICK)
    with pytest.raises(GivenUp, match=TOLD) as caught:
        await patience.wait_for(lambda: inference.infer("characters", TOO_MUCH), about="frames[0]@1")
    assert caught.value.tries == 8
    assert failing in str(caught.value)


async def test_requests_laid_together_with_one_that_fails_are_answered(inference: TritonInference) -> None:
    shades = [*range(0, 75, 5), 255]
    answers = await asyncio.gather(
        *(inference.infer("characters", pictures(shade)) for shade in shades), return_exceptions=True
    )
    *good, failed = answers
    assert isinstance(failed, TryAgain)
    for shade, answer in zip(shades, good, strict=False):
        assert not isinstance(answer, BaseException), answer
        alone = await inference.infer("characters", pictures(shade))
        np.testing.assert_allclose(answer["places"], alone["places"], rtol=1e-2, atol=1e-2)


async def test_what_one_server_fails_over_another_answers(triton: str, failing: str) -> None:
    inference = TritonInference([failing, triton], models_used(REPOSITORY))
    answers: list[Tensors] = [await inference.infer("characters", TOO_MUCH) for _ in range(4)]
    assert [answer["places"].shape for answer in answers] == [(1, 14, 4)] * 4
    await inference.close()


async def test_what_one_server_fails_over_waits_for_another_that_is_away(triton: str, failing: str) -> None:
    inference = TritonInference([failing, triton], models_used(REPOSITORY), timeout_sec=1.0)
    patience = Patience("test", Measures("test"), pauses=QUICK)
    frozen, reasons = listening_on(triton), list[TryAgain]()

    async def ask() -> Tensors:
        if len(reasons) == 10:
            frozen.resume()
        try:
            return await inference.infer("characters", TOO_MUCH)
        except TryAgain as reason:
            reasons.append(reason)
            raise

    frozen.suspend()
    try:
        answer = await patience.wait_for(ask, about="frames[0]@1")
    finally:
        frozen.resume()
    assert answer["places"].shape == (1, 14, 4)
    failures = [each for each in reasons if re.search(TOLD, str(each))]
    assert len(failures) >= 8
    assert {each.most_tries for each in failures} == {240}
    await inference.close()
