"""The fixture `simulator`: the registry simulator as its own process, with settings of the test's choice."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.ports import HOST, free_ports
from processors.adapters.registry import HttpRegistry, open_registry
from tests.integration.servers import running


@dataclass(frozen=True)
class Simulator:
    address: str
    key: str
    log: Path

    def registry(self, dialect: str, *, key: str | None = None, timeout_sec: float = 5.0) -> HttpRegistry:
        return open_registry(self.address, dialect=dialect, key=key or self.key, timeout_sec=timeout_sec)


StartSimulator = Callable[..., Simulator]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSimulator]:
    """`simulator(PROFILE="down")` starts one; keywords are PLATESTREAM_SIMULATOR_ variables."""
    with ExitStack() as processes:

        def start(**variables: str) -> Simulator:
            folder, port = tmp_path_factory.mktemp("simulator"), free_ports(["registry"])["registry"]
            key = secrets.token_urlsafe(16)
            (folder / "registry.key").write_text(key)
            env = {f"PLATESTREAM_SIMULATOR_{name}": value for name, value in variables.items()} | {
                "PLATESTREAM_HTTP": f"{HOST}:{port}",
                "PLATESTREAM_REGISTRY_KEY_FILE": str(folder / "registry.key"),
            }
            command = [sys.executable, "-m", "deploy.simulator"]
            processes.enter_context(running(command, port=port, log=folder / "simulator.log", env=env))
            return Simulator(f"http://{HOST}:{port}", key, folder / "simulator.log")

        yield start
