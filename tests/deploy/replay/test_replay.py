"""Live finals beside replayed ones: which belong together, what the edges of a window cut, what is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.codec import encode
from contracts.errors import SetAside, TryAgain
from contracts.messages.plate import PlateEvent
from contracts.topics import Topic
from deploy.replay.comparison import compare
from deploy.replay.run import send
from deploy.replay.window import Window, inside, sorted_out
from tests.contracts.builders import NOON, a_plate_event, a_reading
from tests.processors.engine.fakes import Broker


def event(name: str, text: str | None, first_sec: float, last_sec: float, **changes: Any) -> PlateEvent:
    return a_plate_event(
        event_id=name,
        reading=a_reading(text) if text else None,
        first_captured_at=at(first_sec),
        last_captured_at=at(last_sec),
        **changes,
    )


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def outcomes(live: list[PlateEvent], replayed: list[PlateEvent]) -> list[tuple[str | None, str | None, str]]:
    return [
        (
            pair.live.event_id if pair.live else None,
            pair.replayed.event_id if pair.replayed else None,
            pair.outcome,
        )
        for pair in compare(live, replayed)
    ]


def test_passages_of_the_same_time_and_text_are_the_same() -> None:
    assert outcomes([event("a", "MH12AB1234", 0, 4)], [event("b", "MH12AB1234", 1, 5)]) == [
        ("a", "b", "same")
    ]


def test_another_text_at_the_same_time_is_read_otherwise_unless_its_own_is_there() -> None:
    live = [event("a", "MH12AB1234", 0, 4), event("b", "KA01CD5678", 0, 4)]
    replayed = [event("c", "KA01CD5678", 3, 5), event("d", "MH12AB1284", 0, 4)]

    assert set(outcomes(live, replayed)) == {("a", "d", "read otherwise"), ("b", "c", "same")}


def test_each_event_is_in_one_pair_and_none_is_forgotten() -> None:
    live = [event("a", "MH12AB1234", 0, 4), event("b", "MH12AB1234", 30, 31)]
    replayed = [event("c", "MH12AB1234", 0, 1), event("d", None, 3, 4), event("e", "DL01", 50, 51)]

    assert outcomes(live, replayed) == [
        ("a", "c", "same"),
        (None, "d", "replay alone"),
        ("b", None, "live alone"),
        (None, "e", "replay alone"),
    ]


def test_other_cameras_and_epochs_never_belong_together() -> None:
    one = event("a", "MH12AB1234", 0, 4)

    assert len(outcomes([one], [event("b", "MH12AB1234", 0, 4, camera="other")])) == 2
    assert len(outcomes([one], [event("b", "MH12AB1234", 0, 4, epoch="other")])) == 2


def test_what_the_edges_of_the_window_cut_is_left_out() -> None:
    seen = {"gate": (at(0), at(60))}
    events = [event("early", "X", 1, 5), event("whole", "X", 2, 58), event("late", "X", 50, 59)]

    assert [each.event_id for each in inside(events, seen, 2.0)] == ["whole"]
    assert inside([event("elsewhere", "X", 10, 20, camera="other")], seen, 2.0) == []


def test_an_upload_is_whole_at_the_edges_too() -> None:
    """Nothing came before its one frame and nothing after."""
    seen = {"gate": (at(0), at(0))}
    window = Window(begins_at=at(0), ends_at=at(0))
    upload, film = event("upload", "X", 0, 0, origin="upload"), event("film", "X", 0, 0, origin="file")

    assert inside([upload, film], seen, 2.0) == window.whole([upload, film], 2.0) == [upload]
    assert inside([event("other", "X", 1, 1, origin="upload")], seen, 2.0) == []


def test_each_live_final_of_the_window_is_whole_near_an_edge_or_lost() -> None:
    window = Window(begins_at=at(0), ends_at=at(60), cameras=frozenset({"gate", "yard"}))
    seen = {"gate": (at(0), at(40))}
    far, near_from, cut_by_from = (
        event("far", "X", 2, 38),
        event("from", "X", 1.9, 5),
        event("cut", "X", -3, 0),
    )
    near_last, after_last = event("last", "X", 30, 39), event("after", "X", 30, 50)
    cut_by_to, unseen = event("to", "X", 60, 70), event("unseen", "X", 10, 20, camera="yard")
    elsewhere = event("elsewhere", "X", 1, 5, camera="other")
    before, beyond = event("before", "X", -9, -0.1), event("beyond", "X", 60.1, 61)

    finals = [far, near_from, cut_by_from, near_last, after_last, cut_by_to, unseen]
    live = sorted_out([*finals, elsewhere, before, beyond], window, seen, 2.0)

    assert live.whole == [far]
    assert live.near_edges == [near_from, cut_by_from, near_last, cut_by_to]
    assert live.lost == [after_last, unseen]


async def test_an_event_goes_to_the_topic_of_replays_under_its_camera() -> None:
    broker = Broker()

    await send(broker, a_plate_event())

    [sent] = broker.sent
    assert (sent.topic, sent.key, sent.value) == (Topic.PLATES_REPLAY, b"gate", encode(a_plate_event()))


@pytest.mark.parametrize(
    ("broker", "error", "reason"),
    [
        (Broker(away=1), TryAgain, "nobody listens"),
        (Broker(refused=frozenset({encode(a_plate_event())})), SetAside, "too large"),
    ],
)
async def test_an_event_that_is_not_taken_is_an_error_that_names_it(
    broker: Broker, error: type[Exception], reason: str
) -> None:
    event = a_plate_event()

    with pytest.raises(error, match=f"topic plates.replay, key gate, event {event.event_id}: {reason}"):
        await send(broker, event)
