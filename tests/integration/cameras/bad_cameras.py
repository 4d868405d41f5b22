"""Cameras that misbehave: raw sockets that speak HTTP or nothing, a wire that can be cut, stalled, soiled."""

from __future__ import annotations

import io
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager

import av
import cv2
import numpy as np

Answer = Callable[[socket.socket], None]


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    """A TCP server that gives every peer to `answer` in a thread of its own; yields its port."""
    stopping = threading.Event()
    with socket.create_server(("127.0.0.1", 0), backlog=256) as server:
        server.settimeout(0.1)

        def accept() -> None:
            while not stopping.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                except OSError:
                    return
                threading.Thread(target=serve, args=(peer,), daemon=True).start()

        def serve(peer: socket.socket) -> None:
            with closing(peer):
                try:
                    answer(peer)
                except OSError:
                    return

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            stopping.set()
            thread.join()


def http_stream(parts: Callable[[], Iterable[bytes]], content_type: str) -> Answer:
    """Answers a request with a body that goes on until `parts` ends."""

    def answer(peer: socket.socket) -> None:
        peer.recv(4096)
        peer.sendall(f"HTTP/1.0 200 OK\r\nContent-Type: {content_type}\r\n\r\n".encode())
        for part in parts():
            peer.sendall(part)

    return answer


def silent(peer: socket.socket) -> None:
    """Accepts, and never says a word."""
    while peer.recv(4096):
        pass


def mjpeg_parts(*, every_sec: float, count: int = 10**9, width: int = 320) -> Iterator[bytes]:
    """Parts of multipart/x-mixed-replace;boundary=frame with a square that moves."""
    for number in range(count):
        image = np.full((180, width, 3), 60, np.uint8)
        left = number * 7 % (width - 40)
        image[60:100, left : left + 40] = 255
        data = cv2.imencode(".jpg", image)[1].tobytes()
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        yield head.encode() + data + b"\r\n"
        time.sleep(every_sec)


def noise_parts(*, every_sec: float) -> Iterator[bytes]:
    """Parts as of `mjpeg_parts`, of noise with a shadow that moves: as many bytes as such a picture can have,
    about half a megabyte."""
    noise = np.random.default_rng(1).integers(0, 256, (720, 1280, 3), np.uint8)
    pictures = []
    for left in (0, 400, 800):
        picture = noise.copy()
        picture[:, left : left + 400] //= 4
        pictures.append(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes())
    for data in itertools.cycle(pictures):
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\n\r\n"
        yield head.encode() + data + b"\r\n"
        time.sleep(every_sec)


def transport_stream(
    *, seconds: float, codec: str = "libx264", width: int = 320, height: int = 180,
    begins_sec: float = 0.0, fps: int = 25,
) -> bytes:  # fmt: skip
    """MPEG-TS of a moving bar."""
    target = io.BytesIO()
    with av.open(target, "w", format="mpegts") as container:
        quiet = {"preset": "ultrafast", "tune": "zerolatency", "g": "25", "x265-params": "log-level=none"}
        stream = container.add_stream(codec, rate=fps, options=quiet)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * fps)):
            image = np.full((height, width, 3), 40, np.uint8)
            image[:, number * 4 % width :][:, :20] = 220
            frame = av.VideoFrame.from_ndarray(image, "rgb24")
            frame.pts = number + round(begins_sec * fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def paced(data: bytes, *, seconds: float) -> Iterator[bytes]:
    """The bytes, spread over so many seconds."""
    steps = max(1, round(seconds * 25))
    size = -(-len(data) // steps)
    for step in range(steps):
        yield data[step * size : (step + 1) * size]
        time.sleep(seconds / steps)


class Wire:
    """A TCP relay to another port that can be stalled (peers stay connected and hear nothing), cut, or made
    to soil what goes to the client. `cut_after_bytes`: each connection ends after so many for the client."""

    def __init__(self, target_port: int, *, cut_after_bytes: int | None = None) -> None:
        self._target_port = target_port
        self._cut_after_bytes = cut_after_bytes
        self.stalled = threading.Event()
        self.soiled = threading.Event()
        self.closed = threading.Event()
        self._peers: list[socket.socket] = []

    @contextmanager
    def open(self) -> Iterator[int]:
        with answering(self._relay) as port:
            try:
                yield port
            finally:
                self.closed.set()
                self.cut()

    def cut(self) -> None:
        """Every connection ends now."""
        self._cut(*self._peers)
        self._peers = []

    def _cut(self, *peers: socket.socket) -> None:
        for peer in peers:
            with closing(peer):
                try:
                    peer.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def _relay(self, client: socket.socket) -> None:
        if self.stalled.is_set():
            self._wait()
        with socket.create_connection(("127.0.0.1", self._target_port)) as server:
            self._peers += [client, server]
            back = threading.Thread(target=self._pump, args=(client, server, False), daemon=True)
            back.start()
            self._pump(server, client, True)
            self._cut(client, server)
            back.join()
            self._peers = [peer for peer in self._peers if peer not in (client, server)]

    def _pump(self, source: socket.socket, target: socket.socket, to_client: bool) -> None:
        passed_bytes = 0
        try:
            while data := source.recv(16_384):
                passed_bytes += len(data)
                if to_client and self._cut_after_bytes is not None and passed_bytes > self._cut_after_bytes:
                    return
                if self.stalled.is_set():
                    self._wait()
                if to_client and self.soiled.is_set():
                    data = bytes(byte ^ 0x5A if index % 97 == 0 else byte for index, byte in enumerate(data))
                target.sendall(data)
        except OSError:
            return

    def _wait(self) -> None:
        while self.stalled.is_set() and not self.closed.is_set():
            time.sleep(0.02)
