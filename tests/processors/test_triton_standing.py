"""When a Triton server is left alone and used again, and what the log says of it."""

from __future__ import annotations

import logging

import pytest

from processors.adapters.triton_standing import Standing

LEFT_ALONE = "triton a:1 is left alone until it answers: model plate: connection refused"
BACK = "triton a:1 is used again"


def a_standing(*, one_of_several: bool = True) -> Standing:
    return Standing("a:1", one_of_several=one_of_several)


def missed(standing: Standing, *at_sec: float) -> None:
    for now_sec in at_sec:
        standing.missed("model plate: connection refused", now_sec)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_an_outage_is_told_once_and_its_end_once_whatever_many_requests_meet_it(
    told: pytest.LogCaptureFixture,
) -> None:
    standing = a_standing()
    missed(standing, 10.0, 10.1, 12.0, 100.0, 400.0)
    for asked_at_sec in (431.0, 432.0):
        standing.answered(asked_at_sec=asked_at_sec)

    assert [(record.levelname, record.message) for record in told.records] == [
        ("WARNING", LEFT_ALONE),
        ("INFO", BACK),
    ]


def test_an_only_server_is_told_by_the_stage_that_waits_for_it(told: pytest.LogCaptureFixture) -> None:
    standing = a_standing(one_of_several=False)
    missed(standing, 10.0)
    standing.answered(asked_at_sec=12.0)
    assert told.messages == []


def test_a_late_answer_to_what_was_asked_before_does_not_say_that_a_server_is_back(
    told: pytest.LogCaptureFixture,
) -> None:
    standing = a_standing()
    missed(standing, 10.0)
    standing.answered(asked_at_sec=9.0)
    missed(standing, 10.5)
    assert told.messages == [LEFT_ALONE]


def test_a_server_that_fails_now_and_then_is_told_once_in_a_while(told: pytest.LogCaptureFixture) -> None:
    standing = a_standing()
    for second in range(10, 60, 5):
        missed(standing, second)
        standing.answered(asked_at_sec=second + 2)
    assert told.messages == [LEFT_ALONE, BACK]

    missed(standing, 300.0)
    assert told.messages == [LEFT_ALONE, BACK, LEFT_ALONE]


def test_rests_grow_with_each_miss_to_half_a_minute_and_end_with_an_answer() -> None:
    standing = a_standing()
    missed(standing, 10.0)
    assert standing.rests("plate", 10.9)
    assert not standing.rests("plate", 11.1)
    missed(standing, *(float(second) for second in range(100, 1000, 100)))
    assert standing.rests("plate", 929.0)
    assert not standing.rests("plate", 931.0)

    standing.answered(asked_at_sec=931.0)
    assert not standing.rests("plate", 931.1)


def test_while_one_request_finds_out_whether_a_server_is_back_the_others_go_elsewhere() -> None:
    standing = a_standing()
    standing.asked(5.0, timeout_sec=5.0)
    assert not standing.rests("plate", 5.1)
    missed(standing, 10.0)
    standing.asked(20.0, timeout_sec=5.0)
    assert standing.rests("plate", 24.9)


def test_a_server_of_another_model_rests_for_that_alone_and_both_changes_are_told_once(
    told: pytest.LogCaptureFixture,
) -> None:
    standing = a_standing()
    for until_sec in (40.0, 70.0):
        standing.serves_other("plate", "model plate on a:1 is another", until_sec=until_sec)
    assert standing.rests("plate", 60.0)
    assert not standing.rests("lines", 60.0)
    assert standing.must_be_checked("plate", 60.0)

    for until_sec in (100.0, 130.0):
        standing.serves_ours("plate", until_sec=until_sec)
    assert not standing.rests("plate", 71.0)
    assert not standing.must_be_checked("plate", 71.0)
    assert told.messages == [
        "not used: model plate on a:1 is another",
        "triton a:1 is used again for model plate",
    ]


def test_what_a_server_serves_is_asked_anew_after_it_was_away() -> None:
    standing = a_standing()
    standing.serves_ours("plate", until_sec=40.0)
    missed(standing, 10.0)
    assert standing.must_be_checked("plate", 12.0)
