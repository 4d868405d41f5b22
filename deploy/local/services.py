"""Our own processes: how each is started, what it waits for, how one sees that it is ready."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from deploy.local.addresses import Addresses
from deploy.local.folders import CHECKOUT
from deploy.local.options import INGEST, KAFKA, POSTGRES, REGISTRY, STAGES, TRITON, WEBAPP
from deploy.local.plan import Probe, ProcessSpec
from deploy.local.ports import HOST

TOPICS, MIGRATE = "topics", "migrate"

STAGE_NEEDS = {
    "sightings": [TOPICS, TRITON],
    "plates": [TOPICS, TRITON],
    "enriched": [TOPICS, REGISTRY],
    "rows": [TOPICS, MIGRATE],
}


def specs(addresses: Addresses) -> list[ProcessSpec]:
    """The services, without the servers they use."""
    return [
        once(addresses, TOPICS, ["deploy.local.parts.topics"], after=[KAFKA]),
        once(addresses, MIGRATE, ["deploy.local.parts.migrations"], after=[POSTGRES]),
        service(addresses, REGISTRY, ["deploy.simulator"], after=[]),
        *(service(addresses, stage, ["processors", stage], after=STAGE_NEEDS[stage]) for stage in STAGES),
        service(addresses, WEBAPP, ["webapp"], after=[TOPICS, MIGRATE]),
        # Last: frames that no stage takes yet would be too old by the time one does.
        service(addresses, INGEST, ["ingest"], after=[TOPICS, *STAGES]),
    ]


def once(addresses: Addresses, name: str, module: Iterable[str], *, after: list[str]) -> ProcessSpec:
    return ProcessSpec(
        name=name,
        command=[sys.executable, "-m", *module],
        env=addresses.for_process(name),
        cwd=str(CHECKOUT),
        after=after,
        once=True,
    )


def service(addresses: Addresses, name: str, module: Iterable[str], *, after: list[str]) -> ProcessSpec:
    ports = {
        full.partition(".")[2]: port
        for full, port in addresses.ports.items()
        if full.partition(".")[0] == name
    }
    probe = None
    if "health" in ports:
        probe = Probe(host=HOST, port=ports["health"], path="/healthz")
    elif "http" in ports:
        probe = Probe(host=HOST, port=ports["http"])
    return ProcessSpec(
        name=name,
        command=[sys.executable, "-m", *module],
        env=addresses.for_process(name),
        cwd=str(CHECKOUT),
        after=after,
        probe=probe,
        ports=ports,
        may_end=name == INGEST,
    )
