"""The grammar of Indian registration numbers: normalised text -> verdict, prior, spacing, confusions.

Sources: S.O. 444(E) of 12 June 1989 with its amendments (state codes, "not exceeding four figures",
letters I and O never issued in a series), Central Motor Vehicles Rules 1989 r. 47-51, the notifications
of 26 Aug 2021 (Bharat series) and 15 July 2021 (vintage), and the standard temporary mark of March 2021.
Real registers hold irregular numbers too: a text that fits nothing is `unknown`, not refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from contracts.messages.plate import FormatVerdict, SeriesKind

GRAMMAR_VERSION = 2
"""Grows with every change by which some text gets another verdict, weight or reading without its strip."""

CURRENT_STATES = frozenset(
    (
        "AN",
        "AP",
        "AR",
        "AS",
        "BR",
        "CG",
        "CH",
        "DD",
        "DL",
        "GA",
        "GJ",
        "HP",
        "HR",
        "JH",
        "JK",
        "KA",
        "KL",
        "LA",
        "LD",
        "MH",
        "ML",
        "MN",
        "MP",
        "MZ",
        "NL",
        "OD",
        "PB",
        "PY",
        "RJ",
        "SK",
        "TG",
        "TN",
        "TR",
        "UK",
        "UP",
        "WB",
    )
)
LEGACY_STATES = frozenset(("TS", "OR", "DN", "UA"))
"""No longer issued, still on the road."""
STATES = CURRENT_STATES | LEGACY_STATES

_STATE = "(?P<state>" + "|".join(sorted(STATES)) + ")"
_SERIES_LETTER = "[A-HJ-NP-Z]"
_NUMBER = r"(?P<number>\d{1,4})"
_MONTH = "(?:0[1-9]|1[0-2])"
_YEAR = r"(?P<year>\d{2})"
# The letter after Delhi's district says what the vehicle is:
# car, two-wheeler, bus, rickshaw, taxi, van, hire, electric.
_DELHI_CLASS = "[CSPRTVYE]"
# Without a series only figures follow the state: the office has two of them, or `MH 12` alone were a number.
_RTO = rf"(?P<rto>\d{{1,2}}(?={_SERIES_LETTER})|\d{{2}})"
_DELHI_LETTERS = rf"{_DELHI_CLASS}(?P<after_class>{_SERIES_LETTER}{{0,2}})"


@dataclass(frozen=True)
class _Series:
    kind: SeriesKind
    pattern: re.Pattern[str]
    prior: float


def _series(kind: SeriesKind, pattern: str, prior: float) -> _Series:
    return _Series(kind, re.compile(pattern), prior)


# First match wins: the more special stand before the more general. The priors are relative weights of
# a series on the road, set by hand: they order candidates that the characters leave open, and tell which
# numbers are so rare that they need more to be accepted.
_ALL_SERIES: tuple[_Series, ...] = (
    _series("vintage", rf"{_STATE}(?P<mark>VA){_SERIES_LETTER}{{2}}{_NUMBER}", 0.001),
    _series("delhi", rf"(?P<state>DL)(?P<rto>\d{{1,2}}){_DELHI_LETTERS}{_NUMBER}", 1.0),
    _series("standard", rf"{_STATE}{_RTO}{_SERIES_LETTER}{{0,3}}{_NUMBER}", 1.0),
    _series("bharat", rf"{_YEAR}BH\d{{4}}{_SERIES_LETTER}{{1,2}}", 0.05),
    _series("temporary", rf"T{_MONTH}{_YEAR}{_STATE}(?P<number>\d{{4}}){_SERIES_LETTER}{{1,2}}", 0.02),
    _series("military", r"\d{2}[A-Z]\d{5,6}[A-Z]", 0.01),
    _series("diplomatic", rf"(?P<mission>\d{{1,3}})(?:CD|CC|UN){_NUMBER}", 0.005),
    _series("pre-1989", rf"[A-Z]{{3}}{_NUMBER}", 0.001),
)
_PARTED = frozenset(("state", "mark", "rto"))
"""Parts of a number that people write with a space after them, letter to letter and digit to digit too."""
_FROM_ONE = frozenset(("rto", "mission", "number"))
"""Parts that are counted from 1. Those of the Bharat series are drawn by lot, from 0000 on."""
_UNKNOWN_PRIOR = 1e-4
_YEARS = range(21, 50)
"""Of the series that name one: both began in 2021, and a plate of 2050 is a misread one for long."""

CONFUSABLE_DIGITS: dict[str, str] = {
    "0": "ODQUC",
    "1": "ILTJ7",
    "2": "Z",
    "3": "B8J",
    "4": "A",
    "5": "S",
    "6": "GB",
    "7": "T1Z",
    "8": "B3",
    "9": "GP",
}
"""For a digit, what it is misread as, most likely first."""


def normalise(text: str) -> str:
    """Capitals and digits only: spaces, dashes, dots and everything else is dropped."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def verdict(text: str) -> FormatVerdict:
    """What a normalised text is under the grammar; `unknown` when it fits no series."""
    found = _matching(text)
    if found is None:
        return FormatVerdict(series="unknown", state=None, rto=None, valid=False)
    series, match = found
    groups = match.groupdict()
    rto = groups.get("rto")
    return FormatVerdict(
        series=series.kind,
        state=groups.get("state"),
        rto=rto.zfill(2) if rto is not None else None,
        valid=True,
    )


