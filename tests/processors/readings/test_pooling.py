"""Two opinions of one plate -> one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.messages.common import ALPHABET
from processors.readings.pooling import pooled
from processors.readings.slots import BLANK, CLASSES, Slots


def slots(text: str, *, certainty: float = 0.9, from_x: float = 0.0) -> Slots:
    rows = np.full((len(text), CLASSES), (1 - certainty) / (CLASSES - 1))
    boxes = np.zeros((len(text), 4))
    for number, character in enumerate(text):
        rows[number, ALPHABET.index(character)] = certainty
        boxes[number] = (from_x + 10 * number, 0, from_x + 10 * number + 8, 20)
    return Slots(rows, boxes, np.zeros(len(text), np.int64))


def test_opinions_that_agree_make_a_surer_one() -> None:
    both, _ = pooled(slots("KA01"), slots("KA01"), share=0.5, sharpness=2.0)
    assert both.text == "KA01"
    assert both.certainty.min() > 0.95


def test_an_opinion_of_no_weight_changes_no_character() -> None:
    both, _ = pooled(slots("KA01"), slots("MH12"), share=0.0, sharpness=1.0)
    assert both.text == "KA01"


@pytest.mark.parametrize(("ours", "others", "text"), [(0.5, 0.95, "KA07"), (0.95, 0.5, "KA01")])
def test_the_surer_opinion_decides(ours: float, others: float, text: str) -> None:
    both, _ = pooled(slots("KA01", certainty=ours), slots("KA07", certainty=others), share=0.5, sharpness=1.5)
    assert both.text == text


def test_what_only_one_has_seen_stands_where_it_saw_it_and_is_in_doubt() -> None:
    both, pairs = pooled(slots("KA1"), slots("KA01", certainty=0.99, from_x=100.0), share=0.5, sharpness=1.6)
    alone = next(number for number, (mine, _) in enumerate(pairs) if mine is None)
    assert both.boxes[alone, 0] == 120.0
    assert both.probabilities[alone, [ALPHABET.index("0"), BLANK]] == pytest.approx((0.4, 0.4), abs=0.05)


@given(
    st.text(alphabet=ALPHABET, max_size=12), st.text(alphabet=ALPHABET, max_size=12),
    st.floats(0.0, 1.0), st.floats(0.5, 2.5),
)  # fmt: skip
def test_every_slot_is_a_distribution_and_none_is_lost(
    ours: str, others: str, share: float, sharpness: float
) -> None:
    both, pairs = pooled(slots(ours), slots(others), share=share, sharpness=sharpness)
    assert both.probabilities.sum(axis=1) == pytest.approx(np.ones(len(both)))
    assert [mine for mine, _ in pairs if mine is not None] == list(range(len(ours)))
    assert [theirs for _, theirs in pairs if theirs is not None] == list(range(len(others)))
    assert (both.probabilities[:, BLANK] >= 0).all()
