"""Slots of character probabilities -> a Reading: chosen text, candidates, verdict, confidence.

The grammar of registration numbers is a prior and never a veto: it decides between texts that the
characters leave open, and a clear irregular plate keeps its text.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.messages.common import ALPHABET, PlateColour
from contracts.messages.plate import Candidate, CharacterRead, FormatVerdict, Reading
from contracts.plate_number import prior, verdict, without_ind_strip
from processors.readings.beam import Text, likely_texts
from processors.readings.slots import Floats, Slots, tempered

_LEAST_SHOWN = 0.2
_SURE_PLATE = 0.85
"""Both chosen on `val`: no plate that is read rightly is lost, and of pictures without one hardly any keeps
a sign that looks like one."""


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """Constants of reading, chosen on labelled pictures that no model was trained on. README.md, "Accuracy",
    tells how far confidences are off there and how much of what is accepted is right.

    `temperature` under 1 makes the characters' probabilities surer before anything else. `grammar`
    is the power of the prior: 0 ignores it. A text that fits no series needs more to be accepted
    (`accept_irregular`), and so does a number of the common series whose prior is not above `rare`: where a
    character cannot be seen, a rarer number is left, `KA 05 MN 700` of `KA 05 MN 7007`. Any but a diplomatic
    one needs `shortest_irregular` characters: what is shorter is mostly the visible part of a plate, also
    where that fits a series.
    """

    temperature: float = 0.95
    grammar: float = 0.3
    accept: float = 0.9
    accept_irregular: float = 0.97
    rare: float = 0.1
    shortest_irregular: int = 6
    beam: int = 48
    least: float = 2e-3
    candidates: int = 8
    shown_probability: float = 5e-3


def is_worth_showing(reading: Reading | None, *, plate_confidence: float) -> bool:
    """False for what a detector took for a plate without being sure and nobody could read: signs, stickers.

    The two probabilities speak for each other; that of a whole text is small for one doubtful character, so
    its root counts.
    """
    read_confidence = reading.confidence if reading is not None else 0.0
    return plate_confidence * read_confidence**0.5 >= _LEAST_SHOWN or plate_confidence >= _SURE_PLATE


@dataclass(frozen=True)
class _Weighed:
    text: str
    slots: tuple[int, ...]
    probability: float


def read(
    slots: Slots, *, lines: int, colour: PlateColour, settings: ReadingSettings, boxes: Floats | None = None
) -> Reading | None:
    """The reading of one plate, None when no slot holds a character.

    `boxes` are shown instead of the slots' own (a vote over frames shows the best frame's).
    """
    sharp = tempered(slots, settings.temperature)
    weighed = _weighed(sharp, settings)
    if not weighed:
        return None
    best = weighed[0]
    verdict_of_best = verdict(best.text)
    return Reading(
        text_read=slots.text,
        text=best.text,
        confidence=best.probability,
        accepted=_is_accepted(best, verdict_of_best, settings),
        format=verdict_of_best,
        lines=lines,
        colour=colour,
        characters=_characters(best, sharp, slots.boxes if boxes is None else boxes, settings),
        candidates=tuple(
            Candidate(text=each.text, probability=each.probability) for each in weighed[: settings.candidates]
        ),
    )


def _is_accepted(best: _Weighed, found: FormatVerdict, settings: ReadingSettings) -> bool:
    if len(best.text) < settings.shortest_irregular and found.series != "diplomatic":
        return False
    may_lack_one = found.series in ("standard", "delhi") and prior(best.text) <= settings.rare
    usual = found.valid and not may_lack_one
    return best.probability >= (settings.accept if usual else settings.accept_irregular)


def _weighed(slots: Slots, settings: ReadingSettings) -> list[_Weighed]:
    """Texts with the prior applied, normalised over all that the slots allow, most probable first."""
    texts = likely_texts(slots, beam=settings.beam, least=settings.least)
    weights: dict[str, float] = {}
    ways: dict[str, tuple[int, ...]] = {}
    for found in texts:
        text, way = _stripped(found)
        if not text:
            continue
        weights[text] = weights.get(text, 0.0) + found.mass * prior(text) ** settings.grammar
        ways.setdefault(text, way)
    # What the beam dropped is somewhere, so that nothing is ever certain, and there may be nothing written at
    # all: both count as irregular texts.
    others = max(0.0, 1.0 - sum(found.mass for found in texts if found.text)) * prior("") ** settings.grammar
    total = sum(weights.values()) + others
    ordered = sorted(weights.items(), key=lambda item: (-item[1], item[0]))
    return [_Weighed(text, ways[text], min(1.0, weight / total)) for text, weight in ordered]


def _stripped(found: Text) -> tuple[str, tuple[int, ...]]:
    text = without_ind_strip(found.text)
    return text, found.slots[len(found.slots) - len(text) :]


def _characters(
    best: _Weighed, slots: Slots, boxes: Floats, settings: ReadingSettings
) -> tuple[CharacterRead, ...]:
    return tuple(
        CharacterRead(
            character=character,
            confidence=min(1.0, float(slots.probabilities[slot, ALPHABET.index(character)])),
            xyxy=(float(boxes[slot, 0]), float(boxes[slot, 1]), float(boxes[slot, 2]), float(boxes[slot, 3])),
            line=int(slots.lines[slot]),
            probabilities=_shown(slots, slot, settings.shown_probability),
        )
        for character, slot in zip(best.text, best.slots, strict=True)
    )


def _shown(slots: Slots, slot: int, least: float) -> dict[str, float]:
    """A slot's probabilities over the alphabet, small ones left out, most probable first."""
    row = slots.probabilities[slot]
    order = sorted(range(len(ALPHABET)), key=lambda index: -row[index])
    return {ALPHABET[index]: round(float(row[index]), 4) for index in order if row[index] >= least}
