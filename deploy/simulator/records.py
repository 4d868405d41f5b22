"""Registration number in, the same invented record out each time; the seed decides who is not found.

Only numbers of civil series are registered: military, diplomatic and temporary ones are not found, as in
the real registers. `HJ` is no state of India: its numbers are for tests and always pass as well formed.
"""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from datetime import date, timedelta

from contracts.plate_number import STATES, verdict
from deploy.simulator.people import Person, invent_person

TEST_STATE = "HJ"
SHARE_NOT_FOUND = 0.03
_CIVIL = frozenset(("standard", "delhi", "bharat", "vintage"))


@dataclass(frozen=True)
class Kind:
    """A class of vehicle as registers name it, and what is sold in it."""

    code: str
    description: str
    body: str
    seats: int
    models: tuple[tuple[str, str, str, int], ...]
    """Maker, model, fuel, cubic centimetres."""


_CAR = Kind(
    "LMV",
    "Motor Car(LMV)",
    "SALOON",
    5,
    (
        ("MARUTI SUZUKI INDIA LTD", "SWIFT VXI", "PETROL", 1197),
        ("MARUTI SUZUKI INDIA LTD", "WAGON R LXI CNG", "PETROL/CNG", 998),
        ("HYUNDAI MOTOR INDIA LTD", "CRETA SX", "DIESEL", 1493),
        ("TATA MOTORS LTD", "NEXON XZ", "PETROL", 1199),
        ("TATA MOTORS LTD", "NEXON EV MAX", "ELECTRIC(BOV)", 0),
        ("MAHINDRA & MAHINDRA LTD", "SCORPIO S11", "DIESEL", 2179),
        ("HONDA CARS INDIA LTD", "CITY ZX", "PETROL", 1498),
        ("TOYOTA KIRLOSKAR MOTOR PVT LTD", "INNOVA CRYSTA", "DIESEL", 2393),
    ),
)
_TWO_WHEELER = Kind(
    "2WN",
    "M-Cycle/Scooter(2WN)",
    "SOLO",
    2,
    (
        ("HERO MOTOCORP LTD", "SPLENDOR PLUS", "PETROL", 97),
        ("HONDA MOTORCYCLE AND SCOOTER INDIA", "ACTIVA 6G", "PETROL", 109),
        ("BAJAJ AUTO LTD", "PULSAR 150", "PETROL", 149),
        ("TVS MOTOR COMPANY LTD", "JUPITER", "PETROL", 113),
        ("OLA ELECTRIC TECHNOLOGIES PVT LTD", "S1 PRO", "ELECTRIC(BOV)", 0),
    ),
)
_THREE_WHEELER = Kind(
    "3WT",
    "Three Wheeler(Passenger)(3WT)",
    "OPEN",
    4,
    (
        ("BAJAJ AUTO LTD", "RE COMPACT CNG", "CNG ONLY", 198),
        ("PIAGGIO VEHICLES PVT LTD", "APE CITY", "CNG ONLY", 230),
    ),
)
_BUS = Kind(
    "HPV",
    "Bus(HPV)",
    "BUS",
    41,
    (("ASHOK LEYLAND LTD", "VIKING", "DIESEL", 5660), ("TATA MOTORS LTD", "STARBUS LP 910", "DIESEL", 3783)),
)
_GOODS = Kind(
    "HGV",
    "Goods Carrier(HGV)",
    "TRUCK (OPEN BODY)",
    3,
    (("TATA MOTORS LTD", "LPT 1613", "DIESEL", 5675), ("ASHOK LEYLAND LTD", "ECOMET 1615", "DIESEL", 3839)),
)
# In Delhi the first letter of the series tells the class.
_KIND_OF_DELHI_LETTER = {"C": _CAR, "S": _TWO_WHEELER, "P": _BUS, "R": _THREE_WHEELER, "T": _CAR, "V": _GOODS}
_KINDS = (_CAR, _TWO_WHEELER, _THREE_WHEELER, _BUS, _GOODS)
_KIND_WEIGHTS = (52, 34, 6, 3, 5)
_COLOURS = ("WHITE", "SILVER", "GREY", "BLACK", "RED", "BLUE", "BROWN", "PEARL ARCTIC WHITE")


@dataclass(frozen=True)
class Entry:
    """One vehicle of the register. The person is invented."""

    registration: str
    person: Person
    kind: Kind
    maker: str
    model: str
    fuel: str
    cubic_capacity: int
    colour: str
    registered_on: date
    registered_at: str
    fitness_upto: date
    insurance_upto: date | None
    chassis: str
    engine: str
    owner_number: int
    blacklisted: bool
    financed: bool


def is_well_formed(registration: str) -> bool:
    return (
        verdict(registration).valid
        or re.fullmatch(rf"{TEST_STATE}\d{{2}}[A-Z]{{2}}\d{{4}}", registration) is not None
    )


def find(registration: str, *, seed: int, reference_date: date) -> Entry | None:
    """The record of a well-formed number; None: the register does not have it."""
    rng = random.Random(hashlib.sha256(f"{seed}|{registration}".encode()).digest())
    series = verdict(registration).series
    missing = rng.random() < SHARE_NOT_FOUND
    if registration.startswith(TEST_STATE):
        return _invent(registration, rng, reference_date)
    if series not in _CIVIL or missing:
        return None
    return _invent(registration, rng, reference_date)


def _invent(registration: str, rng: random.Random, today: date) -> Entry:
    kind = _kind_of(registration, rng)
    maker, model, fuel, cubic_capacity = rng.choice(kind.models)
    registered_on = today - timedelta(days=rng.randrange(60, 14 * 365))
    # Some are overdue, as on every road.
    fitness = today + timedelta(
        days=rng.randrange(-700, -1) if rng.random() < 0.08 else rng.randrange(30, 3000)
    )
    insured = rng.random()
    insurance = None if insured < 0.05 else today + timedelta(days=rng.randrange(-200, 365))
    return Entry(
        registration=registration,
        person=invent_person(rng),
        kind=kind,
        maker=maker,
        model=model,
        fuel=fuel,
        cubic_capacity=cubic_capacity,
        colour=rng.choice(_COLOURS),
        registered_on=registered_on,
        registered_at=f"SIMULATED RTO, {_office_of(registration)}",
        fitness_upto=fitness,
        insurance_upto=insurance,
        chassis=f"SIM{rng.randrange(36**6):014d}",
        engine=f"SIM{rng.randrange(10**8):08d}",
        owner_number=rng.choices((1, 2, 3), (75, 20, 5))[0],
        blacklisted=rng.random() < 0.03,
        financed=rng.random() < 0.4,
    )


def _kind_of(registration: str, rng: random.Random) -> Kind:
    drawn = rng.choices(_KINDS, _KIND_WEIGHTS)[0]
    delhi = re.fullmatch(r"DL\d{1,2}([A-Z])[A-Z]{0,2}\d{1,4}", registration)
    return _KIND_OF_DELHI_LETTER.get(delhi[1], drawn) if delhi else drawn


def _office_of(registration: str) -> str:
    found = verdict(registration)
    if found.state in STATES and found.rto:
        return f"{found.state}-{found.rto}"
    return registration[:2]
