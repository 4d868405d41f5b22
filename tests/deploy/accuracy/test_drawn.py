from __future__ import annotations

from pathlib import Path

from deploy.accuracy.drawn import draw_pictures
from triton_models.training.labels.annotations import read_annotations


def test_drawn_scenes_are_a_folder_of_labelled_pictures_and_made_once(tmp_path: Path) -> None:
    steps: list[int] = []
    folder = draw_pictures(tmp_path, 2, lambda: steps.append(1))
    notes = read_annotations(folder, "val")
    assert notes.skipped == []
    assert len(notes.pictures) == len(steps) == 2
    for note in notes.pictures:
        assert (folder / note.image).stat().st_size > 1000
        assert any(plate.text for plate in note.plates)
        assert note.vehicles_complete
    assert draw_pictures(tmp_path, 2, lambda: steps.append(1)) == folder
    assert len(steps) == 2
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
