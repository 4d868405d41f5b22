"""The live board: what it shows at first, and what its stream brings."""

from __future__ import annotations

from datetime import timedelta

import gevent
import pytest

from contracts.errors import TryAgain
from tests.webapp.builders import NOON, insert_passage
from tests.webapp.conftest import Portal
from webapp.pages import board
from webapp.queries.board import last_change


@pytest.fixture(autouse=True)
def _no_passages(portal: Portal) -> None:
    portal.connection.execute("DELETE FROM passages")


def stream_of(portal: Portal, address: str, *, until: str, last_event_id: str | None = None) -> str:
    """Reads the stream until a piece of text has come."""
    headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
    answer = portal.user().get(address, headers=headers, buffered=False)
    assert answer.mimetype == "text/event-stream"
    text = ""
    with gevent.Timeout(8), answer:
        for piece in answer.response:
            text += piece.decode() if isinstance(piece, bytes) else piece
            if until in text:
                return text
    return text


def test_newest_passages_come_first_and_uploads_are_not_among_them(portal: Portal) -> None:
    insert_passage(portal.connection, "MH12AB0001", captured_at=NOON)
    insert_passage(portal.connection, "MH12AB0002", captured_at=NOON + timedelta(minutes=1))
    insert_passage(portal.connection, "MH12AB0003", captured_at=NOON, origin="upload", camera="upload-x")

    page = portal.user().get("/").get_data(as_text=True)

    assert page.index("MH 12 AB 0002") < page.index("MH 12 AB 0001")
    assert "MH 12 AB 0003" not in page


def test_times_are_of_the_camera_in_indian_time_with_utc_beside_them(portal: Portal) -> None:
    insert_passage(portal.connection, captured_at=NOON, best_captured_at=NOON)

    page = portal.user().get("/").get_data(as_text=True)

    assert "12:00:00" in page
    assert "2026-11-23T06:30:00.000Z (UTC)" in page


def test_a_passage_without_a_plate_is_shown_as_such(portal: Portal) -> None:
    insert_passage(portal.connection, None)

    assert "no plate read" in portal.user().get("/").get_data(as_text=True)


def test_an_empty_board_says_what_to_do(portal: Portal) -> None:
    assert "No plate yet" in portal.user().get("/").get_data(as_text=True)


def test_the_stream_brings_what_changed_since_the_last_event(portal: Portal) -> None:
    insert_passage(portal.connection, "MH12AB0001", change=1000)
    insert_passage(portal.connection, "MH12AB0002", change=2000)

    text = stream_of(portal, "/live", until="event: ready", last_event_id="1500")

    assert "MH 12 AB 0002" in text
    assert "MH 12 AB 0001" not in text
    assert "id: 2000" in text


def test_a_board_that_comes_while_the_database_is_away_comes_again_for_what_it_missed(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    insert_passage(portal.connection, "MH12AB0001", change=1000)

    def away(*_: object) -> list[object]:
        raise TryAgain("database", "it does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(portal.made.database, "all", away)
        while_away = stream_of(portal, "/live", until="still here", last_event_id="500")
    back = stream_of(portal, "/live", until="event: ready", last_event_id="500")

    assert while_away.endswith("event: away\ndata: database\n\n")
    assert "MH 12 AB 0001" in back


def test_a_preview_is_followed_by_its_final_under_the_same_id(portal: Portal) -> None:
    event_id = insert_passage(portal.connection, "MH12AB0001", state="preview", revision=0)
    assert 'class="row preview' in stream_of(portal, "/live?after=0", until="event: ready")

    portal.connection.execute(
        "UPDATE passages SET state = 'final', change = nextval('passage_changes') WHERE event_id = %s",
        [event_id],
    )
    text = stream_of(portal, "/live?after=0", until="event: ready")

    assert text.count(f'id="p-{event_id}"') == 1
    assert 'class="row final' in text


@pytest.mark.parametrize("after", ["x", "-1", "8²", "9" * 30, ""])
def test_a_senseless_place_to_begin_is_no_error(portal: Portal, after: str) -> None:
    assert "event: ready" in stream_of(portal, f"/live?after={after}", until="event: ready")


def test_the_last_change_is_where_a_fresh_board_begins(portal: Portal) -> None:
    insert_passage(portal.connection, change=77)

    assert last_change(portal.made.database) == 77
    assert 'data-after="77"' in portal.user().get("/").get_data(as_text=True)


def test_a_users_file_that_cannot_be_read_ends_the_stream(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(board, "_CHECK_SEC", 0.2)
    users, kept = portal.settings.secrets / "users.json", b""
    answer = portal.user().get("/live", buffered=False)
    try:
        kept = users.read_bytes()
        users.write_text("{broken")
        with gevent.Timeout(8), answer:
            text = b"".join(piece for piece in answer.response if isinstance(piece, bytes)).decode()
    finally:
        users.write_bytes(kept)

    assert "event: ready" in text
    assert "a board's stream ended: users file" in caplog.text
