"""One soak: servers, broker, ingest as a process of its own, faults by a plan, and the sums at the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console

from contracts.codec import decode
from contracts.errors import Stop
from contracts.messages.coverage import Coverage
from contracts.topics import Topic
from deploy.demo.own_video import write_camera_file
from deploy.local.folders import CHECKOUT, State
from deploy.local.options import KAFKA, Options
from deploy.local.parts.topics import create_topics
from deploy.local.stack import Stack
from deploy.measure.log import LogReader
from deploy.soak.cameras import Servers, film
from deploy.soak.listener import Listener
from deploy.soak.report import CameraSums, Soak, latencies_ms, latest, sums

SERVERS = 4
KILLED, FROZEN = 1, 0
AWAY_SEC = 10.0
KAFKA_AWAY_SEC = 60.0
CALM_SEC = 20.0
_LOOK_SEC = 0.5
_BACK_WITHIN_SEC = 30.0
_STOP_WITHIN_SEC = 20.0


@dataclass
class _Run:
    """A running soak. `disturbances` are spans of time.time() in which a fault was at work."""

    servers: Servers
    broker: psutil.Process
    ingest: subprocess.Popen[bytes]
    listener: Listener
    console: Console
    faults: list[str] = field(default_factory=list)
    disturbances: list[tuple[float, float]] = field(default_factory=list)
    back_after_sec: dict[str, float] = field(default_factory=dict)
    memory_mb: list[float] = field(default_factory=list)


def run_soak(source: str, *, seconds: float, cameras: int, console: Console) -> Soak:
    """Play `source` as so many cameras for so long, with faults.

    Raises:
        Stop: something does not start, or ingest ends by itself.
    """
    with tempfile.TemporaryDirectory(prefix="platestream-soak-") as name:
        folder = Path(name)
        video = film(Path(source), folder / "film.mp4", seconds=seconds + 120)
        servers = Servers(video, folder, servers=SERVERS, cameras=cameras)
        stack = Stack(State(folder / "state"), Options(processes=(KAFKA,), die_with_parent=True))
        try:
            for number in range(SERVERS):
                servers.start(number)
            stack.up()
            create_topics(stack.variables()["PLATESTREAM_KAFKA"])
            return _soak(servers, stack, folder, seconds, console)
        finally:
            servers.close()
            stack.down()


def _soak(servers: Servers, stack: Stack, folder: Path, seconds: float, console: Console) -> Soak:
    kafka = stack.variables()["PLATESTREAM_KAFKA"]
    camera_file = write_camera_file(folder / "cameras.yml", servers.cameras())
    environment = {**os.environ, "PLATESTREAM_KAFKA": kafka, "PLATESTREAM_CAMERAS": str(camera_file)}
    environment.pop("PLATESTREAM_HEALTH", None)
    status = stack.status()
    broker = status.find(KAFKA) if status else None
    if broker is None or broker.identity is None:
        raise Stop("the broker of the soak is not there")
    listener = Listener(kafka)
    began_sec = time.time()
    with (folder / "ingest.log").open("wb") as log:
        ingest = subprocess.Popen(
            [sys.executable, "-m", "ingest"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log
        )
    run = _Run(servers, psutil.Process(broker.identity.pid), ingest, listener, console)
    try:
        _disturb(run, began_sec + seconds)
        process = psutil.Process(ingest.pid)
        times = process.cpu_times()
        cores = (times.user + times.system) / (time.time() - began_sec)
        threads, descriptors = process.num_threads(), process.num_fds()
        ended_sec = time.time()
        exit_status = _stop(ingest)
        stopped_after_sec = time.time() - ended_sec
    except psutil.NoSuchProcess as error:
        told = (folder / "ingest.log").read_text(errors="replace")[-2000:]
        raise Stop(f"ingest ended by itself: {told}") from error
    finally:
        if ingest.poll() is None:
            ingest.kill()
            ingest.wait()
        listener.close()
    p50, p95 = latencies_ms(listener.pairs, _calm(run, began_sec, ended_sec))
    return Soak(
        seconds=ended_sec - began_sec, cameras=_sums(run, kafka, ended_sec - began_sec), faults=run.faults,
        cores=cores, mb_by_minute=_by_minute(run.memory_mb), threads=threads, descriptors=descriptors,
        latency_p50_ms=p50, latency_p95_ms=p95, back_after_sec=run.back_after_sec,
        exit_status=exit_status, stopped_after_sec=stopped_after_sec,
    )  # fmt: skip


def _disturb(run: _Run, until_sec: float) -> None:
    """Faults in turn, with calm between them, for as long as there is time for another."""
    faults: list[tuple[str, float, Callable[[], None]]] = [
        ("a server frozen", AWAY_SEC, lambda: _frozen(run)),
        ("a server killed", AWAY_SEC, lambda: _killed(run)),
        ("Kafka frozen", KAFKA_AWAY_SEC, lambda: _without_kafka(run)),
    ]
    _watch(run, min(until_sec, time.time() + 2 * CALM_SEC))
    turn = 0
    while time.time() + (away_sec := faults[turn % len(faults)][1]) + 2 * CALM_SEC < until_sec:
        name, _, fault = faults[turn % len(faults)]
        turn += 1
        begin_sec = time.time()
        run.console.print(f"[dim]{name} for {away_sec:.0f} s[/dim]")
        fault()
        run.faults.append(name)
        run.disturbances.append((begin_sec - 1, time.time() + 5))
        _watch(run, min(until_sec, time.time() + 2 * CALM_SEC))
    _watch(run, until_sec)


def _frozen(run: _Run) -> None:
    run.servers.freeze(FROZEN, frozen=True)
    _watch(run, time.time() + AWAY_SEC)
    run.servers.freeze(FROZEN, frozen=False)


def _killed(run: _Run) -> None:
    run.servers.kill(KILLED)
    _watch(run, time.time() + AWAY_SEC)
    run.servers.start(KILLED)
    started_sec = time.time()
    names = run.servers.names(KILLED)
    while time.time() < started_sec + _BACK_WITHIN_SEC:
        if all(run.listener.last.get(name, 0) > started_sec for name in names):
            break
        time.sleep(_LOOK_SEC / 10)
    run.back_after_sec[f"{len(run.faults) + 1}"] = time.time() - started_sec


def _without_kafka(run: _Run) -> None:
    run.broker.suspend()
    try:
        _watch(run, time.time() + KAFKA_AWAY_SEC)
    finally:
        run.broker.resume()


def _watch(run: _Run, until_sec: float) -> None:
    """Waits, and notes the memory."""
    process = psutil.Process(run.ingest.pid)
    while time.time() < until_sec:
        time.sleep(_LOOK_SEC)
        if run.ingest.poll() is not None:
            raise psutil.NoSuchProcess(run.ingest.pid)
        run.memory_mb.append(process.memory_info().rss / 1e6)


def _stop(ingest: subprocess.Popen[bytes]) -> int:
    ingest.send_signal(signal.SIGTERM)
    return ingest.wait(_STOP_WITHIN_SEC)


def _calm(run: _Run, began_sec: float, ended_sec: float) -> list[tuple[float, float]]:
    edges = [began_sec + CALM_SEC, *(edge for span in run.disturbances for edge in span), ended_sec]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _by_minute(memory_mb: list[float]) -> list[float]:
    looks = round(60 / _LOOK_SEC)
    return [max(memory_mb[first : first + looks]) for first in range(0, len(memory_mb), looks)]


def _sums(run: _Run, kafka: str, seconds: float) -> list[CameraSums]:
    with closing(LogReader(kafka)) as log:
        found = log.read(Topic.COVERAGE, since={}, until=log.ends(Topic.COVERAGE))
        reports = latest([decode(Coverage, message.value() or b"") for message in found])
    disturbed = {*run.servers.names(KILLED), *run.servers.names(FROZEN)}
    return [
        sums(
            camera.id, reports.get(camera.id, []), run.listener.frames[camera.id],
            seconds=seconds, disturbed=camera.id in disturbed,
        )
        for camera in run.servers.cameras()
    ]  # fmt: skip
