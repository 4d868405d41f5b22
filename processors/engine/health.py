"""The process's own page: /healthz as JSON for people and probes, /metrics for Prometheus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from aiohttp import web

from contracts.errors import Stop
from processors.engine.measures import Measures
from processors.engine.window import Window

_STUCK_AFTER_SEC = 120.0
_STUCK_AFTER_WORK_SEC = 600.0
"""In which nothing was waited for, with waits of other messages between; what has waited itself begins its
work only then, and may do so a few times."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """`status`: starting (nothing read yet), ok, waiting (for a dependency), stuck (for two minutes the same
    message has been the oldest in work, and nothing was waited for; or for ten minutes, those left out in
    which something was. Messages of any age may stand in a line that moves on, and one that is finished be
    held back from acknowledgement for as long as it is needed).
    `lag`: null until it is known from where each of our partitions is read; `behind_sec`: how long the
    message that was last done had stood on its topic by then, so it grows where more comes than is done;
    `oldest_unacknowledged_sec` counts from when work on a message began."""

    stage: str
    status: str
    in_flight: int
    lag: int | None
    behind_sec: float
    oldest_unacknowledged_sec: float
    waiting_for: dict[str, int]
    partitions: int
    done: int
    set_aside: int

    @property
    def stuck(self) -> bool:
        return self.status == "stuck"


def health_of(stage: str, window: Window, measures: Measures, *, lag: int | None) -> Health:
    """How a stage is at this moment."""
    waiting = measures.waiting_for
    status = "ok" if window.places else "starting"
    if waiting:
        status = "waiting"
    elif _is_stuck(window, measures):
        status = "stuck"
    return Health(
        stage=stage,
        status=status,
        in_flight=window.in_flight,
        lag=lag,
        behind_sec=round(measures.behind_sec, 3),
        oldest_unacknowledged_sec=round(window.oldest_unacknowledged_sec, 3),
        waiting_for=waiting,
        partitions=len(window.places),
        done=measures.done_count,
        set_aside=measures.set_aside_count,
    )


def _is_stuck(window: Window, measures: Measures) -> bool:
    if window.oldest_worked_sec > _STUCK_AFTER_WORK_SEC:
        return True  # else short waits, one after the other, would hide for ever that it hangs
    return min(window.oldest_unchanged_sec, measures.since_wait_sec) > _STUCK_AFTER_SEC


@dataclass(frozen=True, slots=True)
class Pages:
    health: Callable[[], list[Health]]
    metrics: Callable[[], bytes]


async def serve(address: str, pages: Pages) -> web.AppRunner:
    """Serve both pages on host:port until the runner is cleaned up.

    Raises:
        Stop: the port is taken or the address is none.
    """

    async def healthz(_request: web.Request) -> web.Response:
        stages = pages.health()
        stuck = any(health.stuck for health in stages)
        return web.Response(
            body=msgspec.json.encode({"stages": stages}),
            status=503 if stuck else 200,
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
    except (OSError, ValueError, OverflowError) as error:
        await runner.cleanup()
        raise Stop(f"health page on {address}: {error}") from error
    return runner
