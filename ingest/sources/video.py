"""A video file or a stream, read by PyAV."""

from __future__ import annotations

import functools
import logging
import struct
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast

import av
import av.error
from av.codec.context import Flags
from av.codec.hwaccel import HWAccel, hwdevices_available
from av.video.reformatter import VideoReformatter

from contracts.cameras import Camera
from ingest.camera.capture import Arrival, CaptureError, Facts, Picture
from ingest.seeing.zones import around
from ingest.sources.jpeg import MAX_PICTURE_PIXELS, encode_frame, look_at
from ingest.sources.opening import file_of, format_of, open_timeout, options_of, told

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame
    from av.video.stream import VideoStream

_EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST_YEAR = 2000
# Codecs without frames between the key frames: each stands for itself.
_INTRA_ONLY = frozenset({"mjpeg", "rawvideo", "png", "jpeg2000"})
# Formats that carry no time; FFmpeg makes one up, 25 frames a second whatever comes.
_UNTIMED = frozenset({"mpjpeg", "mjpeg"})
# Of the frames that a file says it has; some lie by one or two.
_WHOLE_SHARE = 0.95
# Damage may look like a feature that a decoder does not have, as in the sampling factors of a JPEG.
_DAMAGE = (av.error.InvalidDataError, av.error.PatchWelcomeError)
_HARDWARE = ("cuda", "vaapi", "qsv", "drm", "videotoolbox")

log = logging.getLogger(__name__)


