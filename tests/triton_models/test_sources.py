from __future__ import annotations

from triton_models.training.sources import told_missing


def test_sources_that_are_named_and_have_nothing_are_told() -> None:
    assert told_missing(["b", "drawn", "a", "here"], [], ["here", "here"]) == (
        "nothing to learn from is there of a, b"
    )


def test_what_is_left_out_on_purpose_is_not_missed() -> None:
    assert told_missing(["left", "here", "drawn"], ["left"], ["here", "another"]) == ""
