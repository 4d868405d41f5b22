"""What a request or a start does when no server answered it, by what each of them said."""

from __future__ import annotations

import pytest
from tritonclient.utils import InferenceServerException

from contracts.errors import SetAside, Stop, TryAgain
from processors.adapters.triton_errors import Missed, no_answer, no_server, passing

AWAY = InferenceServerException("connection refused", status="StatusCode.UNAVAILABLE")
FAILS = InferenceServerException("out of memory", status="StatusCode.INTERNAL")
WRONG = Stop("model plate on a:1 is another")
WRONG_TOO = Stop("model plate on b:1 is another")


def test_servers_that_are_all_wrong_end_the_stage_and_are_all_named() -> None:
    for error in (no_answer("plate", {"a:1": WRONG, "b:1": WRONG_TOO}), no_server({"a:1": WRONG})):
        assert isinstance(error, Stop)
        assert str(WRONG) in str(error)
    assert str(no_server({"a:1": WRONG, "b:1": WRONG_TOO})) == f"{WRONG}; {WRONG_TOO}"


@pytest.mark.parametrize(
    "missed", [{"a:1": WRONG, "b:1": AWAY}, {"b:1": AWAY, "a:1": WRONG}], ids=["last", "first"]
)
def test_while_one_server_is_away_it_is_waited_for_whatever_the_others_serve(
    missed: dict[str, Missed],
) -> None:
    for error in (no_answer("plate", missed), no_server(missed)):
        assert isinstance(error, TryAgain)
        assert (error.reason, error.most_tries) == ("b:1: connection refused", None)


def test_a_request_over_which_every_server_fails_is_tried_a_few_times() -> None:
    error = no_answer("plate", {"a:1": FAILS, "b:1": FAILS})
    assert isinstance(error, TryAgain)
    assert error.most_tries == 8
    assert error.reason == "model plate on a:1: out of memory; model plate on b:1: out of memory"


@pytest.mark.parametrize("other", [AWAY, WRONG], ids=["away", "wrong"])
def test_a_server_that_may_answer_what_another_fails_over_is_waited_for_long(other: Missed) -> None:
    for missed in ({"a:1": other, "b:1": FAILS}, {"b:1": FAILS, "a:1": other}):
        error = no_answer("plate", missed)
        assert isinstance(error, TryAgain)
        assert error.reason == "model plate on b:1: out of memory; no answer from a:1"
        assert error.most_tries == 240


def test_what_is_the_fault_of_the_request_is_set_aside() -> None:
    with pytest.raises(SetAside, match=r"^model plate on a:1: unexpected shape$"):
        passing(InferenceServerException("unexpected shape", "StatusCode.INVALID_ARGUMENT"), "plate", "a:1")
    assert passing(AWAY, "plate", "a:1") is AWAY
