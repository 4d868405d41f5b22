"""What an address asks for, and the words in which it is written down."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.pages.search_query import Asked, read_query

KOLKATA = ZoneInfo("Asia/Kolkata")
FIELDS = {
    "plate": st.text(alphabet="mhAB12*? -", max_size=24),
    "camera": st.sampled_from(["", "gate", "bridge_2"]),
    "vehicle": st.sampled_from(["", "auto-rickshaw"]),
    "colour": st.sampled_from(["", "yellow"]),
    "direction": st.sampled_from(["", "approaching"]),
    "from": st.sampled_from(["", "2026-11-23T12:01", "2026-11-23T06:31:00.120Z"]),
    "to": st.sampled_from(["", "2026-11-24", "2026-11-24T01:00+05:30"]),
    "accepted": st.sampled_from(["", "1", "yes"]),
    "candidates": st.sampled_from(["", "1"]),
    "before": st.sampled_from(["", "2026-11-23T06:30:00.5+00:00_00000000-0000-4000-8000-00000000002a"]),
    "unknown": st.text(max_size=20),
}


def asked(query: str) -> Asked:
    return read_query(dict(parse_qsl(query)), zone=KOLKATA, user_name="asha")


@given(st.fixed_dictionaries(FIELDS))
def test_what_is_written_down_asks_for_the_same_again(fields: dict[str, str]) -> None:
    one = asked(urlencode(fields))

    again = asked(one.understood)

    assert one.problems == {}
    assert (again.wanted, again.before) == (one.wanted, one.before)
    assert len(one.understood) < 400


@pytest.mark.parametrize(
    ("query", "since", "until"),
    [
        # Clocks go back from 3 to 2: half past two comes at 00:30 and at 01:30 UTC.
        ("from=2026-10-25T02:30&to=2026-10-25T02:45", "00:30", "01:45"),
        ("from=2026-10-25T01:30&to=2026-10-25T03:30", "23:30", "02:30"),
    ],
)
def test_an_hour_that_comes_twice_is_searched_both_times(query: str, since: str, until: str) -> None:
    wanted = read_query(dict(parse_qsl(query)), zone=ZoneInfo("Europe/Berlin"), user_name="asha").wanted

    assert wanted.since is not None
    assert wanted.until is not None
    assert (f"{wanted.since:%H:%M}", f"{wanted.until:%H:%M}") == (since, until)


@pytest.mark.parametrize(
    ("query", "understood"),
    [
        ("plate=mh 12-ab*", "plate=MH12AB*"),
        ("x=" + "A" * 500 + "&plate=MH12AB1234", "plate=MH12AB1234"),
        ("from=2026-11-23T12:00&camera=gate", "camera=gate&from=2026-11-23T06:30:00%2B00:00"),
        ("accepted=0&candidates=1", "candidates=1"),
        ("", ""),
    ],
)
def test_known_fields_are_written_down_as_they_were_understood(query: str, understood: str) -> None:
    assert asked(query).understood == understood
