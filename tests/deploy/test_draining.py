"""When a drill's stages count as done."""

from __future__ import annotations

from deploy.drill.draining import Stillness


def test_stages_are_still_from_when_the_last_of_them_moved() -> None:
    stillness = Stillness()

    assert stillness.sec({"sightings": 5, "plates": 70}, now_sec=1.0) == 0.0
    assert stillness.sec({"sightings": 0, "plates": 68}, now_sec=2.0) == 0.0
    assert stillness.sec({"sightings": 0, "plates": 68}, now_sec=9.0) == 7.0
    assert stillness.sec({"sightings": 0, "plates": 20}, now_sec=10.0) == 0.0


def test_a_stage_that_stands_with_work_left_is_never_still_but_for_the_one_that_holds_back() -> None:
    stillness = Stillness()
    for now_sec in (1.0, 20.0, 40.0):
        assert stillness.sec({"sightings": 3, "plates": 0}, now_sec=now_sec) == 0.0
