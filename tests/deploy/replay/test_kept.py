"""Cameras and times of which Kafka has no frames: which are told, and in what words."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploy.replay.kept import Span, without_frames
from tests.contracts.builders import NOON

KEPT: dict[str, Span] = {
    "gate": (NOON, NOON + timedelta(minutes=5)),
    "yard": (NOON - timedelta(minutes=1), NOON + timedelta(minutes=2)),
}


def words(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def test_a_camera_with_frames_at_other_times_is_told_with_them() -> None:
    [none] = without_frames({"gate", "yard"}, {"yard"}, KEPT)

    first, last = KEPT["gate"]
    assert (none.camera, none.of_camera) == ("gate", KEPT["gate"])
    assert str(none) == (
        f"no frames of camera gate in that time: Kafka's first of it is of {words(first)}, "
        f"the last of {words(last)}"
    )


def test_a_camera_that_nobody_knows_is_told_with_the_times_of_all() -> None:
    [none] = without_frames({"nosuch", "gate"}, {"gate"}, KEPT)

    first, last = KEPT["yard"][0], KEPT["gate"][1]
    assert (none.of_camera, none.of_any) == (None, (first, last))
    assert str(none) == (
        "no frames of camera nosuch in that time: Kafka has none of it at all, and its first of all cameras "
        f"is of {words(first)}, the last of {words(last)}"
    )


def test_where_no_camera_is_named_it_is_told_only_that_there_are_none_of_any() -> None:
    [none] = without_frames(set(), set(), KEPT)

    first, last = KEPT["yard"][0], KEPT["gate"][1]
    assert none.camera is None
    assert (
        str(none) == f"no frames in that time: Kafka's first is of {words(first)}, the last of {words(last)}"
    )
    assert without_frames(set(), {"gate"}, KEPT) == ()


def test_a_topic_without_any_frame_is_told_as_that() -> None:
    assert [str(each) for each in without_frames({"gate"}, set(), {})] == [
        "no frames of camera gate in that time: Kafka has none at all"
    ]
    assert [str(each) for each in without_frames(set(), set(), {})] == [
        "no frames in that time: Kafka has none at all"
    ]


def test_each_camera_without_frames_is_told_by_name_in_order() -> None:
    assert [each.camera for each in without_frames({"yard", "lane", "gate"}, {"gate"}, KEPT)] == [
        "lane",
        "yard",
    ]
