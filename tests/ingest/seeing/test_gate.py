"""The motion gate on packet sizes alone: when are they believed?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest.camera.capture import Arrival, Facts
from ingest.camera.timestamps import Moment
from ingest.seeing.gate import Gate, Trust, Waiting

FPS = 25
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
CAMERA = Facts(codec="h264", width=1920, height=1080, rate=25.0, between_keys=True)
DRIVES = ((6.0, 7.0), (13.0, 14.0))


def stream(gate: Gate, *, begins_sec: float, seconds: float, tells: bool) -> list[float]:
    """Packets with a key frame each second; in DRIVES a picture in five shows movement. Returns the seconds
    of what was decoded."""
    decoded = []
    for number in range(round(seconds * FPS)):
        at_sec = number / FPS
        drives = any(begin <= at_sec < end for begin, end in DRIVES)
        size = 5000 if drives and tells else 1000 + number % 7
        moment = Moment(BEGAN + timedelta(seconds=begins_sec + at_sec), "host", None)
        arrival = Arrival(at_sec, None, number % FPS == 0, size, None)
        for waiting in gate.take(Waiting(arrival, moment)).decode:
            decoded.append(waiting.arrival.media_sec or 0.0)
            if number % 5 == 0:
                gate.saw(moment.at.timestamp(), moved=drives)
    return decoded


def opened(trust: Trust, facts: Facts = CAMERA) -> Gate:
    trust.opened(facts)
    return Gate(enabled=True, trust=trust)


def test_packets_that_tell_of_two_movements_are_believed_from_then_on() -> None:
    decoded = stream(opened(Trust()), begins_sec=0, seconds=30, tells=True)
    assert len([at for at in decoded if at < 17]) == 17 * FPS
    assert len([at for at in decoded if 19 <= at < 30]) <= 2 * 11


def test_packets_that_do_not_tell_are_never_believed() -> None:
    assert len(stream(opened(Trust()), begins_sec=0, seconds=30, tells=False)) == 30 * FPS


def test_what_was_proved_holds_when_the_same_encoder_comes_back() -> None:
    """A camera that breaks off every minute is not decoded for good."""
    trust = Trust()
    stream(opened(trust), begins_sec=0, seconds=30, tells=True)
    again = stream(opened(trust), begins_sec=60, seconds=5, tells=True)
    assert len([at for at in again if at > 4.0]) < FPS / 4
    other = Facts(codec="hevc", width=1920, height=1080, rate=25.0, between_keys=True)
    assert len(stream(opened(trust, other), begins_sec=120, seconds=5, tells=True)) == 5 * FPS


def test_packets_that_fail_to_tell_are_not_believed_again_soon() -> None:
    trust = Trust()
    stream(opened(trust), begins_sec=0, seconds=30, tells=True)
    stream(opened(trust), begins_sec=60, seconds=30, tells=False)
    assert len(stream(opened(trust), begins_sec=120, seconds=30, tells=True)) == 30 * FPS
