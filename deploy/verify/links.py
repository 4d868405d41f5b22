"""What is kept of an event -> one verdict for each link of its evidence. No IO."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

import msgspec

from contracts.messages.common import ModelUsed
from contracts.messages.plate import PlateEvent, StoredPicture, StoredReads
from processors.rows import plate_columns

LinkName = Literal[
    "row", "event", "chain", "frame", "vehicle", "plate", "reads", "moments", "models", "settings", "read"
]


@dataclass(frozen=True)
class Verdict:
    """One link. `told` says what was compared, or what is wrong. Without `checked` it neither holds nor is it
    broken: here nobody can tell."""

    link: LinkName
    holds: bool
    told: str
    checked: bool = True

    @property
    def broken(self) -> bool:
        return self.checked and not self.holds


def of_row(row: Mapping[str, Any], event: PlateEvent, *, times: int) -> Verdict:
    """The columns that follow from the event, as the database gives them, say what the event says, and of
    the `times` rows that have its id there is one."""
    expected = plate_columns(event)
    other = [name for name, value in expected.items() if _plain(row[name]) != _plain(value)]
    wrong = [f"its id stands {times} times, and only the earliest is looked at"] if times > 1 else []
    wrong += [f"its columns differ from its event: {', '.join(other)}"] if other else []
    if wrong:
        return Verdict("row", holds=False, told="; ".join(wrong))
    return Verdict("row", holds=True, told=f"{len(expected)} columns say what the event says")


def _plain(value: object) -> object:
    """As JSON has it: an id is a text, a tuple a list. Times stay: they are the same in any time zone."""
    return value if isinstance(value, datetime) else msgspec.json.decode(msgspec.json.encode(value))


def of_picture(name: LinkName, picture: StoredPicture | None, data: bytes | None, *, frame: bool) -> Verdict:
    """`frame`: whether the event names a frame, out of which the others are cut. The chain vouches for what
    it names: without one there never was any, and nothing is missing."""
    if picture is None and not frame:
        return Verdict(name, holds=False, checked=False, told="the event names none: its frame was not kept")
    if picture is None:
        return Verdict(name, holds=False, told="no picture was kept")
    if data is None:
        return Verdict(name, holds=False, told=f"{picture.key} is not in the store")
    if hashlib.sha256(data).hexdigest() != picture.sha256:
        return Verdict(name, holds=False, told=f"{picture.key} holds other bytes")
    return Verdict(name, holds=True, told=f"{picture.width}x{picture.height}, SHA-256 {picture.sha256[:12]}…")


def of_no_frame(*, named: bool) -> Verdict:
    """What cannot be read again. `named`: whether the event names a frame."""
    told = "there is no frame to read again"
    return Verdict("read", holds=False, checked=named, told=told)


def of_models(used: Sequence[ModelUsed], here: Sequence[ModelUsed]) -> Verdict:
    """The models that made the event are those that are here to read it again."""
    checksums = {model.name: model.sha256 for model in here}
    other = [model for model in used if checksums.get(model.name) != model.sha256]
    if other or not used:
        names = ", ".join(f"{model.name} {model.version}" for model in other) or "none is named"
        return Verdict("models", holds=False, checked=False, told=f"other models made it: {names}")
    return Verdict("models", holds=True, told=f"{len(used)} models have the same checksums")


def of_settings(used: str, here: str) -> Verdict:
    """The settings and the grammar that made the event are those with which it is read again."""
    if used != here:
        return Verdict("settings", holds=False, checked=False, told="it was made with other settings")
    return Verdict("settings", holds=True, told=f"the same settings, SHA-256 {here[:12]}…")


def unless_made_otherwise(verdict: Verdict, *made_with: Verdict) -> Verdict:
    """What is found by the models and the settings of here, where other ones may be why it is found so."""
    if not verdict.broken or all(each.holds for each in made_with):
        return verdict
    return replace(verdict, checked=False, told=f"{verdict.told}; other models or settings made it")


def of_reads(reads: StoredReads, data: bytes | None) -> Verdict:
    """The file of what the frames showed, which the text was voted from."""
    if data is None:
        return Verdict("reads", holds=False, told=f"{reads.key} is not in the store")
    if hashlib.sha256(data).hexdigest() != reads.sha256:
        return Verdict("reads", holds=False, told=f"{reads.key} holds other bytes")
    return Verdict("reads", holds=True, told=f"SHA-256 {reads.sha256[:12]}…")


def of_vehicle(event: PlateEvent, *, found: bool) -> Verdict:
    """A vehicle whose plate nobody read. `found`: whether the stored frame shows it again."""
    kind = event.vehicle.kind if event.vehicle else "vehicle"
    if found:
        return Verdict("read", holds=True, told=f"the {kind} is found in the frame again")
    return Verdict("read", holds=False, told=f"the frame shows no vehicle where a {kind} was seen")


def of_nothing(texts: Sequence[str]) -> Verdict:
    """An upload in which nothing was read. `texts`: what is read in its picture now."""
    if texts:
        return Verdict("read", holds=False, told=f"nothing was read, and now {', '.join(texts)}")
    return Verdict("read", holds=True, told="nothing is read in the frame again")


def of_read(voted: str, texts: Sequence[str], *, frames: int) -> Verdict:
    """An event without its frames' reads. `texts`: what the stored frame is read as at the event's plate,
    the most probable first.

    The event's text is voted over all `frames`, so one frame alone may see another first: then it is said.
    """
    if not texts:
        return Verdict("read", holds=False, told=f"the frame shows no plate where {voted} was read")
    if texts[0] == voted:
        return Verdict("read", holds=True, told=f"the frame is read as {voted} again")
    told = f"the frame alone is read as {texts[0]}, {frames} frames together were read as {voted}"
    return Verdict("read", holds=False, told=told)


def of_vote(event: PlateEvent, texts: Sequence[str], *, then: str | None, voted: str | None) -> Verdict:
    """An event with its frames' reads. `then`: what its frame was read as by itself, `texts` what it may be
    read as now, the most probable first; `voted`: what all reads together have again."""
    text = event.reading.text if event.reading else None
    if voted != text:
        return Verdict("read", holds=False, told=f"{event.reads} reads together have {voted}, not {text}")
    if then is None:
        return Verdict("read", holds=False, told="its frame is not among the reads")
    if then not in texts[:1]:
        now = texts[0] if texts else "nothing"
        return Verdict("read", holds=False, told=f"the frame was read as {then} and is read as {now}")
    if then == text:
        return Verdict("read", holds=True, told=f"the frame is read as {then} again, and so are all together")
    told = f"the frame is read as {then} again, and all frames together as {text}"
    return Verdict("read", holds=True, told=told)
