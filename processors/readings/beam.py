"""Slots -> the texts that they may be, each with its probability and the slots it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from contracts.messages.common import ALPHABET
from processors.readings.slots import BLANK, Slots

# A beginning this much less probable than the best one is not followed, however much room there is.
_HOPELESS = 1e-5


@dataclass(frozen=True)
class Text:
    """`slots[i]` is the row that gave character i; `mass` the probability under the slots alone."""

    text: str
    slots: tuple[int, ...]
    mass: float


def likely_texts(slots: Slots, *, beam: int, least: float) -> list[Text]:
    """Up to `beam` texts, most probable first.

    A slot's classes below `least` are not tried. Texts that several ways of leaving slots blank lead to
    are one text: their probabilities add up, the most probable way names the slots.
    """
    states: dict[str, tuple[tuple[int, ...], float, float]] = {"": ((), 1.0, 1.0)}
    for index, row in enumerate(slots.probabilities):
        options = [(int(option), float(row[option])) for option in np.flatnonzero(row >= least)]
        if not options:  # a slot so flat that nothing reaches `least`
            options = [(int(row.argmax()), float(row.max()))]
        grown: dict[str, tuple[tuple[int, ...], float, float]] = {}
        for text, (path, mass, best) in states.items():
            for option, probability in options:
                longer = text if option == BLANK else text + ALPHABET[option]
                way = path if option == BLANK else (*path, index)
                _add(grown, longer, way, mass * probability, best * probability)
        kept = sorted(grown.items(), key=_by_mass)[:beam]
        floor = kept[0][1][1] * _HOPELESS
        states = {text: state for text, state in kept if state[1] >= floor}
    return [Text(text, path, mass) for text, (path, mass, _) in states.items()]


def _by_mass(item: tuple[str, tuple[Sequence[int], float, float]]) -> tuple[float, str]:
    return -item[1][1], item[0]


def _add(
    states: dict[str, tuple[tuple[int, ...], float, float]],
    text: str,
    path: tuple[int, ...],
    mass: float,
    best: float,
) -> None:
    known = states.get(text)
    if known is None:
        states[text] = (path, mass, best)
    elif best > known[2]:
        states[text] = (path, known[1] + mass, best)
    else:
        states[text] = (known[0], known[1] + mass, known[2])
