"""What readers of the released contracts rely on is kept, and what was sent by them can still be read."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from contracts.messages.plate import PlateEvent
from contracts.published.compatibility import breaks, refuses
from contracts.published.documents import PUBLISHED, schema_of
from contracts.published.files import RELEASED, released
from contracts.topics import Topic

TEXT, NUMBER, NOTHING = {"type": "string"}, {"type": "number"}, {"type": "null"}


@pytest.mark.parametrize("name", [Topic.PLATES, Topic.PLATES_ENRICHED])
def test_the_events_are_still_what_their_readers_were_promised(name: str) -> None:
    assert breaks(released(name), schema_of(PUBLISHED[name])) == []


@pytest.mark.parametrize("name", RELEASED)
def test_every_event_since_the_release_can_still_be_read(name: str) -> None:
    assert refuses(released(name), schema_of(PUBLISHED[name])) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"EnrichedEvent": {"registry": None}}, "event.registry: is gone"),
        ({"VehicleRecord": {"fuel": None}}, "event.registry.vehicle.fuel: is gone"),
        ({"RegistryAnswer": {"simulated": TEXT}}, "event.registry.simulated: type"),
        ({"Reading": {"text": None}}, "event.plate.reading.text: is gone"),
        ({"SealedPersonal": {"token": TEXT}}, "event.registry.personal.token: contentEncoding"),
    ],
)
def test_what_takes_from_the_readers_of_enriched_events_is_told(change: dict[str, Any], told: str) -> None:
    found = breaks(released(Topic.PLATES_ENRICHED), changed(Topic.PLATES_ENRICHED, **change))

    assert any(told in line for line in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"RegistryAnswer": {"reason": TEXT}}, "event.registry.reason: type was 'null' and is 'string'"),
        (
            {"RegistryAnswer": {"status": {"enum": ["found", "not-found"]}}},
            "event.registry.status: the values ['invalid', 'pending', 'skipped', 'unavailable'] are gone",
        ),
        (
            {"VehicleRecord": {"make": {"anyOf": [TEXT | {"maxLength": 20}, NOTHING]}}},
            "event.registry.vehicle.make: maxLength was none and is 20",
        ),
        ({"Reading": {"confidence": NUMBER | {"minimum": 0.5}}}, "minimum was 0.0 and is 0.5"),
    ],
)
def test_a_field_that_no_longer_takes_what_was_sent_is_told(change: dict[str, Any], told: str) -> None:
    found = refuses(released(Topic.PLATES_ENRICHED), changed(Topic.PLATES_ENRICHED, **change))

    assert any(told in line for line in found), found


@pytest.mark.parametrize("name", RELEASED)
def test_a_new_field_may_come_but_must_not_be_asked_for(name: str) -> None:
    kind = PUBLISHED[name].__name__
    optional = changed(name, **{kind: {"lane": {"type": "integer"}}})
    required = copy.deepcopy(optional)
    required["$defs"][kind]["required"].append("lane")

    assert breaks(released(name), optional) == []
    assert refuses(released(name), optional) == []
    assert refuses(released(name), required) == ["event.lane: must be there and was not always"]


def changed(name: str, **definitions: dict[str, Any]) -> dict[str, Any]:
    """The present schema of a topic with some properties replaced; None takes one away."""
    schema = copy.deepcopy(schema_of(PUBLISHED[name]))
    for each, fields in definitions.items():
        for field, value in fields.items():
            if value is None:
                del schema["$defs"][each]["properties"][field]
            else:
                schema["$defs"][each]["properties"][field] = value
    return schema


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"PlateEvent": {"camera": None}}, "event.camera: is gone"),
        ({"Reading": {"confidence": TEXT}}, "event.reading.confidence: type"),
        ({"Reading": {"confidence": NUMBER | {"minimum": 0, "maximum": 100}}}, "maximum was 1.0 and is 100"),
        ({"PlateEvent": {"state": {"enum": ["preview", "final", "withdrawn"]}}}, "['withdrawn'] are new"),
        ({"PlateEvent": {"state": TEXT}}, "event.state: was one of"),
        ({"PlateEvent": {"place": {"anyOf": [TEXT, {"type": "integer"}]}}}, "event.place: type"),
        ({"Candidate": {"text": {"anyOf": [TEXT, NOTHING]}}}, "candidates[].text: type"),
    ],
)
def test_what_breaks_a_reader_is_told_with_its_place(change: dict[str, Any], told: str) -> None:
    found = breaks(schema_of(PlateEvent), changed(Topic.PLATES, **change))

    assert any(told in line for line in found), found


def test_a_field_that_may_be_missing_from_now_on_breaks_readers() -> None:
    present = copy.deepcopy(schema_of(PlateEvent))
    present["$defs"]["PlateEvent"]["required"].remove("epoch")

    assert breaks(schema_of(PlateEvent), present) == ["event.epoch: was always there and may be missing"]
    assert refuses(schema_of(PlateEvent), present) == []


def test_a_narrower_field_breaks_no_reader_and_a_wider_one_refuses_no_message() -> None:
    narrower = changed(Topic.PLATES, PlateEvent={"place": TEXT, "state": {"enum": ["final"]}})

    assert breaks(schema_of(PlateEvent), narrower) == []
    assert refuses(narrower, schema_of(PlateEvent)) == []
