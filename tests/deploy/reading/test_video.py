"""A film becomes the frames that ingest would send, in epochs within which time goes forward."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path

import av
import numpy as np

from contracts.messages.frame import FrameHeader, decode_headers
from deploy.reading.video import messages_of, video_of

FRAMES = 50


def a_film(path: Path, brightness: int) -> Path:
    """Two seconds."""
    with av.open(str(path), "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        stream.time_base = Fraction(1, 25)
        for number in range(FRAMES):
            picture = np.full((240, 320, 3), brightness, np.uint8)
            picture[:, : 4 * number + 8] = 200
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def headers_of(path: Path) -> list[FrameHeader]:
    video = video_of(path, frames_per_second=5.0)
    return [decode_headers(message.headers) for message in messages_of(video, lambda _sec: None)]


def test_a_film_ends_with_the_mark_of_its_end(tmp_path: Path) -> None:
    headers = headers_of(a_film(tmp_path / "one.ts", 40))
    assert [header.sequence for header in headers] == list(range(len(headers)))
    assert [header.end for header in headers] == [False] * (len(headers) - 1) + [True]
    assert 9 <= len(headers) - 1 <= 11


def test_a_film_that_was_put_together_from_two_is_read_on_where_its_time_goes_back(tmp_path: Path) -> None:
    first, second = (a_film(tmp_path / f"{number}.ts", 40 * number) for number in (1, 2))
    (tmp_path / "both.ts").write_bytes(first.read_bytes() + second.read_bytes())
    video = video_of(tmp_path / "both.ts", frames_per_second=5.0)
    messages = list(messages_of(video, lambda _sec: None))
    assert [message.position.offset for message in messages] == list(range(len(messages)))
    headers = [decode_headers(message.headers) for message in messages]
    epochs = [list(group) for _, group in groupby(headers, lambda header: header.epoch)]
    assert len(epochs) == 2
    for epoch in epochs:
        assert [header.sequence for header in epoch] == list(range(len(epoch)))
        assert [header.end for header in epoch] == [False] * (len(epoch) - 1) + [True]
        assert all(later.captured_at_us > earlier.captured_at_us for earlier, later in pairwise(epoch[:-1]))
        assert 9 <= len(epoch) - 1 <= 11
