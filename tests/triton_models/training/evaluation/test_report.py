from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from contracts.errors import Rejected, Stop
from triton_models.training.evaluation.choice import chosen
from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.evaluation.report import HEADINGS, report, rows
from triton_models.training.evaluation.run import DARK, Evaluation, PictureRead, evaluate
from triton_models.training.labels.annotations import Annotation, LabelledPlate, Skipped, read_annotations


def a_picture(number: int, text: str | None = "MH12AB1234", source: str = "street") -> Annotation:
    plate = LabelledPlate(box=(10.0, 10.0, 110.0, 40.0), text=text, lines=1)
    return Annotation(
        image=f"{source}/{number}.jpg", source=source, split="val", width=200, height=100, plates=(plate,)
    )


def the_plate(text: str = "MH12AB1234", accepted: bool = True) -> FoundPlate:
    return FoundPlate((12.0, 9.0, 111.0, 41.0), text, 0.97, accepted)


def test_the_same_pictures_are_chosen_every_time_and_more_only_add_to_them() -> None:
    notes = [a_picture(number) for number in range(40)]
    few, again, more = chosen(notes, 10), chosen(list(reversed(notes)), 10), chosen(notes, 20)
    assert few == again
    assert len(few) == 10
    assert {note.image for note in few} <= {note.image for note in more}


def test_pictures_without_a_known_text_are_not_judged() -> None:
    assert chosen([a_picture(1, text=None)], None) == []


async def test_a_broken_picture_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    async def read(path: Path) -> PictureRead:
        if path.name == "2.jpg":
            raise Rejected(path.name, "the picture is damaged or cut off")
        return PictureRead([the_plate()])

    steps: list[int] = []
    found = await evaluate(tmp_path, [a_picture(n) for n in (1, 2, 3)], read, lambda: steps.append(1))
    assert len(steps) == 3
    assert [item.picture for item in found.skipped] == ["street/2.jpg"]
    assert (found.counts["all"].pictures, found.counts["all"].exact) == (2, 2)


def test_classes_count_a_plate_once_and_never_its_time() -> None:
    found = Evaluation()
    found.count(a_picture(1), [the_plate()], 12.0)
    found.count(a_picture(2), [the_plate("MH12AB1284", accepted=False)], 14.0)
    assert found.counts["one line"].labelled == found.counts["all"].labelled == 2
    assert found.counts["60 px and wider"].exact == 1
    assert found.counts["one line"].milliseconds == []
    assert DARK not in found.counts
    found.count(a_picture(3), [the_plate()], 10.0, dark=True)
    assert found.counts[DARK].labelled == 1
    assert found.counts["street"].milliseconds == [12.0, 14.0, 10.0]


def test_a_plate_is_alone_where_it_is_half_of_its_picture_and_else_in_a_whole_one() -> None:
    found = Evaluation()
    near = a_picture(1)
    far = msgspec.structs.replace(near, image="street/2.jpg", width=400)
    found.count(near, [the_plate()], 12.0)
    found.count(far, [the_plate("MH12AB1284")], 12.0)
    alone, whole = found.counts["plates alone"], found.counts["in whole pictures, 60 px and wider"]
    assert (alone.labelled, alone.exact) == (1, 1)
    assert (whole.labelled, whole.exact) == (1, 0)
    assert found.counts["in whole pictures, one line"].labelled == 1


def test_the_report_has_rates_with_intervals_goals_and_what_was_skipped() -> None:
    found = Evaluation()
    found.count(a_picture(1), [the_plate()], 12.0)
    figures = report(
        pictures="here", split="val", limit=None,
        models=[{"name": "plate", "version": "1", "sha256": "0"}],
        counts=found.counts, alone={"plate": {"street": {"rows": 1}, "all": {"rows": 1}}},
        skipped=[Skipped("x.jpg", "gone")], outcomes=found.outcomes, peers={}, voting={}, invented={},
    )  # fmt: skip
    assert json.loads(json.dumps(figures)) == figures
    everything = figures["end_to_end"]["all"]
    assert everything["exact"]["rate"] == 1.0
    assert everything["exact"]["low"] < 0.3
    assert {goal["name"]: goal["holds"] for goal in figures["goals"]} == {
        "plates read exactly: all": True,
        "plates read exactly: plates alone": True,
        "accepted reads that are right": True,
    }
    assert list(figures["alone"]["plate"]) == ["all", "street"]
    assert figures["skipped"] == [{"picture": "x.jpg", "why": "gone"}]
    assert next(iter(figures["end_to_end"])) == "all"
    assert {len(row) for row in rows(found.counts)} == {len(HEADINGS)}


def test_without_plates_no_goal_holds() -> None:
    figures = report(
        pictures="", split="val", limit=1, models=[], counts={}, alone={}, skipped=[], outcomes=[],
        peers={}, voting={}, invented={},
    )  # fmt: skip
    assert [goal["holds"] for goal in figures["goals"]] == [False, False]


def test_damaged_labels_are_named_by_their_line_and_the_rest_is_kept(tmp_path: Path) -> None:
    good = '{"image":"a.jpg","source":"s","split":"val","width":9,"height":9,"more":1}'
    (tmp_path / "annotations.jsonl").write_text(
        f'{good}\n{{"image":\n\n{good[:-1]},"plates":[{{}}]}}\n{good}\n'
    )
    notes = read_annotations(tmp_path, "val")
    assert [note.image for note in notes.pictures] == ["a.jpg", "a.jpg"]
    assert [item.picture for item in notes.skipped] == [
        "annotations.jsonl line 2",
        "annotations.jsonl line 4",
    ]


@pytest.mark.parametrize("split", [None, "train", "val"])
def test_a_picture_of_a_split_that_nobody_knows_is_named_whichever_split_is_read(
    tmp_path: Path, split: str | None
) -> None:
    lines = [
        {"image": f"{number}.jpg", "source": "s", "split": name, "width": 9, "height": 9}
        for number, name in enumerate(("train", "trian", "val"))
    ]
    (tmp_path / "annotations.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    notes = read_annotations(tmp_path, split)
    assert [note.split for note in notes.pictures] == (["train", "val"] if split is None else [split])
    why = "1.jpg: split 'trian' is none of train, val, test"
    assert notes.skipped == [Skipped("annotations.jsonl line 2", why)]


def test_a_folder_without_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Stop, match="no annotations"):
        read_annotations(tmp_path)
