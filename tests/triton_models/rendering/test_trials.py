"""Streets that are hard to follow: queues keep their distance, what is parked stands, all is in the truth."""

from __future__ import annotations

import itertools

import numpy as np

from triton_models.rendering.films import FilmPlan, Scene
from triton_models.rendering.streets.drives import Drive
from triton_models.rendering.streets.light import daylight
from triton_models.rendering.streets.traffic import StreetCamera, drives
from triton_models.rendering.trials import trial_cameras

CAMERAS: dict[str, StreetCamera] = {camera.id: camera for camera in trial_cameras()}


def test_vehicles_of_a_queue_halt_one_behind_the_other_and_never_touch() -> None:
    rng = np.random.default_rng(3)
    queue = drives(rng, CAMERAS["queue"], daylight(rng), 120.0)

    assert len(queue) > 6
    for ahead, behind in itertools.pairwise(queue):
        for time in np.arange(behind.begins, min(ahead.ends, behind.ends), 0.1):
            between = abs(behind.at(float(time))[1] - ahead.at(float(time))[1])
            assert between > (ahead.posed.model.length + behind.posed.model.length) / 2
    assert all(stood_sec(drive) >= 1.0 for drive in queue)


def stood_sec(drive: Drive) -> float:
    places = [drive.at(float(time))[1] for time in np.arange(drive.begins, drive.ends, 0.1)]
    return 0.1 * int((np.abs(np.diff(places)) < 0.05).sum())


def test_the_parked_vehicle_stands_through_the_whole_film_and_is_one_passage() -> None:
    scene = Scene(FilmPlan(CAMERAS["parked"], seed=2, seconds=6.0, fps=5.0))
    assert len(list(scene.frames())) == 30

    parked = scene.truth().passages[0]

    assert (parked.first_sec, parked.last_sec) == (0.0, 5.8)
    assert len({frame.corners for frame in parked.frames}) == 1


def test_fast_vehicles_overtake_slow_ones() -> None:
    rng = np.random.default_rng(1)
    found = drives(rng, CAMERAS["overtaking"], daylight(rng), 60.0)
    overtaken = [
        (one, other)
        for one in found
        for other in found
        if one.begins < other.begins and other.ends < one.ends
    ]
    assert overtaken
