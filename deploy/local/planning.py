"""Options -> the plan: checks, ports, keys, data folders, and every process with its variables."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from deploy.local import preflight, services
from deploy.local.addresses import EXTERNAL, Addresses
from deploy.local.folders import CHECKOUT, Installed, State
from deploy.local.keys import make_keys
from deploy.local.options import INGEST, KAFKA, POSTGRES, TRITON, WEBAPP, Options
from deploy.local.parts import kafka, postgres, triton
from deploy.local.plan import Plan, ProcessSpec, selected
from deploy.local.sign_in import ensure_sign_in

RUN_BYTES = 8


def make_plan(
    options: Options, state: State, environment: Mapping[str, str], installed: Installed | None = None
) -> Plan:
    """Everything that `up` will run, its folders and keys made.

    Raises:
        Stop: something is missing, taken or wrong; nothing was started.
    """
    for folder in (state.root, state.data, state.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    cameras = options.cameras or default_cameras(environment)
    processes = processes_to_run(options, environment, cameras)
    preflight.check(replace(options, cameras=cameras), processes, state.root)
    addresses = Addresses(
        state=state,
        keys=make_keys(state.secrets),
        ports=preflight.find_ports(options, processes),
        options=options,
        environment=environment,
        cameras=None if cameras is None else cameras.resolve(),
    )
    if WEBAPP in processes:
        ensure_sign_in(state.secrets)
    run = secrets.token_hex(RUN_BYTES)
    servers = server_specs(addresses, processes, run, installed or Installed())
    ours = services.specs(addresses)
    wanted = {*processes, *tasks(processes, ours)}
    return Plan(
        run=run,
        state=str(state.root),
        variables=addresses.common(),
        processes=selected([*servers, *ours], wanted),
    )


def processes_to_run(
    options: Options, environment: Mapping[str, str], cameras: Path | None
) -> tuple[str, ...]:
    """The chosen processes without the servers that somebody else runs, and without ingest for no camera."""
    absent = {name for name, variable in EXTERNAL.items() if environment.get(variable)}
    if cameras is None:
        absent.add(INGEST)
    return tuple(name for name in options.processes if name not in absent)


def tasks(processes: Collection[str], ours: Sequence[ProcessSpec]) -> set[str]:
    """What has to be done once before the chosen ones of our own processes start."""
    needed = {name for spec in ours if spec.name in processes for name in spec.after}
    return needed & {services.TOPICS, services.MIGRATE}


def default_cameras(environment: Mapping[str, str]) -> Path | None:
    named = environment.get("PLATESTREAM_CAMERAS")
    usual = CHECKOUT / "cameras.yml"
    if named:
        return Path(named)
    return usual if usual.exists() else None


def server_specs(
    addresses: Addresses, processes: tuple[str, ...], run: str, installed: Installed
) -> list[ProcessSpec]:
    state = addresses.state
    found = []
    if KAFKA in processes:
        found.append(kafka.spec(installed, state, own_ports(addresses, KAFKA)))
    if TRITON in processes:
        ports = own_ports(addresses, TRITON)
        found.append(triton.spec(installed, state, addresses.options.repository, ports, run))
    if POSTGRES in processes:
        password = addresses.keys.database_password
        found.append(postgres.spec(state, password, own_ports(addresses, POSTGRES)))
    return found


def own_ports(addresses: Addresses, name: str) -> dict[str, int]:
    prefix = f"{name}."
    return {
        full.removeprefix(prefix): port for full, port in addresses.ports.items() if full.startswith(prefix)
    }


def caller_environment() -> dict[str, str]:
    """The one place that reads the environment for the stack's Python interface."""
    return dict(os.environ)
