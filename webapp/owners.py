"""Sealed owner data -> what an investigator reads, or why nobody is shown this owner."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from contracts.errors import SetAside
from contracts.messages.personal import PersonalData
from contracts.sealing import Sealer
from webapp.formatting import registry_status
from webapp.queries.owners import SealedOwner

FEWEST_CHARACTERS, MOST_CHARACTERS = 10, 500
"""Of a reason: too short tells nobody anything, and no line of the audit can ever be taken out."""

LABELS = {
    "owner": "Name",
    "father": "Father",
    "present_address": "Present address",
    "permanent_address": "Permanent address",
    "mobile": "Mobile",
    "chassis": "Chassis number",
    "engine": "Engine number",
}
"""Field of `PersonalData` -> its name for people."""

_BETWEEN_WORDS = re.compile(r"[\x00-\x1f\x7f\s]+")


class NotShown(Exception):
    """Why the owner is not shown, as people and the audit read it; `status` is of the answer."""

    def __init__(self, why: str, *, status: int) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Owner:
    """What the registry said, for one answer and never kept. `lines`: labels with what it gave."""

    registration: str
    lines: list[tuple[str, str]] = field(repr=False)
    reason: str
    recorded_at: datetime

    @property
    def masked_there(self) -> bool:
        """The registry gave some of it with stars in the place of letters: nobody here can take them away."""
        return any("*" in text for _, text in self.lines)


def reason_of(text: str | None) -> str:
    """Without control characters, and blanks and line ends as one blank: as the audit keeps it."""
    return _BETWEEN_WORDS.sub(" ", text or "").strip()


def key_for(key: Sealer | None, *, status: str) -> Sealer:
    """The key with which the owner can be looked at, where the registry's answer has this status.

    Raises:
        NotShown: the portal has no key, or the registry gave no owner.
    """
    if key is None:
        raise NotShown("The portal has no key of owner data (PLATESTREAM_OWNER_KEY_FILE).", status=503)
    if status != "found":
        raise NotShown(f"The registry gave no owner: {registry_status(status)}.", status=409)
    return key


def opened(key: Sealer, sealed: SealedOwner | None, *, reason: str) -> Owner:
    """What the registry said of the owner.

    Raises:
        NotShown: it gave nothing; or what it gave does not open, and why that may be.
    """
    if sealed is None:
        raise NotShown("The registry gave no owner with its answer.", status=409)
    personal = _personal(key, sealed)
    texts = ((label, getattr(personal, name)) for name, label in LABELS.items())
    return Owner(
        registration=sealed.registration,
        lines=[(label, text) for label, text in texts if text],
        reason=reason,
        recorded_at=sealed.at,
    )


def _personal(key: Sealer, sealed: SealedOwner) -> PersonalData:
    if sealed.key_id != key.key_id:
        raise NotShown(
            f"The owner was sealed with the key {sealed.key_id}; the portal has the key {key.key_id}.",
            status=503,
        )
    try:
        return msgspec.json.decode(
            key.open(sealed.sealed, registration=sealed.registration), type=PersonalData
        )
    except SetAside as error:
        raise NotShown(
            f"What was sealed with the key {sealed.key_id} was changed, or belongs to another number.",
            status=503,
        ) from error
    except msgspec.DecodeError:
        # Not the error's own words: they may show what was sealed.
        raise NotShown("What was sealed is no owner data that this release knows.", status=503) from None
