"""All cameras of one process: started, ended and exchanged as the wanted ones change; one thread reports."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from contracts.cameras import Camera
from contracts.errors import Stop
from contracts.messages.coverage import Coverage
from ingest.camera.capture import Source
from ingest.camera.counters import CameraCounters, IngestMetrics
from ingest.camera.life import Life, open_source
from ingest.ports import Brake, FrameSink

REPORT_EVERY_SEC = 5.0
STOP_WITHIN_SEC = 2.0
MOST_STUCK = 8
_LOOK_EVERY_SEC = 0.5

Wanted = Callable[[], Mapping[str, Camera]]
"""The cameras that this process should read now, by id."""

log = logging.getLogger(__name__)


class Sending(FrameSink, Protocol):
    """Where frames and reports go: `Publisher` in production."""

    @property
    def queued_bytes(self) -> int: ...

    def send_coverage(self, coverage: Coverage) -> None: ...


class Supervisor:
    """Keeps the cameras that `wanted` names. Those that do not change do not notice the others."""

    def __init__(
        self, wanted: Wanted, *, publisher: Sending, brake: Brake, metrics: IngestMetrics,
        instance: str, open_camera: Callable[[Camera], Source] = open_source,
    ) -> None:  # fmt: skip
        self._wanted = wanted
        self._publisher = publisher
        self._brake = brake
        self._metrics = metrics
        self._instance = instance
        self._open = open_camera
        self._stopping = threading.Event()
        self._lives: dict[str, Life] = {}
        self._leaving: list[Life] = []
        self._stuck: list[Life] = []
        self._begun = 0

    def run(self, *, until_all_ended: bool) -> None:
        """Read until `stop`; with `until_all_ended` also until all that is read were files and has ended.

        Raises:
            Stop: too many cameras hang in calls that do not come back, or `publisher` can send nothing.
        """
        next_report_sec = 0.0
        while not self._stopping.wait(_LOOK_EVERY_SEC if self._lives else 0.0):
            wanted = self._wanted()
            self._exchange(wanted)
            self._replace_stuck()
            ended = until_all_ended and self._have_ended(wanted)
            if time.monotonic() >= next_report_sec or ended:
                next_report_sec = time.monotonic() + REPORT_EVERY_SEC
                self.report()
            if ended:
                break
            if not self._lives:
                self._stopping.wait(_LOOK_EVERY_SEC)
        self._end_all()

    def stop(self) -> None:
        """End all cameras at their next frame."""
        self._stopping.set()

    def report(self) -> None:
        """Send what changed of every camera's coverage."""
        now = datetime.now(UTC)
        self._metrics.queued.set(self._publisher.queued_bytes)
        for life in (*self._lives.values(), *self._leaving):
            self._report(life, now)
        for life in self._leaving:
            if not life.is_alive and life.camera.id not in self._lives:
                life.counters.forget_metrics()
        self._leaving = [life for life in self._leaving if life.is_alive]

    def _have_ended(self, wanted: Mapping[str, Camera]) -> bool:
        """True when every enabled camera is a file that has ended. Where none is enabled, one may yet be: the
        camera file can change at any time."""
        read = [name for name, camera in wanted.items() if camera.enabled]
        return bool(read) and all(name in self._lives and self._lives[name].has_ended for name in read)

    def _exchange(self, wanted: Mapping[str, Camera]) -> None:
        for name, life in list(self._lives.items()):
            if wanted.get(name) != life.camera:
                log.info("camera %s: %s", name, "changed" if name in wanted else "is not read here any more")
                self._leave(name, life)
        for name, camera in wanted.items():
            if name not in self._lives and not any(life.camera.id == name for life in self._leaving):
                self._begin(camera)

    def _begin(self, camera: Camera) -> None:
        # A report replaces earlier ones of its instance: a camera that is begun anew counts anew.
        self._begun += 1
        instance = f"{self._instance}-{self._begun}"
        counters = CameraCounters(camera, instance=instance, metrics=self._metrics)
        self._lives[camera.id] = Life(
            camera, sink=self._publisher, brake=self._brake, counters=counters,
            metrics=self._metrics, open_camera=self._open,
        )  # fmt: skip
        self._lives[camera.id].start()

    def _leave(self, name: str, life: Life) -> None:
        life.end()
        life.join(0.2)
        self._leaving.append(life)
        del self._lives[name]

    def _replace_stuck(self) -> None:
        """A thread that hangs in a library cannot be ended; it is left behind, also where it was to end:
        what its camera has become waits for that."""
        for life in (*self._lives.values(), *self._leaving):
            if life.is_stuck(time.monotonic()):
                self._leave_behind(life)
        self._stuck = [life for life in self._stuck if life.is_alive]
        if len(self._stuck) > MOST_STUCK:
            raise Stop(f"{len(self._stuck)} cameras hang in calls that do not come back")

    def _leave_behind(self, life: Life) -> None:
        name = life.camera.id
        is_read_on = self._lives.get(name) is life
        log.error("camera %s: hangs in a call that does not come back; %s", name,
                  "begun anew" if is_read_on else "its end is not waited for")  # fmt: skip
        life.end()
        life.counters.enter("stalled", "hung in a call that did not come back")
        self._report(life, datetime.now(UTC))  # its last: whoever comes next counts from now on
        life.counters.forget_metrics()
        self._stuck.append(life)
        if is_read_on:
            self._begin(life.camera)
        else:
            self._leaving.remove(life)

    def _report(self, life: Life, now: datetime) -> None:
        for coverage in life.counters.reports(now):
            self._publisher.send_coverage(coverage)

    def _end_all(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN_SEC
        lives = [*self._lives.values(), *self._leaving]
        for life in lives:
            life.end()
        slow = [life.camera.id for life in lives if not life.join(deadline - time.monotonic())]
        if slow:
            log.warning("cameras %s did not end in time", ", ".join(slow))
