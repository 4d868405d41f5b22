"""Pictures through memory that a real Triton maps: nothing is left behind; messages where it cannot be."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

import triton_models
from processors.adapters import shared_memory
from processors.adapters.cards import models_used
from processors.adapters.onnx import OnnxInference
from processors.adapters.shared_memory import Region, SharedRegions, is_of_dead
from processors.adapters.triton import TritonInference
from tests.integration.killing import listening_on
from triton_models.tensors import MODELS

REPOSITORY = Path(triton_models.__file__).with_name("repository")
TENSORS = MODELS["characters"]
NAMESPACE = Path("/proc/self/ns/pid").stat().st_ino
A_DEAD_PROCESS = 4_194_304
"""One more than the largest process id of Linux."""


@pytest.fixture
async def client(triton: str) -> AsyncIterator[InferenceServerClient]:
    client = InferenceServerClient(triton)
    yield client
    await client.close()


def plates(count: int, shade: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Stripes that differ with the shade, so that one request's pictures are not another's."""
    height, width, _ = TENSORS.input.shape
    stripes = ((np.arange(width) * shade // 16) % 256).astype(np.uint8)
    return np.broadcast_to(stripes[None, None, :, None], (count, height, width, 3)).copy()


async def regions(client: InferenceServerClient) -> dict[str, Any]:
    status: Any = await client.get_system_shared_memory_status(as_json=True)
    found: dict[str, Any] = status.get("regions", {})
    return found


def _is_ours(name: str) -> bool:
    return name.startswith(f"platestream_{NAMESPACE}_{os.getpid()}_")


def ours() -> list[str]:
    return [path.name for path in shared_memory.FOLDER.glob(f"platestream_{NAMESPACE}_{os.getpid()}_*")]


async def test_requests_at_once_each_get_the_answer_to_their_own_pictures(
    triton: str, client: InferenceServerClient
) -> None:
    inference, in_process = TritonInference([triton], models_used(REPOSITORY)), OnnxInference(REPOSITORY)
    batches = [plates(1 + number % 4, shade=20 + 7 * number) for number in range(12)]

    answers = await asyncio.gather(*(inference.infer("characters", batch) for batch in batches))

    assert any(_is_ours(name) for name in await regions(client))
    assert ours() == []  # the names are gone while the memory is in use
    for batch, answer in zip(batches, answers, strict=True):
        expected = await in_process.infer("characters", batch)
        np.testing.assert_allclose(answer["probabilities"], expected["probabilities"], rtol=1e-3, atol=1e-3)
    await inference.close()
    await in_process.close()
    assert not any(_is_ours(name) for name in await regions(client))


async def test_regions_are_made_anew_after_the_server_was(triton: str, client: InferenceServerClient) -> None:
    inference = TritonInference([triton], models_used(REPOSITORY))
    before = await inference.infer("characters", plates(2, 90))
    listening_on(triton).kill()  # its supervisor starts it again
    async with asyncio.timeout(60):
        while not await _answers(client):  # noqa: ASYNC110  (another process; nothing tells when it is up)
            await asyncio.sleep(0.2)

    after = await inference.infer("characters", plates(2, 90))
    await inference.infer("characters", plates(2, 90))

    np.testing.assert_allclose(after["probabilities"], before["probabilities"], rtol=1e-3, atol=1e-3)
    assert len([name for name in await regions(client) if _is_ours(name)]) == 1
    await inference.close()


async def _answers(client: InferenceServerClient) -> bool:
    try:
        return bool(await client.is_model_ready("characters", client_timeout=1.0))
    except Exception:  # noqa: BLE001  (whatever a server says that is not there yet)
        return False


async def test_what_a_dead_process_had_registered_is_taken_back(
    triton: str, client: InferenceServerClient
) -> None:
    left = f"platestream_{NAMESPACE}_{A_DEAD_PROCESS}_1_7"
    of_another = "of_another_program"
    for name in (left, of_another):
        path = shared_memory.FOLDER / name
        path.write_bytes(bytes(4096))
        await client.register_system_shared_memory(name, f"/{name}", 4096)
        path.unlink()

    inference = TritonInference([triton], models_used(REPOSITORY))
    await inference.infer("characters", plates(1, 50))

    found = await regions(client)
    assert left not in found
    assert of_another in found
    await client.unregister_system_shared_memory(of_another)
    await inference.close()


async def test_a_server_that_cannot_map_the_memory_gets_messages(
    triton: str, client: InferenceServerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, "FOLDER", tmp_path)  # as behind a tunnel: it looks in its own /dev/shm
    inference = TritonInference([triton], models_used(REPOSITORY))

    for _ in range(2):
        answer = await inference.infer("characters", plates(3, 60))
        assert answer["places"].shape == (3, 14, 4)

    assert not any(_is_ours(name) for name in await regions(client))
    assert not any(os.scandir(tmp_path))
    await inference.close()


async def test_without_room_for_more_the_message_carries_the_pictures(
    client: InferenceServerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = SharedRegions(client, most_bytes=1024 * 1024)
    first = await shared.take(900_000, timeout_sec=5)
    assert first is not None

    assert await shared.take(900_000, timeout_sec=5) is None
    shared.give_back(first)
    assert await shared.take(10, timeout_sec=5) is first
    await shared.close()

    unwritable = SharedRegions(client)
    monkeypatch.setattr(shared_memory, "FOLDER", tmp_path / "missing")
    assert await unwritable.take(10, timeout_sec=5) is None
    assert not unwritable.works
    monkeypatch.setattr(shared_memory, "_REST_SEC", 0.0)
    passing = SharedRegions(client)
    assert not passing.works  # nothing could ever be written there


async def test_a_moment_without_room_ends(client: InferenceServerClient, tmp_path: Path) -> None:
    shared = SharedRegions(client)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shared_memory, "FOLDER", tmp_path / "missing")
        patch.setattr(shared_memory, "_REST_SEC", 0.05)
        assert await shared.take(10, timeout_sec=5) is None
    assert not shared.works
    await asyncio.sleep(0.06)
    assert await shared.take(10, timeout_sec=5) is not None
    await shared.close()


async def test_requests_that_are_cancelled_cost_neither_room_nor_a_region(
    client: InferenceServerClient,
) -> None:
    before = set(await regions(client))
    shared = SharedRegions(client, most_bytes=1024 * 1024)

    for turns in range(40):
        request = asyncio.create_task(shared.take(900_000, timeout_sec=5))
        for _ in range(turns):
            await asyncio.sleep(0)
        request.cancel()
        (region,) = await asyncio.gather(request, return_exceptions=True)
        if isinstance(region, Region):
            shared.give_back(region)

    assert await shared.take(900_000, timeout_sec=5) is not None
    await shared.close()
    assert set(await regions(client)) == before


class _Refusing:
    """A server that answers every question about shared memory with one status."""

    def __init__(self, status: str) -> None:
        self._status = status

    async def get_system_shared_memory_status(self, **_how: object) -> None:
        raise InferenceServerException("no", status=f"StatusCode.{self._status}")


async def test_a_server_without_shared_memory_gets_messages_and_one_that_is_away_is_told() -> None:
    without = SharedRegions(cast("InferenceServerClient", _Refusing("UNIMPLEMENTED")))
    assert await without.take(10, timeout_sec=1) is None
    assert not without.works

    away = SharedRegions(cast("InferenceServerClient", _Refusing("UNAVAILABLE")))
    with pytest.raises(InferenceServerException):
        await away.take(10, timeout_sec=1)
    assert away.works


def test_only_regions_of_our_own_dead_processes_are_taken_back() -> None:
    assert is_of_dead(f"platestream_{NAMESPACE}_{A_DEAD_PROCESS}_1_0")
    assert is_of_dead(
        f"platestream_{NAMESPACE}_{os.getpid()}_1_0"
    )  # this number was another process's before
    assert not is_of_dead(f"platestream_{shared_memory._owner(os.getpid())}_0")
    assert not is_of_dead(f"platestream_{NAMESPACE + 1}_{A_DEAD_PROCESS}_1_0")
    assert not is_of_dead(f"psm_{NAMESPACE}_{A_DEAD_PROCESS}_1_0")
    assert not is_of_dead("platestream_region")
