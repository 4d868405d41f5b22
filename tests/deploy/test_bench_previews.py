"""How the bench plays its film for the previews: in time, from every camera, to its end."""

from __future__ import annotations

from functools import partial
from itertools import pairwise

from contracts.messages.frame import FrameHeader
from deploy.bench.context import Frame
from deploy.bench.previews import play
from ingest.capture import Jpeg


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


def cameras(sent: list[tuple[FrameHeader, bytes]]) -> set[str]:
    return {header.camera for header, _data in sent}
