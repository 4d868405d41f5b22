"""A stored upload -> topic `frames`; what could not be sent at once is sent when the stream is back."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import gevent
from flask import Flask

from contracts.errors import PlatestreamError
from contracts.messages.frame import FrameHeader, microseconds
from webapp.parts import Parts, parts
from webapp.queries.uploads import Upload, mark_sent, unsent_uploads

log = logging.getLogger(__name__)

_PAUSE_SEC = 5.0
_AT_ONCE = 20


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
    gevent.spawn(_forever, app)


def _forever(app: Flask) -> None:
    with app.app_context():
        made = parts()
        while True:
            gevent.sleep(_PAUSE_SEC)
            try:
                send_unsent(made, now=datetime.now(UTC))
            except PlatestreamError as error:
                log.debug("uploads wait: %s", error)


def send_unsent(made: Parts, *, now: datetime) -> int:
    """Sends what waits, oldest first; how many.

    Raises:
        TryAgain: database, storage or stream is away; the rest waits.
    """
    sent = 0
    for upload in unsent_uploads(made.database, limit=_AT_ONCE):
        if (now - upload.created_at).total_seconds() < _PAUSE_SEC:
            # Its own request is probably still at it.
            continue
        jpeg = made.uploads.read(key=upload.object_key)
        if jpeg is None:
            log.error("upload %s: its picture is not in the storage", upload.id)
            continue
        send_upload(made, upload, jpeg)
        sent += 1
    return sent
