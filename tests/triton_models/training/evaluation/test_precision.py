from __future__ import annotations

import numpy as np
import pytest

from triton_models.training.evaluation.precision import Floats, Ranking


def array(*boxes: tuple[float, float, float, float]) -> Floats:
    return np.array(boxes, np.float32).reshape(-1, 4)


A, B, FAR = (0, 0, 100, 50), (200, 0, 300, 50), (500, 500, 600, 550)


def ranked(boxes: Floats, scores: list[float], labels: Floats, least_px: float = 0.0) -> Ranking:
    ranking = Ranking()
    ranking.add(boxes, np.array(scores, np.float32), labels, least_px=least_px)
    return ranking


def test_all_found_and_nothing_else_is_one() -> None:
    assert ranked(array(A, B), [0.9, 0.4], array(A, B)).average_precision == 1.0


def test_a_surer_box_beside_the_labels_halves_what_it_stands_before() -> None:
    assert ranked(array(FAR, A), [0.9, 0.4], array(A)).average_precision == pytest.approx(0.5)
    assert ranked(array(A, FAR), [0.9, 0.4], array(A)).average_precision == 1.0


def test_a_second_box_on_one_label_is_wrong() -> None:
    ranking = ranked(array(A, A, B), [0.9, 0.8, 0.7], array(A, B))
    assert ranking.right == [True, False, True]
    assert ranking.average_precision == pytest.approx(0.5 + 0.5 * 2 / 3)


def test_small_labels_and_what_matches_them_do_not_count() -> None:
    ranking = ranked(array(A, FAR), [0.9, 0.8], array(A, B), least_px=60)
    assert (ranking.labelled, ranking.scores) == (0, [])
    assert ranking.average_precision is None


def test_nothing_found_is_nought_and_pictures_without_labels_only_add_mistakes() -> None:
    assert ranked(array(), [], array(A)).average_precision == 0.0
    ranking = ranked(array(A), [0.9], array(A))
    ranking.add(array(FAR), np.array([0.95], np.float32), array())
    assert ranking.average_precision == pytest.approx(0.5)