def prior(text: str) -> float:
    """Relative weight, in (0, 1], of a text before any picture is seen.

    A prior and not a veto: what fits no series keeps a small weight, so that a clear irregular or
    foreign plate is still read as it stands.
    """
    found = _matching(text)
    if found is None:
        return _UNKNOWN_PRIOR
    series, match = found
    return series.prior * _length_weight(series.kind, match)


def without_ind_strip(text: str) -> str:
    """The text without a leading IND of a high-security plate's blue strip.

    It is dropped only before a valid number: a plate may truly begin with those letters.
    """
    for strip in ("IND", "1ND"):
        rest = text.removeprefix(strip)
        if rest != text and verdict(rest).valid and not verdict(text).valid:
            return rest
    return text


def spaced(text: str) -> str:
    """For people: `MH12AB1234` as `MH 12 AB 1234`; what fits no series is returned as it is.

    Delhi's class stands with its district, `DL 3C AT 0452`; a letter alone stays apart, it may be the series.
    """
    found = _matching(text)
    if found is None:
        return text
    _, match = found
    parted = {place for name in _PARTED & match.groupdict().keys() for place in match.span(name)}
    changed = {place.start() for place in re.finditer(r"(?<=\d)(?=[A-Z])|(?<=[A-Z])(?=\d)", text)}
    places = {0, len(text)} | parted | changed
    if match.groupdict().get("after_class"):
        places = places - {match.end("rto")} | {match.start("after_class")}
    return " ".join(text[start:end] for start, end in pairwise(sorted(places)))


def _matching(text: str) -> tuple[_Series, re.Match[str]] | None:
    for series in _ALL_SERIES:
        match = series.pattern.fullmatch(text)
        if match is not None and _sensible(match):
            return series, match
    return None


def _sensible(match: re.Match[str]) -> bool:
    """Rules that a pattern cannot say: what is counted begins at 1, and years in 2021."""
    found = match.groupdict()
    if "year" in found and int(found["year"]) not in _YEARS:
        return False
    return all(int(found[part]) > 0 for part in _FROM_ONE & found.keys())


def _length_weight(kind: SeriesKind, match: re.Match[str]) -> float:
    """Numbers of fewer than four figures are rarer: a tenth of each thousand below, by their count."""
    if kind not in ("standard", "delhi"):
        return 1.0
    number, rto = match["number"], match["rto"]
    weight: float = (0.002, 0.01, 0.1, 1.0)[len(number) - 1]
    # Every state but a few writes its district with two figures.
    if len(rto) == 1 and match["state"] not in ("DL", "GJ", "BR"):
        weight *= 0.05
    if match["state"] in LEGACY_STATES:
        weight *= 0.5
    letters = len(match.string) - 2 - len(rto) - len(number)
    # Delhi's first letter is the vehicle's class, so its series run one letter longer than elsewhere.
    by_letters = (0.02, 0.3, 1.0, 1.0) if kind == "delhi" else (0.02, 0.5, 1.0, 0.4)
    return weight * by_letters[letters]
