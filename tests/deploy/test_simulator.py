"""The registry simulator: the same number gives the same invented vehicle, and everything says what it is."""

from __future__ import annotations

import random
import statistics
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import Stop
from deploy.simulator.__main__ import read_settings
from deploy.simulator.accounts import Account
from deploy.simulator.desk import Desk, Rules
from deploy.simulator.faults import MAGIC, Fault, Profile, course_of
from deploy.simulator.outcome import Verdict
from deploy.simulator.people import invent_person, starred
from deploy.simulator.records import Entry, find, is_well_formed
from processors.registry.masking import masked

TODAY = date(2026, 1, 1)
KEY = "test-key"

registrations = st.builds(
    lambda state, rto, letters, number: f"{state}{rto:02d}{letters}{number:04d}",
    st.sampled_from(["MH", "KA", "DL", "TN", "UP"]),
    st.integers(1, 99),
    st.text("ABCDEFGHJKLMNPQRSTUVWXYZ", min_size=1, max_size=2),
    st.integers(1, 9999),
)


def looked_up(registration: str, seed: int = 1) -> Entry | None:
    return find(registration, seed=seed, reference_date=TODAY)


@given(registrations)
def test_the_same_number_always_gives_the_same_vehicle(registration: str) -> None:
    assert looked_up(registration) == looked_up(registration)


def test_about_three_in_a_hundred_well_formed_numbers_are_not_registered() -> None:
    numbers = [f"MH{rto:02d}AB{number:04d}" for rto in range(1, 41) for number in range(1, 101)]
    missing = sum(looked_up(number) is None for number in numbers)
    assert 0.02 < missing / len(numbers) < 0.04


@pytest.mark.parametrize("number", ["03D153874H", "199CD99", "T0126MH0123A"])
def test_military_diplomatic_and_temporary_numbers_are_not_in_this_register(number: str) -> None:
    assert is_well_formed(number)
    assert looked_up(number) is None


@pytest.mark.parametrize(
    ("number", "described"),
    [("DL1SAA1111", "M-Cycle"), ("DL3CAY9324", "Motor Car"), ("DL1PA1234", "Bus"), ("DL1RA1234", "Three")],
)
def test_a_delhi_number_gives_a_vehicle_of_the_class_in_it(number: str, described: str) -> None:
    entry = looked_up(number)
    assert entry is not None
    assert described in entry.kind.description


@given(st.randoms(use_true_random=False))
def test_nobody_in_it_can_be_reached(rng: random.Random) -> None:
    person = invent_person(rng)
    assert person.mobile.startswith("1")
    assert len(person.mobile) == 10
    assert person.present_address.rpartition(" - ")[2].startswith("0")


def test_names_are_starred_as_the_portal_masks_them() -> None:
    assert starred("ASHA UDAHARAN") == masked("ASHA UDAHARAN") == "A*H* U*A*A*A*"


def a_desk(**rules: object) -> Desk:
    return Desk(Rules(key=KEY, **rules), clock=lambda: 90.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("number", "key", "verdict"),
    [
        ("HJ01ME5678", KEY, Verdict.FOUND),
        ("HJ01ME5279", KEY, Verdict.NOT_FOUND),
        ("HJ01ME5678", "wrong", Verdict.UNAUTHORIZED),
        ("not a number", KEY, Verdict.INVALID),
        ("", KEY, Verdict.INVALID),
        ("hj 01 me 5678", KEY, Verdict.FOUND),
        ("HJ01ME0402", KEY, Verdict.QUOTA),
        ("HJ01ME0429", KEY, Verdict.RATE_LIMITED),
        ("HJ01ME0500", KEY, Verdict.SERVER_ERROR),
    ],
)
def test_the_desk_decides_by_key_form_and_number(number: str, key: str, verdict: Verdict) -> None:
    assert a_desk().judge(number, key=key).ruling.verdict is verdict


