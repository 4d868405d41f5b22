"""Every message survives the journey to bytes and back; what does not fit is refused with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import decode, encode, json_schema
from contracts.errors import Rejected
from contracts.messages.coverage import Coverage
from contracts.messages.dead_letter import DeadLetter
from contracts.messages.enriched import EnrichedEvent
from contracts.messages.frame import FrameHeader, decode_headers, encode_headers
from contracts.messages.parked import ParkedVehicles
from contracts.messages.plate import PlateEvent
from contracts.messages.sighting import Sighting
from tests.contracts.builders import a_frame_header

EXAMPLES = Path(__file__).parent / "examples"
KINDS: dict[str, type[msgspec.Struct]] = {
    "sightings": Sighting,
    "plates": PlateEvent,
    "plates.parked": ParkedVehicles,
    "plates.enriched": EnrichedEvent,
    "coverage": Coverage,
    "dead_letter": DeadLetter,
}


@pytest.mark.parametrize("topic", KINDS)
def test_the_example_of_every_topic_survives_the_round_trip_byte_by_byte(topic: str) -> None:
    stored = (EXAMPLES / f"{topic}.json").read_bytes().strip()
    message = decode(KINDS[topic], stored)
    assert encode(message) == stored
    assert decode(KINDS[topic], encode(message)) == message


@pytest.mark.parametrize("topic", KINDS)
def test_every_message_describes_itself_as_a_json_schema_that_refuses_extra_fields(topic: str) -> None:
    schema = json_schema(KINDS[topic])
    definition = schema["$defs"][KINDS[topic].__name__]
    assert definition["additionalProperties"] is False


@pytest.mark.parametrize("topic", KINDS)
def test_an_unknown_field_is_refused_and_named(topic: str) -> None:
    fields = json.loads((EXAMPLES / f"{topic}.json").read_bytes())
    with pytest.raises(Rejected, match="surprise"):
        decode(KINDS[topic], json.dumps(fields | {"surprise": 1}).encode())


@pytest.mark.parametrize("topic", KINDS)
def test_another_schema_version_is_refused(topic: str) -> None:
    fields = json.loads((EXAMPLES / f"{topic}.json").read_bytes())
    with pytest.raises(Rejected, match="schema"):
        decode(KINDS[topic], json.dumps(fields | {"schema": 2}).encode())


def test_a_number_in_a_text_field_is_not_coerced() -> None:
    fields = json.loads((EXAMPLES / "plates.json").read_bytes())
    with pytest.raises(Rejected, match="epoch"):
        decode(PlateEvent, json.dumps(fields | {"epoch": 5}).encode())


def test_a_time_without_a_zone_is_refused() -> None:
    fields = json.loads((EXAMPLES / "plates.json").read_bytes())
    with pytest.raises(Rejected, match="timezone"):
        decode(PlateEvent, json.dumps(fields | {"processed_at": "2026-03-01T06:30:00"}).encode())


@given(st.binary(max_size=200))
def test_junk_never_raises_anything_but_rejected(junk: bytes) -> None:
    with pytest.raises(Rejected):
        decode(PlateEvent, junk)


def test_deeply_nested_junk_is_rejected() -> None:
    with pytest.raises(Rejected):
        decode(PlateEvent, b"[" * 100_000)


@given(
    sequence=st.integers(0, 2**40),
    captured_at_us=st.integers(946_684_800_000_000, 4_102_444_800_000_000),
    end=st.booleans(),
)
def test_frame_headers_survive_the_round_trip(sequence: int, captured_at_us: int, end: bool) -> None:
    header = a_frame_header(sequence=sequence, captured_at_us=captured_at_us, end=end)
    assert decode_headers(encode_headers(header)) == header


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("camera", b"../../etc"),
        ("camera", b"\xff\xfe"),
        ("captured_at_us", b"yesterday"),
        ("captured_at_us", b"99999999999999999"),
        ("width", b"-1"),
        ("clock", b"sundial"),
        ("schema", b"9"),
        ("surprise", b"1"),
    ],
)
def test_a_frame_header_out_of_bounds_is_rejected(name: str, value: bytes) -> None:
    headers = dict(encode_headers(a_frame_header())) | {name: value}
    with pytest.raises(Rejected, match="frame headers"):
        decode_headers(headers.items())


def test_a_missing_frame_header_is_rejected_by_name() -> None:
    headers = dict(encode_headers(a_frame_header()))
    del headers["epoch"]
    with pytest.raises(Rejected, match="epoch"):
        decode_headers(headers.items())


def test_the_capture_time_of_a_header_is_utc() -> None:
    header: FrameHeader = a_frame_header(captured_at_us=1_772_346_600_000_000)
    assert header.captured_at.isoformat() == "2026-03-01T06:30:00+00:00"
