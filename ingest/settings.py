"""Settings of the ingest process, made once from the environment."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import Stop

_MEMORY_MB, _RING_MB = 256.0, 1024.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`health` is host:port of the metrics page, None for no page. `memory_bytes`: live frames that wait for
    Kafka; `ring`: a file for `ring_bytes` more of them. `share`: processes of the same name share the
    cameras of the file; None reads them all. `environment`: for `${NAME}` in the camera file."""

    kafka: str
    cameras: Path
    health: tuple[str, int] | None
    instance: str
    memory_bytes: int
    ring: Path | None
    ring_bytes: int
    share: str | None
    environment: Mapping[str, str] = field(repr=False)


def settings_from(environment: Mapping[str, str]) -> Settings:
    """Settings of this process.

    Raises:
        Stop: a variable is missing or no address.
    """
    ring = environment.get("PLATESTREAM_INGEST_RING")
    return Settings(
        kafka=_needed(environment, "PLATESTREAM_KAFKA"),
        cameras=Path(_needed(environment, "PLATESTREAM_CAMERAS")),
        health=_address(environment.get("PLATESTREAM_HEALTH")),
        instance=f"{socket.gethostname()[:40]}-{os.getpid()}",
        memory_bytes=_megabytes(environment, "PLATESTREAM_INGEST_MEMORY_MB", _MEMORY_MB),
        ring=Path(ring) if ring else None,
        ring_bytes=_megabytes(environment, "PLATESTREAM_INGEST_RING_MB", _RING_MB),
        share=environment.get("PLATESTREAM_INGEST_SHARE") or None,
        environment=environment,
    )


def _needed(environment: Mapping[str, str], name: str) -> str:
    if not environment.get(name):
        raise Stop(f"{name} is not set")
    return environment[name]


def _megabytes(environment: Mapping[str, str], name: str, usual: float) -> int:
    value = environment.get(name)
    try:
        found = usual if not value else float(value)
    except ValueError:
        found = -1.0
    if not 1 <= found <= 1_000_000:
        raise Stop(f"{name} is {value!r}, not a number of megabytes")
    return int(found * 1024 * 1024)


def _address(value: str | None) -> tuple[str, int] | None:
    if not value:
        return None
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal():
        raise Stop(f"PLATESTREAM_HEALTH is {value!r}, not host:port")
    return host, int(port)
