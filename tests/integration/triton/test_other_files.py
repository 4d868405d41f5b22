"""A Triton that tells other files than events would name: its answers are not used. One whose file is not
what it tells does not start."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

import triton_models
from contracts.errors import Stop, TryAgain
from deploy.local.folders import State
from deploy.local.options import Options
from deploy.local.ports import HOST, free_ports
from deploy.local.stack import Stack
from processors.adapters.cards import models_used
from processors.adapters.triton import TritonInference
from processors.ports import Tensors
from tests.integration.killing import listening_on
from triton_models.checksum import PARAMETER, with_checksum
from triton_models.tensors import MODELS

REPOSITORY = Path(triton_models.__file__).with_name("repository")
FILE = (REPOSITORY / "plate" / "1" / "model.onnx").read_bytes()
ANOTHER_FILE = FILE + b"\x32\x07another"
"""The same graph with another description: field 6 of ONNX's `ModelProto`."""
PLATE = hashlib.sha256(FILE).hexdigest()
ANOTHER = hashlib.sha256(ANOTHER_FILE).hexdigest()
IMAGES = np.zeros((1, *MODELS["plate"].input.shape), np.uint8)


@dataclass(frozen=True)
class Other:
    """A second Triton with a repository of its own."""

    address: str
    repository: Path

    async def serves(self, sha256: str | None) -> None:
        """Its plate detector is this file from now on; None: it does not tell which."""
        if self.is_killed_to_serve(sha256):
            async with asyncio.timeout(60), InferenceServerClient(self.address) as client:
                while not await _is_ready(client):  # noqa: ASYNC110 (nothing tells when it is)
                    await asyncio.sleep(0.2)

    def is_killed_to_serve(self, sha256: str | None) -> bool:
        """Its supervisor starts it again. False when it tells this file as it is."""
        config = self.repository / "plate" / "config.pbtxt"
        before = config.read_text()
        text = with_checksum(before, sha256) if sha256 else _without_checksum(before)
        if text == before:
            return False
        config.write_text(text)
        (config.parent / "1" / "model.onnx").write_bytes(ANOTHER_FILE if sha256 == ANOTHER else FILE)
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
    [(ANOTHER, f"tells sha256 {ANOTHER[:12]}"), (None, "does not tell its sha256")],
    ids=["another", "none"],
)
async def test_one_wrong_server_is_named_once_and_the_others_answer(
    triton: str, other: Other, sha256: str | None, has: str, caplog: pytest.LogCaptureFixture
) -> None:
    await other.serves(sha256)
    inference = TritonInference([triton, other.address], models_used(REPOSITORY), check_every_sec=0.0)
    await inference.check()
    for _ in range(4):
        assert (await inference.infer("plate", IMAGES))["plates"].shape == (1, 16, 17)
    await inference.check()
    [told] = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    named = rf"^not used: model plate on {other.address} {has}.* would say {PLATE[:12]} "
    assert re.match(named, told)
    await inference.close()


async def test_servers_that_are_all_wrong_end_the_stage_and_are_all_named(triton: str, other: Other) -> None:
    await other.serves(PLATE)
    expected = [
        msgspec.structs.replace(used, sha256=ANOTHER) if used.name == "plate" else used
        for used in models_used(REPOSITORY)
    ]
    inference = TritonInference([triton, other.address], tuple(expected))
    with pytest.raises(Stop, match=rf"plate on {triton} .*; model plate on {other.address} "):
        await inference.check()
    with pytest.raises(Stop, match=rf"plate on {triton} ") as caught:
        await inference.infer("plate", IMAGES)
    assert f"plate on {other.address} " in str(caught.value)
    await inference.close()


async def test_while_one_server_is_away_a_wrong_one_is_asked_until_it_is_right(other: Other) -> None:
    await other.serves(ANOTHER)
    nobody = f"{HOST}:{free_ports(['nobody'])['nobody']}"
    inference = TritonInference([other.address, nobody], models_used(REPOSITORY), timeout_sec=1.0)
    for call in (inference.check, lambda: inference.infer("plate", IMAGES)):
        with pytest.raises(TryAgain, match=rf"^triton: {nobody}: ") as caught:
            await call()
        assert caught.value.most_tries is None
    await other.serves(PLATE)
    assert (await first_answer(inference))["plates"].shape == (1, 16, 17)
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


@pytest.mark.parametrize("file", [ANOTHER_FILE, FILE[:-1000]], ids=["exchanged", "half copied"])
def test_a_file_that_its_configuration_does_not_tell_is_not_served(tmp_path: Path, file: bytes) -> None:
    ignored = shutil.ignore_patterns("*.pt", "vehicle", "characters", "lines")
    repository = shutil.copytree(REPOSITORY, tmp_path / "models", ignore=ignored)
    (repository / "plate" / "1" / "model.onnx").write_bytes(file)
    options = Options(processes=("triton",), repository=repository, die_with_parent=True)
    stack = Stack(State(tmp_path / "state"), options)
    with pytest.raises(Stop, match=r"^triton does not start"):
        stack.up()
    has, told = hashlib.sha256(file).hexdigest()[:12], PLATE[:12]
    why = f"model plate: its file is sha256 {has}, its config.pbtxt tells {told}"
    assert why in stack.state.log_of("triton").read_text()
