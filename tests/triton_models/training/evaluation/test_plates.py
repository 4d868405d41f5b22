from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from triton_models.training.evaluation.plates import (
    FoundPlate,
    SourceCounts,
    count_picture,
    overlap,
    pairs,
)
from triton_models.training.labels.annotations import LabelledPlate

_corner = st.floats(0, 500, allow_nan=False)
_size = st.floats(1, 300, allow_nan=False)
boxes = st.tuples(_corner, _corner, _size, _size).map(
    lambda box: (box[0], box[1], box[0] + box[2], box[1] + box[3])
)


def found(text: str, x: float = 0.0, accepted: bool = True) -> FoundPlate:
    return FoundPlate((x, 0.0, x + 100.0, 30.0), text, 0.9, accepted)


def labelled(text: str | None, x: float = 0.0) -> LabelledPlate:
    return LabelledPlate(box=(x, 0.0, x + 100.0, 30.0), text=text)


@given(boxes, boxes)
def test_overlap_is_the_same_both_ways_and_one_with_itself(
    one: tuple[float, float, float, float], other: tuple[float, float, float, float]
) -> None:
    assert overlap(one, other) == overlap(other, one)
    assert 0.0 <= overlap(one, other) <= 1.0 + 1e-9
    assert overlap(one, one) > 0.999


@given(st.lists(boxes, max_size=6), st.lists(boxes, max_size=6))
def test_every_find_is_used_once_or_left_over(
    labels: list[tuple[float, float, float, float]], finds: list[tuple[float, float, float, float]]
) -> None:
    matched, rest = pairs(
        [LabelledPlate(box=box, text="A") for box in labels],
        [FoundPlate(box, str(index), 0.5, True) for index, box in enumerate(finds)],
    )
    used = [find.text for _, find in matched if find is not None] + [find.text for find in rest]
    assert sorted(used) == sorted(str(index) for index in range(len(finds)))
    assert len(matched) == len(labels)


def test_a_label_takes_the_find_that_covers_it_best() -> None:
    matched, rest = pairs([labelled("MH12AB1234")], [found("WRONG", x=40.0), found("MH12AB1234", x=2.0)])
    assert [find.text for _, find in matched if find is not None] == ["MH12AB1234"]
    assert [find.text for find in rest] == ["WRONG"]


def test_a_wrong_read_lowers_precision_only_when_it_was_accepted() -> None:
    count = SourceCounts()
    count_picture([count], [labelled("MH12AB1234")], [found("MH12AB1284", accepted=False)], True, 1.0)
    count_picture([count], [labelled("KA05MJ7788")], [found("KA05MJ7788")], True, 1.0)
    assert (count.labelled, count.found, count.exact) == (2, 2, 1)
    assert (count.accepted, count.accepted_right) == (1, 1)


def test_a_find_beside_all_labels_is_false_only_where_everything_was_labelled() -> None:
    complete, partly = SourceCounts(), SourceCounts()
    count_picture([complete], [], [found("TATA1")], True, 1.0)
    count_picture([partly], [], [found("TATA1")], False, 1.0)
    assert (complete.accepted, complete.accepted_right, complete.not_labelled) == (1, 0, 1)
    assert (partly.accepted, partly.not_labelled) == (0, 1)


def test_a_plate_without_known_text_takes_its_find_and_is_not_judged() -> None:
    count = SourceCounts()
    count_picture([count], [labelled(None)], [found("ANY1")], True, 1.0)
    assert (count.labelled, count.accepted, count.not_labelled) == (0, 0, 0)


def test_one_vehicle_in_many_pictures_is_one_distinct_text() -> None:
    count = SourceCounts()
    for read in ("MH12AB1284", "MH12AB1234", "MH12AB1234"):
        count_picture([count], [labelled("MH12AB1234")], [found(read)], True, 1.0)
    assert (count.distinct.right, count.distinct.total) == (1, 1)
    assert (count.exact_rate.right, count.exact_rate.total) == (2, 3)
