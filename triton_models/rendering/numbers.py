"""Registration numbers as India issues them: a generator of random numbers in, a registration out.

All series of the grammar (`contracts.plate_number`), with frequencies like those of the street. The
parts keep the groups in which the number is written; owners and vehicles are invented elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from contracts.messages.plate import SeriesKind

_LETTERS = tuple("ABCDEFGHJKLMNPQRSTUVWXYZ")
# Weights roughly by registered vehicles; how many offices a state has numbered so far.
_STATES: dict[str, tuple[float, int]] = {
    "AN": (0.3, 2), "AP": (4.5, 40), "AR": (0.4, 22), "AS": (2.5, 34), "BR": (4, 57), "CG": (3, 31),
    "CH": (1.5, 4), "DD": (0.3, 3), "GA": (1.5, 12), "GJ": (8, 39), "HP": (2, 99), "HR": (5, 99),
    "JH": (3, 24), "JK": (2, 22), "KA": (8, 71), "KL": (6, 86), "LA": (0.2, 2), "LD": (0.1, 9),
    "MH": (12, 58), "ML": (0.5, 18), "MN": (0.5, 7), "MP": (6, 71), "MZ": (0.4, 8), "NL": (0.6, 10),
    "OD": (3.5, 35), "PB": (4, 99), "PY": (0.8, 5), "RJ": (6, 58), "SK": (0.3, 8), "TG": (1.5, 38),
    "TN": (9, 99), "TR": (0.5, 8), "UK": (2, 20), "UP": (11, 96), "WB": (5, 98),
    "TS": (4, 38), "OR": (0.6, 31), "DN": (0.2, 9), "UA": (0.3, 17),
}  # fmt: skip
_STATE_CODES = tuple(_STATES)
_STATE_WEIGHTS = np.array([weight for weight, _ in _STATES.values()])
_STATE_STEPS = np.cumsum(_STATE_WEIGHTS) / _STATE_WEIGHTS.sum()
_SERIES: dict[SeriesKind, float] = {
    "standard": 0.86, "delhi": 0.075, "bharat": 0.03, "temporary": 0.01, "military": 0.008,
    "diplomatic": 0.007, "vintage": 0.004, "pre-1989": 0.006,
}  # fmt: skip
_SERIES_NAMES: tuple[SeriesKind, ...] = tuple(_SERIES)
_SERIES_STEPS = np.cumsum(tuple(_SERIES.values()))
_DELHI_CLASSES = {
    "car": "CCCCCCCCE", "motorcycle": "SSSSSSSE", "auto-rickshaw": "RRRRE", "bus": "PPPY", "truck": "VT",
    "other": "V",
}  # fmt: skip


@dataclass(frozen=True)
class Registration:
    """A number in the groups in which it is written, such as MH | 12 | AB | 1234."""

    parts: tuple[str, ...]
    series: SeriesKind

    @property
    def text(self) -> str:
        return "".join(self.parts)


def random_registration(
    rng: np.random.Generator, series: SeriesKind | None = None, *, vehicle: str = "car"
) -> Registration:
    """A random number; of a random series, as often as streets show it, unless one is named."""
    if series is None:
        series = _SERIES_NAMES[min(int(np.searchsorted(_SERIES_STEPS, rng.random())), len(_SERIES) - 1)]
    return Registration(_parts(rng, series, vehicle), series)


def _parts(  # noqa: PLR0911 - one shape a series
    rng: np.random.Generator, series: SeriesKind, vehicle: str
) -> tuple[str, ...]:
    match series:
        case "delhi":
            return _delhi(rng, vehicle)
        case "bharat":
            year = 21 + int(rng.integers(6))
            return (
                str(year),
                "BH",
                f"{int(rng.integers(10_000)):04d}",
                _some_letters(rng, 2 - _one_in(rng, 6)),
            )
        case "temporary":
            month = f"T{int(rng.integers(1, 13)):02d}{int(rng.integers(21, 27))}"
            serial = f"{int(rng.integers(1, 10_000)):04d}"
            return (month, _state(rng), serial, _some_letters(rng, 1 + _one_in(rng, 2)))
        case "military":
            serial = f"{int(rng.integers(100_000)):05d}" + str(int(rng.integers(10))) * _one_in(rng, 2)
            return (f"{int(rng.integers(27)):02d}", _letter(rng) + serial + _letter(rng))
        case "diplomatic":
            kind = ("CD", "CC", "UN")[int(rng.choice(3, p=(0.6, 0.3, 0.1)))]
            return (str(int(rng.integers(1, 200))), kind, str(int(rng.integers(1, 1000))))
        case "vintage":
            return (_state(rng), "VA", _some_letters(rng, 2), f"{int(rng.integers(1, 10_000)):04d}")
        case "pre-1989":
            return (_some_letters(rng, 3), str(int(rng.integers(100, 10_000))))
        case _:
            return _standard(rng)


def _standard(rng: np.random.Generator) -> tuple[str, ...]:
    state = _state(rng)
    office = int(rng.integers(1, _STATES[state][1] + 1))
    if rng.random() < 0.25:
        office = 1 + office % 9
    short = state == "GJ" and _one_in(rng, 3)
    letters = (2, 1, 3, 0)[int(np.searchsorted((0.74, 0.93, 0.975), rng.random()))]
    parts = (state, str(office) if short else f"{office:02d}", _some_letters(rng, letters), _number(rng))
    return tuple(part for part in parts if part)


def _delhi(rng: np.random.Generator, vehicle: str) -> tuple[str, ...]:
    classes = _DELHI_CLASSES.get(vehicle, "C")
    kind = classes[int(rng.integers(len(classes)))]
    office = str(int(rng.integers(1, 14)))
    letters = _some_letters(rng, 2 if rng.random() < 0.9 else 1)
    return ("DL", office + kind, letters, _number(rng))


def _number(rng: np.random.Generator) -> str:
    """1 to 9999; short ones are mostly written with leading noughts."""
    number = int(rng.integers(1, 10_000))
    return f"{number:04d}" if rng.random() < 0.8 else str(number)


def _state(rng: np.random.Generator) -> str:
    return _STATE_CODES[min(int(np.searchsorted(_STATE_STEPS, rng.random())), len(_STATE_CODES) - 1)]


def _letter(rng: np.random.Generator) -> str:
    return _LETTERS[int(rng.integers(len(_LETTERS)))]


def _some_letters(rng: np.random.Generator, count: int) -> str:
    return "".join(_letter(rng) for _ in range(count))


def _one_in(rng: np.random.Generator, count: int) -> int:
    return int(rng.integers(count) == 0)
