"""A video file or an RTSP stream, read by PyAV."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import av
import av.error
from av.video.reformatter import ColorRange, VideoReformatter

from contracts.cameras import Camera
from ingest.capture import Captured, CaptureError, Jpeg
from ingest.jpeg import encode_planes

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

OPEN_TIMEOUT_SEC = 10.0
SILENCE_TIMEOUT_US = 5_000_000
_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)

# FFmpeg ignores `stimeout` and, for RTSP, `rw_timeout`; `timeout` is the one that is obeyed.
_RTSP_OPTIONS = {
    "rtsp_transport": "tcp",
    "timeout": str(SILENCE_TIMEOUT_US),
    "max_delay": "500000",
    "fflags": "nobuffer+discardcorrupt",
}
_HTTP_OPTIONS = {"timeout": str(SILENCE_TIMEOUT_US)}
_REFUSED = (
    av.error.FileNotFoundError,
    av.error.HTTPUnauthorizedError,
    av.error.HTTPForbiddenError,
    av.error.HTTPNotFoundError,
    av.error.PermissionError,
    av.error.IsADirectoryError,
    av.error.ProtocolNotFoundError,
)


class VideoSource:
    """Frames of one opening of `camera.source`."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        # A reformatter keeps its scaling context; one a source, since a source lives in one thread.
        self._reformatter = VideoReformatter()

    def frames(self) -> Iterator[Captured]:
        """See `Source.frames`."""
        with self._translated("cannot be opened"):
            container = av.open(
                self._camera.source, mode="r", options=self._options(), timeout=self._timeout()
            )
        with contextlib.closing(container):
            if not container.streams.video:
                raise CaptureError(self._camera.id, "has no video in it", refused=True)
            stream = container.streams.video[0]
            # More threads a decoder delay the frame and, over many cameras, cost thousands of threads.
            stream.thread_type = "NONE"
            stream.codec_context.thread_count = 1
            yield from self._decoded(container, stream)

    def _options(self) -> dict[str, str]:
        if self._camera.source.startswith("rtsp"):
            return _RTSP_OPTIONS
        return _HTTP_OPTIONS if self._camera.is_live else {}

    def _timeout(self) -> tuple[float, None] | None:
        # Only for opening: the read time-out of this argument polls under the interpreter's lock.
        return (OPEN_TIMEOUT_SEC, None) if self._camera.is_live else None

    def _decoded(self, container: InputContainer, stream: VideoStream) -> Iterator[Captured]:
        first_sec: float | None = None
        decoded = 0
        with self._translated("broke off"):
            for packet in container.demux(stream):
                for frame in self._frames_of(packet):
                    decoded += 1
                    time_sec = _time_sec(frame)
                    first_sec = time_sec if first_sec is None else first_sec
                    media_sec = None if time_sec is None else time_sec - (first_sec or 0.0)
                    yield Captured(media_sec, self._stamp(container, stream, frame), self._encoder(frame))
        if decoded == 0:
            raise CaptureError(self._camera.id, "gave no frame that can be decoded", refused=True)

    def _frames_of(self, packet: av.Packet[VideoStream]) -> list[VideoFrame]:
        """A damaged packet gives no frame; the stream goes on with the next."""
        try:
            return packet.decode()
        except av.error.InvalidDataError:
            return []

    def _stamp(self, container: InputContainer, stream: VideoStream, frame: VideoFrame) -> datetime | None:
        """The camera's own time from its RTCP sender reports, once they have come."""
        time_sec = _time_sec(frame)
        if not self._camera.is_live or time_sec is None:
            return None
        realtime_us = container.start_time_realtime
        if realtime_us is None or realtime_us <= 0:
            return None
        start_sec = float((stream.start_time or 0) * stream.time_base) if stream.time_base else 0.0
        return _EPOCH_START + timedelta(microseconds=realtime_us, seconds=time_sec - start_sec)

    def _encoder(self, frame: VideoFrame) -> _FrameEncoder:
        return _FrameEncoder(frame, self._camera, self._reformatter)

    @contextlib.contextmanager
    def _translated(self, what: str) -> Iterator[None]:
        try:
            yield
        except (av.error.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or type(error).__name__
            raise CaptureError(
                self._camera.id,
                f"{self._camera.shown_source()} {what}: {reason}",
                refused=isinstance(error, _REFUSED),
            ) from error


def _time_sec(frame: VideoFrame) -> float | None:
    """Presentation time in seconds; None for a frame without one, whatever the type stub says."""
    return frame.time


class _FrameEncoder:
    """Encodes a decoded frame when asked, scaled down to the camera's largest width."""

    def __init__(self, frame: VideoFrame, camera: Camera, reformatter: VideoReformatter) -> None:
        self._frame = frame
        self._camera = camera
        self._reformatter = reformatter

    def __call__(self) -> Jpeg:
        frame = self._frame
        scale = min(1.0, self._camera.max_width / frame.width)
        # Even sides: the chroma planes have half of them.
        width, height = (max(2, round(side * scale / 2) * 2) for side in (frame.width, frame.height))
        planar = self._reformatter.reformat(frame, width, height, "yuvj420p", dst_color_range=ColorRange.JPEG)
        return encode_planes(planar, quality=self._camera.jpeg_quality)
