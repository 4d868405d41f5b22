"""What one may choose about a local stack; every default is what `platestream up` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import Stop
from deploy.local.folders import CHECKOUT

KAFKA, TRITON, POSTGRES, REGISTRY = "kafka", "triton", "postgres", "registry"
INGEST, WEBAPP = "ingest", "webapp"
STAGES = ("sightings", "plates", "enriched", "rows")
EVERYTHING = (KAFKA, TRITON, POSTGRES, REGISTRY, *STAGES, WEBAPP, INGEST)
PREFERRED_PORTAL_PORT = 8000
NEEDED_DISK_GB = 3.0

PORT_NAMES: Mapping[str, str] = {
    "portal": "webapp.http",
    "kafka": "kafka.broker",
    "triton": "triton.grpc",
    "postgres": "postgres.database",
    "registry": "registry.http",
}
"""How a person names a port -> how the plan does. The plan's own names are understood as well."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """Choices of whoever starts a stack.

    `processes`: which of EVERYTHING to run. `ports`: wanted ports by name, all others are found free.
    `extra_env`: more variables by process name, `"*"` for every process. `cameras`: the camera file.
    `die_with_parent`: the stack ends when the calling thread does; a demo wants that, `up` does not.
    """

    processes: tuple[str, ...] = EVERYTHING
    ports: Mapping[str, int] = field(default_factory=dict)
    extra_env: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    cameras: Path | None = None
    repository: Path = CHECKOUT / "triton_models" / "repository"
    registry_dialect: str = "surepass"
    die_with_parent: bool = False
    ready_within_sec: float = 180.0
    needed_disk_gb: float = NEEDED_DISK_GB

    def wanted_port(self, name: str) -> int | None:
        people = [short for short, full in PORT_NAMES.items() if full == name]
        return next((self.ports[key] for key in (name, *people) if key in self.ports), None)


def parse_ports(words: Iterable[str]) -> dict[str, int]:
    """`["portal=8080", …]` -> ports by name."""
    ports = {}
    for word in words:
        name, _, number = word.partition("=")
        if not (name in PORT_NAMES or "." in name) or not number.isdecimal() or not 0 < int(number) < 65536:
            names = ", ".join(PORT_NAMES)
            raise Stop(f"port {word!r} is not NAME=NUMBER with one of the names {names}")
        ports[name] = int(number)
    return ports
