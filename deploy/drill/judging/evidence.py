"""Whether the finals of a run have their evidence: row, chain of their camera, pictures and reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

from contracts.errors import PlatestreamError
from deploy.verify.kept import kept
from deploy.verify.verdicts import of_what_is_kept
from webapp.pictures import PictureShelf, open_shelf


def evidence_store(variables: Mapping[str, str]) -> PictureShelf:
    """That of a stack."""
    account = variables.get("PLATESTREAM_S3_WEB_FILE")
    where = variables["PLATESTREAM_EVIDENCE"]
    return open_shelf(where, name="evidence store", s3_file=Path(account) if account else None)


def broken_links(database: str, store: PictureShelf, finals: Iterable[str]) -> list[str]:
    """What does not hold, in words: every frame of a drill is there to be kept, whoever is killed."""
    told = []
    for event_id in finals:
        try:
            links = [
                each for each in of_what_is_kept(kept(database, UUID(event_id)), store) if not each.holds
            ]
            told += [f"final {event_id}: its {each.link} does not hold: {each.told}" for each in links]
        except PlatestreamError as error:
            told.append(f"final {event_id} has no evidence that can be checked: {error}")
    return told
