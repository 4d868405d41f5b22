"""Settings of the ingest process, made once from the environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from contracts.errors import Stop


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`health` is host:port of the metrics page, None for no page."""

    kafka: str
    cameras: Path
    health: tuple[str, int] | None
    instance: str


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Settings of this process.

    Raises:
        Stop: a variable is missing or no address.
    """
    return Settings(
        kafka=_needed(environment, "PLATESTREAM_KAFKA"),
        cameras=Path(_needed(environment, "PLATESTREAM_CAMERAS")),
        health=_address(environment.get("PLATESTREAM_HEALTH")),
        instance=f"{socket.gethostname()[:40]}-{os.getpid()}",
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise Stop(f"{name} is not set")
    return environment[name]


def _address(value: str | None) -> tuple[str, int] | None:
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit():
        raise Stop(f"PLATESTREAM_HEALTH is {value!r}, not host:port")
    return host, int(port)
