"""Why no Triton server answered a request -> what the caller does: waits, gives up in time, or ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from tritonclient.utils import InferenceServerException

from contracts.errors import PlatestreamError, SetAside, Stop, TryAgain

Missed: TypeAlias = InferenceServerException | Stop
"""A server is away or fails over the request, or it serves other models than ours (`Stop`)."""

# A server that starts or stops fails over good requests as well; half a minute is longer than that takes.
_TRIES_OF_A_FAILURE = 8
# With the longest pauses of a stage about three quarters of an hour: longer than a server takes to come back.
_TRIES_WHILE_ANOTHER_MAY_ANSWER = 240
# What another server, or the same one later, may well answer.
_PASSING = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED", "ABORTED", "INTERNAL")


def no_answer(model: str, missed: Mapping[str, Missed]) -> PlatestreamError:
    """What one request meets; `missed` by the address of each server.

    `Stop` when every server is there and serves other models: waiting mends nothing. While one of them is
    away, or fails, that one may be right: `TryAgain`, without end where nothing speaks against the request.

    A request over which every server fails is tried a few times. Where another server is away, or is to be
    mended, that one may answer it, and is waited for through a restart or an exchange of servers. But not
    without end: one that is gone for good, and still in the list, would let one bad request hold its
    partition for ever.
    """
    return _all_wrong(missed) or _failed(model, missed) or _away(missed)


def no_server(missed: Mapping[str, Missed]) -> PlatestreamError:
    """What a start meets, whose request is nobody's fault: `Stop` as above, else `TryAgain` without end."""
    return _all_wrong(missed) or _away(missed)


def passing(error: InferenceServerException, model: str, where: str) -> InferenceServerException:
    """The error, when another server may answer. Raises `SetAside` when none will."""
    if not _passes(error):
        raise SetAside(f"model {model} on {where}: {error.message()}") from error
    return error


def _all_wrong(missed: Mapping[str, Missed]) -> Stop | None:
    wrong = [str(reason) for reason in missed.values() if isinstance(reason, Stop)]
    return Stop("; ".join(wrong)) if len(wrong) == len(missed) else None


def _failed(model: str, missed: Mapping[str, Missed]) -> TryAgain | None:
    """What one message meets only so often: a server is there and fails over it, and no other answers."""
    failed = {
        at: error.message()
        for at, error in missed.items()
        if isinstance(error, InferenceServerException) and str(error.status() or "").endswith("INTERNAL")
    }
    if not failed:
        return None
    reasons = [f"model {model} on {at}: {message}" for at, message in failed.items()]
    others = [at for at in missed if at not in failed]
    if not others:
        return TryAgain("triton", "; ".join(reasons), most_tries=_TRIES_OF_A_FAILURE)
    reasons.append(f"no answer from {', '.join(others)}")
    return TryAgain("triton", "; ".join(reasons), most_tries=_TRIES_WHILE_ANOTHER_MAY_ANSWER)


def _away(missed: Mapping[str, Missed]) -> TryAgain:
    """Names those that are waited for; one that is wrong has its own line in the log."""
    away = {at: error for at, error in missed.items() if isinstance(error, InferenceServerException)}
    *_, last = away.values()
    return TryAgain("triton", f"{', '.join(away)}: {last.message()}")


def _passes(error: InferenceServerException) -> bool:
    """Whether the server, not the request, is the reason. A model that is being loaded counts as that."""
    status, message = str(error.status() or ""), str(error.message() or "").lower()
    if any(status.endswith(kind) for kind in _PASSING):
        return True
    return "not ready" in message or "unknown model" in message or "not found" in message
