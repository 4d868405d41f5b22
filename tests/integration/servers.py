"""What the fixtures of the real parts share: how a missing one is told, and servers that need no stack."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import pytest

from deploy.local.folders import CHECKOUT
from deploy.local.ports import HOST
from deploy.local.supervision import child

READY_WITHIN_SEC = 60.0


def missing(what: str) -> NoReturn:
    """Skips with one line, or fails where everything is required (continuous integration)."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")


def find_program(name: str) -> str | None:
    """A program of the checkout's own folder, else of the machine."""
    own = CHECKOUT / ".stack" / "bin" / name
    return str(own) if own.exists() else shutil.which(name)


@contextmanager
def running(
    command: Sequence[str], *, port: int, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A server for as long as the block runs; it dies with the test run, however that ends."""
    wrapped = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), "9", "same", *command]
    with log.open("wb") as output:
        process = subprocess.Popen(wrapped, stdout=output, stderr=output, env={**os.environ, **(env or {})})
    try:
        wait_for_port(process, port, log)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for_port(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_SEC
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"{log.stem} did not start: {log.read_text(errors='replace')[-2000:]}", pytrace=False)
