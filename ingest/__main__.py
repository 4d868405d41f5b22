"""`python -m ingest`: the composition root of the ingest process."""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType

from prometheus_client import CollectorRegistry, start_http_server

from contracts.errors import Stop, TryAgain
from ingest.camera.backlog import Backlog
from ingest.camera.counters import IngestMetrics
from ingest.camera_list import CameraList
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher
from ingest.sending.ring import DiskRing
from ingest.settings import Settings, settings_from
from ingest.sharing import Share
from ingest.supervisor import Supervisor

# Together with the two seconds that cameras have to end, less than five.
FLUSH_SEC = 2.0
LAST_REPORTS_SEC = 0.5
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
    """Read the cameras of the camera file, or this process's share of them, until a signal; or until all
    that are enabled have ended, where these are files.

    Raises:
        Stop: the camera file is wrong at the start, the health address is taken, the ring cannot be made,
            Kafka lets nothing be written, or too many cameras hang in calls that do not come back.
    """
    registry = CollectorRegistry()
    metrics = IngestMetrics(registry)
    cameras = CameraList(
        settings.cameras,
        environment=settings.environment,
        changed=lambda taken: metrics.reloads.labels("taken" if taken else "refused").inc(),
    )
    _serve_health(settings, registry)
    ring = None if settings.ring is None else DiskRing(settings.ring, settings.ring_bytes)
    publisher = Publisher(settings.kafka, Outbox(settings.memory_bytes, ring))
    backlog = Backlog(settings.kafka, beside_live=lambda: any(c.is_live for c in cameras.cameras.values()))
    share = None if settings.share is None else Share(settings.kafka, settings.share)
    supervisor = Supervisor(
        cameras.current if share is None else lambda: share.of(cameras.current()),
        publisher=publisher,
        brake=backlog,
        metrics=metrics,
        instance=settings.instance,
    )
    _stop_on_signals(supervisor)
    try:
        publisher.check(_BROKER_TIMEOUT_SEC)
    except TryAgain as error:  # frames wait in the outbox until the broker is there
        log.warning("%s", error)
    log.info("reading %d cameras", len(cameras.cameras))
    try:
        supervisor.run(until_all_ended=share is None)
    finally:
        _finish(supervisor, publisher, backlog, share)
        if ring is not None:
            ring.close()


def _finish(supervisor: Supervisor, publisher: Publisher, backlog: Backlog, share: Share | None) -> None:
    left = publisher.finish(FLUSH_SEC)
    if left:
        log.error("%d frames were not delivered before the stop", left)
    supervisor.report()
    publisher.close(LAST_REPORTS_SEC)
    if share is not None:
        share.close()
    backlog.close()


def _stop_on_signals(supervisor: Supervisor) -> None:
    def stop(_signal: int, _frame: FrameType | None) -> None:
        supervisor.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _serve_health(settings: Settings, registry: CollectorRegistry) -> None:
    if settings.health is None:
        return
    host, port = settings.health
    try:
        start_http_server(port, addr=host, registry=registry)
    except OSError as error:
        raise Stop(f"health page {host}:{port}: {error.strerror}") from error


if __name__ == "__main__":
    status = main()
    logging.shutdown()
    # A thread that hangs in a video library must not keep the process: everything is flushed.
    sys.stdout.flush()
    os._exit(status)
