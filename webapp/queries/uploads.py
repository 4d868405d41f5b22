"""Uploaded pictures: stored once, sent to the stream, followed until their passage is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from contracts.messages.common import LogPosition
from webapp.database import Database

_COLUMNS = """id, user_name, created_at, object_key, sha256, bytes, width, height, file_name, status, error,
    frame_position"""


@dataclass(frozen=True)
class Upload:
    """A row of `uploads`: `received` until the stream has it, then `sent`, at last `done` or `failed`."""

    id: UUID
    user_name: str
    created_at: datetime
    object_key: str
    sha256: str
    bytes: int
    width: int
    height: int
    file_name: str | None
    status: str
    error: str | None
    frame_position: dict[str, Any] | None

    @property
    def camera(self) -> str:
        """The name under which its frame travels through the stream."""
        return f"upload-{self.id}"


def add_upload(
    database: Database,
    *,
    upload_id: UUID,
    user_name: str,
    object_key: str,
    sha256: str,
    size_bytes: int,
    width: int,
    height: int,
    file_name: str,
) -> Upload:
    """Writes an upload down; the row as it stands."""
    query = f"""
        INSERT INTO uploads (id, user_name, object_key, sha256, bytes, width, height, file_name)
        VALUES (%(id)s, %(user)s, %(key)s, %(sha256)s, %(bytes)s, %(width)s, %(height)s, %(file_name)s)
        RETURNING {_COLUMNS}"""  # noqa: S608
    [written] = database.all(
        Upload,
        query,
        {
            "id": upload_id,
            "user": user_name,
            "key": object_key,
            "sha256": sha256,
            "bytes": size_bytes,
            "width": width,
            "height": height,
            "file_name": file_name,
        },
    )
    return written


def upload(database: Database, *, upload_id: UUID) -> Upload | None:
    query = f"SELECT {_COLUMNS} FROM uploads WHERE id = %(id)s"  # noqa: S608
    return database.one(Upload, query, {"id": upload_id})


def latest_uploads(database: Database, *, user_name: str, limit: int) -> list[Upload]:
    """A user's own pictures, newest first."""
    query = f"""
        SELECT {_COLUMNS} FROM uploads WHERE user_name = %(user)s
        ORDER BY created_at DESC LIMIT %(limit)s"""  # noqa: S608
    return database.all(Upload, query, {"user": user_name, "limit": limit})


def unsent_uploads(database: Database, *, limit: int) -> list[Upload]:
    """Pictures that the stream does not have yet, oldest first."""
    query = f"""
        SELECT {_COLUMNS} FROM uploads
        WHERE status = 'received'
        ORDER BY created_at LIMIT %(limit)s"""  # noqa: S608
    return database.all(Upload, query, {"limit": limit})


def mark_sent(database: Database, *, upload_id: UUID, position: LogPosition) -> None:
    """The stream has it."""
    database.run(
        """
        UPDATE uploads SET status = 'sent', error = NULL, frame_position = %(position)s
        WHERE id = %(id)s AND status = 'received'""",
        {
            "id": upload_id,
            "position": Jsonb(
                {"topic": position.topic, "partition": position.partition, "offset": position.offset}
            ),
        },
    )


def mark_failed(database: Database, *, upload_id: UUID, error: str) -> None:
    """It will not be sent any more; `error` is what its user reads."""
    query = """
        UPDATE uploads SET status = 'failed', error = %(error)s
        WHERE id = %(id)s AND status = 'received'"""
    database.run(query, {"id": upload_id, "error": error})


def mark_done(database: Database) -> int:
    """Marks all of the last day whose result is in the database; how many."""
    query = """
        UPDATE uploads SET status = 'done'
        WHERE status = 'sent' AND created_at > clock_timestamp() - interval '1 day' AND EXISTS (
            SELECT FROM passages WHERE camera = 'upload-' || uploads.id AND state = 'final')"""
    return database.run(query, {})
