"""Invented people: plausible given names, family names that mean "specimen", and nothing one could reach.

The family names are words for imaginary, example, sample and test. Mobile numbers begin with 1, which no
Indian mobile number does; pin codes begin with 0, which no place of India has.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

_GIVEN = (
    *("AARAV", "ADITI", "AMIT", "ANANYA", "ARJUN", "ASHA", "BHAVNA", "DEEPAK", "DIVYA", "FARHAN"),
    *("GAURAV", "GEETA", "HARPREET", "IMRAN", "ISHA", "JOSEPH", "KAVITA", "KIRAN", "LAKSHMI", "MANOJ"),
    *("MEERA", "NEHA", "NIKHIL", "PRIYA", "RAHUL", "REKHA", "ROHAN", "SANA", "SUNIL", "VIKRAM"),
)
_FAMILY = ("KALPANIK", "UDAHARAN", "NAMUNEWALA", "PARIKSHAN", "PRAYOGI", "DRISHTANT", "MAADIRI", "NAMOONA")
_STREETS = ("SPECIMEN STREET", "SAMPLE NAGAR", "EXAMPLE MARG", "PLACEHOLDER COLONY", "DUMMY LAYOUT")
_TOWNS = ("UDAHARANPUR", "NAMUNABAD", "KALPANAGAR", "PARIKSHAPURAM")


@dataclass(frozen=True)
class Person:
    name: str
    father: str
    present_address: str
    permanent_address: str
    mobile: str


def invent_person(rng: random.Random) -> Person:
    family = rng.choice(_FAMILY)
    address = _address(rng)
    return Person(
        name=f"{rng.choice(_GIVEN)} {family}",
        father=f"{rng.choice(_GIVEN)} {family}",
        present_address=address,
        permanent_address=address if rng.random() < 0.7 else _address(rng),
        mobile=f"1{rng.randrange(10**9):09d}",
    )


def _address(rng: random.Random) -> str:
    return (
        f"{rng.randrange(1, 400)}, {rng.choice(_STREETS)}, {rng.choice(_TOWNS)} - 0{rng.randrange(10**5):05d}"
    )


def starred(text: str) -> str:
    """Every second character hidden, as the registers print names: `ASHA UDAHARAN` -> `A*H* U*A*A*A*`."""
    return " ".join(
        "".join(character if place % 2 == 0 else "*" for place, character in enumerate(word))
        for word in text.split()
    )
