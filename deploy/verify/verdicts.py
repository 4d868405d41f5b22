"""Event id -> the verdicts over all its links, in the order from the database back to the frame."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal
from uuid import UUID

from contracts.codec import decode
from contracts.errors import Rejected
from contracts.messages.common import CameraId
from contracts.messages.plate import PlateEvent, StoredPicture
from deploy.verify.again import text_of_frame, texts_again, texts_of_upload, vehicle_again, voted_again
from deploy.verify.chained import Head, of_chain, of_event
from deploy.verify.kept import Kept, kept
from deploy.verify.links import (
    Verdict,
    of_models,
    of_no_frame,
    of_nothing,
    of_picture,
    of_read,
    of_reads,
    of_row,
    of_settings,
    of_vehicle,
    of_vote,
    unless_made_otherwise,
)
from deploy.verify.moments import of_moments
from processors.adapters.cards import models_used
from processors.cascade.regard import EVERYTHING, Regard
from processors.made_with import settings_sha256
from processors.passages.kept_reads import KeptReads
from processors.passages.settings import PassageSettings
from webapp.pictures import PictureShelf


def verdicts(
    event_id: UUID,
    *,
    database: str,
    evidence: PictureShelf,
    repository: Path,
    regards: Mapping[CameraId, Regard],
    head: Head | None = None,
) -> Iterator[Verdict]:
    """One for each link, as soon as it is known. `regards`: what the cameras ask to be looked at; `head`: a
    link that was noted of the camera's chain.

    Raises:
        Rejected: there is no such final.
        TryAgain: database or store is away.
        Stop: models are missing, or rights.
    """
    found = kept(database, event_id)
    yield from of_what_is_kept(found, evidence, head)
    event, pictures = found.event, found.event.evidence
    frame = _read(evidence, pictures.frame if pictures else None)
    regard = regards.get(event.camera, EVERYTHING)
    yield from _of_reading(event, frame, _reads_file(event, evidence), repository, regard)


def of_what_is_kept(found: Kept, evidence: PictureShelf, head: Head | None = None) -> Iterator[Verdict]:
    """The links that need no model: row, chain, pictures, and the reads' file.

    Raises:
        TryAgain: the store is away.
        Stop: it does not let us.
    """
    event = found.event
    yield of_row(found.row, event, times=found.times)
    yield of_event(found.raw, found.chain, event.event_id)
    yield of_chain(event.camera, found.chain, head)
    yield _of_picture("frame", event, evidence)
    yield from _of_cuttings(event, evidence)
    yield from _of_reads_file(event, _reads_file(event, evidence))


def _reads_file(event: PlateEvent, shelf: PictureShelf) -> bytes | None:
    stored = event.evidence.reads if event.evidence else None
    return None if stored is None else shelf.read(key=stored.key)


def _of_cuttings(event: PlateEvent, shelf: PictureShelf) -> Iterator[Verdict]:
    """The pictures that an event of its kind must have."""
    # Where no vehicle was found its picture shows what is around the plate.
    if event.vehicle or event.corners:
        yield _of_picture("vehicle", event, shelf)
    if event.corners:
        yield _of_picture("plate", event, shelf)


def _of_picture(
    name: Literal["frame", "vehicle", "plate"], event: PlateEvent, shelf: PictureShelf
) -> Verdict:
    pictures = event.evidence
    picture: StoredPicture | None = getattr(pictures, name) if pictures else None
    return of_picture(name, picture, _read(shelf, picture), frame=_names_a_frame(event))


def _names_a_frame(event: PlateEvent) -> bool:
    return event.evidence is not None and event.evidence.frame is not None


def _of_reads_file(event: PlateEvent, reads: bytes | None) -> Iterator[Verdict]:
    stored = event.evidence.reads if event.evidence else None
    if stored is not None:
        yield of_reads(stored, reads)
    if reads is not None:
        yield _of_moments(event, reads)


def _of_moments(event: PlateEvent, reads: bytes) -> Verdict:
    try:
        kept_reads = decode(KeptReads, reads)
        return of_moments(event, kept_reads, *_of_settings(event, kept_reads))
    except Rejected as error:
        return Verdict("moments", holds=False, told=str(error))


def _of_reading(
    event: PlateEvent, frame: bytes | None, reads: bytes | None, repository: Path, regard: Regard
) -> Iterator[Verdict]:
    """What it was made with, and whether it is read as that again.

    Raises:
        Stop: models are missing, or are others than this program needs.
    """
    made_with = [of_models(event.models, models_used(repository))]
    yield made_with[0]
    try:
        kept_reads = None if reads is None else decode(KeptReads, reads)
        settings = _of_settings(event, kept_reads)
        yield from settings
        made_with += settings
        if frame is None:
            yield of_no_frame(named=_names_a_frame(event))
            return
        yield unless_made_otherwise(_of_read(event, frame, kept_reads, repository, regard), *made_with)
    except Rejected as error:
        yield Verdict("read", holds=False, told=str(error))


def _of_settings(event: PlateEvent, reads: KeptReads | None) -> list[Verdict]:
    """What is said of its settings; nothing of those of releases that did not name them."""
    settings = event.settings or (reads.settings if reads else None)
    return [] if settings is None else [of_settings(settings, settings_sha256(PassageSettings()))]


def _of_read(
    event: PlateEvent, frame: bytes, reads: KeptReads | None, repository: Path, regard: Regard
) -> Verdict:
    if event.reading is None:
        if event.origin == "upload":
            return of_nothing(texts_of_upload(frame, event, repository))
        return of_vehicle(event, found=vehicle_again(frame, event, repository, regard))
    texts = texts_again(frame, event, repository, regard)
    if reads is None:
        return of_read(event.reading.text, texts, frames=event.reads)
    then = text_of_frame(reads, event)
    return of_vote(event, texts, then=then, voted=voted_again(reads, event, repository))


def _read(shelf: PictureShelf, picture: StoredPicture | None) -> bytes | None:
    return None if picture is None else shelf.read(key=picture.key)
