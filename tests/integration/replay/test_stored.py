"""`platestream replay --stored`: finals of which Kafka has no frames any more, by their stored frame."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.topics import Topic
from deploy.reading.reader import REPOSITORY
from processors.adapters.cards import models_used
from tests.integration.replay.replayed import EVERY, events_of, otherwise_read, send
from tests.integration.streets import readable_street
from tests.integration.verify.verified import a_real_event


def test_what_is_near_the_first_or_the_last_frame_is_neither_compared_nor_lost(
    replay: Callable[..., dict[str, Any]],
    topics: str,
    camera: str,
    began: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", tmp_path.as_uri())
    real = asyncio.run(a_real_event(readable_street(), tmp_path, str(uuid.uuid4())))
    times = {"first_captured_at": began + EVERY, "last_captured_at": began + 3 * EVERY}
    send(topics, [msgspec.structs.replace(real, camera=camera, **times)])

    told = replay("--from", (began - timedelta(seconds=60)).isoformat(), "--stored")

    assert (told["gone"], told["stored"]) == ([], [])
    assert set(told["outcomes"]) == {"replay alone"}


def test_what_kafka_has_no_frames_of_any_more_is_looked_at_in_its_stored_frame(
    replay: Callable[..., dict[str, Any]],
    topics: str,
    camera: str,
    began: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", tmp_path.as_uri())
    before = {
        "camera": camera,
        "first_captured_at": began - timedelta(seconds=30),
        "last_captured_at": began - timedelta(seconds=28),
    }
    street = readable_street()
    kept = msgspec.structs.replace(
        asyncio.run(a_real_event(street, tmp_path, str(uuid.uuid4()))), **before, models=()
    )
    misread = otherwise_read(msgspec.structs.replace(kept, event_id=str(uuid.uuid4())))
    elsewhere = msgspec.structs.replace(
        kept, event_id=str(uuid.uuid4()), corners=((0.0, 0.0), (20.0, 0.0), (20.0, 6.0), (0.0, 6.0))
    )
    without = msgspec.structs.replace(kept, event_id=str(uuid.uuid4()), evidence=None)
    send(topics, [kept, misread, elsewhere, without])

    told = replay("--from", (began - timedelta(seconds=60)).isoformat(), "--stored")

    outcomes = {each["live"]["event_id"]: each["outcome"] for each in told["stored"]}
    assert outcomes == {
        kept.event_id: "same",
        misread.event_id: "read otherwise",
        elsewhere.event_id: "read otherwise",
    }
    assert [each["event_id"] for each in told["gone"]] == [without.event_id]
    [again] = [
        each for each in events_of(topics, Topic.PLATES_REPLAY, camera) if each.event_id == kept.event_id
    ]
    assert again.reading is not None
    assert again.reading.text == street.reading.text
    assert again.models == models_used(REPOSITORY)
