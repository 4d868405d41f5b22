"""A Triton whose configuration stands for other files than events would name: its answers are not used."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from contracts.errors import Stop, TryAgain
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.stack import Stack
from processors.adapters.cards import models_used
from processors.adapters.triton import TritonInference
from processors.ports import Tensors
from tests.integration.killing import listening_on
from triton_models.checksum import PARAMETER, with_checksum
from triton_models.tensors import MODELS

REPOSITORY = Path(__file__).resolve().parents[2] / "triton_models" / "repository"
PLATE = hashlib.sha256((REPOSITORY / "plate" / "1" / "model.onnx").read_bytes()).hexdigest()
ANOTHER = "fedcba9876543210" * 4
IMAGES = np.zeros((1, *MODELS["plate"].input.shape), np.uint8)


@dataclass(frozen=True)
class Other:
    """A second Triton with a repository of its own."""

    address: str
    repository: Path

    async def serves(self, sha256: str | None) -> None:
        """Its plate detector stands for this file from now on; None: for none."""
        if self.is_killed_to_serve(sha256):
            async with asyncio.timeout(60), InferenceServerClient(self.address) as client:
                while not await _is_ready(client):  # noqa: ASYNC110 (nothing tells when it is)
                    await asyncio.sleep(0.2)

    def is_killed_to_serve(self, sha256: str | None) -> bool:
        """Its supervisor starts it again. False when it stands for this file as it is."""
        config = self.repository / "plate" / "config.pbtxt"
        before = config.read_text()
        text = with_checksum(before, sha256) if sha256 else _without_checksum(before)
        if text == before:
            return False
        config.write_text(text)
        listening_on(self.address).kill()
        return True


def _without_checksum(config: str) -> str:
    return "".join(line for line in config.splitlines(keepends=True) if PARAMETER not in line)


async def _is_ready(client: InferenceServerClient) -> bool:
    try:
        return bool(await client.is_server_ready())
    except InferenceServerException:
        return False


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Other]:
    folder = tmp_path_factory.mktemp("other")
    repository = shutil.copytree(REPOSITORY, folder / "models", ignore=shutil.ignore_patterns("*.pt"))
    options = Options(processes=("triton",), repository=repository, die_with_parent=True)
    stack = Stack(State(folder / "state"), options)
    stack.up()
    try:
        yield Other(stack.variables()["PLATESTREAM_TRITON"], repository)
    finally:
        stack.down()


async def test_a_server_that_nobody_missed_is_asked_again_in_time(other: Other) -> None:
    await other.serves(PLATE)
    inference = TritonInference([other.address], models_used(REPOSITORY), check_every_sec=0.0)
    await inference.check()
    await inference.infer("plate", IMAGES)
    await other.serves(ANOTHER)
    with pytest.raises(Stop, match=other.address):
        await inference.infer("plate", IMAGES)
    await inference.close()


@pytest.mark.parametrize(
    ("sha256", "has"),
    [(ANOTHER, "is sha256 fedcba987654"), (None, "does not tell its sha256")],
    ids=["another", "none"],
)
async def test_every_server_is_asked_which_files_it_serves(
    triton: str, other: Other, sha256: str | None, has: str
) -> None:
    await other.serves(sha256)
    inference = TritonInference([triton, other.address], models_used(REPOSITORY))
    with pytest.raises(Stop, match=rf"^model plate on {other.address} {has}.* would say {PLATE[:12]} "):
        await inference.check()
    await inference.close()


async def test_a_server_that_was_away_is_asked_again_before_it_answers(other: Other) -> None:
    await other.serves(PLATE)
    inference = TritonInference([other.address], models_used(REPOSITORY))
    await inference.infer("plate", IMAGES)
    other.is_killed_to_serve(ANOTHER)
    with pytest.raises(Stop, match=other.address):
        await first_answer(inference)
    await inference.close()


async def first_answer(inference: TritonInference) -> Tensors:
    """Of a server that is being started."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await inference.infer("plate", IMAGES)
            except TryAgain:
                await asyncio.sleep(0.2)
