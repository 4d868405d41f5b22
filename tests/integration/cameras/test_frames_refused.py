"""Frames that a broker refuses at first are sent again before any other, whoever sends them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing

import msgspec
import pytest

from contracts.messages.frame import FrameHeader
from contracts.topics import Topic
from deploy.measure.log import LogReader
from ingest.sending.outbox import Outbox
from ingest.sending.publisher import Publisher
from tests.contracts.builders import a_frame_header
from tests.integration.cameras.refusing import Refusing, refusing
from tests.integration.watched import until
from webapp.stream import publisher
from webapp.stream.publisher import FramePublisher

Frames = Sequence[tuple[FrameHeader, bytes]]


def a_cameras_frames(way: Refusing, frames: Frames) -> None:
    """The first one is on its way before the others are there, as those of a camera are."""
    fates: list[bool] = []
    sender = Publisher(way.address, Outbox(64_000_000))
    try:
        for header, frame in frames:
            sender.send_frame(header, frame, delivered=fates.append, wait=False)
            until(lambda: bool(way.refused), within_sec=30)
        until(lambda: len(fates) == len(frames), within_sec=60)
    finally:
        sender.finish(5.0)
        sender.close(1.0)
    assert fates == [True] * len(frames)


def an_upload(way: Refusing, frames: Frames) -> None:
    FramePublisher(way.address).publish(list(frames))


@pytest.mark.parametrize("send", [a_cameras_frames, an_upload])
def test_no_frame_is_lost_to_a_broker_that_does_not_lead_yet(
    topics: str,
    fresh_name: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    send: Callable[[Refusing, Frames], None],
) -> None:
    monkeypatch.setattr(publisher, "_DELIVERY_SEC", 30.0)  # being refused and sending again take time
    camera = fresh_name("refused")
    # Each as large as a request of a producer's may be, so that none goes with the one before it.
    frames = [f"frame {number} of {camera} ".encode().ljust(1_100_000, b".") for number in range(5)]
    headers = [
        msgspec.structs.replace(a_frame_header(), camera=camera, sequence=number) for number in range(5)
    ]
    with closing(LogReader(topics)) as log, refusing(topics, frames[0]) as way:
        since = log.ends(Topic.FRAMES)
        send(way, list(zip(headers, frames, strict=True)))
        kept = log.read(Topic.FRAMES, since=since, until=log.ends(Topic.FRAMES))
        arrived = [message.value() for message in kept if message.key() == camera.encode()]

    assert [frame[:40] for frame in arrived if frame is not None] == [frame[:40] for frame in frames]
    assert (len(way.refused), way.told_so, way.behind) == (1, 1, 0)
