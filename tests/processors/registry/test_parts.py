"""Masking, dirty values, the cache, the budget and the breaker."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.registry.cache import TimedCache
from processors.registry.limits import Breaker, MinuteBudget
from processors.registry.masking import masked
from processors.registry.values import day, flag, text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ASHA SHARMA", "A*H* S*A*M*"),
        ("R K NARAYAN", "* * N*R*Y*N"),  # initials are hidden altogether
        ("*U*E*D*A *A*N", "*U*E*D*A *A*N"),  # masked by the registry: never a second pattern over it
        ("R*T*N K*M*R", "R*T*N K*M*R"),
        ("ASHA SHARMA *", "A*H* S*A*M* *"),  # a star beside a name hides nothing of it
        ("ASHA SHARMA*", "A*H* S*A*M**"),
        ("A*H* SHARMA", "A*H* S*A*M*"),
        (None, None),
        ("", ""),
    ],
)
def test_a_masked_name_shows_every_second_letter(name: str | None, shown: str | None) -> None:
    assert masked(name) == shown


@given(st.text("ASH* ", max_size=40) | st.text(st.characters(codec="utf-8"), max_size=40))
def test_of_every_word_at_least_half_is_hidden_whatever_stars_came_with_it(name: str) -> None:
    for word in (masked(name) or "").split():
        assert word.count("*") >= len(word) // 2
        assert len(word) > 1 or word == "*"


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        ("2019-05-04", date(2019, 5, 4)),
        ("04/05/2019", date(2019, 5, 4)),
        ("04-May-2019", date(2019, 5, 4)),
        ("27-Jan-2019", date(2019, 1, 27)),
        ("2019-05-04T00:00:00", date(2019, 5, 4)),
        ("2019-05-04T00:00:00.000", date(2019, 5, 4)),
        ("2019-05-04 10:20", date(2019, 5, 4)),
        ("04/05/2019 00:00:00", date(2019, 5, 4)),
        ("4/5/2019 12:00:00 AM", date(2019, 5, 4)),
        ("04-OCT-2019 00:00:00", date(2019, 10, 4)),
        ("2019-05-04T00:00:00Z", date(2019, 5, 4)),
        ("2019-05-04T00:00:00+05:30", date(2019, 5, 4)),
        ("2019-05-03T18:30:00.000Z", date(2019, 5, 4)),  # midnight in India
        ("0001-01-01T00:00:00", None),
        ("0001-01-01T00:00:00+05:30", None),
        ("1900-01-01 00:00:00", None),
        ("2019-05-04T", None),
        ("2019-05-04 junk", None),
        ("04-May-2019junk", None),
        ("2019-05-04T00:00:00 junk", None),
        ("2019-05-04 99:99", None),
        ("2019-05-04T99:99Z", None),
        ("31/02/2019 00:00:00", None),
        ("01/01/0001", None),  # their "no date"
        ("1900-01-01", None),  # and the other one
        ("NA", None),
        ("LTT", None),  # life-time tax
        ("", None),
        (None, None),
        (20190504, None),
        ("31/02/2019", None),
        ({"a": 1}, None),
    ],
)
def test_dates_come_in_every_form_and_bad_ones_become_nothing(value: object, clean: date | None) -> None:
    assert day(value) == clean


@pytest.mark.parametrize(
    ("value", "clean"),
    [
        (" MARUTI  SUZUKI ", "MARUTI SUZUKI"),
        (1197, "1197"),
        ("NA", None),
        ("n/a", None),
        ("zero\x00byte", "zero byte"),
        ([], None),
        (True, None),
        ("x" * 900, "x" * 500),
    ],
)
def test_texts_are_trimmed_and_sentinels_become_nothing(value: object, clean: str | None) -> None:
    assert text(value) == clean


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.tuples(inner)
    )
)
def test_no_value_of_any_registry_makes_the_parser_fail(value: object) -> None:
    assert text(value) is None or "\x00" not in str(text(value))
    assert day(value) is None or day(value).year > 1900  # type: ignore[union-attr]
    assert flag(value) in (True, False, None)


def test_silence_about_the_blacklist_is_not_a_no() -> None:
    assert [flag(value) for value in ("", None, "NA", "TRUE", "false", False)] == [
        None,
        None,
        None,
        True,
        False,
        False,
    ]


def test_a_full_cache_forgets_what_was_not_used_longest() -> None:
    cache: TimedCache[int] = TimedCache(most=2)
    for name in ("a", "b"):
        cache.put(name, 1, good_for_sec=10, now=0)
    assert cache.get("a", now=1) == 1
    cache.put("c", 1, good_for_sec=10, now=1)
    assert [cache.get(name, now=1) for name in ("a", "b", "c")] == [1, None, 1]
    assert cache.get("a", now=10) is None
    assert len(cache) == 1


@given(per_minute=st.integers(1, 1000), gaps=st.lists(st.floats(0, 30), min_size=1, max_size=80))
def test_whoever_waits_as_told_never_asks_more_than_the_budget_allows(
    per_minute: int, gaps: list[float]
) -> None:
    budget, now, asked = MinuteBudget(per_minute, now=0.0), 0.0, []
    for gap in gaps:
        now += gap
        asked.append(now + budget.take(now))
    for start in asked:
        # The saved-up minute and what flows in during the next one.
        assert sum(1 for moment in asked if start <= moment < start + 60) <= 2 * per_minute + 1


def test_the_breaker_pauses_longer_each_time_and_closes_at_the_first_success() -> None:
    breaker = Breaker(failures=2, first_pause_sec=5, longest_pause_sec=15)
    breaker.failed(0.0)
    assert breaker.wait_sec(0.0, trial_sec=1) == 0.0
    pauses = []
    now = 0.0
    for _ in range(4):
        breaker.failed(now)
        pauses.append(breaker.wait_sec(now, trial_sec=1))
        now += pauses[-1]
        assert breaker.wait_sec(now, trial_sec=1) == 0.0
        assert breaker.wait_sec(now, trial_sec=1) == 1.0
    assert pauses == [5, 10, 15, 15]
    breaker.succeeded()
    breaker.failed(now)
    assert breaker.wait_sec(now, trial_sec=1) == 0.0


def test_failures_asked_before_it_opened_do_not_lengthen_the_pause() -> None:
    breaker = Breaker(failures=1, first_pause_sec=5)
    for _ in range(10):
        breaker.failed(0.0)
    assert breaker.wait_sec(0.0, trial_sec=1) == 5.0
