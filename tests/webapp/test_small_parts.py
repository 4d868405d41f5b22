"""The portal's pure parts: overlays, words, redirects, the wire format of events."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.formatting import clock_time, day, percent, utc_time, zone_name, zone_of
from webapp.live.hub import Hub, Mailbox
from webapp.live.wire import event
from webapp.overlay import View, close_view
from webapp.pages.board import arriving
from webapp.pictures import S3Access, client_options
from webapp.queries.search import Wanted, conditions
from webapp.security import safe_next

WHOLE = View(0, 0, 1280, 720)
KOLKATA = ZoneInfo("Asia/Kolkata")


@given(st.floats(0, 1270), st.floats(0, 710), st.floats(4, 400), st.floats(2, 200))
def test_the_close_view_lies_in_the_frame_and_holds_the_plate(x: float, y: float, w: float, h: float) -> None:
    right, bottom = min(x + w, 1280), min(y + h, 720)
    view = close_view([[x, y], [right, y], [right, bottom], [x, bottom]], WHOLE)

    tiny = 1e-6
    assert view.x >= -tiny
    assert view.y >= -tiny
    assert view.x + view.width <= 1280 + tiny
    assert view.y + view.height <= 720 + tiny
    assert view.x <= x + tiny
    assert view.x + view.width >= right - tiny
    assert view.y <= y + tiny
    assert view.y + view.height >= bottom - tiny


@pytest.mark.parametrize(
    ("share", "text"),
    [(None, "–"), (0.0, "0.0 %"), (0.973, "97.3 %"), (0.9996, "99.9 %"), (1.0, "100 %")],
)
def test_no_share_is_rounded_up_to_certainty(share: float | None, text: str) -> None:
    assert percent(share) == text


def test_times_are_told_where_people_are_and_in_utc() -> None:
    moment = datetime(2026, 11, 23, 20, 0, 0, 120_000, tzinfo=UTC)

    assert clock_time(moment, KOLKATA) == "01:30:00"
    assert day(moment, KOLKATA) == "24 Nov 2026"
    assert utc_time(moment) == "2026-11-23T20:00:00.120Z"
    assert clock_time(None, KOLKATA) == "–"


@pytest.mark.parametrize(
    ("zone", "time", "name"),
    [
        ("Asia/Dubai", "00:00:00", "UTC+04"),
        ("Europe/Berlin", "21:00:00", "CET"),
        (None, "01:30:00", "IST"),
        ("Mars/Olympus", "01:30:00", "IST"),  # of a newer list of zones than this machine has
        ("../etc", "01:30:00", "IST"),
    ],
)
def test_a_cameras_times_are_told_in_its_own_zone(zone: str | None, time: str, name: str) -> None:
    moment = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

    assert clock_time(moment, zone_of(zone, KOLKATA)) == time
    assert zone_name(moment, zone_of(zone, KOLKATA)) == name


@given(st.text(max_size=60))
def test_a_redirect_never_leaves_the_portal(target: str) -> None:
    found = safe_next("/" + target)

    assert found is None or (found.startswith("/") and not found.startswith(("//", "/\\")))
    assert safe_next("https:" + target) is None


def test_lines_of_an_event_stay_inside_it() -> None:
    assert event(name="passage", data="a\nb", event_id="7") == b"event: passage\nid: 7\ndata: a\ndata: b\n\n"
    assert event(name="ready", data="") == b"event: ready\ndata: \n\n"


def test_a_browser_that_does_not_read_is_let_go_and_the_others_go_on() -> None:
    hub = Hub()
    with hub.mailbox() as slow, hub.mailbox() as quick:
        for number in range(400):
            hub.send(b"%d" % number)
            assert quick.take(timeout_sec=1) == b"%d" % number

        assert slow.dropped
        assert not quick.dropped
        assert len(hub) == 1
    assert len(hub) == 0


@given(st.text(alphabet="QZ97*?", min_size=1, max_size=12), st.booleans())
def test_a_plate_is_only_ever_a_value_of_a_query(plate: str, candidates_too: bool) -> None:
    where, values = conditions(Wanted(user_name="asha", plate=plate, candidates_too=candidates_too))

    assert all(plate not in condition or plate in {"*", "?"} for condition in where)
    assert len(values) >= 2


def busy_street(*, step_sec: float, signed_in: bool) -> list[bytes]:
    """What a stream brings on which a message is always waiting; the clock moves with every look at it."""
    mailbox = Mailbox()
    seconds = itertools.count(0.0, step_sec)

    def clock() -> float:
        mailbox.put(b"row")
        return next(seconds)

    return list(arriving(mailbox, signed_in=lambda: signed_in, clock=clock))


def test_a_session_that_ended_is_noticed_on_a_busy_street() -> None:
    assert len(busy_street(step_sec=1.0, signed_in=False)) < 15


def test_a_stream_ends_by_its_age_and_the_browser_comes_again_at_once() -> None:
    brought = busy_street(step_sec=5.0, signed_in=True)

    assert set(brought[:-1]) == {b"row"}
    assert brought[-1] == b"retry: 100\n\n"


@pytest.mark.parametrize(
    ("endpoint", "plain"),
    [("http://127.0.0.1:9000", True), ("https://s3.example", False), (None, False), ("ftp://x", False)],
)
def test_only_an_http_endpoint_is_spoken_to_without_tls(endpoint: str | None, plain: bool) -> None:
    access = S3Access(access_key_id="a", secret_access_key="b", endpoint=endpoint)

    assert client_options(access)["allow_http"] is plain
