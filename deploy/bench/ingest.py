"""Area `ingest`: processor time of a camera against ffmpeg's for the same work, still against busy scenes,
what the motion gate misses, delay from the wire to Kafka, return of a camera that was away."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import imageio_ffmpeg
from prometheus_client import CollectorRegistry

from contracts.cameras import Camera
from deploy.bench import gating
from deploy.bench.context import Bench
from deploy.bench.figures import Figure, at_most, percentile
from deploy.bench.films import LEAD_SEC, busy_film, still_film
from deploy.drill.scene.rtsp import can_serve, live_launch, serving
from deploy.local.options import KAFKA
from deploy.local.parts.topics import create_topics
from deploy.soak.listener import Listener
from ingest.camera.counters import IngestMetrics
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher
from ingest.supervisor import Supervisor

SECONDS = 40.0
RATE = 5.0
_MEMORY_BYTES = 64 * 1024 * 1024
_WIRE_SEC = 15.0
_AWAY_SEC = 3.0


def measure(bench: Bench) -> list[Figure]:
    """On a broker of its own. What needs an RTSP server is left out where there is none."""
    with tempfile.TemporaryDirectory(prefix="platestream-bench-") as name, bench.stack((KAFKA,)) as stack:
        folder, kafka = Path(name), stack.variables()["PLATESTREAM_KAFKA"]
        create_topics(kafka)
        busy = busy_film(bench.film, folder / "busy.mp4", seconds=SECONDS)
        lead = still_film(bench.film, folder / "lead.mp4", seconds=LEAD_SEC)
        still = still_film(bench.film, folder / "still.mp4", seconds=LEAD_SEC + SECONDS)
        figures = [*_against_ffmpeg(busy, folder, kafka), *_still_against_busy(busy, lead, still, kafka)]
        figures += gating.measure([film.path for film in bench.street.films])
        if can_serve():
            figures += _live(folder, kafka)
    return figures


def _against_ffmpeg(busy: Path, folder: Path, kafka: str) -> list[Figure]:
    pictures = folder / "pictures"
    pictures.mkdir()
    # ffmpeg's scale of quality: 2 gives files of about the size of ours.
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-threads", "1", "-i", str(busy)]
    command += ["-vf", f"fps={RATE:g}", "-threads", "1", "-q:v", "2", str(pictures / "%05d.jpg")]
    reference_sec = _cpu_of_child(command)
    ours_sec = _cpu_of_film(Camera(id="bench", source=str(busy), pace="max", motion_gate="off"), kafka)
    ratio = ours_sec / reference_sec
    goal, holds = at_most(1.1, ratio)
    return [
        Figure(area="ingest", name="1080p25 to 5 JPEGs a second on Kafka, processor time", value=ours_sec,
               unit="s", reference=reference_sec),
        Figure(area="ingest", name="… against ffmpeg to files", value=ratio, unit="x", goal=goal,
               holds=holds),
    ]  # fmt: skip


def _still_against_busy(busy: Path, lead: Path, still: Path, kafka: str) -> list[Figure]:
    """The still time alone: what the whole film costs beyond its lead."""
    busy_sec, lead_sec, whole_sec = (
        _cpu_of_film(Camera(id=f"bench-{film.stem}", source=str(film), pace="max"), kafka)
        for film in (busy, lead, still)
    )
    still_sec = whole_sec - lead_sec
    ratio = still_sec / busy_sec
    goal, holds = at_most(0.4, ratio)
    return [
        Figure(area="ingest", name="a still scene after two passages, processor time", value=still_sec,
               unit="s", reference=busy_sec),
        Figure(area="ingest", name="… against a busy one", value=ratio, unit="x", goal=goal, holds=holds),
    ]  # fmt: skip


def _live(folder: Path, kafka: str) -> list[Figure]:
    """One camera over RTSP: delay by its own clock, and how soon it is back after its server was."""
    streams = {"/camera": live_launch(fps=15, size="640x360")}
    with closing(Listener(kafka)) as listener, ExitStack() as stack:
        with serving(streams, log=folder / "rtsp.log") as address:
            camera = Camera(id="bench-live", source=f"{address}/camera", silence_sec=2)
            stack.enter_context(_reading(camera, kafka))
            _wait_until(lambda: bool(listener.pairs))
            listener.pairs.clear()
            time.sleep(_WIRE_SEC)
        time.sleep(_AWAY_SEC)
        port = int(address.rpartition(":")[2])
        stack.enter_context(serving(streams, log=folder / "rtsp.log", port=port))
        started_sec = time.time()
        _wait_until(lambda: listener.last["bench-live"] > started_sec)
        back_sec = time.time() - started_sec
    delay_ms = percentile([1000 * (arrived - captured) for captured, arrived in listener.pairs], 0.95)
    (delay_goal, in_time), (back_goal, is_back) = at_most(150, delay_ms), at_most(5, back_sec)
    return [
        Figure(area="ingest", name="camera to Kafka, p95", value=delay_ms, unit="ms", goal=delay_goal,
               holds=in_time),
        Figure(area="ingest", name="back after the camera is", value=back_sec, unit="s", goal=back_goal,
               holds=is_back),
    ]  # fmt: skip


def _cpu_of_film(camera: Camera, kafka: str) -> float:
    """Processor time of this process from the first frame of a film to the last on Kafka."""
    publisher = Publisher(kafka, Outbox(_MEMORY_BYTES))
    publisher.check(10)
    supervisor = _supervisor(camera, publisher)
    began = time.process_time()
    supervisor.run(until_all_ended=True)
    publisher.finish(30)
    return time.process_time() - began


@contextmanager
def _reading(camera: Camera, kafka: str) -> Iterator[None]:
    publisher = Publisher(kafka, Outbox(_MEMORY_BYTES))
    supervisor = _supervisor(camera, publisher)
    thread = threading.Thread(target=supervisor.run, kwargs={"until_all_ended": False})
    thread.start()
    try:
        yield
    finally:
        supervisor.stop()
        thread.join()
        publisher.finish(5)


def _supervisor(camera: Camera, publisher: Publisher) -> Supervisor:
    return Supervisor(
        lambda: {camera.id: camera},
        publisher=publisher,
        brake=gating.NoBrake(),
        metrics=IngestMetrics(CollectorRegistry()),
        instance="bench",
    )


def _cpu_of_child(command: list[str]) -> float:
    before = os.times()
    subprocess.run(command, check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def _wait_until(true: Callable[[], bool], *, within_sec: float = 30.0) -> None:
    deadline = time.monotonic() + within_sec
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)
