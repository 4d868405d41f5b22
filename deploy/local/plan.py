"""What a stack consists of: processes, what each waits for, and how one sees that it is ready.

Pure data that goes to `plan.json` and back, so that the supervisor needs nothing but that file.
"""

from __future__ import annotations

import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from contracts.errors import Stop


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """How to see that a process is ready: its port answers, and, with a path, answers 200 there. `postgres`:
    it must take sessions; PostgreSQL opens its port before that, long before when it was killed."""

    host: str
    port: int
    path: str | None = None
    postgres: bool = False


class ProcessSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One process of the stack. A `once` process is ready when it has ended well."""

    name: str
    command: list[str]
    env: dict[str, str] = {}
    cwd: str
    after: list[str] = []
    probe: Probe | None = None
    once: bool = False
    may_end: bool = False
    """A clean end is no accident: ingest ends when it has read all its files, or was asked to."""
    as_plain_user: bool = False
    """PostgreSQL refuses to be run by root; started by root it gets a plain user's id."""
    stop_signal: int = int(signal.SIGTERM)
    grace_sec: float = 10.0
    watch_every_sec: float = 5.0
    ports: dict[str, int] = {}


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A whole stack. `run` marks every process of it (environment variable PLATESTREAM_RUN)."""

    run: str
    state: str
    variables: dict[str, str] = {}
    """What all processes share, for whoever wants to talk to the stack from outside."""
    processes: list[ProcessSpec]


def write_plan(path: Path, plan: Plan) -> None:
    path.touch(mode=0o600)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(plan), indent=1))


def read_plan(path: Path) -> Plan:
    """As `write_plan` wrote it.

    Raises:
        Stop: the file is damaged.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Plan)
    except msgspec.DecodeError as error:
        raise Stop(f"{path} is no plan of a stack: {error}; `platestream up` makes a new one") from error


def selected(specs: Sequence[ProcessSpec], names: Iterable[str]) -> list[ProcessSpec]:
    """The named processes alone, each waiting only for what is there."""
    wanted = set(names)
    chosen = [spec for spec in specs if spec.name in wanted]
    return [
        msgspec.structs.replace(spec, after=[name for name in spec.after if name in wanted])
        for spec in chosen
    ]


def layers(specs: Sequence[ProcessSpec]) -> list[list[ProcessSpec]]:
    """Processes by what they wait for: those that wait for nothing first. Stopping goes backwards."""
    left = list(specs)
    placed: set[str] = set()
    result: list[list[ProcessSpec]] = []
    while left:
        layer = [spec for spec in left if set(spec.after) <= placed]
        if not layer:
            names = ", ".join(spec.name for spec in left)
            raise ValueError(f"processes wait for each other or for something unknown: {names}")
        result.append(layer)
        placed |= {spec.name for spec in layer}
        left = [spec for spec in left if spec.name not in placed]
    return result
