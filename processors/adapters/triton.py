"""`Inference` through Triton by gRPC: one client a server, the next server when one does not answer.

To a server on this machine pictures go through shared memory.

A client belongs to the event loop that runs when it is made: `TritonInference` is made in the worker's loop.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from tritonclient.grpc import InferInput, InferRequestedOutput
from tritonclient.grpc.aio import InferenceServerClient
from tritonclient.utils import InferenceServerException

from contracts.errors import Stop
from contracts.messages.common import ModelUsed
from processors.adapters.shared_memory import Region, SharedRegions, is_unknown_region
from processors.adapters.triton_checks import refuse_other_file, refuse_other_tensors
from processors.adapters.triton_errors import Missed, no_answer, no_server, passing
from processors.adapters.triton_standing import Standing
from processors.ports import Tensors
from triton_models.tensors import MODELS, ModelTensors

_MOST_BYTES = 64 * 1024 * 1024
# Giving any channel argument replaces all of the client's own, so the limits are spelled out.
_CHANNEL = (
    ("grpc.max_send_message_length", _MOST_BYTES),
    ("grpc.max_receive_message_length", _MOST_BYTES),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.max_pings_without_data", 2),
    ("grpc.initial_reconnect_backoff_ms", 250),
    ("grpc.max_reconnect_backoff_ms", 2_000),
)
_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
# A server that was started anew between two requests, or loads another model, is found out by then.
_CHECK_EVERY_SEC = 30.0


@dataclass(slots=True)
class _Server:
    client: InferenceServerClient
    shared: SharedRegions | None
    standing: Standing


class TritonInference:
    """Requests go round the servers that answer; one that does not is left alone for a moment. Without
    `shared_memory` messages carry the pictures to a server on this machine, too.

    A server is used for a model when it tells the checksum that `models` tells, and our tensors; it is asked
    again from time to time and after it was away. One that tells others is named in the log and left alone
    like one that is away, so that servers can be exchanged one by one while a stage runs. `Stop` is raised
    only when all of them tell others: while one is away, the right one may still come back.
    """

    def __init__(
        self,
        addresses: Sequence[str],
        models: tuple[ModelUsed, ...],
        *,
        timeout_sec: float = 5.0,
        check_every_sec: float = _CHECK_EVERY_SEC,
        shared_memory: bool = True,
    ) -> None:
        if not addresses:
            raise Stop("PLATESTREAM_TRITON is not set: host:port of at least one Triton server")
        self._models = models
        self._timeout_sec = timeout_sec
        self._check_every_sec = check_every_sec
        several = len(addresses) > 1
        self._servers = [_server(at, several=several, shared_memory=shared_memory) for at in addresses]
        self._turn = 0

    @property
    def models(self) -> tuple[ModelUsed, ...]:
        return self._models

    async def check(self) -> None:
        """See that a server serves our models with our tensors; one that serves others is told of in the log.

        Raises:
            TryAgain: none does, and one of them is away.
            Stop: all of them serve others.
        """
        found = {server.standing.address: await self._missed(server) for server in self._servers}
        missed = {address: reason for address, reason in found.items() if reason is not None}
        if len(missed) == len(found):
            raise no_server(missed)

    async def infer(self, model: str, images: NDArray[np.uint8]) -> Tensors:
        images = np.ascontiguousarray(images)
        missed: dict[str, Missed] = {}
        for server in self._in_turn(model):
            try:
                return await self._ask(server, MODELS[model], images)
            except Stop as reason:
                missed[server.standing.address] = reason
            except InferenceServerException as reason:
                missed[server.standing.address] = _left_alone(server, reason, model)
        raise no_answer(model, missed)

    async def close(self) -> None:
        for server in self._servers:
            if server.shared is not None:
                await server.shared.close()
            await server.client.close()

    async def _missed(self, server: _Server) -> Missed | None:
        """Why a server could not be asked about all models, or what it serves wrongly."""
        for model, tensors in MODELS.items():
            try:
                await self._check(server, tensors)
            except Stop as reason:
                return reason
            except InferenceServerException as reason:
                return _left_alone(server, reason, model)
        return None

    async def _ask(self, server: _Server, tensors: ModelTensors, images: NDArray[np.uint8]) -> Tensors:
        asked_at_sec = time.monotonic()
        server.standing.asked(asked_at_sec, timeout_sec=self._timeout_sec)
        if server.standing.must_be_checked(tensors.model, asked_at_sec):
            await self._check(server, tensors)
        answer = await self._answer(server, tensors, images)
        server.standing.answered(asked_at_sec=asked_at_sec)
        return answer

    async def _answer(self, server: _Server, tensors: ModelTensors, images: NDArray[np.uint8]) -> Tensors:
        shared = server.shared
        region = await shared.take(images.nbytes, timeout_sec=self._timeout_sec) if shared else None
        if shared is None or region is None:
            return await self._inferred(server, tensors, _in_message(tensors, images))
        region.write(images)
        try:
            return await self._inferred(server, tensors, _in_region(tensors, images, region))
        except InferenceServerException as reason:
            if not is_unknown_region(reason):
                raise
            shared.forget(region)
            return await self._inferred(server, tensors, _in_message(tensors, images))
        finally:
            shared.give_back(region)

    async def _inferred(self, server: _Server, tensors: ModelTensors, images: InferInput) -> Tensors:
        names = [output.name for output in tensors.outputs]
        result = await server.client.infer(
            tensors.model,
            [images],
            outputs=[InferRequestedOutput(name) for name in names],
            client_timeout=self._timeout_sec,
        )
        return {name: result.as_numpy(name) for name in names}

    async def _check(self, server: _Server, tensors: ModelTensors) -> None:
        """Raises `Stop` when the server serves another model; said in the log when that is new."""
        model, until_sec = tensors.model, time.monotonic() + self._check_every_sec
        try:
            await self._compare(server, tensors)
        except Stop as reason:
            server.standing.serves_other(model, str(reason), until_sec=until_sec)
            raise
        server.standing.serves_ours(model, until_sec=until_sec)

    async def _compare(self, server: _Server, tensors: ModelTensors) -> None:
        model, timeout_sec = tensors.model, self._timeout_sec
        metadata = await server.client.get_model_metadata(model, as_json=True, client_timeout=timeout_sec)
        refuse_other_tensors(metadata, tensors, server.standing.address)
        said = await server.client.get_model_config(model, as_json=True, client_timeout=timeout_sec)
        used = next(used for used in self._models if used.name == model)
        refuse_other_file(said["config"], used, server.standing.address)

    def _in_turn(self, model: str) -> list[_Server]:
        """All servers, those that answered before those that rest, a different one first each time."""
        self._turn = (self._turn + 1) % len(self._servers)
        round_robin = self._servers[self._turn :] + self._servers[: self._turn]
        now_sec = time.monotonic()
        return sorted(round_robin, key=lambda server: server.standing.rests(model, now_sec))


def _server(address: str, *, several: bool, shared_memory: bool) -> _Server:
    client = InferenceServerClient(address, channel_args=list(_CHANNEL))
    here = address.rpartition(":")[0] in _THIS_MACHINE
    shared = SharedRegions(client) if here and shared_memory else None
    return _Server(client, shared, Standing(address, one_of_several=several))


def _left_alone(server: _Server, reason: InferenceServerException, model: str) -> InferenceServerException:
    """Raises `SetAside`, and the server is used on, when the request is the reason."""
    address = server.standing.address
    passed = passing(reason, model, address)
    server.standing.missed(f"model {model}: {reason.message()}", time.monotonic())
    return passed


def _in_message(tensors: ModelTensors, images: NDArray[np.uint8]) -> InferInput:
    wanted = InferInput(tensors.input.name, list(images.shape), tensors.input.dtype)
    wanted.set_data_from_numpy(images)
    return wanted


def _in_region(tensors: ModelTensors, images: NDArray[np.uint8], region: Region) -> InferInput:
    wanted = InferInput(tensors.input.name, list(images.shape), tensors.input.dtype)
    wanted.set_shared_memory(region.name, images.nbytes)
    return wanted