def test_a_purse_is_charged_for_answers_and_not_for_errors() -> None:
    desk = a_desk(credits=2)
    for number in ("HJ01ME0500", "HJ01ME5678", "HJ01ME0500", "HJ01ME5678"):
        desk.judge(number, key=KEY)
    assert desk.judge("HJ01ME5678", key=KEY).ruling.verdict is Verdict.QUOTA


def test_a_share_of_a_minute_comes_back_with_the_next() -> None:
    account = Account(per_minute=2, credits_left=None)
    assert [account.admit(now) for now in (0.0, 1.0, 2.0, 59.5)] == [0, 0, 58, 1]
    assert account.admit(60.0) == 0


def courses(profile: Profile, count: int = 2000, minute: int = 1) -> list[Fault]:
    return [
        course_of("MH12AB1234", call=call, profile=profile, seed=1, minute=minute).fault
        for call in range(count)
    ]


def test_faults_come_by_profile_and_never_by_themselves() -> None:
    assert set(courses(Profile.CLEAN)) == set(courses(Profile.SLOW)) == {Fault.NONE}
    assert set(courses(Profile.DOWN)) == {Fault.MAINTENANCE}
    assert 0.07 < sum(fault is not Fault.NONE for fault in courses(Profile.FLAKY)) / 2000 < 0.13
    assert set(courses(Profile.FLAKY, minute=20)) == {Fault.MAINTENANCE}


@pytest.mark.parametrize(("profile", "median", "p95"), [(Profile.CLEAN, 0.3, 1.2), (Profile.SLOW, 9.0, 16.0)])
def test_latencies_follow_their_profile(profile: Profile, median: float, p95: float) -> None:
    drawn = sorted(
        course_of("MH12AB1234", call=call, profile=profile, seed=1, minute=1).latency_sec
        for call in range(3000)
    )
    assert statistics.median(drawn) == pytest.approx(median, rel=0.1)
    assert drawn[int(0.95 * len(drawn))] == pytest.approx(p95, rel=0.15)


def test_magic_numbers_are_of_no_state_of_india() -> None:
    assert {number[:2] for number in MAGIC} == {"HJ"}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"PLATESTREAM_HTTP": ""}, "PLATESTREAM_HTTP"),
        ({"PLATESTREAM_HTTP": "localhost"}, "PLATESTREAM_HTTP"),
        ({"PLATESTREAM_HTTP": "localhost:65536"}, "PLATESTREAM_HTTP"),
        ({"PLATESTREAM_REGISTRY_KEY_FILE": "/nowhere"}, "KEY_FILE"),
        ({"PLATESTREAM_SIMULATOR_PROFILE": "angry"}, "PROFILE"),
        ({"PLATESTREAM_SIMULATOR_OWNERS": "all"}, "OWNERS"),
        ({"PLATESTREAM_SIMULATOR_SEED": "x"}, "SEED"),
        ({"PLATESTREAM_SIMULATOR_PER_MINUTE": "0.5"}, "PER_MINUTE .*whole"),
        ({"PLATESTREAM_SIMULATOR_PER_MINUTE": "inf"}, "PER_MINUTE .*whole"),
        ({"PLATESTREAM_SIMULATOR_CREDITS": "-1"}, "CREDITS .*whole"),
        ({"PLATESTREAM_SIMULATOR_CREDITS": "nan"}, "CREDITS .*whole"),
        ({"PLATESTREAM_SIMULATOR_LATENCY_SCALE": "-1"}, "LATENCY_SCALE"),
        ({"PLATESTREAM_SIMULATOR_LATENCY_SCALE": "nan"}, "LATENCY_SCALE"),
        ({"PLATESTREAM_SIMULATOR_LATENCY_SCALE": "inf"}, "LATENCY_SCALE"),
    ],
)
def test_a_wrong_setting_stops_with_its_name(tmp_path: Path, changes: dict[str, str], named: str) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    good = {"PLATESTREAM_HTTP": "127.0.0.1:1", "PLATESTREAM_REGISTRY_KEY_FILE": str(key)}
    assert read_settings(good).rules.key == KEY
    assert KEY not in repr(read_settings(good))
    with pytest.raises(Stop, match=named):
        read_settings(good | changes)
