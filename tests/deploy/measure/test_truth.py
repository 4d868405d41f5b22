"""Finals against the truth: found, exact, double, invented, missed."""

from __future__ import annotations

import pytest

from deploy.measure.truth import FoundFinal, TruePassage, compare, distance, in_window


def passed(
    text: str = "MH12AB1234", *, first: float = 10, last: float = 13, camera: str = "one"
) -> TruePassage:
    return TruePassage(camera=camera, epoch="e", text=text, vehicle="car", first_sec=first, last_sec=last)


def final(
    text: str | None = "MH12AB1234", *, first: float = 10, last: float = 13, number: int = 0
) -> FoundFinal:
    return FoundFinal(
        event_id=f"id-{number}", camera="one", epoch="e", text=text, first_sec=first, last_sec=last
    )


def test_an_exact_read_at_the_right_time_is_found_and_exact() -> None:
    verdict = compare([passed()], [final()])
    assert (verdict.found, verdict.exact, verdict.double, verdict.invented) == (1, 1, 0, 0)


def test_a_misread_is_found_and_not_exact() -> None:
    verdict = compare([passed()], [final("MH12AB1284")])
    assert (verdict.found, verdict.exact, len(verdict.misread)) == (1, 0, 1)


def test_the_right_plate_at_another_time_or_camera_is_invented_and_the_passage_missed() -> None:
    for other in (final(first=40, last=43), final("KA01ZZ9999")):
        verdict = compare([passed()], [other])
        assert (verdict.found, verdict.invented, len(verdict.missed)) == (0, 1, 1)
    assert compare([passed(camera="two")], [final()]).found == 0


def test_a_final_of_a_vehicle_that_need_not_have_one_is_of_a_vehicle() -> None:
    there = [passed("KA05MN7007", first=14, last=30)]
    verdict = compare([passed()], [final(), final("KA05MN7007", first=14, last=15)], may_come=there)
    assert (verdict.passed, verdict.found, verdict.optional, verdict.invented) == (1, 1, 1, 0)


def test_a_second_final_of_one_vehicle_is_a_double() -> None:
    verdict = compare([passed()], [final(number=1), final("MH12AB1284", number=2)])
    assert (verdict.found, verdict.exact, verdict.double) == (1, 1, 1)


def test_two_vehicles_side_by_side_take_their_own_finals() -> None:
    truth = [passed("MH12AB1234"), passed("MH12AB1235")]
    verdict = compare(truth, [final("MH12AB1235", number=1), final("MH12AB1234", number=2)])
    assert verdict.exact == 2


def test_nothing_passed_and_nothing_found_is_no_share_of_anything() -> None:
    verdict = compare([], [])
    assert (verdict.found_share, verdict.exact_share) == (0.0, 0.0)


def test_a_passage_that_was_cut_off_by_the_stop_is_not_asked_for() -> None:
    assert in_window([passed(last=13), passed(last=30)], until_sec=20) == [passed(last=13)]


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [("", "", 0), ("AB", "", 2), ("ABC", "ADC", 1), ("ABCD", "BCD", 1), ("AB", "BA", 2)],
)
def test_the_distance_of_two_texts_is_the_number_of_edits(one: str, other: str, edits: int) -> None:
    assert distance(one, other) == edits
