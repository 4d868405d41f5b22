"""The soak's cameras: RTSP servers of this machine, some of which are frozen and killed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import av
import psutil

from contracts.cameras import Camera
from deploy.drill.scene.rtsp import film_launch, serving
from deploy.local.ports import free_ports

FPS, WIDTH, HEIGHT = 15, 640, 360
_LOOP_SEC = 40


def film(source: Path, target: Path, *, seconds: float) -> Path:
    """A film of 640 x 360 at 15 frames a second, a key frame each second: the beginning of `source`, again
    and again until it is long enough."""
    loop = target.with_suffix(".loop.mp4")
    with av.open(str(source)) as found, av.open(str(loop), "w") as made:
        options = {"preset": "veryfast", "g": str(FPS), "bf": "0", "crf": "26"}
        stream = made.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        number = 0
        for frame in found.decode(video=0):
            if frame.time * FPS >= number and number < _LOOP_SEC * FPS:
                small = frame.reformat(WIDTH, HEIGHT, "yuv420p")
                small.pts, small.time_base = number, 1 / stream.codec_context.framerate
                made.mux(stream.encode(small))
                number += 1
        made.mux(stream.encode())
    with av.open(str(loop)) as found, av.open(str(target), "w") as made:
        template = found.streams.video[0]
        stream = made.add_stream_from_template(template)
        shift = 0
        while shift * float(template.time_base or 0) < seconds:
            found.seek(0)
            for packet in found.demux(template):
                if packet.pts is None or packet.dts is None:
                    continue
                packet.pts, packet.dts, packet.stream = packet.pts + shift, packet.dts + shift, stream
                made.mux(packet)
            shift += template.duration or 1
    loop.unlink()
    return target


class Servers:
    """RTSP servers, each with its cameras; by number they can be frozen, thawed, killed, started again."""

    def __init__(self, video: Path, folder: Path, *, servers: int, cameras: int) -> None:
        self._video = video
        self._folder = folder
        self._names = {
            server: [f"soak-{server}-{number:02d}" for number in range(cameras // servers)]
            for server in range(servers)
        }
        self._ports = {server: free_ports([f"rtsp{server}"])[f"rtsp{server}"] for server in self._names}
        self._running: dict[int, ExitStack] = {}

    def cameras(self) -> list[Camera]:
        return [
            Camera(
                id=name,
                source=f"rtsp://127.0.0.1:{self._ports[server]}/{name}",
                stream_frames_per_second=FPS,
                silence_sec=3,
            )
            for server, names in self._names.items()
            for name in names
        ]

    def names(self, server: int) -> list[str]:
        return self._names[server]

    def start(self, server: int) -> None:
        stack = self._running[server] = ExitStack()
        streams: Mapping[str, str] = {f"/{name}": film_launch(self._video) for name in self._names[server]}
        log = self._folder / f"rtsp{server}.log"
        stack.enter_context(serving(streams, log=log, port=self._ports[server]))

    def kill(self, server: int) -> None:
        self._running.pop(server).close()

    def freeze(self, server: int, *, frozen: bool) -> None:
        """Connected and silent, as a camera whose software hangs."""
        for process in self._processes(server):
            process.suspend() if frozen else process.resume()

    def close(self) -> None:
        for server in list(self._running):
            self.freeze(server, frozen=False)
            self.kill(server)

    def _processes(self, server: int) -> list[psutil.Process]:
        """The server itself; its wrapper is not frozen, since it ends it with us."""
        port = str(self._ports[server])
        return [
            process
            for process in psutil.Process().children(recursive=True)
            if any(f'"port": {port},' in part for part in process.cmdline()) and not process.children()
        ]
