"""`platestream verify` where other models or settings are in place than those that made the event."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import timedelta

import msgspec
import pytest

from deploy.cli.main import app
from deploy.reading.reader import REPOSITORY
from processors.adapters.cards import models_used
from processors.made_with import settings_sha256
from processors.passages.settings import PassageSettings
from tests.integration.streets import readable_street
from tests.integration.verify.verified import Place, Verified, stored_with, stored_without_plate, the_reads
from tests.processors.plates_stage import GREY


def test_an_event_that_other_settings_made_is_told_to_be_one(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street, other = readable_street(), settings_sha256(PassageSettings(kept_reads=2))
    reads = the_reads(street, others=2)
    ours = stored_with(place, reads, street.reading, settings=settings_sha256(PassageSettings()))
    assert verify(event_id=ours).links["settings"][0]
    assert "settings" not in verify(event_id=stored_with(place, reads, street.reading)).links

    named_by_its_reads = msgspec.structs.replace(reads, settings=other)
    for event_id in (
        stored_with(place, reads, street.reading, settings=other),
        stored_with(place, named_by_its_reads, street.reading),
        stored_without_plate(place, GREY, vehicle=None, origin="upload", settings=other),
    ):
        done = verify(event_id=event_id)
        assert done.links["settings"] == (False, "it was made with other settings")
        assert done.unchecked == {"settings"}
        assert done.status == 3


def test_what_other_models_or_settings_read_otherwise_is_not_called_broken(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    kept, other = the_reads(street, others=2), msgspec.structs.replace(street.reading, text="MH12AB9999")
    first, *rest = models_used(REPOSITORY)
    older = (msgspec.structs.replace(first, version="0.0.1", sha256="ab" * 32), *rest)

    done = verify(event_id=stored_with(place, kept, other, models=older))
    assert (done.broken, done.unchecked, done.status) == (set(), {"models", "read"}, 3)
    assert done.links["models"][1] == f"other models made it: {first.name} 0.0.1"
    assert done.links["read"][1].endswith("; other models or settings made it")

    done = verify(event_id=stored_with(place, kept, other, settings="ab" * 32))
    assert (done.broken, done.unchecked, done.status) == (set(), {"settings", "read"}, 3)

    done = verify(event_id=stored_with(place, kept, other))
    assert (done.broken, done.unchecked, done.status) == ({"read"}, set(), 1)


def test_reads_of_another_time_are_unknown_where_other_settings_made_the_event(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    own, *others = the_reads(street, others=2).reads
    late = [
        msgspec.structs.replace(each, captured_at=each.captured_at + timedelta(hours=1)) for each in others
    ]
    kept = msgspec.structs.replace(the_reads(street, others=2), reads=(own, *late))

    done = verify(event_id=stored_with(place, kept, street.reading, settings="ab" * 32))
    assert (done.broken, done.unchecked, done.status) == (set(), {"settings", "moments"}, 3)

    ours = settings_sha256(PassageSettings())
    done = verify(event_id=stored_with(place, kept, street.reading, settings=ours))
    assert (done.broken, done.unchecked, done.status) == ({"moments"}, set(), 1)


def test_pictures_that_are_gone_are_broken_whatever_made_the_event(
    place: Place, verify: Callable[..., Verified]
) -> None:
    street = readable_street()
    event_id = stored_with(place, the_reads(street, others=2), street.reading, settings="ab" * 32)
    for picture in place.evidence.glob("evidence/*/*.jpg"):
        picture.unlink()

    done = verify(event_id=event_id)

    assert (done.broken, done.unchecked, done.status) == (
        {"frame", "vehicle", "plate", "read"},
        {"settings"},
        1,
    )


def test_a_link_that_nobody_can_judge_is_told_as_unknown(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    street = readable_street()
    event_id = stored_with(place, the_reads(street, others=2), street.reading, settings="ab" * 32)
    monkeypatch.setenv("PLATESTREAM_DATABASE", place.database)
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", place.evidence.as_uri())
    monkeypatch.setattr(sys, "argv", ["platestream", "verify", event_id])

    with pytest.raises(SystemExit) as ended:
        app()

    lines = capsys.readouterr().out.splitlines()
    assert "UNKNOWN  settings it was made with other settings" in lines
    assert {line.partition(" ")[0] for line in lines} == {"holds", "UNKNOWN"}
    assert ended.value.code == 3
