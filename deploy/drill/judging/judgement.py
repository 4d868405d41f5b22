"""The finals of a run against what its films show: what the sightings say is not asked here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from deploy.demo.street import film_seconds
from deploy.drill.judging.database import UPLOADS, DrilledFinal, Stored
from deploy.drill.scene.cameras import Filmed
from deploy.measure.flow import SeenUntil
from deploy.measure.truth import FOREIGN_DISTANCE, TIME_SLACK_SEC, FoundFinal, TruePassage, distance

LEGIBLE_SEC = 1.0
"""So long a plate must be legible for a final to be demanded: three frames at the pace of the drill."""


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """`passed`, `found`, `exact` and `twice` are of the street's vehicles. No final is demanded of those that
    were `barely_legible`, that have `gone_on` from a final of the epoch before, or that are `unrecognised`: a
    final of nobody else may be theirs, one for each. In words: the others, who were `missed`, those
    `misread`, and the finals `of_none`, whose plate no vehicle of their camera bears, nearly at least."""

    passed: int
    found: int
    exact: int
    twice: int
    barely_legible: int
    gone_on: int
    unrecognised: int
    missed: tuple[str, ...]
    misread: tuple[str, ...]
    of_none: tuple[str, ...]


def judge(filmed: Filmed, stored: Stored, seen_until: SeenUntil) -> Judgement:
    """Frames of files wait for a stack that is away and none of them is given up: so a vehicle that was over
    before the last frame that was looked at has a final, whoever was killed while it passed: one of its own,
    or the one of its last passing that went on."""
    read = {name: final for name, final in stored.finals.items() if final.told.text is not None}
    rows = [
        (name, final.camera, final.epoch, final.told.text, final.first_captured_at, final.last_captured_at)
        for name, final in read.items()
    ]
    verdict = filmed.street.verdict(rows, seen_until)
    legible = [each for each in verdict.missed if _is_legible(each)]
    recognised = _recognised(legible, verdict.strangers)
    missed = [each for each in recognised if not any(_went_on(each, final) for final in read.values())]
    return Judgement(
        passed=verdict.passed,
        found=verdict.found,
        exact=verdict.exact,
        twice=verdict.double,
        barely_legible=len(verdict.missed) - len(legible),
        unrecognised=len(legible) - len(recognised),
        gone_on=len(recognised) - len(missed),
        misread=tuple(f"{_named(each)} is read {final.text}" for each, final in verdict.misread),
        of_none=(
            *(_strange(each.camera, each.text) for each in verdict.strangers),
            *(_strange(each.camera, each.told.text) for each in read.values() if _is_of_none(each, filmed)),
        ),
        missed=tuple(f"{_named(each)} passed and has no final" for each in missed),
    )


def _is_legible(passage: TruePassage) -> bool:
    return passage.last_sec - passage.first_sec >= LEGIBLE_SEC


def _recognised(passages: Sequence[TruePassage], strangers: Sequence[FoundFinal]) -> list[TruePassage]:
    """Those that no final of nobody stands for. Each stands for one vehicle; those over first go first."""
    left = sorted(strangers, key=lambda final: final.last_sec)
    recognised = []
    for passage in sorted(passages, key=lambda passage: passage.last_sec):
        own = next((final for final in left if _may_be_misread(passage, final)), None)
        if own is None:
            recognised.append(passage)
        else:
            left.remove(own)
    return recognised


def _may_be_misread(passage: TruePassage, final: FoundFinal) -> bool:
    """Whether a final of nobody else may be its own, read beyond recognition: then the models missed it."""
    same_film = (passage.camera, passage.epoch) == (final.camera, final.epoch)
    return same_film and final.first_sec <= passage.last_sec and passage.first_sec <= final.last_sec


def _went_on(passage: TruePassage, final: DrilledFinal) -> bool:
    """Whether its final is the one of the epoch before, gone on: a film that begins again soon shows the same
    plate within `repeat_sec`, which is the same passage by what the stage promises."""
    first_sec = film_seconds(passage.epoch, final.first_captured_at)
    last_sec = film_seconds(passage.epoch, final.last_captured_at)
    return (
        passage.camera == final.camera
        and passage.epoch != final.epoch
        and first_sec <= passage.first_sec
        and last_sec >= passage.first_sec - TIME_SLACK_SEC
        and distance(passage.text, final.told.text or "") < FOREIGN_DISTANCE
    )


def _strange(camera: str, text: str | None) -> str:
    return f"{camera}: {text} is of no vehicle"


def _named(passage: TruePassage) -> str:
    return (
        f"{passage.camera}: {passage.text} ({passage.vehicle}, {passage.first_sec:.1f} to "
        f"{passage.last_sec:.1f} s of epoch {passage.epoch})"
    )


def _is_of_none(final: DrilledFinal, filmed: Filmed) -> bool:
    """Of cameras whose film tells no time, and of pictures that were handed in."""
    texts = filmed.texts.get(final.camera)
    if final.camera.startswith(UPLOADS):
        texts = (filmed.picture_text,)
    read = final.told.text or ""
    return texts is not None and all(distance(text, read) >= FOREIGN_DISTANCE for text in texts)
