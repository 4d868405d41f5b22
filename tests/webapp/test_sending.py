"""Uploads that wait: what cannot be sent is given up loudly and holds up nothing else."""

from __future__ import annotations

import io
import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.errors import Stop, TryAgain
from contracts.messages.common import LogPosition
from tests.webapp.builders import a_frame_picture, insert, insert_passage, jpeg
from tests.webapp.conftest import Portal
from webapp.uploads.sending import Sender, send_unsent


def later() -> datetime:
    """Ten minutes from now: asked for where it is used, since a suite may run for longer than that."""
    return datetime.now(UTC) + timedelta(minutes=10)


class Confirms:
    """A stream that takes everything, or fails as it is told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure

    def publish(self, frames: list[Any]) -> LogPosition:
        if self.failure:
            raise self.failure
        return LogPosition(topic="frames", partition=0, offset=7)


@pytest.fixture(autouse=True)
def _stream_that_confirms(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    portal.connection.execute("DELETE FROM uploads")
    monkeypatch.setattr(portal.made.publisher, "publish", Confirms().publish)


def waiting(portal: Portal, *, stored: bool = True, **columns: Any) -> UUID:
    upload_id = uuid4()
    row = {
        "id": upload_id, "user_name": "asha", "object_key": f"uploads/{upload_id}.jpg", "sha256": "ab" * 32,
        "bytes": 9, "width": 640, "height": 480, "file_name": "car.jpg",
        "created_at": datetime.now(UTC) - timedelta(minutes=3),
    }  # fmt: skip
    insert(portal.connection, "uploads", row | columns)
    if stored:
        portal.made.uploads.write(key=f"uploads/{upload_id}.jpg", picture=b"a picture")
    return upload_id


def a_picture_file() -> io.BytesIO:
    return io.BytesIO(jpeg(a_frame_picture("MH12AB1234")))


def state(portal: Portal, upload_id: UUID) -> tuple[str, str | None]:
    row = portal.connection.execute("SELECT status, error FROM uploads WHERE id = %s", [upload_id]).fetchone()
    assert row is not None
    return row[0], row[1]


def test_pictures_that_are_gone_hold_up_no_other_and_their_user_is_told(portal: Portal) -> None:
    gone = [
        waiting(portal, stored=False, created_at=datetime.now(UTC) - timedelta(hours=1)) for _ in range(20)
    ]
    good = waiting(portal)

    send_unsent(portal.made, now=later())
    send_unsent(portal.made, now=later())

    assert state(portal, good) == ("sent", None)
    assert {state(portal, one) for one in gone} == {("failed", "its picture is not in the storage")}
    page = portal.user().get(f"/uploads/{gone[0]}").get_data(as_text=True)
    assert "This picture never went into the stream: its picture is not in the storage." in page
    assert "hx-trigger" not in page
    assert "Not sent" in portal.user().get("/uploads").get_data(as_text=True)


def test_what_waited_for_more_than_a_day_is_given_up(portal: Portal) -> None:
    old = waiting(portal, created_at=datetime.now(UTC) - timedelta(hours=25))

    assert send_unsent(portal.made, now=later()) == 0

    assert state(portal, old) == ("failed", "the stream was away for more than a day")


def test_a_key_that_is_none_fails_alone(portal: Portal) -> None:
    odd = waiting(portal, stored=False, object_key="../../etc/passwd")
    good = waiting(portal)

    assert send_unsent(portal.made, now=later()) == 1

    assert state(portal, odd)[0] == "failed"
    assert state(portal, good)[0] == "sent"


def test_a_picture_that_is_still_on_its_way_into_the_storage_is_waited_for(portal: Portal) -> None:
    fresh = waiting(portal, stored=False, created_at=later() - timedelta(seconds=30))

    assert send_unsent(portal.made, now=later()) == 0

    assert state(portal, fresh) == ("received", None)


def test_a_mistake_of_the_set_up_is_told_once(
    portal: Portal, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    upload_id = waiting(portal)
    monkeypatch.setattr(portal.made.publisher, "publish", Confirms(Stop("topic frames: not there")).publish)
    sender = Sender(portal.made)

    with caplog.at_level(logging.ERROR):
        sender.once()
        sender.once()

    assert caplog.text.count("uploads cannot be sent: topic frames: not there") == 1
    assert state(portal, upload_id)[0] == "received"


def test_what_has_its_result_is_done_without_anybody_looking(portal: Portal) -> None:
    upload_id = waiting(portal)
    insert_passage(portal.connection, camera=f"upload-{upload_id}", origin="upload")
    sender = Sender(portal.made)

    sender.once()

    assert state(portal, upload_id) == ("done", None)


def test_a_picture_that_could_not_be_stored_is_marked_so(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(**_: object) -> None:
        raise TryAgain("upload storage", "it does not answer")

    monkeypatch.setattr(portal.made.uploads, "write", away)
    answer = portal.user().post("/uploads", data={"picture": (a_picture_file(), "car.jpg")})

    assert answer.status_code == 503
    rows = portal.connection.execute("SELECT status, error FROM uploads").fetchall()
    assert rows == [("failed", "its picture could not be stored")]


def test_no_picture_is_stored_while_the_database_is_away(
    portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, stored = portal.user(), []

    def away(*_: object, **__: object) -> None:
        raise TryAgain("database", "it does not answer")

    monkeypatch.setattr(portal.made.uploads, "write", lambda **given: stored.append(given))
    monkeypatch.setattr(portal.made.database, "all", away)

    assert client.post("/uploads", data={"picture": (a_picture_file(), "car.jpg")}).status_code == 503
    assert stored == []


def test_looking_at_a_result_changes_nothing(portal: Portal) -> None:
    upload_id = waiting(portal, status="sent")
    insert_passage(portal.connection, camera=f"upload-{upload_id}", origin="upload")

    assert portal.user().get(f"/uploads/{upload_id}").status_code == 200

    assert state(portal, upload_id)[0] == "sent"
