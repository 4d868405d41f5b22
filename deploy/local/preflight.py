"""What must hold before a stack starts; each thing that does not is one line that names it."""

from __future__ import annotations

import shutil
from pathlib import Path

from contracts.cameras import read_cameras
from contracts.errors import Stop
from deploy.local.options import (
    EVERYTHING,
    INGEST,
    PORT_NAMES,
    PREFERRED_PORTAL_PORT,
    STAGES,
    TRITON,
    WEBAPP,
    Options,
)
from deploy.local.ports import demand, free_ports, is_free
from deploy.local.supervision.leftovers import SHARED_MEMORY

GIGABYTE, MEGABYTE = 1_000_000_000, 1_000_000
NEEDED_SHARED_MB = 32

PORTS = {
    "kafka": ("kafka.broker", "kafka.controller"),
    "triton": ("triton.http", "triton.grpc", "triton.metrics"),
    "postgres": ("postgres.database",),
    "registry": ("registry.http",),
    WEBAPP: ("webapp.http", "webapp.health"),
    INGEST: ("ingest.health",),
    **{stage: (f"{stage}.health",) for stage in STAGES},
}
"""The ports that each process listens on."""


def check(options: Options, processes: tuple[str, ...], state: Path) -> None:
    unknown = [name for name in options.processes if name not in EVERYTHING]
    if unknown:
        raise Stop(f"no process is named {', '.join(unknown)}; there are {', '.join(EVERYTHING)}")
    unknown_ports = sorted(
        set(options.ports) - {*PORT_NAMES, *(each for own in PORTS.values() for each in own)}
    )
    if unknown_ports:
        raise Stop(f"no port is named {', '.join(unknown_ports)}; there are {', '.join(PORT_NAMES)}")
    if options.cameras is not None and not options.cameras.is_file():
        raise Stop(f"there is no camera file {options.cameras}")
    if options.cameras is not None:
        read_cameras(options.cameras, environment=None)
    if TRITON in processes and not any(options.repository.glob("*/config.pbtxt")):
        raise Stop(f"there is no model in {options.repository}")
    check_disk(state, options.needed_disk_gb)
    if TRITON in processes:
        check_shared_memory(SHARED_MEMORY)


def check_disk(folder: Path, needed_gb: float) -> None:
    free_gb = shutil.disk_usage(folder).free / GIGABYTE
    if free_gb < needed_gb:
        raise Stop(f"{folder} has {free_gb:.1f} GB free, {needed_gb:.1f} GB are needed")


def check_shared_memory(folder: Path) -> None:
    """Triton hands pictures to its backend there; containers often have little of it."""
    free_mb = shutil.disk_usage(folder).free / MEGABYTE
    if free_mb < NEEDED_SHARED_MB:
        raise Stop(f"{folder} has {free_mb:.0f} MB free, Triton needs {NEEDED_SHARED_MB} MB there")


def find_ports(options: Options, processes: tuple[str, ...]) -> dict[str, int]:
    """The wanted ports and free ones for all others.

    Raises:
        Stop: a wanted port is in use, or wanted twice.
    """
    names = [port for name in processes for port in PORTS.get(name, ())]
    wanted = {name: options.wanted_port(name) for name in names}
    ports: dict[str, int] = {}
    for name, port in wanted.items():
        if port is not None:
            twice = next((other for other, taken in ports.items() if taken == port), None)
            if twice is not None:
                raise Stop(f"port {port} is wanted for {twice} and for {name}: name another one")
            ports[name] = demand(name, port)
    usual = PREFERRED_PORTAL_PORT
    if "webapp.http" in set(names) - set(ports) and usual not in ports.values() and is_free(usual):
        ports["webapp.http"] = usual
    rest = [name for name in names if name not in ports]
    return {**ports, **free_ports(rest, taken=ports.values())}
