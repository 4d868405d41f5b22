"""The regcheck dialect (`CheckIndia`): a form in, XML out, and in the XML a string of JSON.

Keys are quoted as the provider spells them (`VechileIdentificationNumber`). The answer does not repeat
the number that was asked for, so there is nothing to compare it with. The user name is the key: it goes
in the form of a POST, because what stands in an address ends in logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree import ElementTree

import msgspec

from contracts.messages.enriched import VehicleRecord
from contracts.messages.personal import PersonalData
from processors.registry.answers import Answer, Outcome, Reply, Request
from processors.registry.http_status import by_status, is_simulator, retry_after_sec
from processors.registry.values import day, text

_NAMESPACE = "{http://regcheck.org.uk}"
# It answers 500 with a sentence for nearly everything; these words tell the cases apart. Under any other
# status somebody else is speaking: the "404 page not found" of a gateway is about an address, not a vehicle.
_STATUS_OF_SENTENCES = 500
_OUTCOME_OF_WORDS = (
    ("out of credit", Outcome.QUOTA),
    ("no data", Outcome.NOT_FOUND),
    ("not found", Outcome.NOT_FOUND),
    ("invalid registration", Outcome.INVALID_INPUT),
    ("username", Outcome.MISCONFIGURED),
)


class Regcheck:
    provider = "regcheck"

    def request(self, registration: str, *, key: str) -> Request:
        return Request(
            path="/api/reg.asmx/CheckIndia",
            headers={},
            form={"RegistrationNumber": registration, "username": key},
        )

    def understand(self, reply: Reply, *, registration: str) -> Answer:  # noqa: ARG002 - no echo to compare
        simulated = is_simulator(reply)
        if reply.status != 200:
            return _refused(reply, simulated)
        written = _vehicle_json(reply.body)
        if written is None:
            return by_status(reply, simulated=simulated)
        if not written.strip():
            return Answer(outcome=Outcome.NOT_FOUND, simulated=simulated, reason="vehicleJson is empty")
        try:
            data = msgspec.json.decode(written, type=dict[str, object])
        except (msgspec.MsgspecError, RecursionError):
            reason = "vehicleJson is no JSON object"
            return Answer(outcome=Outcome.MALFORMED, simulated=simulated, reason=reason)
        simulated = simulated or data.get("Source") == "simulator"
        return Answer(
            outcome=Outcome.FOUND, simulated=simulated, vehicle=_vehicle(data), personal=_personal(data)
        )


def _refused(reply: Reply, simulated: bool) -> Answer:
    said = reply.body[:500].decode("utf-8", "replace").lower()
    if reply.status != _STATUS_OF_SENTENCES or "<html" in said:
        return by_status(reply, simulated=simulated)
    for words, outcome in _OUTCOME_OF_WORDS:
        if words in said:
            wait = retry_after_sec(reply)
            return Answer(outcome=outcome, simulated=simulated, reason=words, retry_after_sec=wait)
    return by_status(reply, simulated=simulated)


def _vehicle_json(body: bytes) -> str | None:
    """The text of `vehicleJson`; empty when the element is missing; None when this is not their XML."""
    try:
        # As text, so that no other encoding can hide a document type (and with it entities) from us.
        written = body.decode("utf-8")
        if "<!DOCTYPE" in written or "<!ENTITY" in written:
            return None
        root = ElementTree.fromstring(written)  # noqa: S314 - no DTD, see above
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag != f"{_NAMESPACE}Vehicle":
        return None
    return root.findtext(f"{_NAMESPACE}vehicleJson") or ""


def _current(data: Mapping[str, object], key: str) -> str | None:
    """Most values are wrapped as {"CurrentTextValue": …}; some answers give them bare."""
    value = data.get(key)
    return text(value.get("CurrentTextValue")) if isinstance(value, Mapping) else text(value)


def _vehicle(data: Mapping[str, object]) -> VehicleRecord:
    return VehicleRecord(
        make=_current(data, "MakeDescription") or _current(data, "CarMake"),
        model=_current(data, "ModelDescription") or _current(data, "CarModel"),
        vehicle_class=_current(data, "VehicleType"),
        fuel=_current(data, "FuelType"),
        registered_on=day(data.get("RegistrationDate")),
        registered_at=text(data.get("Location")),
        fitness_upto=day(data.get("Fitness")),
        insurance_upto=day(data.get("Insurance")),
    )


def _personal(data: Mapping[str, object]) -> PersonalData:
    return PersonalData(
        owner=text(data.get("Owner")),
        chassis=text(data.get("VechileIdentificationNumber")),
        engine=text(data.get("EngineNumber")),
    )