class VideoSource:
    """Frames of one opening of `camera.source`. Lives in one thread."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        # A reformatter keeps its scaling context; one a source, since a source lives in one thread.
        self._reformatter = VideoReformatter()
        self._container: InputContainer | None = None
        self._stream: VideoStream | None = None
        self._first_sec: float | None = None
        self._untimed = False
        self.cut_off: str | None = None
        """After the last arrival of a file: how much of what it promised did not come."""
        self._cut = around(camera.zones) if camera.cut_to_zones else None

    def open(self) -> Facts:
        """See `Source.open`."""
        with told(self._camera, "cannot be opened", opening=True):
            self._container = self._opened()
        if not self._container.streams.video:
            raise CaptureError(self._camera.id, "has no video in it", refused=True)
        stream = self._stream = self._container.streams.video[0]
        context = stream.codec_context
        self._untimed = self._container.format.name in _UNTIMED
        if context.width * context.height > MAX_PICTURE_PIXELS:
            size = f"{context.width} x {context.height}"
            raise CaptureError(self._camera.id, f"its pictures of {size} pixels are too large", refused=True)
        # More threads a decoder delay the frame and, over many cameras, cost thousands of threads.
        stream.thread_type = "NONE"
        context.thread_count = 1
        if self._camera.is_live:
            context.flags |= Flags.low_delay
        return Facts(
            codec=context.name,
            width=context.width,
            height=context.height,
            rate=_said_rate(stream),
            between_keys=context.name not in _INTRA_ONLY,
            began_at=_creation_time(self._container.metadata.get("creation_time")),
        )

    def arrivals(self) -> Iterator[Arrival]:
        """See `Source.arrivals`."""
        container, stream = self._opened_parts()
        silent_after_sec = self._camera.silence_sec if self._camera.is_live else float("inf")
        heard_sec = time.monotonic()
        came = 0
        with told(self._camera, "broke off"):
            # All streams: else nobody would see that sound goes on while the picture stands still, or that
            # the picture goes on as another stream, of another codec.
            for packet in container.demux():
                if packet.stream_index == stream.index:
                    heard_sec = time.monotonic()
                    if packet.size:  # the end is empty: it empties the decoder, which `restart` does
                        came += 1
                        yield self._arrival(cast("av.Packet[VideoStream]", packet))
                elif time.monotonic() - heard_sec > silent_after_sec:
                    raise CaptureError(self._camera.id, "the picture stopped, other streams go on")
        # FFmpeg ends a file that was cut off as if it were whole.
        if not self._camera.is_live and came < stream.frames * _WHOLE_SHARE:
            self.cut_off = f"is cut off: {came} of its {stream.frames} frames are there"
            log.warning("camera %s: %s %s", self._camera.id, self._camera.shown_source(), self.cut_off)

    def decode(self, arrival: Arrival) -> list[Picture]:
        """See `Source.decode`."""
        packet = cast("av.Packet[VideoStream]", arrival.handle)
        with told(self._camera, "cannot be decoded"):
            try:
                frames = packet.decode()
            except _DAMAGE:
                return []
            return [self._picture(frame) for frame in frames]

    def restart(self) -> list[Picture]:
        """See `Source.restart`."""
        _, stream = self._opened_parts()
        try:
            frames = stream.codec_context.decode(None)
        except (*_DAMAGE, av.error.EOFError):
            frames = []
        stream.codec_context.flush_buffers()
        return [self._picture(frame) for frame in frames]

    def close(self) -> None:
        """See `Source.close`."""
        if self._container is not None:
            self._container.close()

    def _opened(self) -> InputContainer:
        def opened(hardware: HWAccel | None) -> InputContainer:
            return av.open(
                file_of(self._camera),
                mode="r",
                format=format_of(self._camera),
                options=options_of(self._camera),
                timeout=open_timeout(self._camera),
                hwaccel=hardware,
            )

        device = _hardware() if self._camera.hardware == "auto" else None
        if device is not None:
            try:
                return opened(HWAccel(device_type=device))
            except (
                av.error.PermissionError,
                av.error.ExternalError,
                NotImplementedError,
                RuntimeError,
            ) as error:
                log.warning("camera %s: decoding by %s is not possible (%s); by processor", self._camera.id,
                            device, type(error).__name__)  # fmt: skip
        return opened(None)

    def _opened_parts(self) -> tuple[InputContainer, VideoStream]:
        if self._container is None or self._stream is None:
            raise CaptureError(self._camera.id, "was not opened")
        return self._container, self._stream

    def _arrival(self, packet: av.Packet[VideoStream]) -> Arrival:
        media_sec = self._media_sec(packet.pts if packet.pts is not None else packet.dts)
        return Arrival(media_sec, _stamp(packet), packet.is_keyframe, packet.size, packet)

    def _media_sec(self, pts: int | None) -> float | None:
        _, stream = self._opened_parts()
        if pts is None or not stream.time_base or self._untimed:
            return None
        # Frames that leave the decoder last know no time base of their own; it is the stream's.
        time_sec = float(pts * stream.time_base)
        if self._first_sec is None:
            self._first_sec = time_sec
        return time_sec - self._first_sec

    def _picture(self, frame: VideoFrame) -> Picture:
        media_sec = self._media_sec(frame.pts)
        encode = functools.partial(
            encode_frame,
            frame,
            self._reformatter,
            max_width=self._camera.max_width,
            quality=self._camera.jpeg_quality,
            cut=self._cut,
        )
        return Picture(media_sec, encode, functools.partial(look_at, frame, self._reformatter))


def _stamp(packet: av.Packet[VideoStream]) -> datetime | None:
    """The camera's own time: FFmpeg adds the RTCP sender reports to the RTP time stamp of each packet
    (`AVProducerReferenceTime`: microseconds since 1970 as int64, then flags)."""
    if not packet.has_sidedata("prft"):
        return None
    (wallclock_us,) = struct.unpack_from("<q", bytes(packet.get_sidedata("prft")))
    try:
        return _EPOCH_START + timedelta(microseconds=wallclock_us)
    except OverflowError:
        return None


def _said_rate(stream: VideoStream) -> float | None:
    """Frames a second by the stream's own word; None where it says nothing believable."""
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate and 0.01 <= rate <= 240 else None


def _creation_time(said: str | None) -> datetime | None:
    """The container's creation time. Cameras whose clock was never set say 1904 or 1970."""
    try:
        time = datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    if time is None or time.year < _EARLIEST_YEAR:
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


@functools.cache
def _hardware() -> str | None:
    """The first kind of decoder that this FFmpeg knows and whose device may be there."""
    known = hwdevices_available()
    found = next((name for name in _HARDWARE if name in known), None)
    if found is None:
        log.info("no decoder but the processor is known")
    return found
