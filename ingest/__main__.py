"""`python -m ingest`: the composition root of the ingest process."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType

from prometheus_client import CollectorRegistry, start_http_server

from contracts.cameras import read_cameras
from contracts.errors import Stop, TryAgain
from ingest.backlog import Backlog
from ingest.counters import IngestMetrics
from ingest.publisher import Publisher
from ingest.settings import Settings, settings_from
from ingest.supervisor import Supervisor

FLUSH_SEC = 4.0
_BROKER_TIMEOUT_SEC = 5.0

log = logging.getLogger("ingest")


def main() -> int:
    """Run until SIGTERM, SIGINT or the end of all files; exit status 0 then, 1 when the set-up is wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        run(settings_from(os.environ))
    except Stop as error:
        log.error("%s", error)  # noqa: TRY400 - a wrong setting needs its line, not a trace
        return 1
    return 0


def run(settings: Settings) -> None:
    """Read all cameras of the camera file until a signal or until all of them have ended.

    Raises:
        Stop: the camera file is wrong or the health address is taken.
    """
    cameras = read_cameras(settings.cameras, environment=os.environ)
    registry = CollectorRegistry()
    publisher = Publisher(settings.kafka)
    backlog = Backlog(settings.kafka)
    supervisor = Supervisor(
        cameras,
        publisher=publisher,
        brake=backlog,
        metrics=IngestMetrics(registry),
        instance=settings.instance,
    )

    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _serve_health(settings, registry)
    try:
        publisher.check(_BROKER_TIMEOUT_SEC)
    except TryAgain as error:  # frames wait in the producer's queue until the broker is there
        log.warning("%s", error)
    log.info("reading %d cameras", len(cameras))
    supervisor.run()
    backlog.close()
    left = publisher.close(FLUSH_SEC)
    if left:
        log.error("%d messages were not delivered before the stop", left)


def _serve_health(settings: Settings, registry: CollectorRegistry) -> None:
    if settings.health is None:
        return
    host, port = settings.health
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise Stop(f"health page {host}:{port}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main())
