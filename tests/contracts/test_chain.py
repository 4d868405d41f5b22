"""The chain of finals: what its hashes hold and what they do not."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.chain import WITH_ID, WITHOUT_ID, content_sha256, first_link_sha256, link_sha256
from tests.contracts.builders import NOON, a_plate_event, a_reading


def content(**changes: Any) -> bytes:
    return content_sha256(msgspec.to_builtins(a_plate_event(**changes)))


def test_the_same_passage_made_again_later_has_the_same_content() -> None:
    assert content() == content(processed_at=NOON + timedelta(minutes=1))


@pytest.mark.parametrize(
    "change", [{"reading": a_reading("MH12AB1235")}, {"camera": "other"}, {"revision": 9}, {"evidence": None}]
)
def test_any_other_change_gives_another_content(change: dict[str, Any]) -> None:
    assert content(**change) != content()


NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e6, 1e6).map(lambda number: round(number, 6))
VALUES = st.recursive(
    st.none() | st.booleans() | st.text() | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(VALUES)
def test_content_does_not_depend_on_the_order_of_fields_or_a_way_through_json(value: Any) -> None:
    one = {"a": value, "b": -0.0}
    other = {"b": 0.0, "a": json.loads(json.dumps(value))}

    assert content_sha256(one) == content_sha256(other)


ONE, OTHER = "5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4d", "5b3f7d0c-8f2e-5a51-9d8e-0c6a1a2b3c4e"


def test_a_link_depends_on_the_content_and_on_everything_before() -> None:
    first = link_sha256(first_link_sha256("gate"), content(), event_id=ONE)

    assert first != link_sha256(first_link_sha256("bridge"), content(), event_id=ONE)
    assert link_sha256(first, content(), event_id=ONE) != first
    assert len(first) == 32


def test_a_link_depends_on_the_event_that_its_line_names_but_in_the_form_of_earlier_releases() -> None:
    def link(event_id: str, form: int) -> bytes:
        return link_sha256(first_link_sha256("gate"), content(), event_id=event_id, form=form)

    assert link(ONE, WITH_ID) != link(OTHER, WITH_ID)
    assert link(ONE, WITHOUT_ID) == link(OTHER, WITHOUT_ID)
    assert link(ONE, WITH_ID) != link(ONE, WITHOUT_ID)
    with pytest.raises(ValueError, match="not 3"):
        link(ONE, 3)
