"""A stored upload -> topic `frames`; what could not be sent at once is sent when the stream is back."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import gevent
from flask import Flask

from contracts.errors import SetAside, Stop, TryAgain
from contracts.messages.frame import FrameHeader, microseconds
from webapp.background import keep_on
from webapp.parts import Parts, parts
from webapp.queries.uploads import Upload, mark_done, mark_failed, mark_sent, unsent_uploads

log = logging.getLogger(__name__)

SENDER = "uploads that wait"
_PAUSE_SEC = 5.0
_AT_ONCE = 20
_LONGEST_SEC = 24 * 3600.0
_STORED_WITHIN_SEC = 60.0
"""A row is written before its picture: within this time the picture may still be on its way."""


class GivenUp(SetAside):
    """An upload that is not sent any more. Its user reads the reason."""


def send_upload(made: Parts, upload: Upload, jpeg: bytes) -> None:
    """Sends the frame and the end of its stream. Sending twice does no harm: the event's id is the same.

    Raises:
        TryAgain: the stream did not confirm it; the upload stays `received` and is sent later.
    """
    header = header_of(upload)
    end = FrameHeader(
        camera=header.camera,
        epoch=header.epoch,
        sequence=1,
        captured_at_us=header.captured_at_us,
        clock=header.clock,
        width=0,
        height=0,
        origin="upload",
        end=True,
    )
    position = made.publisher.publish([(header, jpeg), (end, b"")])
    mark_sent(made.database, upload_id=upload.id, position=position)
    log.info("upload %s: sent to %s", upload.id, position)


def header_of(upload: Upload) -> FrameHeader:
    """The only frame of the upload's own camera. When it was taken nobody can prove: its arrival counts."""
    return FrameHeader(
        camera=upload.camera,
        epoch=upload.id.hex,
        sequence=0,
        captured_at_us=microseconds(upload.created_at.astimezone(UTC)),
        clock="host",
        width=upload.width,
        height=upload.height,
        origin="upload",
    )


def start(app: Flask) -> None:
    """Begins to send what is left, in the background, for as long as the process lives."""
    gevent.spawn(_run, app)


def _run(app: Flask) -> None:
    with app.app_context():
        made = parts()
        keep_on(SENDER, Sender(made).once, pulse=made.pulse, pause_sec=_PAUSE_SEC)


class Sender:
    """Remembers what it said of the set-up, so that a log is not filled with one mistake."""

    def __init__(self, made: Parts) -> None:
        self._made = made
        self._said: str | None = None

    def once(self) -> None:
        """One look at all that waits."""
        try:
            send_unsent(self._made, now=datetime.now(UTC))
            mark_done(self._made.database)
            self._said = None
        except TryAgain as error:
            log.debug("uploads wait: %s", error)
        except Stop as reason:
            if str(reason) != self._said:
                log.error("uploads cannot be sent: %s", reason)  # noqa: TRY400
            self._said = str(reason)


def send_unsent(made: Parts, *, now: datetime) -> int:
    """Sends what waits, oldest first; how many. What cannot be sent any more is marked with its reason.

    Raises:
        TryAgain: database or stream is away; the rest waits.
        Stop: storage or stream refuse us.
    """
    sent = 0
    for upload in unsent_uploads(made.database, limit=_AT_ONCE):
        made.pulse.beat(SENDER)
        age_sec = (now - upload.created_at).total_seconds()
        if age_sec < _PAUSE_SEC:
            # Its own request is probably still at it.
            continue
        try:
            sent += _send_waiting(made, upload, age_sec=age_sec)
        except SetAside as reason:
            log.error("upload %s: given up: %s", upload.id, reason)  # noqa: TRY400
            mark_failed(made.database, upload_id=upload.id, error=str(reason))
    return sent


def _send_waiting(made: Parts, upload: Upload, *, age_sec: float) -> bool:
    if age_sec > _LONGEST_SEC:
        raise GivenUp("the stream was away for more than a day")
    try:
        jpeg = made.uploads.read(key=upload.object_key)
    except TryAgain as reason:
        # Perhaps only this one: the others are tried all the same, and after a day it is given up.
        log.warning("upload %s waits: %s", upload.id, reason)
        return False
    if jpeg is not None:
        send_upload(made, upload, jpeg)
        return True
    if age_sec > _STORED_WITHIN_SEC:
        raise GivenUp("its picture is not in the storage")
    return False
