from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from deploy.accuracy.page import cell_text, rate_text, write_page
from triton_models.training.evaluation.plates import FoundPlate
from triton_models.training.evaluation.report import report
from triton_models.training.evaluation.run import Evaluation
from triton_models.training.labels.annotations import Annotation, LabelledPlate, Skipped

ONE_OF_FOUR = {"right": 1, "of": 4, "rate": 0.25, "low": 0.05, "high": 0.7}
INVENTED = {
    "pictures": 4,
    "accepted": ONE_OF_FOUR,
    "any_text": {"right": 2, "of": 4, "rate": 0.5, "low": 0.15, "high": 0.85},
    "reads": [
        {
            "picture": "a.jpg",
            "text": "KA01SH0P",
            "confidence": 0.95,
            "corners": [[9, 9], [60, 9], [60, 40], [9, 40]],
        }
    ],
}
"""A read was accepted on one of four pictures that are said to hold no plate."""


def test_the_page_holds_tables_diagram_matrix_and_pictures_of_failures(tmp_path: Path) -> None:
    box = (20.0, 20.0, 120.0, 50.0)
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((100, 200, 3), 120, np.uint8))
    plate = LabelledPlate(box=box, text="MH12AB1234", lines=1)
    found = Evaluation()
    for name, text in (("a.jpg", "MH12AB1284"), ("gone.jpg", "<script>")):
        note = Annotation(image=name, source="street", split="val", width=200, height=100, plates=(plate,))
        found.count(note, [FoundPlate(box, text, 0.9, accepted=True)], 11.0)
    figures = report(
        pictures="here", split="val", limit=None, models=[{"name": "plate", "version": "1", "sha256": "ab"}],
        counts=found.counts, alone={"plate": {"all": {"rows": 3}}}, outcomes=found.outcomes,
        peers={
            "detectors": {"ours": {"all": {"labelled": 2, "average_precision": 0.5}}},
            "reads": {
                "small + lines": {"all": ONE_OF_FOUR, "all: accepted, right": {"rate": None}},
                "small + lines + Indian rules": {"all": ONE_OF_FOUR, "all: accepted, right": ONE_OF_FOUR},
            },
        },
        voting={"sequences": 2, "frames": 7, "one_frame": 0.5, "voted": {"rate": None}},
        invented={"without": INVENTED, "unlabelled": {**INVENTED, "pictures": 0, "reads": []}},
        skipped=[Skipped("x.jpg", "gone")],
    )  # fmt: skip
    page = tmp_path / "out" / "accuracy.html"
    write_page(page, figures, found.outcomes, tmp_path)
    text = page.read_text()
    assert text.count("data:image/jpeg;base64,") == 2
    assert "MH12AB1284" in text
    assert "&lt;script&gt;" in text
    assert "<script>" not in text
    assert "50.0 of 2" in text
    assert "<td>accepted reads that are right</td><td>97.0</td>\n<td>0.0</td>\n<td>not reached</td>" in text
    shown = "25.0 % (5.0–70.0) of 4"
    assert "<th>all</th><th>all: accepted, right</th>" in text
    assert f"<td>small + lines</td><td>{shown}</td><td>–</td>" in text
    assert f"<td>small + lines + Indian rules</td><td>{shown}</td><td>{shown}</td>" in text
    assert "The worst of 2 failures" in text
    assert "2 sequences, 7 pictures" in text
    assert "KA01SH0P" in text
    assert figures["goals"][-1]["holds"] is False
    assert '<circle cx="297.0"' in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (3, "3"),
        ({"labelled": 4, "average_precision": None}, "–"),
        ({"right": 1, "of": 2, "rate": 0.5, "low": 0.1, "high": 0.9}, "50.0 % (10.0–90.0) of 2"),
    ],
)
def test_cells_say_what_they_hold(value: object, shown: str) -> None:
    assert cell_text(value) == shown
    assert rate_text(None) == "–"
