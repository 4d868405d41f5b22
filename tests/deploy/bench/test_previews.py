"""How the bench plays its film for the previews: in time, from every camera, to its end."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME

from contracts.codec import encode
from contracts.messages.frame import FrameHeader
from deploy.bench.context import Frame
from deploy.bench.previews import latencies_ms, play
from ingest.camera.capture import Jpeg
from tests.contracts.builders import a_plate_event


def a_film(*, frames: int) -> list[Frame]:
    jpegs = [Jpeg(data=bytes([number]), width=64, height=48) for number in range(frames)]
    return [Frame(number / 5, jpeg, partial(_itself, jpeg)) for number, jpeg in enumerate(jpegs)]


def _itself(jpeg: Jpeg) -> Jpeg:
    return jpeg


def played(*, frames: int, cameras: int, seconds: float) -> tuple[list[tuple[FrameHeader, bytes]], float]:
    sent: list[tuple[FrameHeader, bytes]] = []
    reached = play(
        lambda header, data: sent.append((header, data)),
        a_film(frames=frames),
        frames_per_second=100.0,
        cameras=cameras,
        seconds=seconds,
    )
    return sent, reached


def test_every_camera_sends_the_film_from_its_own_place_and_again_from_its_beginning() -> None:
    sent, _reached = played(frames=4, cameras=2, seconds=0.125)

    shown = {
        name: [data[0] for header, data in sent if header.camera == name and data] for name in cameras(sent)
    }
    assert shown == {"pace-0": [0, 1, 2, 3, 0, 1], "pace-1": [2, 3, 0, 1, 2, 3]}


def test_a_picture_is_captured_when_it_is_due() -> None:
    sent, reached = played(frames=4, cameras=2, seconds=0.205)

    captured = [header.captured_at_us for header, data in sent if data]
    assert [later - earlier for earlier, later in pairwise(captured)] == [10_000] * 19
    assert reached <= 100.0


def test_every_camera_ends_so_that_its_last_vehicles_do() -> None:
    sent, _reached = played(frames=4, cameras=3, seconds=0.1)

    for name in cameras(sent):
        headers = [header for header, _data in sent if header.camera == name]
        assert [header.end for header in headers] == [*[False] * (len(headers) - 1), True]
        assert [header.sequence for header in headers] == list(range(len(headers)))


class Logged:
    """An event as it stands in the log, sent so many milliseconds after the frame that it is of."""

    def __init__(self, state: str, *, after_ms: int) -> None:
        self._event = a_plate_event(state=state)
        self._sent_ms = round(self._event.last_captured_at.timestamp() * 1e3) + after_ms

    def value(self) -> bytes:
        return encode(self._event)

    def timestamp(self) -> tuple[int, int]:
        return TIMESTAMP_CREATE_TIME, self._sent_ms


def test_a_preview_took_as_long_as_from_its_last_frame_to_its_being_sent_and_finals_do_not_count() -> None:
    log: Any = [
        Logged("preview", after_ms=120),
        Logged("final", after_ms=2_000),
        Logged("preview", after_ms=95),
    ]

    assert list(latencies_ms(log)) == pytest.approx([120.0, 95.0])


def cameras(sent: list[tuple[FrameHeader, bytes]]) -> set[str]:
    return {header.camera for header, _data in sent}
