"""One epoch of a camera: its frames numbered from the first to the mark of its end, each counted once."""

from __future__ import annotations

import secrets
from datetime import datetime

from contracts.cameras import Camera
from contracts.messages.frame import FrameHeader, microseconds
from ingest.camera.capture import Jpeg
from ingest.camera.counters import CameraCounters
from ingest.camera.timestamps import Moment
from ingest.ports import FrameSink


class Epoch:
    """Sends frames; `sequence` is how many there were."""

    def __init__(
        self, camera: Camera, sink: FrameSink, counters: CameraCounters, *, began_at: datetime
    ) -> None:
        self._camera = camera
        self._sink = sink
        self._counters = counters
        self._id = f"{began_at:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(2)}"
        self.sequence = 0

    def send(self, jpeg: Jpeg, moment: Moment) -> None:
        """The next frame."""
        header = self._header(moment, width=jpeg.width, height=jpeg.height, end=False)
        self.sequence += 1
        self._counters.handed_over(moment.at)

        def settled(delivered: bool) -> None:
            self._counters.settled(moment.at, delivered=delivered)

        self._sink.send_frame(header, jpeg.data, delivered=settled, wait=not self._camera.is_live)

    def end(self, last: Moment) -> None:
        """The mark that nothing follows, so that open passages may close; where there was a frame."""
        if self.sequence:
            header = self._header(last, width=0, height=0, end=True)
            self._sink.send_frame(header, b"", delivered=lambda _arrived: None, wait=not self._camera.is_live)

    def _header(self, moment: Moment, *, width: int, height: int, end: bool) -> FrameHeader:
        return FrameHeader(
            camera=self._camera.id,
            epoch=self._id,
            sequence=self.sequence,
            captured_at_us=microseconds(moment.at),
            clock=moment.clock,
            width=width,
            height=height,
            origin="live" if self._camera.is_live else "file",
            end=end,
            clock_error_ms=moment.error_ms,
        )
