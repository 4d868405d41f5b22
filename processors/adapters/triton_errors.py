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
# What another server, or the same one later, may well answer.
_PASSING = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "RESOURCE_EXHAUSTED", "CANCELLED", "ABORTED", "INTERNAL")


def no_answer(model: str, missed: Mapping[str, Missed]) -> PlatestreamError:
    """What one request meets; `missed` by the address of each server.

    `Stop` when every server is there and serves other models: waiting mends nothing. While one of them is
    away, or fails, that one may be right: `TryAgain`, a few times only where a server fails over the request.
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
    """What one message meets only a few times: a server is there and fails over it, and no other answers."""
    for address, error in missed.items():
        if isinstance(error, InferenceServerException) and str(error.status() or "").endswith("INTERNAL"):
            reason = f"model {model} on {address}: {error.message()}"
            return TryAgain("triton", reason, most_tries=_TRIES_OF_A_FAILURE)
    return None


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
