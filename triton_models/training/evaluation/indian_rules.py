"""The repair that every user of a general reader writes: a text -> a number of the Indian format, or None.

For others' readers in a comparison: ours weighs characters by what it saw and by the grammar, these have a
text and nothing else. So that they are not judged without what anybody would add, letters and digits become
their look-alikes where the format wants the other kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from contracts.plate_number import CONFUSABLE_DIGITS, prior, verdict

_STRIPS = ("IND", "1ND")
_LEAST = 8
"""Shorter numbers are there, but what is read as one is mostly the visible part of another."""
_DIGIT_FOR = {
    "O": "0", "Q": "0", "D": "0", "U": "0", "C": "0", "I": "1", "L": "1", "Z": "2", "J": "3", "A": "4",
    "S": "5", "G": "6", "T": "7", "B": "8", "P": "9",
}  # fmt: skip
_LETTERS_FOR = {
    digit: "".join(sign for sign in signs if sign.isalpha()) for digit, signs in CONFUSABLE_DIGITS.items()
}
"""Most alike first. In a series a 0 stays an O and a 1 an I, which fit nowhere: what they were is a guess."""
_AN_EXCHANGE = 0.1
"""What a character exchanged costs against a rarer form of number that fits as it stands."""


def by_indian_rules(text: str) -> str | None:
    """The likeliest number with a known state code, or of the Bharat series, that a normalised text may be.

    A leading IND is dropped; a number that fits as it stands is weighed with those that need an exchange.
    """
    weighed = {
        number: prior(number) * _AN_EXCHANGE ** sum(map(str.__ne__, number, rest))
        for rest in (text, *(text.removeprefix(strip) for strip in _STRIPS if text.startswith(strip)))
        for number in _numbers(rest)
        if _fits(number)
    }
    return max(weighed, key=lambda number: (weighed[number], number), default=None)


def _fits(text: str) -> bool:
    found = verdict(text)
    return len(text) >= _LEAST and (found.state is not None or found.series == "bharat")


def _numbers(text: str) -> Iterator[str]:
    """The text as it stands and laid out in every way that its length allows."""
    yield text
    for district, number in product((1, 2), (1, 2, 3, 4)):
        letters = len(text) - 2 - district - number
        if 0 <= letters <= 3:
            yield from _laid_out(text, district, letters)
    if len(text) in (9, 10):
        yield _digits(text[:2]) + _letters(text[2:4]) + _digits(text[4:8]) + _letters(text[8:])


def _laid_out(text: str, district: int, letters: int) -> Iterator[str]:
    series, number = 2 + district, 2 + district + letters
    rest = _digits(text[2:series]) + _letters(text[series:number]) + _digits(text[number:])
    for state in map("".join, product(*(sign + _LETTERS_FOR.get(sign, "") for sign in text[:2]))):
        yield state + rest


def _digits(text: str) -> str:
    return "".join(_DIGIT_FOR.get(sign, sign) for sign in text)


def _letters(text: str) -> str:
    return "".join(_LETTERS_FOR.get(sign, sign)[0] for sign in text)
