"""The Surepass dialect (`rc-full`): JSON both ways, the key as a bearer token.

Shapes: the provider's reference for rc-full and rc-owner-history (422 for "not found", code in
`message_code`; some resellers send `data` with every field null instead).
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contracts.messages.enriched import VehicleRecord
from contracts.messages.personal import PersonalData
from contracts.plate_number import normalise
from processors.registry.answers import Answer, Outcome, Reply, Request
from processors.registry.http_status import by_status, is_simulator, retry_after_sec
from processors.registry.values import day, flag, text

# Codes decide before the HTTP status: the same event comes under different ones.
_OUTCOME_OF_CODE = {
    "verification_failed": Outcome.NOT_FOUND,
    "unauthorized": Outcome.MISCONFIGURED,
    "insufficient_balance": Outcome.QUOTA,
    "rate_limit_exceeded": Outcome.RATE_LIMITED,
}
# What is left to a body of theirs with another code, or with none.
_OUTCOME_OF_STATUS = {400: Outcome.INVALID_INPUT, 422: Outcome.NOT_FOUND}


class Surepass:
    provider = "surepass"

    def request(self, registration: str, *, key: str) -> Request:
        return Request(
            path="/api/v1/rc/rc-full",
            headers={"Authorization": f"Bearer {key}"},
            json={"id_number": registration},
        )

    def understand(self, reply: Reply, *, registration: str) -> Answer:
        simulated = is_simulator(reply)
        try:
            body = msgspec.json.decode(reply.body, type=dict[str, object])
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return by_status(reply, simulated=simulated)
        simulated = simulated or body.get("source") == "simulator"
        code = body.get("message_code") or body.get("error")
        if body.get("success") is True:
            return _found(body.get("data"), registration, simulated)
        outcome = _OUTCOME_OF_CODE.get(code) if isinstance(code, str) else None
        if outcome is not None:
            wait = retry_after_sec(reply)
            return Answer(outcome=outcome, simulated=simulated, reason=str(code), retry_after_sec=wait)
        outcome = _OUTCOME_OF_STATUS.get(reply.status) if _is_theirs(body) else None
        if outcome is not None:
            return Answer(outcome=outcome, simulated=simulated, reason=f"HTTP {reply.status}")
        return by_status(reply, simulated=simulated)


def _is_theirs(body: Mapping[str, object]) -> bool:
    """`{"message": "Bad Request"}` is what a proxy says."""
    return body.get("success") is False or isinstance(body.get("data"), Mapping)


def _found(data: object, registration: str, simulated: bool) -> Answer:
    if not isinstance(data, Mapping):
        return _malformed("success without data", simulated)
    if all(value is None for value in data.values()):
        return Answer(outcome=Outcome.NOT_FOUND, simulated=simulated, reason="every field is null")
    echoed = text(data.get("rc_number"))
    if echoed is None or normalise(echoed) != registration:
        return _malformed("the answer is about another number", simulated)
    return Answer(
        outcome=Outcome.FOUND, simulated=simulated, vehicle=_vehicle(data), personal=_personal(data)
    )


def _malformed(reason: str, simulated: bool) -> Answer:
    return Answer(outcome=Outcome.MALFORMED, simulated=simulated, reason=reason)


def _vehicle(data: Mapping[str, object]) -> VehicleRecord:
    return VehicleRecord(
        make=text(data.get("maker_description")),
        model=text(data.get("maker_model")),
        vehicle_class=text(data.get("vehicle_category_description")),
        fuel=text(data.get("fuel_type")),
        colour=text(data.get("color")),
        registered_on=day(data.get("registration_date")),
        registered_at=text(data.get("registered_at")),
        fitness_upto=day(data.get("fit_up_to")),
        insurance_upto=day(data.get("insurance_upto")),
        status=text(data.get("rc_status")),
        blacklisted=flag(data.get("blacklist_status")),
    )


def _personal(data: Mapping[str, object]) -> PersonalData:
    return PersonalData(
        owner=text(data.get("owner_name")),
        father=text(data.get("father_name")),
        present_address=text(data.get("present_address")),
        permanent_address=text(data.get("permanent_address")),
        mobile=text(data.get("mobile_number")),
        chassis=text(data.get("vehicle_chasi_number")),
        engine=text(data.get("vehicle_engine_number")),
    )
