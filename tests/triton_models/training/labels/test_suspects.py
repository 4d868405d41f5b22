from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from contracts.errors import Stop
from contracts.messages.common import ALPHABET
from triton_models.tensors import CLASSES, SLOTS
from triton_models.training.crops.plate_pictures import Floats, PlateCut
from triton_models.training.labels.suspects import Suspect, read_exclusions, suspects, write_suspects


def saying(text: str, sure: float = 0.99) -> Floats:
    slots = np.full((SLOTS, CLASSES), (1 - sure) / (CLASSES - 1), np.float32)
    for number in range(SLOTS):
        best = ALPHABET.index(text[number]) if number < len(text) else CLASSES - 1
        slots[number, best] = sure
    return slots


def cut(text: str) -> PlateCut:
    blank = np.zeros((8, 8, 3), np.uint8)
    return PlateCut(picture=blank, framings=(), text=text, boxes=None, source="here", group="", name="a.jpg")


@pytest.mark.parametrize(
    ("label", "read", "sure", "doubted"),
    [
        ("MH12AB1235", "MH12AB1234", 0.99, True),
        ("MH12AB1234", "MH12AB1234", 0.99, False),
        ("MH12AB1235", "MH12AB1234", 0.90, False),
        ("MH12AB1234", "Q90043", 0.99, False),
    ],
)
def test_a_label_is_doubted_where_the_reader_is_sure_of_another_lawful_text(
    label: str, read: str, sure: float, doubted: bool
) -> None:
    found = suspects([cut(label)], saying(read, sure)[np.newaxis])
    assert [(each.label, each.read) for each in found] == ([(label, read)] if doubted else [])


def test_a_label_that_is_still_likely_is_not_doubted() -> None:
    slots = saying("MH12AB1234")
    slots[9, ALPHABET.index("4")], slots[9, ALPHABET.index("5")] = 0.7, 0.28
    assert suspects([cut("MH12AB1235")], slots[np.newaxis]) == []


def test_the_list_is_what_a_training_leaves_out(tmp_path: Path) -> None:
    path = tmp_path / "list.jsonl"
    write_suspects(path, [Suspect("a.jpg", "MH12AB1235", "MH12AB1234", 0.8)])
    assert read_exclusions(path) == {("a.jpg", "MH12AB1235")}
    path.write_text("{}\n")
    with pytest.raises(Stop, match=r"list\.jsonl: no list of labels"):
        read_exclusions(path)
