"""`platestream replay` on a real broker with the shipped models: frames that were retained, seen again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from contracts.topics import MAX_MESSAGE_BYTES, Topic
from tests.integration.replay.replayed import (
    FRAMES,
    Said,
    a_header,
    events_of,
    finals_of,
    otherwise_read,
    publish,
    send,
)
from tests.integration.streets import readable_street


def test_what_is_seen_again_goes_to_its_own_topic_and_is_compared_with_what_was_live(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str
) -> None:
    first = replay()
    finals = finals_of(topics, Topic.PLATES_REPLAY, camera)

    assert first["frames"] == FRAMES
    assert finals
    assert first["outcomes"] == {"replay alone": len(finals)}
    assert events_of(topics, Topic.PLATES, camera) == []

    live, other = finals[0], [otherwise_read(each) for each in finals[1:]]
    send(topics, [live, *other])
    second = replay()

    assert second["outcomes"].pop("same") == 1
    assert sum(second["outcomes"].values()) == len(other)
    assert set(second["outcomes"]) <= {"read otherwise"}


def test_finals_too_near_to_the_edges_are_not_compared_but_told(
    replay: Callable[..., dict[str, Any]],
    replay_in_words: Callable[..., Said],
    topics: str,
    camera: str,
    began: datetime,
) -> None:
    """The street is seen from 2.4 to 3.4 seconds after the first frame."""
    wide = replay()
    finals = finals_of(topics, Topic.PLATES_REPLAY, camera)
    send(topics, finals)
    edges = [(began + timedelta(seconds=each)).isoformat() for each in (1.0, 4.8)]
    narrow = ("--from", edges[0], "--to", edges[1])

    told = replay(*narrow)
    said = replay_in_words(*narrow)

    assert wide["near_edges"] == {"live": 0, "replayed": 0, "margin_sec": 2.0}
    assert told["near_edges"] == {"live": len(finals), "replayed": len(finals), "margin_sec": 2.0}
    assert told["outcomes"] == {}
    assert said.status == 0
    assert f"{len(finals)}  live, not compared: too near to an edge" in said.out
    assert f"{len(finals)}  replayed, not compared: too near to an edge" in said.out
    assert "less than 2 seconds. A wider --from/--to compares them" in said.out
    assert "too near" not in replay_in_words().out


def test_what_kafka_has_no_frames_of_any_more_is_told_and_a_time_without_any_is_an_error(
    replay: Callable[..., dict[str, Any]],
    replay_in_words: Callable[..., Said],
    topics: str,
    camera: str,
    began: datetime,
) -> None:
    replay()
    live = finals_of(topics, Topic.PLATES_REPLAY, camera)[0]
    earlier = msgspec.structs.replace(
        live,
        event_id=str(uuid.uuid4()),
        first_captured_at=began - timedelta(seconds=30),
        last_captured_at=began - timedelta(seconds=28),
    )
    cut = msgspec.structs.replace(earlier, event_id=str(uuid.uuid4()), last_captured_at=began)
    send(topics, [live, earlier, cut])

    from_before = ("--from", (began - timedelta(seconds=60)).isoformat())
    told = replay(*from_before)
    assert told["frames"] == FRAMES
    assert told["outcomes"]["same"] == 1
    assert {each["event_id"] for each in told["gone"]} == {earlier.event_id, cut.event_id}
    assert told["without_frames"] == []

    said = replay_in_words(*from_before, "--to", (began - timedelta(seconds=1)).isoformat())
    first, last = (words(a_header(camera, began, number).captured_at) for number in (0, FRAMES - 1))
    assert (said.status, said.out.splitlines()[0]) == (1, "0 frames, 0 events on plates.replay")
    assert said.err.splitlines()[-1] == (
        f"platestream: no frames of camera {camera} in that time: Kafka's first of it is of {first}, "
        f"the last of {last}"
    )


def test_a_camera_that_nobody_knows_is_told_beside_one_that_has_frames(
    replay: Callable[..., dict[str, Any]], camera: str, began: datetime, fresh_name: Callable[[str], str]
) -> None:
    nosuch = fresh_name("nosuch")

    told = replay("--camera", nosuch)

    assert told["frames"] == FRAMES
    [missing] = told["without_frames"]
    assert (missing["camera"], missing["of_camera"]) == (nosuch, None)
    assert missing["told"].startswith(
        f"no frames of camera {nosuch} in that time: Kafka has none of it at all"
    )
    first, last = map(datetime.fromisoformat, missing["of_any"])
    assert first <= a_header(camera, began, 0).captured_at
    assert last >= a_header(camera, began, FRAMES - 1).captured_at


def test_a_film_played_faster_than_it_was_filmed_is_found_at_the_times_at_which_it_was_filmed(
    replay: Callable[..., dict[str, Any]], topics: str, fresh_name: Callable[[str], str], began: datetime
) -> None:
    """Its frames and its finals are written long before they are captured, by its own time."""
    film, later = fresh_name("film"), began + timedelta(minutes=10)
    publish(topics, [(a_header(film, later, 0, "upload"), readable_street().jpeg)])
    times = [each.isoformat() for each in (later, later + timedelta(minutes=1))]
    words = ("--camera", film, "--from", times[0], "--to", times[1])

    assert replay(*words)["frames"] == 1
    send(topics, events_of(topics, Topic.PLATES_REPLAY, film))
    told = replay(*words)

    assert set(told["outcomes"]) == {"same"}


def test_an_upload_is_compared_by_its_one_frame(
    replay: Callable[..., dict[str, Any]],
    topics: str,
    fresh_name: Callable[[str], str],
    began: datetime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLATESTREAM_EVIDENCE", tmp_path.as_uri())
    upload = fresh_name("upload")
    publish(topics, [(a_header(upload, began, 0, "upload"), readable_street().jpeg)])
    replay("--camera", upload)
    live = finals_of(topics, Topic.PLATES_REPLAY, upload)
    send(topics, live)

    told = replay("--camera", upload, "--stored")

    ours = [each["outcome"] for each in told["passages"] if (each["live"] or {}).get("camera") == upload]
    assert live
    assert ours == ["same"] * len(live)
    assert (told["gone"], told["stored"]) == ([], [])


def test_what_the_camera_file_asks_for_holds_again(
    replay: Callable[..., dict[str, Any]], camera: str, tmp_path: Path
) -> None:
    file = tmp_path / "cameras.yml"
    file.write_text(f"cameras: [{{id: {camera}, source: film.mp4, least_plate_px: 4000}}]")

    assert replay("--cameras", str(file))["events"] == 0


def test_an_event_that_kafka_refuses_is_no_replay(
    replay: Callable[..., dict[str, Any]], topics: str, camera: str
) -> None:
    with largest_message(topics, 256):
        told = replay()

    assert re.match(f"platestream: topic plates.replay, key {camera}, event .*too large", told["error"])
    assert events_of(topics, Topic.PLATES_REPLAY, camera) == []


def words(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


@contextmanager
def largest_message(kafka: str, size_bytes: int) -> Iterator[None]:
    """The topic of replays takes no larger one for so long."""
    admin = AdminClient({"bootstrap.servers": kafka})

    def set_to(size_bytes: int) -> None:
        entry = ConfigEntry("max.message.bytes", str(size_bytes), incremental_operation=AlterConfigOpType.SET)
        topic = ConfigResource(ResourceType.TOPIC, Topic.PLATES_REPLAY.value, incremental_configs=[entry])
        for done in admin.incremental_alter_configs([topic]).values():
            done.result(20)

    set_to(size_bytes)
    try:
        yield
    finally:
        set_to(MAX_MESSAGE_BYTES)
