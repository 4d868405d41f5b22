"""Films: same seed, same frames; the truth says where the plates are; nothing half is left behind."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from contracts.errors import Stop
from triton_models.geometry import rectify
from triton_models.rendering.demo import demo_cameras
from triton_models.rendering.filming import film_paths, render_films
from triton_models.rendering.films import FilmPlan, Scene, render_film
from triton_models.rendering.plates import RenderedPlate
from triton_models.rendering.streets.traffic import StreetCamera
from triton_models.rendering.truth import FilmTruth, read_truth

SECONDS, FPS = 12.0, 3.0


def gate() -> StreetCamera:
    return demo_cameras()[0]


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    paths = film_paths(tmp_path_factory.mktemp("films"), gate().id)
    assert render_film(*paths, camera=gate(), seed=1, seconds=SECONDS, fps=FPS)
    return paths


def test_a_film_decodes_with_the_frames_and_the_size_that_its_truth_states(film: tuple[Path, Path]) -> None:
    truth, frames = read_truth(film[1]), decoded(film[0])
    assert truth.frames == len(frames) == 36
    assert {frame.shape for frame in frames} == {(truth.height, truth.width, 3)}
    assert truth.passages


def test_a_film_that_is_there_is_not_made_again(film: tuple[Path, Path]) -> None:
    before = film[0].stat().st_mtime_ns
    assert not render_film(*film, camera=gate(), seed=1, seconds=SECONDS, fps=FPS)
    assert film[0].stat().st_mtime_ns == before


def test_the_same_seed_gives_the_same_file_and_another_seed_another_street(
    film: tuple[Path, Path], tmp_path: Path
) -> None:
    again = film_paths(tmp_path, gate().id)
    render_film(*again, camera=gate(), seed=1, seconds=SECONDS, fps=FPS)
    assert again[0].read_bytes() == film[0].read_bytes()
    assert again[1].read_bytes() == film[1].read_bytes()
    first = next(Scene(FilmPlan(gate(), 2, SECONDS, FPS)).frames())
    assert not np.array_equal(first, decoded(film[0])[0])


def test_the_corners_of_the_truth_are_where_the_plate_is_seen(film: tuple[Path, Path]) -> None:
    """What the corners cut out of the film looks like the drawn plate, and what lies beside does not."""
    frames = decoded(film[0])
    scene = Scene(FilmPlan(gate(), 1, SECONDS, FPS))
    by_text = {drive.registration.text: drive.posed.plate for drive in scene._drives}
    for passage in read_truth(film[1]).passages:
        plate = by_text[passage.text]
        assert plate is not None
        nearest = max((seen for seen in passage.frames if seen.legible), key=lambda seen: seen.character_px)
        picture = frames[round(nearest.time_sec * FPS)]
        corners = np.array(nearest.corners, np.float32)
        there = likeness(picture, corners, plate)
        aside = likeness(picture, corners + np.array((0.12 * np.ptp(corners[:, 0]), 0), np.float32), plate)
        assert there > 0.75 > aside + 0.2, passage.text


def likeness(picture: NDArray[np.uint8], corners: NDArray[np.float32], plate: RenderedPlate) -> float:
    """Correlation of the rectified picture with the flat plate, in grey."""
    height, width = plate.image.shape[:2]
    crop, _ = rectify(picture, corners, (width, height), margins=(0.0, 0.0))
    return float(np.corrcoef(crop.mean(2).ravel(), plate.image.mean(2).ravel())[0, 1])


def test_plates_of_a_film_are_all_different_and_legible_long_enough(film: tuple[Path, Path]) -> None:
    passages = read_truth(film[1]).passages
    assert len({passage.text for passage in passages}) == len(passages)
    for passage in passages:
        assert passage.last_sec - passage.first_sec > 0.9, passage.text
        assert passage.legible_frames >= 3
        assert max(seen.character_px for seen in passage.frames) >= 13


def test_several_workers_make_the_same_films_and_report_their_frames(tmp_path: Path) -> None:
    cameras = [replace(camera, passages_per_minute=8.0) for camera in (gate(), demo_cameras()[3])]
    heard: dict[str, int] = {}
    made = render_films(
        cameras,
        tmp_path,
        seed=1,
        seconds=5,
        fps=2,
        workers=2,
        report=lambda camera, done: heard.update({camera: done}),
    )
    assert made == {camera.id: True for camera in cameras}
    assert heard == {camera.id: 10 for camera in cameras}
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for camera in cameras for path in film_paths(tmp_path, camera.id)
    )


def test_a_film_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def broken_off(frames: int) -> None:
        if frames == 3:
            raise KeyboardInterrupt

    paths = film_paths(tmp_path, gate().id)
    with pytest.raises(KeyboardInterrupt):
        render_film(*paths, camera=gate(), seed=1, seconds=5, fps=2, progress=broken_off)
    assert list(tmp_path.iterdir()) == []


def test_the_demo_has_four_cameras_that_together_show_what_the_road_has() -> None:
    cameras = demo_cameras()
    assert len({camera.id for camera in cameras}) == 4
    kinds = {kind for camera in cameras for lane in camera.lanes for kind in lane.kinds}
    assert kinds == {"car", "motorcycle", "auto-rickshaw", "bus", "truck"}
    assert {lane.approaching for camera in cameras for lane in camera.lanes} == {True, False}
    assert {camera.night for camera in cameras} == {True, False}


def test_a_truth_of_another_schema_or_none_is_refused_by_name(
    tmp_path: Path, film: tuple[Path, Path]
) -> None:
    with pytest.raises(Stop, match=r"nowhere\.json"):
        read_truth(tmp_path / "nowhere.json")
    other = tmp_path / "other.json"
    other.write_bytes(film[1].read_bytes().replace(b'"schema":2', b'"schema":9', 1))
    with pytest.raises(Stop, match="schema 9"):
        read_truth(other)


def test_truth_is_kept_whole_through_its_file(film: tuple[Path, Path]) -> None:
    truth = read_truth(film[1])
    assert isinstance(truth, FilmTruth)
    for passage in (*truth.passages, *truth.illegible):
        legible = [seen.time_sec for seen in passage.frames if seen.legible]
        assert len(legible) == passage.legible_frames
        times = legible or [seen.time_sec for seen in passage.frames if seen.corners]
        assert (passage.first_sec, passage.last_sec) == (times[0], times[-1])


def test_a_vehicle_whose_plate_is_never_legible_is_in_the_truth_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("triton_models.rendering.truth.LEGIBLE_PX", 20.0)
    paths = film_paths(tmp_path, gate().id)
    render_film(*paths, camera=gate(), seed=1, seconds=SECONDS, fps=2)

    found = read_truth(paths[1])

    assert found.illegible
    assert not any(seen.legible for passage in found.illegible for seen in passage.frames)
    assert {each.passage for each in found.illegible}.isdisjoint(each.passage for each in found.passages)
