"""Settings -> everything a request may need: made once a process, reached through `parts()`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app

from contracts.errors import Stop
from contracts.sealing import Sealer
from webapp.background import Pulse
from webapp.database import Database
from webapp.live.hub import Hub
from webapp.pictures import PictureShelf, open_shelf
from webapp.settings import Settings
from webapp.stream.last_frames import LastFrames
from webapp.stream.publisher import FramePublisher
from webapp.stream.reach import KafkaReach
from webapp.users import UsersFile

_EXTENSION = "platestream"


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The edges of the portal. Tests may put in their own. Without `owner_key` no owner is shown."""

    settings: Settings
    zone: ZoneInfo
    database: Database
    evidence: PictureShelf
    uploads: PictureShelf
    publisher: FramePublisher
    last_frames: LastFrames
    kafka: KafkaReach
    users: UsersFile
    owner_key: Sealer | None
    hub: Hub
    pulse: Pulse


def make_parts(settings: Settings) -> Parts:
    """Real parts. Nothing connects yet: whatever is away is told by the page that needs it.

    Raises:
        Stop: the time zone, a place of pictures, or the key of owner data cannot be used.
    """
    return Parts(
        settings=settings,
        zone=_zone(settings.zone),
        database=Database(settings.database),
        evidence=open_shelf(settings.evidence, name="evidence storage", s3_file=settings.s3_file),
        uploads=open_shelf(settings.uploads, name="upload storage", s3_file=settings.s3_file),
        publisher=FramePublisher(settings.kafka),
        last_frames=LastFrames(settings.kafka),
        kafka=KafkaReach(settings.kafka),
        users=UsersFile(settings.secrets / "users.json"),
        owner_key=Sealer.from_file(settings.owner_key_file) if settings.owner_key_file else None,
        hub=Hub(),
        pulse=Pulse(),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise Stop(f"PLATESTREAM_ZONE={name!r} is no time zone that this machine knows") from error


def install(app_extensions: dict[str, object], made: Parts) -> None:
    """Puts the parts where `parts()` finds them."""
    app_extensions[_EXTENSION] = made


def parts() -> Parts:
    """The parts of the application that serves this request."""
    return cast("Parts", current_app.extensions[_EXTENSION])
