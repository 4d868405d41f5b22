"""The stage's own page: /healthz as JSON for people and probes, /metrics for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from contracts.errors import Stop

log = logging.getLogger(__name__)


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`status`: starting (nothing read yet), ok, waiting (for a dependency), stuck (`stuck_after_sec`)."""

    stage: str
    status: str
    in_flight: int
    lag: int
    oldest_unacknowledged_sec: float
    waiting_for: dict[str, int]
    partitions: int
    done: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class Pages:
    health: Callable[[], Health]
    metrics: Callable[[], bytes]


async def serve(address: str, pages: Pages) -> web.AppRunner:
    """Serve both pages on host:port until the runner is cleaned up.

    Raises:
        Stop: the port is taken or the address is none.
    """

    async def healthz(_request: web.Request) -> web.Response:
        health = pages.health()
        return web.Response(
            body=msgspec.json.encode(health),
            status=503 if health.status == "stuck" else 200,
            content_type="application/json",
        )

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(body=pages.metrics(), content_type="text/plain")

    app = web.Application()
    app.add_routes([web.get("/healthz", healthz), web.get("/metrics", metrics)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, _, port = address.rpartition(":")
    try:
        await web.TCPSite(runner, host or "127.0.0.1", int(port)).start()
    except (OSError, ValueError) as error:
        await runner.cleanup()
        raise Stop(f"health page on {address}: {error}") from error
    return runner
